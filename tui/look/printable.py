"""The one way from text of a file to text on a terminal."""

from __future__ import annotations

import re

# C0, DEL, C1; zero-width and direction marks; line separators; lone surrogates; the byte-order mark; tags. Then what
# makes the sign before it wider on one terminal than on another: variation selectors, keycaps, the colours of a skin.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff]"
)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def visible_key(key: str) -> str:
    """The key of an entry, or what stands for one that has nothing to see."""
    if key.strip():
        return key
    return f"({len(key)} {'blank' if len(key) == 1 else 'blanks'})" if key else "(empty)"


def printable(text: str) -> str:
    """The text with a visible cell for every control, direction and zero-width character, and as wide everywhere."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub(_visible, text)
