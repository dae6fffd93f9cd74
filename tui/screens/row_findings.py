"""What the keys of a row do about its findings, on the main screen and in the entry."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.look.printable import printable
from tui.screens.base import WatchScreen
from tui.screens.copying import copy_text
from tui.state import RowId

if TYPE_CHECKING:
    from store.findings.finding import Finding


def acknowledge_row(screen: WatchScreen, row: RowId) -> None:
    """Acknowledge the row's open findings; the possible ones only where there are no others."""
    there = screen.dashboard.findings.open_of(row)
    findings = [finding for finding in there if finding.listed] or list(there)
    if not findings:
        screen.say("Nothing to acknowledge: this entry has no open finding.")
        return
    screen.host.casework.acknowledge(findings)
    screen.say(acknowledged_words(findings))


def acknowledged_words(findings: Sequence[Finding]) -> str:
    """What is said after a finding or several were acknowledged."""
    one = findings[0].kind if len(findings) == 1 else f"{len(findings)} findings"
    return f"Acknowledged: {one}. Back only if such a field is lost again."


def copy_row_finding(screen: WatchScreen, row: RowId) -> None:
    """Copy the row's worst newest finding for a ticket."""
    there = screen.dashboard.findings.open_of(row)
    if there:
        copy_finding(screen, there[0], "finding")
    else:
        screen.say("Nothing to copy: this entry has no open finding.")


def show_row_finding(screen: WatchScreen, row: RowId | None) -> None:
    """Show the row's worst newest finding, else the list."""
    there = screen.dashboard.findings.open_of(row) if row is not None else ()
    if there:
        screen.host.open_finding(there[0])
    else:
        screen.host.open_findings()


def copy_finding(screen: WatchScreen, finding: Finding, what: str) -> None:
    """Copy a finding with date and zone: as Markdown, or as JSON."""
    text = finding_json(finding) if what == "json" else finding_text(finding)
    copy_text(screen, "the finding" if what != "json" else "the finding as JSON", text)


def finding_text(finding: Finding) -> str:
    """The finding as Markdown; nothing that a store holds can end a line, a table or a code span."""
    from tui.cli.findings import finding_record
    from tui.report.markdown import code, finding_markdown

    zone = f"Local times, {printable(zone_name(finding.at))}; store {code(str(finding.store))}; id `{finding.id}`."
    return "\n".join([*finding_markdown(finding_record(finding)), "", zone]) + "\n"


def finding_json(finding: Finding) -> str:
    """The finding as `watch --json` has it, its time in words too."""
    from tui.cli.findings import finding_record

    when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(finding.at))
    return json.dumps({**finding_record(finding), "local": when}, indent=2)


def zone_name(at: float) -> str:
    """`CET (UTC+0100)`."""
    return time.strftime("%Z (UTC%z)", time.localtime(at))


def outside(count: int) -> str:
    """What is said when the findings there are, are not among the rows shown."""
    is_are = "finding is" if count == 1 else "findings are"
    return f"{count:,} {is_are} outside this filter; 5 shows {'it' if count == 1 else 'them'}."
