"""Copying through the terminal: OSC 52, framed for tmux, with a cap."""

from __future__ import annotations

import base64
from collections.abc import Mapping

LONGEST = 74_994
"""Bytes that become 100,000 characters of base64 with the framing: more is dropped whole by common terminals."""


def osc52(text: str, environment: Mapping[str, str]) -> str | None:
    """The bytes that ask the terminal to copy the text; None when it is too long to be taken."""
    octets = text.encode("utf-8", "replace")
    if len(octets) > LONGEST:
        return None
    ask = f"\x1b]52;c;{base64.b64encode(octets).decode('ascii')}\a"
    if not environment.get("TMUX"):
        return ask
    return "\x1bPtmux;" + ask.replace("\x1b", "\x1b\x1b") + "\x1b\\"
