"""Which screen opens for what; each is imported when it is first wanted, for the sake of the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import App

from tui.commands import ScreenName
from tui.state import RowId

if TYPE_CHECKING:
    from tui.app import ClobberwatchApp


class Openers(App[None], inherit_bindings=False):
    """The screens on top of the main one."""

    def open_entry(self, row: RowId) -> None:
        """Show the whole entry."""
        from tui.screens.entry import EntryScreen

        self.push_screen(EntryScreen(row))

    def open_form(self, row: RowId, what: str) -> None:
        """Show the form of a unit: model, delivery, level, clear, or last."""
        from tui.screens.edit import open_form

        open_form(cast("ClobberwatchApp", self), row, what)

    def open_cached(self, row: RowId) -> None:
        """Show the cached copy against the fresh one."""
        from tui.screens.cached import CachedScreen

        self.push_screen(CachedScreen(row))

    def open_undo(self, row: RowId) -> None:
        """Preview what puts the row's last change back."""
        from tui.screens.edit import open_undo

        open_undo(cast("ClobberwatchApp", self), row)

    def open_help(self, of: ScreenName) -> None:
        """Show the keys of a screen."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(of))

    def open_log(self) -> None:
        """Show what was said."""
        from tui.screens.help import LogScreen

        self.push_screen(LogScreen())
