"""The dashboard on a real store, in a terminal of 80x24 that a test can read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline
from tui.app import ClobberwatchApp

LOCKED = Discipline("locked", "2026.3.2", "said by the test", None)
PATIENCE_S = 20.0


def frame(app: ClobberwatchApp) -> list[str]:
    """What the terminal shows, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def shown(app: ClobberwatchApp) -> str:
    """What the terminal shows, as one text."""
    return "\n".join(frame(app))


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Let the program run until the condition holds and it is at rest; fails with what is on the screen."""
    app = pilot.app
    assert isinstance(app, ClobberwatchApp)
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, shown(app)
        await asyncio.sleep(0.005)
        await pilot.pause()
    await pilot.pause()


async def see(pilot: Pilot[None], text: str) -> None:
    """Let the program run until this text is on the screen."""
    app = pilot.app
    assert isinstance(app, ClobberwatchApp)
    await until(pilot, lambda: text in shown(app))


async def keys(pilot: Pilot[None], *pressed: str) -> None:
    """Send keys as one packet from the terminal brings them, and wait until all are taken; a longer text is typed."""
    for key in pressed:
        for one in [key] if key in _NAMED else key:
            name = one if len(one) > 1 or one.isalnum() else _character_to_key(one)
            character = " " if one == "space" else one if len(one) == 1 else None
            pilot.app.post_message(events.Key(name, character))
    await pilot.pause()


_NAMED = {"enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "space", "home", "end", "f1"} | {
    "alt+b",
    "alt+f",
    "ctrl+q",
    "ctrl+u",
    "pageup",
    "pagedown",
    "backspace",
}


@asynccontextmanager
async def dashboard(
    store: Path, *, read_only: bool = False, discipline: Discipline = LOCKED, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[None]]:
    """The dashboard over one store, with its rows on the screen and the discipline known."""
    app = ClobberwatchApp([StorePath(store, "main", None)], read_only=read_only, find_discipline=lambda _: discipline)
    async with app.run_test(size=size) as pilot:
        state = app.dashboard.stores[store]
        await until(pilot, lambda: app.dashboard.rows and state.discipline == discipline)
        await pilot.pause()
        yield pilot
