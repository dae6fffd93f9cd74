"""How what a terminal sends becomes keys: Esc with another key right behind it is these two.

The only Alt keys are the two that go by words in a text, which a Mac sends for Option with an arrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.message import Message

_LONE: Final = re.compile(r"\x1b(?=[^\x00-\x1f\x7f\[O])")
"""An Esc that begins no sequence; `[` and `O` may begin one, and Esc Backspace and Esc Tab are keys of their own."""
_WORDS: Final = {"\x1b[27ub": "\x1b[98;3u", "\x1b[27uf": "\x1b[102;3u"}
ALT: Final = {"alt+b": "b", "alt+f": "f"}
"""Where no text is typed they are Esc and the letter, too."""
_PASTE: Final = "\x1b[200~"


class KeyParser(XTermParser):
    """Textual's parser, which takes an Esc and a key sent together for Alt and that key, and drops one or both.

    A slow line sends them together; tmux before 3.5 does so for half a second after every Esc.
    """

    _ends_in_esc = False

    def feed(self, data: str) -> Iterable[Message]:
        """What the terminal sent, as messages; '' ends it."""
        ended_in_esc, self._ends_in_esc = self._ends_in_esc, data.endswith("\x1b")
        if _PASTE not in data:
            whole = _LONE.sub("\x1b[27u", "\x1b" * ended_in_esc + data)
            for apart, together in _WORDS.items():
                whole = whole.replace(apart, together)
            data = whole[ended_in_esc:]
        yield from super().feed(data)

    def tick(self) -> Iterable[Message]:
        """What is clear by now because nothing followed it."""
        for message in super().tick():
            self._ends_in_esc = False
            yield message
