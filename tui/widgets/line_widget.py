"""What the widgets of lines share."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget


class LineWidget(Widget):
    """A widget that is painted once when its size changes.

    It never scrolls by itself, so another size of its content asks for no second layout; and the layout paints what it
    moved, so Textual's own mark on a resized widget (8.2: `_size_updated`) would only send the same cells again.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        clean = not self._repaint_regions
        resized = super()._size_updated(size, virtual_size, container_size, layout)
        if clean:
            self._repaint_regions.clear()
        return resized
