"""The keys of one screen, generated from the commands, and the log of what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from tui.commands import ScreenName, bindings
from tui.layout.help_lines import help_lines
from tui.look.figures import clock_time
from tui.look.line import Line, Span, fit
from tui.screens.base import WatchScreen


class HelpScreen(WatchScreen, inherit_bindings=False):
    """One page for the screen it was called from."""

    NAME: ClassVar[ScreenName] = "help"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, of: ScreenName) -> None:
        super().__init__()
        self._of = of

    def scope_line(self, cells: int) -> Line:
        """Whose keys these are."""
        return (Span(fit(f" keys   {self._of} screen", cells), "strong"),)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The page."""
        return help_lines(self._of, cells, rows)


class LogScreen(WatchScreen, inherit_bindings=False):
    """Every sentence said so far, newest first, with its time."""

    NAME: ClassVar[ScreenName] = "log"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]

    def scope_line(self, cells: int) -> Line:
        """Which list this is."""
        return (Span(fit(" log   what was said, newest first", cells), "strong"),)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:  # noqa: ARG002
        """As many sentences as there is room for."""
        now = self.dashboard.clock()
        said = list(reversed(self.host.messages.log))[:rows]
        return [(Span(f" {clock_time(at, now)}  "), Span(sentence)) for at, sentence in said]
