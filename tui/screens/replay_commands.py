"""What keys and words do on the main screen while a recording is played."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tui.look.line import Line, Span, fit
from tui.replay import COMMANDS, KEYS, WITHOUT, Replay
from tui.screens.base import WatchScreen


class ReplayCommands(WatchScreen, inherit_bindings=False):
    """Time instead of the screen: pause, steps, the next finding."""

    def keys_line(self, cells: int) -> Line:
        """The keys of a replay."""
        return super().keys_line(cells) if self.host.replay is None else (Span(fit(KEYS, cells), "text"),)

    def replays(self, what: Literal["pause", "newer", "older", "next_finding"]) -> bool:
        """Whether a recording is played, for which the key means this."""
        replay = self.host.replay
        if replay is None:
            return False
        match what:
            case "pause":
                replay.pause()
            case "newer" | "older":
                replay.step(1 if what == "newer" else -1)
            case "next_finding":
                replay.next_finding()
        self.redraw()
        return True

    def replay_words(self, words: Mapping[str, str]) -> dict[str, str]:
        """The words after `:`, without those that ask for something that a recording does not have."""
        return {word: text for word, text in words.items() if word not in WITHOUT} | COMMANDS

    def replay_command(self, replay: Replay, word: str, argument: str) -> None:
        """Run one of them."""
        if sentence := replay.command(word, argument):
            self.say(sentence)
