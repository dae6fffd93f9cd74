"""A block of lines that repaints only what differs from what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual.geometry import Region
from textual.strip import Strip

from tui.look.line import Line
from tui.look.theme import Styled
from tui.widgets.line_widget import LineWidget
from tui.widgets.strips import changed_cells, to_strip


class LinesView(LineWidget):
    """Shows lines from its top; whatever lies below them is blank."""

    DEFAULT_CSS: ClassVar[str] = "LinesView { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()
        self._cursor: int | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    def show(self, lines: Sequence[Line], cursor: int | None = None) -> None:
        """Show these lines, the one at `cursor` reversed."""
        old, old_cursor = self._lines, self._cursor
        self._lines, self._cursor = tuple(lines), cursor
        cells = self.size.width
        for y in range(min(self.size.height, max(len(old), len(self._lines)))):
            before = old[y] if y < len(old) else ()
            after = self._lines[y] if y < len(self._lines) else ()
            start, length = (0, cells) if (y == old_cursor) != (y == cursor) else changed_cells(before, after, cells)
            if length:
                self.refresh(Region(start, y, length, 1))

    def render_line(self, y: int) -> Strip:
        """One line, from what `show` was given."""
        styles = cast("Styled", self.app).role_styles
        line = self._lines[y] if y < len(self._lines) else ()
        return to_strip(line, self.size.width, styles, on_cursor=y == self._cursor)
