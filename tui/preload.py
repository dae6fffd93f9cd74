"""The screens that are opened most, loaded while nobody waits: their first key is then answered as fast as the second.

Loaded at start they would keep the first rows back by a third of a second.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from store.watch import StopEvent

SCREENS: Final = (
    "tui.screens.filtering",
    "tui.query.match",
    "tui.screens.entry",
    "tui.screens.stage",
    "tui.screens.edit",
    "tui.screens.preview",
    "tui.screens.findings",
    "tui.screens.witness",
    "tui.screens.history",
    "tui.screens.cached",
    "tui.screens.help",
)


def load_screens(stop: StopEvent) -> None:
    """Load them until told to stop; for a thread of its own."""
    for name in SCREENS:
        if not stop.is_set():
            import_module(name)
