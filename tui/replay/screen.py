"""The main screen of a replay: keys and words that move in time instead of on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from tui.commands import bindings
from tui.look.line import Line, Span, fit
from tui.replay.controls import COMMANDS, KEYS, WITHOUT, Replay
from tui.screens.main import MainScreen

if TYPE_CHECKING:
    from tui.config.settings import OwnView


class ReplayScreen(MainScreen, inherit_bindings=False):
    """Pause, steps and the next finding; what asks for a store that can be read now is not there."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("main")]

    def __init__(self, own_views: Mapping[str, OwnView], replay: Replay) -> None:
        super().__init__(own_views)
        self._replay = replay

    def keys_line(self, cells: int) -> Line:
        """The keys of a replay, while no filter is typed."""
        return super().keys_line(cells) if self.filter_prompt is not None else (Span(fit(KEYS, cells), "text"),)

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self._moved(self._replay.pause())

    def action_newer_change(self) -> None:
        """The next version."""
        self._moved(self._replay.step(1))

    def action_older_change(self) -> None:
        """The version before."""
        self._moved(self._replay.step(-1))

    def action_next_finding(self) -> None:
        """On to the next finding."""
        self._moved(self._replay.next_finding())

    def _moved(self, why_not: str) -> None:
        if why_not:
            self.say(why_not)
        self.redraw()

    def lift_read_only(self) -> None:
        """Nothing lifts it."""
        self.say("This is a recording; nothing is written here.")

    def words(self) -> Mapping[str, str]:
        """Time too; without the words that ask for something that a recording does not have."""
        return {word: text for word, text in super().words().items() if word not in WITHOUT} | COMMANDS

    def run_word(self, word: str, argument: str) -> None:
        """Run one of them."""
        if word not in COMMANDS:
            super().run_word(word, argument)
        elif sentence := self._replay.command(word, argument):
            self.say(sentence)
