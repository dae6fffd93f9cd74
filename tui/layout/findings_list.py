"""The list of findings: open ones first, then possible, restored, acknowledged; only what is in sight is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tui.casebook import CaseBook
from tui.layout.finding_lines import finding_line, sentence_line
from tui.look.figures import clock_time, count, duration
from tui.look.findings import in_short
from tui.look.line import Line, Span, line, pad, rule

if TYPE_CHECKING:
    from store.findings.finding import Finding

Sort = Literal["time", "find", "key"]
OPEN, POSSIBLE, RESTORED, ACKNOWLEDGED = "", "possible", "restored", "acknowledged"
_HEIGHT: Final = {OPEN: 2, POSSIBLE: 2, RESTORED: 1, ACKNOWLEDGED: 1}
_GRADES: Final = ("confirmed", "probable", "unknown", "possible")


@dataclass(frozen=True, slots=True)
class Item:
    """A finding in the list; `first` is the number of its first line, `title` of the rule above it."""

    finding: Finding
    section: str
    first: int
    height: int
    title: str


@dataclass(frozen=True, slots=True)
class Listed:
    """How the list is drawn: `since` is when watching began, `me` the user whose marks read "you"."""

    book: CaseBook
    items: Sequence[Item]
    now: float
    since: float
    me: str


def items_of(book: CaseBook, words: Sequence[str], sort: Sort, now: float) -> list[Item]:
    """The findings that have all the words, section by section."""
    items: list[Item] = []
    at = 0
    done = ((RESTORED, book.restored()), (ACKNOWLEDGED, book.acknowledged()))
    sections = ((OPEN, book.listed()), (POSSIBLE, book.possible()), *done)
    for section, findings in sections:
        title = section
        for finding in _sorted([one for one in findings if _has(one, words, now)], sort):
            at += 1 if title else 0
            items.append(Item(finding, section, at, _HEIGHT[section], title))
            at, title = at + _HEIGHT[section], ""
    return items


def scope_line(listed: Listed, cells: int) -> Line:
    """Line 2: how many there are, and since when anybody looked."""
    book = listed.book
    restored = f"   {count(len(book.restored()))} restored" if book.restored() else ""
    left = (
        f" findings   {count(len(book.listed()))} open   {count(len(book.possible()))} possible{restored}"
        f"   {count(len(book.acknowledged()))} acknowledged"
    )
    right = ""
    if listed.since:
        right = f"since {clock_time(listed.since, listed.now)}, {duration(max(0.0, listed.now - listed.since))} "
    return pad(line(Span(left, "strong"), " " * max(1, cells - len(left) - len(right)), right), cells)


def list_lines(listed: Listed, at: int, top: int, cells: int, rows: int) -> tuple[list[Line], int, int | None]:
    """The lines in sight, so that the item numbered `at` is; also the first line shown, and the cursor's."""
    if not listed.items:
        return _nothing(listed), 0, None
    item, last = listed.items[at], listed.items[-1]
    first = item.first - (1 if item.title else 0)
    top = min(max(top, item.first + item.height - rows), first)
    top = max(0, min(top, last.first + last.height - rows))
    lines: list[Line] = [()] * min(rows, last.first + last.height - top)
    for one in listed.items:
        if one.first + one.height > top and one.first <= top + rows:
            for number, drawn in enumerate(
                _item_lines(one, listed, cells, one is item), one.first - (1 if one.title else 0)
            ):
                if 0 <= number - top < len(lines):
                    lines[number - top] = drawn
    return lines, top, item.first - top


def _item_lines(item: Item, listed: Listed, cells: int, selected: bool) -> list[Line]:
    above = [rule(cells, item.title)] if item.title else []
    mark = listed.book.mark(item.finding)
    by = ""
    if mark is not None:
        by = f"by {'you' if mark.by == listed.me else mark.by} {clock_time(mark.at, listed.now)[:-3]}"
    lines = [
        finding_line(item.finding, listed.now, cells, by, units=False, selected=selected),
        sentence_line(item.finding, listed.now, cells),
    ]
    return [*above, *lines[: item.height]]


def _nothing(listed: Listed) -> list[Line]:
    if listed.book.everything():
        return [line(" No finding has these words; Esc shows all.")]
    if not listed.since:
        return [line(" No findings.")]
    since = clock_time(listed.since, listed.now)
    return [line(f" No findings. Watching since {since}; what was lost before that cannot be seen.")]


def _sorted(findings: list[Finding], sort: Sort) -> list[Finding]:
    """The book has the newest first, and the sort is stable."""
    if sort == "find":
        return sorted(findings, key=lambda finding: _GRADES.index(finding.grade))
    return sorted(findings, key=lambda finding: finding.key) if sort == "key" else findings


def _has(finding: Finding, words: Sequence[str], now: float) -> bool:
    if not words:
        return True
    names = " ".join(field.field for field in finding.fields)
    text = f"{finding.grade} {finding.kind}\n{finding.key}\n{names}\n{in_short(finding, now)}".casefold()
    return all((word[1:] not in text) if word[0] == "-" and word[1:] else word in text for word in words)
