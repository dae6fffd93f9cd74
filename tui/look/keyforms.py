"""A session key in a few cells."""

from __future__ import annotations

from rich.cells import cell_len

from tui.look.forms import short_form, short_parts
from tui.look.line import cut_left, cut_middle

__all__ = ["short_form", "short_key"]


def short_key(key: str, cells: int) -> str:
    """The short form, cut in the middle."""
    parts = short_parts(key)
    text = ":".join(parts)
    if cell_len(text) <= cells:
        return text
    head = ":".join(parts[:2]) + ":"
    if len(parts) < 3 or cell_len(head) > cells // 2:
        return cut_middle(text, cells)
    return head + cut_left(text[len(head) :], cells - cell_len(head))
