"""The keys that move on a screen: by a line, by half a page, by a page, to either end."""

from __future__ import annotations

from typing import Final

from tui.screens.base import WatchScreen

_TO_THE_END: Final = 10**9


class Moving(WatchScreen, inherit_bindings=False):
    """A screen with a cursor, or with a text that scrolls; it says how far it goes and how much of it is in sight."""

    @property
    def rows_in_sight(self) -> int:
        """How many lines a page has, from 1 up."""
        raise NotImplementedError

    def step_by(self, lines: int) -> None:
        """Go down by so many lines, up where it is negative, and no further than there are any."""
        raise NotImplementedError

    def action_up(self) -> None:
        """A line up."""
        self.step_by(-1)

    def action_down(self) -> None:
        """A line down."""
        self.step_by(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.step_by(-self.rows_in_sight)

    def action_page_down(self) -> None:
        """A page down."""
        self.step_by(self.rows_in_sight)

    def action_half_up(self) -> None:
        """Half a page up."""
        self.step_by(-max(1, self.rows_in_sight // 2))

    def action_half_down(self) -> None:
        """Half a page down."""
        self.step_by(max(1, self.rows_in_sight // 2))

    def action_first(self) -> None:
        """The first line."""
        self.step_by(-_TO_THE_END)

    def action_last(self) -> None:
        """The last line."""
        self.step_by(_TO_THE_END)
