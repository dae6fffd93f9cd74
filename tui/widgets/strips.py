"""From lines to strips, and which part of a line has to be sent again."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.look.line import Line, Role, pad, width
from tui.look.theme import RoleStyles

_REVERSED: frozenset[Role] = frozenset({"cursor", "active", "now"})
"""Roles that show on blanks too."""


def to_strip(line: Line, cells: int, styles: RoleStyles, on_cursor: bool = False) -> Strip:
    """The line as exactly this many cells of styled text."""
    by_role = styles.on_cursor if on_cursor else styles.ordinary
    segments = _runs(pad(line, cells), by_role, on_cursor)
    if styles.glyphs:
        segments = [Segment(segment.text.translate(styles.glyphs), segment.style) for segment in segments]
    return Strip(segments, cells)


def _runs(spans: Line, by_role: Mapping[Role, Style], on_cursor: bool) -> list[Segment]:
    """The spans with as few changes of style as look the same: blanks join what they stand beside."""
    runs: list[Segment] = []
    for text, role in spans:
        style = by_role[role]
        if not on_cursor and role not in _REVERSED and text.isspace():
            before = runs[-1].style if runs else None
            style = by_role["text"] if before is None or before.reverse else before
        if runs and runs[-1].style == style:
            runs[-1] = Segment(runs[-1].text + text, style)
        elif text:
            runs.append(Segment(text, style))
    return runs


def changed_cells(old: Line, new: Line, cells: int) -> tuple[int, int]:
    """First cell and number of cells that differ between two lines of a row; (0, 0) when none does."""
    old, new = pad(old, cells), pad(new, cells)
    if old == new:
        return 0, 0
    start = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        start += cell_len(after.text)
    end = 0
    for before, after in zip(reversed(old), reversed(new), strict=False):
        if before != after:
            break
        end += cell_len(after.text)
    if end + start >= cells:
        return 0, cells
    return start, width(new) - start - end
