"""The lines of cached against fresh: what differs, whether the gateway would still serve it, what it would undo."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from store.cache import CachedRead, CacheRule, Validity, validity, would_undo
from store.entry.schema import field
from store.events import FileId
from store.history import EntryVersion
from store.js import ABSENT, JsonObject
from store.text.document import decode_object
from tui.layout.grid import header_line
from tui.layout.pair_grid import SHAPE, Pair, Show, pair_lines, window
from tui.look.figures import age, clock_time, counted, duration
from tui.look.line import Line, Span, cut_middle, cut_right, fit, line, rule
from tui.look.printable import printable, visible_key
from tui.look.values import apart, unit_text

COPIES_SHOWN: Final = 3
MOST_COPIES: Final = 50
_NOISE: Final = "Fields marked noise move with every run and are not counted as harm."
_ROW_IS_COMPARED: Final = "A gateway compares the row before it writes one; another tool may not."
"""`assertLifecycleTargetSnapshotUnchanged` of 2026.9.6: a handler whose row has moved is refused with a conflict."""


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry as a reader may still hold it: read when this text came up, or when watching began."""

    read: CachedRead
    entry: JsonObject
    undoes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One copy against the disk; `at` is which of the copies, newest first. Times are wall-clock seconds."""

    key: str
    fresh: JsonObject
    read_at: float
    on_disk: FileId
    rule: CacheRule
    copies: tuple[Copy, ...]
    at: int
    since: float
    words: Sequence[str] = ()

    @property
    def copy(self) -> Copy | None:
        """The copy that is compared, None while no older text of the entry was seen."""
        return self.copies[self.at] if self.copies else None

    def judged(self, copy: Copy, now: float) -> Validity:
        """Whether the gateway would still serve this copy."""
        return validity(copy.read, now, self.on_disk, self.rule)

    @property
    def pair(self) -> Pair:
        """The chosen copy and the disk; without a copy the disk alone."""
        return Pair(self.copy.entry if self.copy else self.fresh, self.fresh)

    @property
    def shown(self) -> Pair:
        """What of it the grid shows: the fields that have the words in their name."""
        return self.pair.having(self.words)


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
    right = comparison.pair.says()
    return line(Span(left, "strong"), " " * max(1, cells - len(left) - len(right) - 1), right)


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
    head.append(header_line(SHAPE, ("FIELD", *titles(comparison, now)), cells))
    foot = [(), *_harm_lines(copy, comparison, cells, now), (), *_copy_lines(comparison, cells, now), ()]
    room = max(2, rows - len(head) - len(foot))
    names = comparison.shown.names(show)
    grid = pair_lines(comparison.shown, show, cells, now, at)
    shown, top = window(grid, top, room, at, len(names))
    if (below := len(names) - top - room) > 0:
        head[0] = rule(cells, cut_middle(visible_key(comparison.key), cells - 24), f"{below} more below")
    cursor = None if at is None else len(head) + at - top
    return [*head, *shown, *foot][:rows], top, cursor


def titles(comparison: Comparison, now: float) -> tuple[str, str]:
    """What the two are called, with when they were read."""
    cached = f"CACHED {clock_time(comparison.copy.read.at, now)}" if comparison.copy else "CACHED"
    return cached, f"FRESH {clock_time(comparison.read_at, now)}"


def _read_lines(comparison: Comparison, now: float) -> list[Line]:
    fresh = line("   ", Span("fresh   ", "faint"), f"read {clock_time(comparison.read_at, now)} from disk")
    copy = comparison.copy
    if copy is None:
        return [fresh]
    read = f"read {clock_time(copy.read.at, now)}, {duration(now - copy.read.at)} old"
    rule_says = comparison.judged(copy, now)
    wrong = rule_says.valid and bool(comparison.pair.differences())
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
    note = _ROW_IS_COMPARED if comparison.rule == "commit" else _NOISE
    said = textwrap.wrap(printable(harm), cells - 4, max_lines=2, placeholder=" …")
    return [title, *(line("   ", Span(text, "strong")) for text in said), line("   " + note)]


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
        read, old = clock_time(copy.read.at, now), _old(now - copy.read.at)
        text = f"{mark}  {fit(read, 14)} {fit(old, 7)} {fit(judged, 23)} "
        lines.append(line(text, cut_right(", ".join(copy.undoes) or "only noise", cells - 51)))
    return lines


def _old(seconds: float) -> str:
    """`5.6s`, then the age in steps: what is above in words."""
    return duration(seconds).replace(" ", "") if age(seconds) == "now" else age(seconds)
