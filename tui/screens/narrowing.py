"""Lists that words narrow as they are typed after `/`; Esc lifts them."""

from __future__ import annotations

from tui.layout.scope import filter_line
from tui.look.line import Line
from tui.prompt import Prompt, Typed
from tui.screens.base import WatchScreen


class Narrowing(WatchScreen, inherit_bindings=False):
    """A list of which only what has all of `words` is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.filter_text = ""

    @property
    def words(self) -> list[str]:
        """What is typed, word by word, without regard to case."""
        return self.filter_text.casefold().split()

    def shown_of(self) -> tuple[int, int]:
        """How many there are now, and without the words."""
        raise NotImplementedError

    def narrowed(self) -> None:
        """The words are others than before; drawing follows."""

    def narrowed_line(self, cells: int) -> Line:
        """Line 2 while there are words; blank without."""
        return filter_line(self.filter_text, *self.shown_of(), cells) if self.filter_text else ()

    def search_hint(self) -> str:
        """How many the words leave."""
        shown, of = self.shown_of()
        return f"{shown:,} of {of:,}"

    def search_moved(self, prompt: Prompt, typed: Typed) -> None:
        """The words count as they are typed."""
        if typed != "typing":
            self.prompt = None
        self._narrow("" if typed == "leave" else prompt.text.strip())

    def action_filter(self) -> None:
        """Type words."""
        self.prompt = Prompt("/", self.filter_text, len(self.filter_text))
        self.redraw()

    def action_leave(self) -> None:
        """Lift the words, then back."""
        if self.filter_text:
            self._narrow("")
            self.redraw()
        else:
            super().action_leave()

    def _narrow(self, text: str) -> None:
        self.filter_text = text
        self.narrowed()
