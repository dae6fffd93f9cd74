"""The whole values of one field in two versions of an entry, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from store.entry.schema import field
from store.js import Value
from tui.commands import ScreenName, bindings
from tui.layout.text_page import text_lines
from tui.look.line import Line, Span, cut_right, pad
from tui.look.printable import printable
from tui.look.values import whole_text
from tui.screens.help import PageScreen


class ValueScreen(PageScreen, inherit_bindings=False):
    """A page with every value under its title; `values` are (title, value)."""

    NAME: ClassVar[ScreenName] = "value"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("value")]

    def __init__(self, name: str, values: Sequence[tuple[str, Value]]) -> None:
        super().__init__()
        self._field = name
        self._values = values

    def scope_line(self, cells: int) -> Line:
        """Which field, and what it means."""
        name = printable(self._field)
        meaning = cut_right(field(self._field).meaning, max(1, cells - len(name) - 5))
        return pad((Span(f" {name}", "strong"), Span(f"   {meaning}", "faint")), cells)

    def page(self, cells: int) -> Sequence[Line]:
        """Title and value, and again."""
        lines: list[Line] = []
        for title, value in self._values:
            lines += [(Span(f" {title}", "faint"),), *text_lines(whole_text(value), cells), ()]
        return lines
