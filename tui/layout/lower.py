"""The part below the table: the entry under the cursor, and below or beside it what was found and changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from tui.layout.entry_facts import entry_facts
from tui.layout.entry_part import entry_part
from tui.look.line import Line, Span, pad, rule
from tui.look.printable import visible_key
from tui.state import Dashboard, RowId

Strip: TypeAlias = Callable[[int, int], Sequence[Line]]
"""The findings and changes as lines of so many cells: a rule and so many below it."""

BESIDE_FROM: Final = 140
_LEFT_SHARE: Final = 77 / 160
_FEW_ROWS: Final = 8


def lower_rows(cells: int, height: int) -> int:
    """How many lines the lower part and the key line have on a terminal of this size that shows all of them."""
    if height < 24:
        return 4
    if height < 30:
        return 7
    if height < 40:
        return 11
    return 20 if height >= 60 and cells >= BESIDE_FROM else 15


def lower_part(
    dashboard: Dashboard, row: RowId | None, cells: int, rows: int, strip: Strip, guarded: str = ""
) -> list[Line]:
    """The lines; the feed below the entry part, and on a wide terminal beside it."""
    if cells >= BESIDE_FROM and rows >= 5:
        return _beside(dashboard, row, cells, rows, strip, guarded)
    entry_rows = 2 if rows < _FEW_ROWS else 4
    lines = entry_part(dashboard, row, cells, entry_rows, guarded)
    left = rows - len(lines) - 1
    return [*lines, *strip(cells, left)] if left > 0 else lines


def _beside(dashboard: Dashboard, row: RowId | None, cells: int, rows: int, strip: Strip, guarded: str) -> list[Line]:
    left_cells = int(cells * _LEFT_SHARE)
    right_cells = cells - left_cells - 1
    left = _entry(dashboard, row, left_cells, rows, guarded)
    right = list(strip(right_cells, rows - 1))
    left, right = ([*lines, *[()] * (rows - len(lines))] for lines in (left, right))
    sides = [Span("┬", "faint"), *[Span("│", "faint")] * (rows - 1)]
    return [
        (*pad(one, left_cells), side, *pad(other, right_cells))
        for one, side, other in zip(left, sides, right, strict=True)
    ]


def _entry(dashboard: Dashboard, row: RowId | None, cells: int, rows: int, guarded: str) -> list[Line]:
    summary = dashboard.rows.get(row) if row is not None else None
    if row is None or summary is None or summary.invalid:
        return entry_part(dashboard, row, cells, 1, guarded)
    return [rule(cells, visible_key(row.key), guarded), *entry_facts(dashboard, row, summary, cells, rows - 1)]
