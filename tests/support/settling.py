"""When a dashboard under test has come to rest: it goes on by time, another thread or a key, and not by itself."""

from __future__ import annotations

import asyncio

import textual.app
import textual.pilot
from textual._context import active_app
from textual.app import App

from tui.app import ClobberwatchApp

STEPS = 10_000
"""More than any key needs; a dashboard that is still not at rest then turns in a circle."""


def pilots_wait_for_rest() -> None:
    """Have Textual's pilots wait for rest, in place of its `wait_for_idle`.

    That one looks at the processor's time in steps of 20 ms: it sleeps those for every key where nothing is left to do,
    and on a busy machine it takes a program that was not let run for one that is idle.
    """
    for module in (textual.app, textual.pilot):
        setattr(module, "wait_for_idle", at_rest)  # noqa: B010 - it is private to both


async def at_rest(*_limits: float) -> None:
    """Let the loop run until nothing in it is ready, and news and what has changed are drawn."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # as every loop of asyncio has
    app = active_app.get()
    for _ in range(STEPS):
        await asyncio.sleep(0)
        if not ready and (app._exit or not _draws(app)):
            return
    raise AssertionError("the dashboard does not come to rest")


def _draws(app: App[object]) -> bool:
    """Whether something had still to be drawn, which is under way now."""
    if isinstance(app, ClobberwatchApp):
        app.show_pending()
    screen = app.screen
    if not (screen._callbacks or screen._dirty_widgets or screen._layout_required):
        return False
    screen._on_timer_update()
    return True
