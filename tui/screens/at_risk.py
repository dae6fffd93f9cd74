"""The risk that an operator may take in a preview: by its whole name, and for this one preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from store.writing.permit import Permit
from tui.look import sentences
from tui.look.hints import hint_line
from tui.look.line import Line
from tui.prompt import Prompt, Typed
from tui.screens.base import WatchScreen

WORD: Final = "allow-risk"
_HINT: Final = f"{WORD}   writes where only a risk is left"


class AtRisk(WatchScreen, inherit_bindings=False):
    """A preview whose `:` line takes one command; `at_risk` is whether it was given.

    `outcome` is what became of the last try to write, while `writing` one is under way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.at_risk = False
        self.outcome = ""
        self.writing = False

    def permissions(self) -> Sequence[Permit]:
        """To write each of the stores, as things stand now."""
        raise NotImplementedError

    def state_words(self) -> str:
        """What a preview says first: whether any of it can be written."""
        kinds = {permit.kind for permit in self.permissions()}
        if "allowed" in kinds:
            return "nothing is written yet"
        return "READ-ONLY: nothing can be written" if "read-only" in kinds else "nothing can be written"

    def hints(self, cells: int) -> Line:
        """The keys; in a read-only run without the one that writes."""
        read_only = "read-only" in {permit.kind for permit in self.permissions()}
        return hint_line(self.NAME, cells, without="write" if read_only else "")

    def only_at_a_risk(self) -> str:
        """What is said where only a risk is left that was not taken yet; blank elsewhere."""
        permit = next((permit for permit in self.permissions() if permit.may_be_risked), None)
        return sentences.only_at_a_risk(permit) if permit is not None else ""

    def prompt_hint(self) -> str:
        """The only command there is."""
        return _HINT

    def action_command_line(self) -> None:
        """Type the command."""
        if self.writing:
            self.say(sentences.NOT_TAKEN_BACK)
            return
        super().action_command_line()

    def prompt_moved(self, prompt: Prompt, typed: Typed) -> None:
        """A key went to the command."""
        if typed in ("enter", "leave"):
            self.prompt = None
        if typed == "enter" and prompt.text.strip():
            self.say(self._taken(prompt.text.strip()))
        self.redraw()

    def _taken(self, word: str) -> str:
        if word != WORD:
            return f"No command :{word} here; there is :{WORD}, in full."
        self.at_risk = True
        permits = self.permissions()
        risked = next((permit for permit in permits if permit.risked), None)
        if risked is not None:
            self.outcome = ""
            return sentences.risk_taken(risked)
        self.at_risk = False
        refused = next((permit for permit in permits if permit.kind != "allowed"), None)
        return sentences.no_risk_to_take(refused)
