"""The lines of two versions of an entry side by side: which they are, who wrote them, what differs."""

from __future__ import annotations

from dataclasses import dataclass

from store.events import Version
from tui.layout.grid import header_line
from tui.layout.history_lines import version_name
from tui.layout.pair_grid import SHAPE, Pair, Show, pair_lines, window
from tui.look.figures import clock_time
from tui.look.line import Line, Span, line, pad, rule
from tui.look.printable import visible_key
from tui.look.values import clock
from tui.look.who import written_by
from tui.timeline import EntryText


@dataclass(frozen=True, slots=True)
class VersionsView:
    """What is drawn; `top` is the first row of the grid, `at` the field with the cursor, None before it was moved."""

    key: str
    older: EntryText
    newer: EntryText
    pair: Pair
    shown: Pair
    first: Version | None
    newest: bool
    show: Show
    at: int | None
    top: int
    now: float


def scope_line(view: VersionsView, cells: int) -> Line:
    """Line 2."""
    left, right = " versions   side by side", view.pair.says()
    return line(Span(left, "strong"), " " * max(1, cells - len(left) - len(right) - 1), right)


def versions_lines(view: VersionsView, cells: int, rows: int) -> tuple[list[Line], int, int | None]:
    """The body in this many rows; how far the grid is scrolled then, and which line has the cursor."""
    older, newer = view.older.version, view.newer.version
    head = [
        rule(cells, visible_key(view.key)),
        _said("left", older, view),
        _said("right", newer, view, "what is on disk now" if view.newest else ""),
        (),
        header_line(SHAPE, ("FIELD", *titles(view)), cells),
    ]
    grid = pair_lines(view.shown, view.show, cells, view.now, view.at)
    room = max(2, rows - len(head) - 1)
    shown, top = window(grid, view.top, room, view.at, len(view.shown.names(view.show)))
    if not view.pair.differences():
        head[-1] = line("   The two do not differ in any field.")
    lines = [pad(drawn, cells) for drawn in (*head, *shown)]
    return lines[:rows], top, None if view.at is None else len(head) + view.at - top


def titles(view: VersionsView) -> tuple[str, str]:
    """Number and time of each."""
    return _title(view.older.version, view.now), _title(view.newer.version, view.now)


def _said(side: str, version: Version, view: VersionsView, also: str = "") -> Line:
    if version == view.first:
        who = f"as first seen at {clock_time(version.at, view.now)}; set before"
    else:
        who = f"{clock(version.at, view.now, 3)}   {written_by(version.writer)}"
    return line(
        "   ",
        Span(f"{side:8}", "faint"),
        f"{version_name(version):8}",
        who,
        Span(f"   {also}" if also else "", "faint"),
    )


def _title(version: Version, now: float) -> str:
    return f"{version_name(version)} {clock(version.at, now, 1)}"
