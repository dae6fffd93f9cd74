"""A session key in a few cells."""

from __future__ import annotations

import re

from rich.cells import cell_len

from tui.look.line import cut_left, cut_middle
from tui.look.printable import printable, visible_key
from tui.look.routes import TWO_LETTERS

_UUID = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_TYPES = {"direct", "dm", "group", "channel", "thread"}


def short_form(key: str) -> str:
    """The key as it is shown where there is room for all of it: without `agent:`, its channel in two letters.

    A uuid becomes its first eight digits; the type word after a channel goes, and `thread` before a thread's id.
    """
    return ":".join(_parts(key))


def short_key(key: str, cells: int) -> str:
    """The short form, cut in the middle."""
    parts = _parts(key)
    text = ":".join(parts)
    if cell_len(text) <= cells:
        return text
    head = ":".join(parts[:2]) + ":"
    if len(parts) < 3 or cell_len(head) > cells // 2:
        return cut_middle(text, cells)
    return head + cut_left(text[len(head) :], cells - cell_len(head))


def _parts(key: str) -> list[str]:
    parts = _UUID.sub(r"\1…", printable(visible_key(key))).split(":")
    if len(parts) > 2 and parts[0] == "agent":
        parts = parts[1:]
        if parts[1] in TWO_LETTERS:
            parts[1] = TWO_LETTERS[parts[1]]
            parts[2:] = [part for part in parts[2:] if part not in _TYPES]
    return parts
