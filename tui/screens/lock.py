"""Who holds the lock of each store, from anywhere but the main screen, which has a drawer for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from tui.commands import ScreenName, bindings
from tui.layout.lock_lines import lock_lines
from tui.look.line import Line, Span, pad
from tui.look.printable import printable
from tui.screens.help import PageScreen


class LockScreen(PageScreen, inherit_bindings=False):
    """The lock of every store, one below the other."""

    NAME: ClassVar[ScreenName] = "lock"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lock")]

    def scope_line(self, cells: int) -> Line:
        """Which page this is."""
        return pad((Span(" lock   who may be writing", "strong"),), cells)

    def page(self, cells: int) -> Sequence[Line]:
        """What is known of each store's lock now."""
        now, states = self.dashboard.clock(), self.dashboard.stores.values()
        return [
            told
            for state in states
            for told in ((Span(f" {printable(state.name)}", "strong"),), *lock_lines(state, now, cells)[1:], ())
        ]

    def action_lock(self) -> None:
        """The same key closes it."""
        self.dismiss()
