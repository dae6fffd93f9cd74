"""What the dashboard says: one sentence at a time in the last lines, all of them kept for `:log`."""

from __future__ import annotations

import textwrap
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.look.printable import printable

KEPT = 500
LINES = 2


@dataclass(slots=True)
class Messages:
    """The sentence on the screen now, and the ones before it with their times (wall-clock seconds)."""

    clock: Callable[[], float]
    current: str = ""
    log: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def say(self, sentence: str) -> None:
        """Show a sentence until the next key."""
        self.current = printable(sentence)
        self.log.append((self.clock(), self.current))

    def clear(self) -> None:
        """A key was pressed."""
        self.current = ""

    def wrapped(self, cells: int) -> list[str]:
        """The sentence in at most two lines of that many cells."""
        return textwrap.wrap(self.current, max(cells, 10), max_lines=LINES, placeholder=" …")
