"""What the widgets of lines share."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget


class LineWidget(Widget):
    """Never scrolls by itself, so another size of its content asks for no second layout (and no second full paint)."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)
