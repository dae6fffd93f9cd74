"""Findings on the command line: a detector for each store that is watched, a line or JSON object for each finding."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from store.events import Event
from store.findings.detector import Detector
from store.findings.finding import Finding, Grade
from store.findings.judge import Judge
from store.openclaw.paths import StorePath
from store.openclaw.release import discipline
from store.watch import Watch
from store.writing.own import OwnWrites
from tui.cli.find import is_of_agent, store_text

if TYPE_CHECKING:
    from tui.cli.options import Options

_GLYPHS: dict[Grade, str] = {"confirmed": "!!", "probable": " !", "possible": " ?", "unknown": " ?"}
_FIELDS_NAMED = 4


class Findings:
    """What is found in the stores of a watch."""

    def __init__(self, stores: Sequence[StorePath], watch: Watch, own: OwnWrites) -> None:
        by_path = {store.path: store for store in stores}
        self._judge = Judge(
            watch,
            lambda path: Detector(
                path,
                lock_is_rule=partial(_takes_the_lock, by_path[path]),
                own_edits=own.edits(path),
                raw=partial(watch.raw, path),
            ),
        )

    def of(self, event: Event, options: Options) -> list[Finding]:
        """The findings an event brings; possible ones only with `--all`, unless an edit of this user went."""
        return [
            finding
            for finding in self._judge(event)
            if (options.all or finding.told_unasked) and (not finding.key or is_of_agent(finding.key, options))
        ]


def _takes_the_lock(store: StorePath) -> bool:
    return discipline(store).kind == "locked"


def finding_record(finding: Finding) -> dict[str, object]:
    """The JSON object of one finding; times are milliseconds since 1970."""
    what = "edit-gone" if finding.kind == "edit-gone" else "finding"
    event = {"event": what, "at": int(finding.at * 1000), "store": store_text(finding.store)}
    return event | finding.to_json()


def finding_line(finding: Finding) -> str:
    """The line for people: local time, grade, kind, fields, key, and why."""
    names = [field.field for field in finding.fields]
    more = len(names) - _FIELDS_NAMED
    fields = ", ".join(names[:_FIELDS_NAMED]) + (f" and {more} more" if more > 0 else "")
    where = finding.key or str(finding.store)
    clock = time.strftime("%H:%M:%S", time.localtime(finding.at))
    parts = (f"{_GLYPHS[finding.grade]} {finding.grade} {finding.kind}", fields, where, finding.because())
    return "  ".join((clock, *filter(None, parts)))
