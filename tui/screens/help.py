"""The keys of one screen, generated from the commands, and the log of what was said."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType

from tui.commands import ScreenName, bindings, find
from tui.layout.help_lines import help_lines
from tui.look.figures import clock_time
from tui.look.hints import hint_line
from tui.look.line import Line, Span, pad, rule
from tui.look.printable import printable
from tui.screens.moving import Moving

PROMISE: Final = "Only w writes, and only in a preview. No key deletes."
ANYWHERE: Final = "everywhere: ^Z suspend  ^L repaint  ^Q quit"


class PageScreen(Moving, inherit_bindings=False):
    """A page to read; where it is longer than the screen it scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self._top = 0
        self._rows = 1

    def page(self, cells: int) -> Sequence[Line]:
        """All of its lines."""
        raise NotImplementedError

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """A rule, which says how much there is below, and as much of the page as fits."""
        lines, self._rows = self.page(cells), max(1, rows - 1)
        self._top = max(0, min(self._top, len(lines) - self._rows))
        below = len(lines) - self._top - self._rows
        more = f"{below} more below" if below > 0 else ""
        return [rule(cells, "", more), *lines[self._top : self._top + self._rows]]

    def keys_line(self, cells: int) -> Line:
        """The keys of a page."""
        return hint_line(self.NAME, cells)

    @property
    def rows_in_sight(self) -> int:
        """The lines of the page in sight."""
        return self._rows

    def step_by(self, lines: int) -> None:
        """Scroll; drawing keeps it within the page."""
        self._top = max(0, self._top + lines)
        self.redraw()


class HelpScreen(PageScreen, inherit_bindings=False):
    """One page for the screen it was called from."""

    NAME: ClassVar[ScreenName] = "help"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, of: ScreenName, titles: Mapping[str, str] | None = None) -> None:
        """`titles` are what commands do there, by name, where that is not what they do elsewhere."""
        super().__init__()
        self._of, self._titles = of, titles

    def scope_line(self, cells: int) -> Line:
        """Whose keys these are, and what none of them does."""
        left = f" keys   {self._of} screen"
        room = cells - len(left) - 1
        said = PROMISE if len(PROMISE) + 2 <= room else ""
        return pad((Span(left, "strong"), Span(said.rjust(room))), cells)

    def page(self, cells: int) -> Sequence[Line]:
        """Keys and marks."""
        return help_lines(self._of, cells, self._titles)

    def keys_line(self, cells: int) -> Line:
        """How to leave the page, and the keys that work on every screen."""
        way_out = (Span(f" {find('leave', self.NAME).hint}"),)
        return pad((*pad(way_out, max(0, cells - len(ANYWHERE) - 1)), Span(ANYWHERE)), cells)

    def action_help(self) -> None:
        """The same key closes it."""
        self.dismiss()


class LogScreen(PageScreen, inherit_bindings=False):
    """Every sentence said so far, newest first, with its time."""

    NAME: ClassVar[ScreenName] = "log"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]

    def scope_line(self, cells: int) -> Line:
        """Which list this is."""
        return pad((Span(" log   what was said, newest first", "strong"),), cells)

    def page(self, cells: int) -> Sequence[Line]:
        """Each sentence whole, in as many lines as it takes."""
        now = self.dashboard.clock()
        lines: list[Line] = []
        for at, sentence in reversed(self.host.messages.log):
            said = f" {clock_time(at, now)}  "
            parts = textwrap.wrap(printable(sentence), max(20, cells - len(said) - 1)) or [""]
            lines += [(Span(said if n == 0 else " " * len(said)), Span(part)) for n, part in enumerate(parts)]
        return lines
