"""The one comparison grid: a verdict, a field, and its value in one version or several.

Cached against fresh, the preview, the conflict and the fields of an entry are all this grid in another shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tui.look.line import Line, Role, Span, cut_left, fit, pad

DRAWN_AT = 80
LONGEST_NAME: Final = 28
"""Cells that the column of the fields has at most."""


class Cell(NamedTuple):
    """The text of one cell; `keep_end` cuts a long one on the left, as model names are."""

    text: str = ""
    role: Role = "text"
    keep_end: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """Where each column begins on a screen of 80 cells.

    On another width all but the last `fixed` columns stretch, the field's no further than a name needs.
    """

    verdict: int
    field: int
    values: tuple[int, ...]
    fixed: int = 0

    def starts(self, cells: int) -> tuple[int, ...]:
        """The first cell of every column, the verdict's first, on a screen this wide."""
        end = self.values[-self.fixed] if self.fixed else DRAWN_AT
        more = cells - DRAWN_AT
        first = self.values[0]
        begin = self.field + (first - self.field) * max(1, end + more - self.field) // (end - self.field)
        begin = min(begin, max(first, self.field + LONGEST_NAME))
        room = max(1, end + more - begin)
        stretched = (begin + (at - first) * room // (end - first) for at in self.values if at < end)
        return (self.verdict, self.field, *stretched, *(at + more for at in self.values if at >= end))


@dataclass(frozen=True, slots=True)
class GridRow:
    """One field. A row with fewer values than the shape has columns lets its last one run on."""

    verdict: Cell
    field: Cell
    values: tuple[Cell, ...] = ()


def grid_line(shape: Shape, row: GridRow, cells: int, *, selected: bool = False) -> Line:
    """One line of the grid, exactly this many cells; the selected one has the cursor in its first."""
    columns = (row.verdict, row.field, *row.values)
    starts = shape.starts(cells)[: len(columns)]
    ends = (*starts[1:], cells + 1)
    spans = [Span(("▌" if selected else " ") + " " * (starts[0] - 1))]
    for cell, start, end in zip(columns, starts, ends, strict=True):
        spans.append(Span(_cut(cell, end - start - 1) + " ", cell.role))
    return pad(tuple(spans), cells)


def header_line(shape: Shape, titles: Sequence[str], cells: int) -> Line:
    """The titles of the field column and the value columns, faint."""
    first, *others = titles
    return grid_line(
        shape, GridRow(Cell(), Cell(first, "faint"), tuple(Cell(title, "faint") for title in others)), cells
    )


def _cut(cell: Cell, room: int) -> str:
    if room <= 0:
        return ""
    return fit(cut_left(cell.text, room), room) if cell.keep_end else fit(cell.text, room)
