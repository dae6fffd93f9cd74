"""Updates that send only the cells that differ from what stands on the terminal.

Textual 8.2 paints a screen that was pushed twice, crops a partial update on its right only, and sends a region whole
where one of its cells changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, cast

from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.screen import Screen
from textual.strip import Strip

from tui.widgets.shown import Row, Shown

_Pieces: TypeAlias = "dict[int, list[tuple[int, Strip]]]"


class Painted(Protocol):
    """An app that knows what stands on its terminal."""

    shown: Shown


class LeanUpdate(CompositorUpdate):
    """The lines that are not on the terminal yet."""

    def __init__(self, shown: Shown, rows: Mapping[int, Row]) -> None:
        self._shown = shown
        self._rows = rows

    def render_segments(self, console: Console) -> str:
        """What the terminal gets."""
        return self._shown.send(self._rows, console)


class LeanCompositor(Compositor):
    """A compositor whose updates are lean; the whole ones for pictures stay as they are."""

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """What has to be painted; None when all of it stands there already."""
        update = super().render_update(full, screen_stack, simplify)
        if simplify or self.root is None:
            return update
        if isinstance(update, LayoutUpdate):
            pieces = {y: [*_side_by_side(strips)] for y, strips in enumerate(update.strips)}
        elif isinstance(update, ChopsUpdate):
            pieces = _cropped(update)
        else:
            return update
        shown = cast("Painted", self.root.app).shown
        rows = {y: shown.painted(y, strips, self.size.width) for y, strips in pieces.items()}
        rows = {y: row for y, row in rows.items() if shown.differs(y, row)}
        return cast("RenderableType", LeanUpdate(shown, rows)) if rows else None  # the app asks it for its text only


def _side_by_side(strips: Iterable[Strip]) -> Iterator[tuple[int, Strip]]:
    x = 0
    for strip in strips:
        yield x, strip
        x += strip.cell_length


def _cropped(update: ChopsUpdate) -> _Pieces:
    """What has to be painted again, and nothing to the left or right of it."""
    pieces: _Pieces = {}
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < right and end > left:
                start = max(left, x)
                pieces.setdefault(y, []).append((start, strip.crop(start - x, min(end, right) - x)))
    return pieces
