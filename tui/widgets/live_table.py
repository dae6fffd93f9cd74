"""A long list of keyed lines, drawn on demand: only cells that differ are repainted, the cursor stays on its key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar, cast

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from tui.look.line import Line
from tui.look.theme import Styled
from tui.widgets.line_widget import LineWidget
from tui.widgets.strips import changed_cells, to_strip

Key = TypeVar("Key", bound=Hashable)


class LiveTable(LineWidget, Generic[Key]):
    """Line 0 is the header, the rest a window on the rows; `draw` makes a row's line, told if the cursor is on it."""

    DEFAULT_CSS: ClassVar[str] = "LiveTable { width: 1fr; height: 1fr; }"
    WHEEL = 3

    @dataclass
    class Moved(Message):
        """The cursor is on another key, or on none."""

        table: LiveTable[Hashable]

    def __init__(self, draw: Callable[[Key, bool], Line], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._header: Line = ()
        self._nothing: Line = ()
        self._order: Sequence[Key] = ()
        self._index: dict[Key, int] = {}
        self._painted: dict[int, tuple[Line, bool]] = {}
        self.top = 0
        self.cursor = 0

    @property
    def order(self) -> Sequence[Key]:
        """The keys, from top to bottom."""
        return self._order

    @property
    def cursor_key(self) -> Key | None:
        """The key the cursor is on."""
        return self._order[self.cursor] if self._order else None

    @property
    def page(self) -> int:
        """How many rows are in sight."""
        return max(1, self.size.height - 1)

    def show(self, order: Sequence[Key], header: Line, nothing: Line = (), *, hold_line: bool = False) -> None:
        """Show these keys in this order, `nothing` where there are none.

        `hold_line` keeps the cursor's line on the screen where it was.
        """
        key, line_of_cursor = self.cursor_key, self.cursor - self.top
        moved = order is not self._order
        if moved:
            self._order = order
            self._index = {row: index for index, row in enumerate(order)}
        self._header, self._nothing = header, nothing
        if key is not None and key in self._index:
            self.cursor = self._index[key]
        self.cursor = max(0, min(self.cursor, len(order) - 1))
        if hold_line or self.top:
            self.top = self.cursor - line_of_cursor
        self._keep_in_sight()
        self.repaint()
        if self.cursor_key != key:
            self.post_message(self.Moved(cast("LiveTable[Hashable]", self)))

    def update(self, keys: Iterable[Key]) -> None:
        """Draw these rows again, as far as they are in sight."""
        for key in keys:
            index = self._index.get(key)
            if index is not None and self.top <= index < self.top + self.page:
                self._repaint_line(index - self.top + 1)

    def repaint(self) -> None:
        """Draw everything in sight again; only what differs is sent."""
        for y in range(self.size.height):
            self._repaint_line(y)

    def move_to(self, index: int) -> None:
        """Put the cursor on the row at this index, or the nearest there is."""
        index = max(0, min(index, len(self._order) - 1))
        if index == self.cursor:
            return
        self.cursor = index
        self._keep_in_sight()
        self.repaint()
        self.post_message(self.Moved(cast("LiveTable[Hashable]", self)))

    def move(self, by: int) -> None:
        """Move the cursor by so many rows."""
        self.move_to(self.cursor + by)

    def move_to_key(self, key: Key) -> bool:
        """Put the cursor on a key; whether it is there."""
        if key not in self._index:
            return False
        self.move_to(self._index[key])
        return True

    def _keep_in_sight(self) -> None:
        highest = max(0, len(self._order) - self.page)
        self.top = max(0, min(self.top, highest, self.cursor))
        if self.cursor >= self.top + self.page:
            self.top = self.cursor - self.page + 1

    def _line_at(self, y: int) -> tuple[Line, bool]:
        if y == 0:
            return self._header, False
        index = self.top + y - 1
        if index >= len(self._order):
            return () if self._order or index else self._nothing, False
        on_cursor = index == self.cursor
        return self._draw(self._order[index], on_cursor), on_cursor

    def _repaint_line(self, y: int) -> None:
        before = self._painted.get(y)
        line, on_cursor = self._line_at(y)
        self._painted[y] = (line, on_cursor)
        cells = self.size.width
        if before is None or before[1] != on_cursor:
            self.refresh(Region(0, y, cells, 1))
            return
        start, length = changed_cells(before[0], line, cells)
        if length:
            self.refresh(Region(start, y, length, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        if y not in self._painted:
            self._painted[y] = self._line_at(y)
        line, on_cursor = self._painted[y]
        return to_strip(line, self.size.width, cast("Styled", self.app).role_styles, on_cursor)

    def on_resize(self) -> None:
        """Another height: the cursor stays in sight."""
        self._painted = {y: painted for y, painted in self._painted.items() if y < self.size.height}
        top = self.top
        self._keep_in_sight()
        if self.top != top:
            self.repaint()

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a row."""
        if event.y > 0:
            self.move_to(self.top + event.y - 1)

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves the cursor."""
        self.move(self.WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """The wheel moves the cursor."""
        self.move(-self.WHEEL)
