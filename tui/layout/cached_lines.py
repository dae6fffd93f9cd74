"""The lines of cached against fresh: what differs, whether the gateway would still serve it, what it would undo."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from store.cache import CachedRead, FieldDifference, Validity, differences, validity, would_undo
from store.entry.schema import field, is_noise
from store.events import FileId
from store.history import EntryVersion
from store.js import ABSENT, JsonObject, same
from store.text.document import decode_object
from tui.layout.grid import Cell, GridRow, Shape, grid_line, header_line
from tui.look.figures import age, clock_time, counted, duration
from tui.look.line import Line, Role, Span, cut_right, fit, line, rule
from tui.look.printable import printable, visible_key
from tui.look.values import apart, keeps_end, unit_text, value_text

Show = Literal["differing", "unit", "all"]
SHOWS: Final[tuple[Show, ...]] = ("differing", "unit", "all")
SHAPE: Final = Shape(1, 3, (27, 53))
COPIES_SHOWN: Final = 3
MOST_COPIES: Final = 50


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry as a reader may still hold it: read when this text came up, or when watching began."""

    read: CachedRead
    entry: JsonObject
    undoes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One copy against the disk; `at` is which of the copies, newest first. Times are wall-clock seconds.

    `compares_size` says whether the release's own rule looks at the size of the file.
    """

    key: str
    fresh: JsonObject
    read_at: float
    on_disk: FileId
    compares_size: bool
    copies: tuple[Copy, ...]
    at: int
    since: float

    @property
    def copy(self) -> Copy | None:
        """The copy that is compared, None while no older text of the entry was seen."""
        return self.copies[self.at] if self.copies else None

    def judged(self, copy: Copy, now: float) -> Validity:
        """Whether the gateway would still serve this copy."""
        return validity(copy.read, now, self.on_disk, compares_size=self.compares_size)

    def differences(self) -> list[FieldDifference]:
        """What differs, noise last."""
        return differences(self.copy.entry, self.fresh) if self.copy else []

    def fields(self) -> int:
        """How many fields either of the two has."""
        return len({*self.fresh, *(self.copy.entry if self.copy else {})})


def copies_of(older: Sequence[EntryVersion], fresh: JsonObject) -> tuple[Copy, ...]:
    """The older texts of an entry as copies somebody may hold, newest first; what is no object is left out."""
    found = []
    for version in older[:MOST_COPIES]:
        entry = decode_object(version.raw)
        if entry is not None:
            undoes = tuple(one.field for one in would_undo(entry, fresh))
            found.append(Copy(CachedRead(version.since.at, version.since.file), entry, undoes))
    return tuple(found)


def scope_line(comparison: Comparison, cells: int) -> Line:
    """Line 2."""
    left = " cached against fresh"
    right = f"{len(comparison.differences())} of {counted(comparison.fields(), 'field differs', 'fields differ')}"
    return line(Span(left, "strong"), " " * max(1, cells - len(left) - len(right) - 1), right)


def grid_fields(comparison: Comparison, show: Show) -> list[str]:
    """The fields that differ, noise last; with "unit" all editable fields after them, with "all" every field."""
    names = [difference.field for difference in comparison.differences()]
    if show != "differing":
        names += [name for name in comparison.fresh if name not in names and (show == "all" or field(name).unit)]
    return names


def grid_lines(comparison: Comparison, show: Show, cells: int, now: float, at: int | None = None) -> list[Line]:
    """The rows of those fields, noise marked, the one numbered `at` with the cursor; below them how many are equal."""
    differing = {difference.field for difference in comparison.differences()}
    names = grid_fields(comparison, show)
    lines = [
        _row(name, comparison, name in differing, cells, now, selected=index == at) for index, name in enumerate(names)
    ]
    hidden = comparison.fields() - len(names)
    if hidden and comparison.copy:
        equal = counted(hidden, "field is equal", "fields are equal")
        lines.append(line(f"   {equal}. v shows {'it' if hidden == 1 else 'them'}."))
    return lines


def body_lines(
    comparison: Comparison, show: Show, cells: int, rows: int, top: int, now: float, at: int | None = None
) -> tuple[list[Line], int, int | None]:
    """The body in this many rows, the grid scrolled by `top` or as far as the field numbered `at` needs.

    Also how far it is scrolled then, and which line has the cursor.
    """
    copy = comparison.copy
    head = [rule(cells, visible_key(comparison.key)), *_read_lines(comparison, now), ()]
    if copy is None:
        began = clock_time(comparison.since, now)
        said = (
            f"No older text of this entry was seen since {began}: every reader since",
            "then holds what is on disk.",
        )
        return [*head, *(line("   ", part) for part in said)], 0, None
    titles = ("FIELD", f"CACHED {clock_time(copy.read.at, now)}", f"FRESH {clock_time(comparison.read_at, now)}")
    head.append(header_line(SHAPE, titles, cells))
    foot = [(), *_harm_lines(copy, comparison, cells, now), (), *_copy_lines(comparison, cells, now), ()]
    room = max(2, rows - len(head) - len(foot))
    grid = grid_lines(comparison, show, cells, now, at)
    if at is not None:
        last = at == len(grid_fields(comparison, show)) - 1
        top = min(max(top, (len(grid) if last else at + 1) - room), at)
    top = max(0, min(top, len(grid) - room))
    cursor = None if at is None else len(head) + at - top
    return [*head, *grid[top : top + room], *foot][:rows], top, cursor


def _row(name: str, comparison: Comparison, differs: bool, cells: int, now: float, *, selected: bool) -> Line:
    cached = comparison.copy.entry if comparison.copy else comparison.fresh
    was, is_now = cached.get(name, ABSENT), comparison.fresh.get(name, ABSENT)
    before, after = apart(name, (was, is_now), now) if not same(was, is_now) else (value_text(name, was, now),) * 2
    role: Role = "strong" if differs and not is_noise(name) else "text" if differs else "faint"
    note = "  noise" if differs and is_noise(name) else ""
    keep = keeps_end(name)
    values = (Cell(before, "text" if differs else "faint", keep), Cell(after + note, role, keep))
    verdict = Cell("≠" if differs else "", "accent")
    return grid_line(SHAPE, GridRow(verdict, Cell(name), values), cells, selected=selected)


def _read_lines(comparison: Comparison, now: float) -> list[Line]:
    fresh = line("   ", Span("fresh   ", "faint"), f"read {clock_time(comparison.read_at, now)} from disk")
    copy = comparison.copy
    if copy is None:
        return [fresh]
    read = f"read {clock_time(copy.read.at, now)}, {duration(now - copy.read.at)} old"
    rule_says = comparison.judged(copy, now)
    wrong = rule_says.valid and bool(comparison.differences())
    spans: tuple[str | Span, ...]
    if wrong:
        spans = ("   ", Span("VALID by the gateway's rule, and wrong", "strong"))
    else:
        judged = "valid" if rule_says.valid else f"not valid, {rule_says.why}"
        spans = ("   ", Span("gateway's rule  ", "faint"), judged)
    return [line("   ", Span("cached  ", "faint"), read, *spans), fresh]


def _harm_lines(copy: Copy, comparison: Comparison, cells: int, now: float) -> list[Line]:
    title = rule(cells, "if a writer still holds this copy")
    if not copy.undoes:
        return [title, line("   and writes it back whole, nothing of an operator's is lost: only noise differs."), ()]
    name, was, is_now = _first_undone(copy.undoes[0], copy.entry, comparison.fresh, now)
    was, is_now = (cut_right(text, max(8, cells // 2 - 8 - len(name))) for text in (was, is_now))
    others = sum(1 for undone in copy.undoes[1:] if name not in (undone, field(undone).unit))
    more = f", and {counted(others, 'other field', 'other fields')} with it" if others else ""
    harm = f"and writes it back whole, {name} goes from {is_now} back to {was}{more}."
    noise = "Fields marked noise move with every run and are not counted as harm."
    said = textwrap.wrap(printable(harm), cells - 4, max_lines=2, placeholder=" …")
    return [title, *(line("   ", Span(text, "strong")) for text in said), line("   " + noise)]


def _first_undone(name: str, cached: JsonObject, fresh: JsonObject, now: float) -> tuple[str, str, str]:
    """What goes back, from the copy's value and the disk's: the whole unit in its words where these differ."""
    unit = field(name).unit
    if unit in ("model", "delivery"):
        was, is_now = unit_text(unit, cached, now), unit_text(unit, fresh, now)
        if was != is_now:
            return unit, was, is_now
    was, is_now = apart(name, (cached.get(name, ABSENT), fresh.get(name, ABSENT)), now)
    return name, was, is_now


def _copy_lines(comparison: Comparison, cells: int, now: float) -> list[Line]:
    first = max(0, min(comparison.at - COPIES_SHOWN + 1, len(comparison.copies) - COPIES_SHOWN))
    shown = list(enumerate(comparison.copies))[first : first + COPIES_SHOWN]
    lines = [
        rule(cells, "copies of this entry", "[ older   ] newer", "faint"),
        line(Span("   READ           AGE     GATEWAY'S RULE          WOULD UNDO", "faint")),
    ]
    for index, copy in shown:
        mark = "▌" if index == comparison.at else " "
        rule_says = comparison.judged(copy, now)
        judged = "valid" if rule_says.valid else f"not valid, {rule_says.why}"
        text = f"{mark}  {fit(clock_time(copy.read.at, now), 14)} {fit(age(now - copy.read.at), 7)} {fit(judged, 23)} "
        lines.append(line(text, cut_right(", ".join(copy.undoes) or "only noise", cells - 51)))
    return lines
