"""One line of typing after `/` or `:`; pure, drawn by `tui.layout.scope.typed_line`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tui.look.printable import printable

Typed: TypeAlias = Literal["typing", "enter", "leave", "complete"]
LONGEST = 1000


@dataclass(slots=True)
class Prompt:
    """What is typed so far; `sign` is `/` or `:`, and `completes` says whether Tab goes on with it."""

    sign: Literal["/", ":"]
    text: str = ""
    cursor: int = 0
    completes: bool = False

    def key(self, key: str, character: str | None) -> Typed:
        """One key; anything that neither types nor edits is swallowed."""
        match key:
            case "enter":
                return "enter"
            case "tab" if self.completes:
                return "complete"
            case "escape" | "ctrl+c":
                return "leave"
            case "backspace" if not self.text:
                return "leave"
            case "left":
                self.cursor = max(0, self.cursor - 1)
            case "right":
                self.cursor = min(len(self.text), self.cursor + 1)
            case "home" | "ctrl+a":
                self.cursor = 0
            case "end" | "ctrl+e":
                self.cursor = len(self.text)
            case "backspace" | "delete" | "ctrl+u" | "ctrl+k" | "ctrl+w":
                self._delete(key)
            case _ if character is not None and character.isprintable():
                self.insert(character)
            case _:
                pass
        return "typing"

    def insert(self, text: str) -> None:
        """Type, or paste; line breaks become blanks."""
        text = printable(" ".join(text.splitlines()))[: LONGEST - len(self.text)]
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def _delete(self, key: str) -> None:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        match key:
            case "backspace":
                before = before[:-1]
            case "delete":
                after = after[1:]
            case "ctrl+u":
                before = ""
            case "ctrl+k":
                after = ""
            case _:
                before = before.rstrip()[: before.rstrip().rfind(" ") + 1]
        self.text, self.cursor = before + after, len(before)
