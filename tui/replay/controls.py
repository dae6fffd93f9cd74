"""A recording that is played, as the dashboard handles it: what stands in the status line, what keys and words do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from store.errors import UsageError
from store.events import Changed, Event, Loaded
from store.openclaw.release import Discipline
from store.recording.playback import Doing, Playback
from store.writing.permit import Permit
from tui.cli.times import moment, span
from tui.look.figures import clock_time
from tui.state import RowId

if TYPE_CHECKING:
    from store.findings.finding import Finding
    from store.openclaw.paths import StorePath

COMMANDS: Final = {
    "at": "at 14:02   moves to that time; +5m and -30s from here",
    "speed": "speed 10   plays ten times as fast",
    "step": "step 10   so many versions on, -10 back",
}
WITHOUT: Final = frozenset({"accept", "load", "drop"})
"""Words that mean a store that can be read now."""
KEYS: Final = " p pause  ] [ step  n next finding  : at, speed  Enter open  / find  ? all keys"
PERMIT: Final = Permit.read_only("Not written: this is a recording.")
AT_END: Final = "At the end of the recording: [ steps back, :at 14:02 or :at -5m goes to a time."
HELP: Final = {
    "pause": "stand still, go on",
    "newer_change": "a version on, back",
    "next_finding": "play to a finding",
    "command_line": ":at :speed :step",
}
"""What keys of the main screen mean here."""
NO_FILE: Final = "This is a recording: there is no file beside it to compare with."

_WORDS: Final[dict[Doing, str]] = {"paused": "paused", "moving": "moving", "over": "end"}


class Replay:
    """What the keys of a replay do; it belongs to the screen's thread."""

    def __init__(self, playback: Playback) -> None:
        self.playback = playback
        self._shown = 0
        self._target: int | None = None
        self._awaits_finding = self._trouble_said = False

    def title(self) -> str:
        """What stands where the store's name stands otherwise."""
        doing = self.playback.doing
        speed = f"{self.playback.speed:g}x" if doing == "playing" or self.playback.speed != 1 else ""
        how = " ".join(filter(None, (_WORDS.get(doing), speed)))
        return f"REPLAY {clock_time(self.playback.clock(), time.time())} {how}"

    def trouble(self) -> str:
        """Why the recording ends where it does, said once."""
        trouble = self.playback.trouble if not self._trouble_said else None
        self._trouble_said = self._trouble_said or trouble is not None
        return "" if trouble is None else trouble.reason

    def discipline(self, store: StorePath) -> Discipline:
        """How writes were kept apart, as far as the recorder knew."""
        return Discipline(
            "locked" if self.playback.recording.lock_is_rule(store.path) else "unknown", "", "as recorded"
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.playback.doing == "over"

    def pause(self) -> str:
        """Stand still, or go on; why neither, where nothing more comes."""
        if self.is_over:
            return AT_END
        self._forget_goal()
        self.playback.pause()
        return ""

    def step(self, versions: int) -> str:
        """So many versions on or back; the cursor goes to what the last of them changed. Why not, at the end."""
        if self.is_over and versions > 0:
            return AT_END
        self._forget_goal()
        self._target = self.playback.step(versions)
        return ""

    def next_finding(self) -> str:
        """On to the next finding; the cursor goes to its row. Why not, at the end."""
        if self.is_over:
            return AT_END
        self._forget_goal()
        self._awaits_finding = True
        self.playback.to_next_finding()
        return ""

    def command(self, word: str, argument: str) -> str:
        """One of the words after `:`; what there is to say about it."""
        try:
            return self._command(word, argument)
        except UsageError as error:
            return error.reason

    def _command(self, word: str, argument: str) -> str:
        match word:
            case "speed":
                self.playback.set_speed(_number(argument.removesuffix("x"), word))
            case "step":
                return self.step(int(_number(argument or "1", word)))
            case _:
                self._forget_goal()
                self.playback.seek(self._moment(argument))
        return ""

    def _moment(self, text: str) -> float:
        if text[:1] in ("+", "-"):
            by = span(text[1:])
            return self.playback.clock() + (by if text[0] == "+" else -by)
        return moment(text, self.playback.recording.ended)

    def took(self, event: Event, findings: Sequence[Finding]) -> RowId | None:
        """An event was shown; the row to go to when it is the one that was waited for."""
        if isinstance(event, Loaded | Changed):
            self._shown += 1
        if self._awaits_finding:
            found = [finding for finding in findings if finding.grade != "possible"]
            self._awaits_finding = not found
            return RowId(found[0].store, found[0].key) if found else None
        if self._shown != self._target or not isinstance(event, Changed):
            return None
        self._target = None
        return RowId(event.store, event.changes[0].key) if event.changes else None

    def began(self, position: int) -> None:
        """It goes on from where so many versions are shown."""
        self._shown = position

    def _forget_goal(self) -> None:
        self._target, self._awaits_finding = None, False


def _number(text: str, word: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text or 'Nothing'} is no number: :{COMMANDS[word].split('   ')[0]}") from None
