"""A report as Markdown for a ticket. Nothing from a file can end a code span, a table cell or a line."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from store.events import Writer
from store.findings.finding import GRADES
from tui.cli.output import value_text
from tui.look.figures import count, counted
from tui.look.printable import printable
from tui.look.who import who

LINES_SHOWN: Final = 400
"""Lines of the time line; the newest are shown, the JSON has all."""
_VALUE_CELLS = 60
_SIGNS: Final = {"confirmed": "!!", "probable": "!", "unknown": "?", "possible": "?"}
_ROLES: Final = {"base": "the copy it held", "lost": "what was lost", "write": "the write that did it"}

Record: TypeAlias = "Mapping[str, Any]"


def report_markdown(report: Record) -> str:
    """The whole report."""
    findings, timeline = report["findings"], report["timeline"]
    lines = ["# Session store report", "", *_head(report), ""]
    lines += [f"## {_count_of_findings(report, findings)}", ""]
    for finding in findings:
        lines += [*finding_markdown(finding), ""]
    lines += ["## Time line", "", *_time_line(timeline)]
    return "\n".join(lines) + "\n"


def finding_markdown(finding: Record) -> list[str]:
    """One finding, as `watch --json` has it: what, where, why, the fields and the versions that prove it."""
    title = f"{_SIGNS[finding['grade']]} {finding['grade']} {finding['finding']}, {moment(finding['at'])}"
    where = code(finding["key"]) if finding["key"] else f"the store {code(finding['store'])}"
    lines = [f"### {title}", "", f"{where}, written by {_who(finding['writer'])}.", ""]
    lines += [escaped(finding["because"]), ""]
    if fields := finding["fields"]:
        lines += _table(
            ("field", "lost", "now"), [(code(f["field"]), _cell(f["lost"]), _cell(f["now"])) for f in fields]
        )
    if witness := finding["witness"]:
        lines += ["", *_table(("version", "when", "what", "written by", "values"), [_witness_row(w) for w in witness])]
    return lines


def _head(report: Record) -> Iterator[str]:
    yield f"- Made {moment(report['made'])} {report['zone']}, by clobberwatch {report['clobberwatch']}"
    for store in report["stores"]:
        missed = "an unknown number missed" if store["missed"] is None else f"{count(store['missed'])} missed"
        seen = counted(store["seen"], "version", "versions")
        span = f"{moment(store['from'])} to {moment(store['to'])}"
        yield f"- {code(store['store'])}: {span}, {seen} seen, {missed}"
    if report["since"] is not None:
        yield f"- Only from {moment(report['since'])} on"
    if report["key"]:
        yield f"- Only entries with {code(report['key'])} in their key"
    if not report["recorded"]:
        yield "- Not recorded: what came and went between two copies cannot be known; clobberwatch record keeps it all"
    if report["redacted"]:
        yield "- Redacted: `x` and six digits stand for a value, the same for the same value"


def _count_of_findings(report: Record, findings: Sequence[Record]) -> str:
    grades = [finding["grade"] for finding in findings]
    said = [f"{grades.count(grade)} {grade}" for grade in GRADES if grade in grades]
    if unlisted := report["unlisted"]:
        said.append(
            f"{unlisted} more possible, not listed" if "possible" in grades else f"{unlisted} possible, not listed"
        )
    return f"Findings: {', '.join(said)}" if said else "No findings"


def _witness_row(witness: Record) -> tuple[str, ...]:
    said = ", ".join(f"{code(name)} {_cell(value)}" for name, value in witness["fields"].items())
    role = _ROLES[witness["role"]]
    version = f"v{witness['version']}" if witness["version"] > 0 else "earlier"
    return version, moment(witness["at"]), role, _who(witness["writer"]), said


def _time_line(timeline: Sequence[Record]) -> Iterator[str]:
    rows = [row for record in timeline for row in _rows(record)]
    if not rows:
        yield "Nothing changed."
        return
    if len(rows) > LINES_SHOWN:
        left_out = counted(len(rows) - LINES_SHOWN, "earlier line is", "earlier lines are")
        yield f"{left_out} left out; --since and --key narrow it down, --json has all."
        yield ""
    yield from _table(("when", "entry", "what", "written by"), rows[-LINES_SHOWN:])


def _rows(record: Record) -> Iterator[tuple[str, ...]]:
    when = moment(record["at"])
    match record["event"]:
        case "changed":
            writer = _who(record["writer"])
            for change in record["changes"]:
                what = f"{code(change['field'])} {_cell(change['old'])} → {_cell(change['new'])}"
                yield when, code(record["key"]), what, writer
        case "added" | "removed":
            yield when, code(record["key"]), record["event"], _who(record["writer"])
        case "missed":
            number = record["count"]
            many = "an unknown number of versions" if number is None else counted(number, "version", "versions")
            yield when, "", f"! {many} came and went unseen", ""
        case "unreadable":
            yield when, "", f"! store {record['kind']}: {escaped(record['detail'])}", ""
        case "recovered":
            yield when, "", "the store can be read again", ""
        case "snapshot":
            yield when, "", f"watching began, {counted(record['entries'], 'entry', 'entries')}", ""


def _who(writer: Record) -> str:
    if writer["how"] == "no lock" and writer["pid"] is None:
        return "a writer without the lock"
    return who(Writer(writer["pid"], writer["how"], writer.get("user", "")))


def moment(at: int) -> str:
    """`2026-11-21 14:02:09.031`, local time, from milliseconds since 1970."""
    seconds, milliseconds = divmod(at, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(seconds))}.{milliseconds:03}"


def code(text: str) -> str:
    """A code span, or plain italics where there is nothing to show."""
    shown = printable(text).replace("`", "'").replace("|", "¦")
    return f"`{shown}`" if shown.strip() else "*(blank)*"


def escaped(text: str) -> str:
    """Text in which nothing means anything to Markdown or HTML."""
    shown = printable(text).replace("&", "&amp;").replace("<", "&lt;")
    for sign in "\\`*_[]|#":
        shown = shown.replace(sign, f"\\{sign}")
    return shown


def _cell(value: Any) -> str:
    return "-" if value is None else code(value_text(value, _VALUE_CELLS))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
