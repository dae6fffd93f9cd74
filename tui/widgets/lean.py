"""Partial updates that send the changed cells and nothing to the left of them.

Textual 8.2 crops a partial update on its right only: a cell at the end of a line costs the whole line, 120 bytes
instead of 20 when an age steps.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class LeanUpdate(ChopsUpdate):
    """The same update, cropped on both sides."""

    def render_segments(self, console: Console) -> str:
        """What the terminal gets."""
        sequences: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                start = max(left, x)
                sequences.append(Control.move_to(start, y).segment.text)
                sequences.append(strip.crop(start - x, min(end, right) - x).render(console))
        return "".join(sequences)


class LeanCompositor(Compositor):
    """A compositor whose partial updates are lean."""

    def render_partial_update(self) -> LeanUpdate | None:
        """The cells that have to be painted again, if any."""
        update = super().render_partial_update()
        return None if update is None else LeanUpdate(update.chops, update.spans, update.chop_ends)
