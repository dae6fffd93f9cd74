"""Which characters the terminal can be trusted with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_CONTROLS: Final = "".join(map(chr, (*range(0x2400, 0x2422), 0xFFFD)))
"""What stands for a control character (`tui.look.printable`)."""
PLAIN: Final = str.maketrans("●•·≠→←▌›…─│┬┴├↓↑" + _CONTROLS, "*:.#><>>~-|+++v^" + "?" * len(_CONTROLS))
"""Glyph -> its stand-in of one cell, for terminals that draw ambiguous widths wide or have no such characters."""


def needs_plain(environment: Mapping[str, str]) -> bool:
    """Whether this terminal gets the plain set: the Linux console, or a locale without UTF-8."""
    if environment.get("TERM", "") == "linux":
        return True
    locale = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    return bool(locale) and "utf" not in locale.lower() and locale not in {"C", "POSIX"}
