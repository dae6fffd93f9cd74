"""A session key in a few cells."""

from __future__ import annotations

from rich.cells import cell_len

from tui.look.forms import long_parts, short_form, short_parts
from tui.look.line import cut_left, cut_middle

__all__ = ["long_key", "short_form", "short_key"]


def short_key(key: str, cells: int) -> str:
    """The short form, cut in the middle."""
    return _cut(short_parts(key), 2, cells)


def long_key(key: str, cells: int) -> str:
    """The form beside a column of agents, cut in the middle."""
    return _cut(long_parts(key), 1, cells)


def _cut(parts: list[str], kept: int, cells: int) -> str:
    """The parts joined; so many of the first are kept where that leaves half of the room to the rest."""
    text = ":".join(parts)
    if cell_len(text) <= cells:
        return text
    head = ":".join(parts[:kept]) + ":"
    if len(parts) <= kept or cell_len(head) > cells // 2:
        return cut_middle(text, cells)
    return head + cut_left(text[len(head) :], cells - cell_len(head))
