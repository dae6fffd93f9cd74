"""The main screen of the demo: what the tour says stands in place of the findings, or above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import BindingType

from tui.commands import bindings
from tui.demo.tour import Tour, said_lines
from tui.look.line import Line
from tui.screens.main import MainScreen

if TYPE_CHECKING:
    from tui.config.settings import OwnView

ENOUGH: Final = 3
"""So many findings must be seen below a legend, or it gives way to them."""


class DemoScreen(MainScreen, inherit_bindings=False):
    """The dashboard as it is, and somebody who explains it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("main")]

    def __init__(self, own_views: Mapping[str, OwnView], tour: Tour) -> None:
        super().__init__(own_views)
        self._tour = tour

    def strip(self, cells: int, rows: int) -> Sequence[Line]:
        """The tour; findings and changes where there is room for both."""
        said = self._tour.says
        lines = said_lines(said, cells) if said is not None else []
        left = rows - len(lines)
        if not lines or (left < ENOUGH and self._tour.yields and self.dashboard.findings.listed()):
            return super().strip(cells, rows)
        return [*lines, *(super().strip(cells, left) if left > 0 else ())]

    def action_back(self) -> None:
        """One layer of looking; then the end of the tour."""
        if self.lock_open or self.zoomed or self.old or self.filter_text or self._tour.says is None:
            super().action_back()
        else:
            self._tour.leave()
            self.say("The tour is left; :tour goes on with it.")

    def words(self) -> Mapping[str, str]:
        """One more: the way back to the tour."""
        return {**super().words(), "tour": "tour   goes on with the tour"}

    def run_word(self, word: str, argument: str) -> None:
        """Run one of the words."""
        if word == "tour":
            self._tour.come_back()
            self.redraw()
        else:
            super().run_word(word, argument)
