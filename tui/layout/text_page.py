"""A long text folded to the width of the screen: scrolled by lines, searched for a few words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import chop_cells

from tui.look.line import Line, Span, line, plain
from tui.look.printable import printable


def text_lines(text: str, cells: int) -> list[Line]:
    """A whole text, every line of it folded to the width."""
    room = cells - 2
    lines: list[Line] = []
    for part in text.split("\n"):
        lines += [line(" ", shown) for shown in chop_cells(printable(part), room) or [""]]
    return lines


class TextPage:
    """Where in its text a reader is; `top` is the first line shown."""

    def __init__(self) -> None:
        self.top = 0
        self.height = 1
        self._found: int | None = None
        self._folded: tuple[str, int, list[Line]] | None = None

    def show(self, text: str, head: Sequence[Line], cells: int, rows: int, wanted: str = "") -> list[Line]:
        """The head, and as much of the text as there is room for; what is wanted is marked in it."""
        if self._folded is None or self._folded[:2] != (text, cells):
            self._folded = (text, cells, text_lines(text, cells))
        lines = self._folded[2]
        self.height = max(1, rows - len(head))
        self.top = max(0, min(self.top, len(lines) - self.height))
        return [*head, *(marked(shown, wanted) for shown in lines[self.top : self.top + self.height])]

    def begin(self) -> None:
        """From the first line on."""
        self.top, self._found = 0, None

    def move(self, step: int) -> None:
        """Scroll by so many lines; the next `show` keeps it within the text."""
        self.top, self._found = max(0, self.top + step), None

    def find(self, wanted: str, step: int) -> bool:
        """Whether the text, from here on (0) or from the next (1) or previous (-1) line on, has this; it is shown."""
        lines = self._folded[2] if self._folded else []
        here = self.top if self._found is None else self._found
        for distance in range(abs(step), len(lines) + 1):
            at = (here + (step or 1) * distance) % len(lines)
            if self._has(lines, at, wanted.casefold()):
                self._found, self.top = at, max(0, at - self.height // 3)
                return True
        return False

    def _has(self, lines: Sequence[Line], at: int, wanted: str) -> bool:
        """Whether it begins in this line; it may end in the next one."""
        first, after = (plain(lines[n])[1:].casefold() if n < len(lines) else "" for n in (at, at + 1))
        return wanted in first + after[: len(wanted) - 1]


def marked(shown: Line, wanted: str) -> Line:
    """The line with what is wanted in it reversed."""
    text = plain(shown)
    at = text.casefold().find(wanted.casefold()) if wanted else -1
    if at < 0 or len(text.casefold()) != len(text):
        return shown
    end = at + len(wanted)
    return (Span(text[:at]), Span(text[at:end], "active"), *marked((Span(text[end:]),), wanted))
