"""A one-line text over a form: nothing blinks, nothing a terminal would obey gets in."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.look.printable import printable


class TextField(Input, inherit_bindings=False):
    """The text of one stop of a form, with the keys of Textual's input that edit a line; Enter is the form's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for binding in Input.BINDINGS if isinstance(binding, Binding) and binding.key != "enter"),
        Binding("alt+b", "cursor_left_word", "a word back", show=False),
        Binding("alt+f", "cursor_right_word", "a word on", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    TextField, TextField:focus, TextField.-textual-compact {
        border: none; height: 1; padding: 0; background: ansi_default; color: ansi_default; background-tint: 0%;
    }
    TextField:ansi > .input--cursor, TextField:ansi > .input--selection {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    TextField:ansi > .input--placeholder { color: ansi_default; text-style: dim; }
    """

    def __init__(self, stop: str, text: str) -> None:
        super().__init__(text, placeholder="-", compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.stop = stop
        self._put: tuple[int, int, int] | None = None

    def put(self, x: int, y: int, cells: int) -> None:
        """Where on the screen it lies, and how wide it is; nothing is laid out anew while that stays."""
        if self._put != (x, y, cells):
            self._put = (x, y, cells)
            self.styles.offset = (x, y)
            self.styles.width = cells

    def type_in(self, text: str) -> None:
        """Type this at the cursor, over what is selected."""
        self.replace(text, *sorted(self.selection))

    def replace(self, text: str, start: int, end: int) -> None:
        """Whatever comes in, typed or pasted, loses its control and direction characters."""
        super().replace("".join(character for character in text if printable(character) == character), start, end)
