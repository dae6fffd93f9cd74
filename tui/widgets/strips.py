"""From lines to strips, and which part of a line has to be sent again."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui.line import Line, pad, width
from tui.theme import RoleStyles


def to_strip(line: Line, cells: int, styles: RoleStyles, on_cursor: bool = False) -> Strip:
    """The line as exactly this many cells of styled text."""
    by_role = styles.on_cursor if on_cursor else styles.ordinary
    texts = (
        (span.text.translate(styles.glyphs) if styles.glyphs else span.text, span.role) for span in pad(line, cells)
    )
    return Strip([Segment(text, by_role[role]) for text, role in texts], cells)


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
