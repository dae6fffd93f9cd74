"""A list of rows that fills a screen: where the cursor is, what is in sight, and the keys that move it."""

from __future__ import annotations

from collections.abc import Callable

from tui.look.line import Line
from tui.screens.moving import Moving


class RowList(Moving, inherit_bindings=False):
    """Moving in a list; the screen says how long it is and draws a row."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0
        self._top = 0
        self._page = 1
        self._cursor: int | None = None

    def length(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def in_trouble(self, at: int) -> bool:
        """Whether a row is one that n and N stop at."""
        raise NotImplementedError

    def window(self, rows: int, above: int, draw: Callable[[int, bool], Line]) -> list[Line]:
        """The rows in sight in so many lines, `above` of the body's lines being above them."""
        self._page = max(1, rows)
        self.at = max(0, min(self.at, self.length() - 1))
        self._top = max(0, min(self._top, self.at, self.length() - self._page))
        self._top = max(self._top, self.at - self._page + 1)
        self._cursor = above + self.at - self._top if self.length() else None
        shown = range(self._top, min(self.length(), self._top + self._page))
        lines = [draw(at, at == self.at) for at in shown]
        return lines + [()] * (rows - len(lines))

    def cursor_in_body(self) -> int | None:
        """The line of the selected row."""
        return self._cursor

    def move_to(self, at: int) -> None:
        """Select a row, or the nearest there is."""
        self.at = max(0, min(at, self.length() - 1))
        self.redraw()

    @property
    def rows_in_sight(self) -> int:
        """The rows in sight."""
        return self._page

    def step_by(self, lines: int) -> None:
        """Another row."""
        self.move_to(self.at + lines)

    def action_next_trouble(self) -> None:
        """The next row with trouble; after the last the first."""
        self._go_to_trouble(1)

    def action_previous_trouble(self) -> None:
        """The row before with trouble."""
        self._go_to_trouble(-1)

    def _go_to_trouble(self, step: int) -> None:
        places = [at for at in range(self.length()) if self.in_trouble(at)]
        further = [at for at in places if (at - self.at) * step > 0]
        if places:
            self.move_to((further or places)[0 if step > 0 else -1])
        else:
            self.say("No row with trouble.")
