"""`clobberwatch`: the dashboard over the stores that were named or discovered."""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from store.errors import UsageError
from tui.cli.find import chosen_stores
from tui.config.place import config_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import App

    from store.openclaw.paths import StorePath
    from store.recording.playback import Playback
    from tui.cli.options import Options
    from tui.config.settings import Settings


def run(options: Options) -> int:
    """Open the dashboard and stay until it is left."""
    return open_dashboard(chosen_stores(options), read_only=options.read_only, calm=options.calm)


def open_dashboard(stores: Sequence[StorePath], *, read_only: bool = False, calm: bool = False) -> int:
    """Run the app on this terminal; its exit code."""
    settings = _begin(calm=calm)
    from tui.app import ClobberwatchApp

    return _run(ClobberwatchApp(stores, read_only=read_only, settings=settings))


def open_replay(stores: Sequence[StorePath], playback: Playback, *, calm: bool = False) -> int:
    """The same over a recording."""
    settings = _begin(calm=calm)
    from tui.replay.app import ReplayApp

    return _run(ReplayApp(stores, playback, settings=settings))


def open_demo(stores: Sequence[StorePath], scenario: str, ask: Callable[[str], None], *, calm: bool = False) -> int:
    """The same over a simulated gateway's store: with the tour, or with the legend of a scenario."""
    settings = _begin(calm=calm)
    from tui.demo.app import DemoApp
    from tui.demo.tour import Guided, Legend

    if not scenario:
        return _run(DemoApp(stores, Guided(ask, time.monotonic), settings=settings))
    from store.gateway.scenarios.catalogue import scenario_named

    return _run(DemoApp(stores, Legend(scenario_named(scenario)), settings=settings))


def _begin(*, calm: bool) -> Settings | None:
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual paints on stderr
        raise UsageError("the dashboard needs a terminal; without one use clobberwatch list, show or watch")
    if os.environ.get("TERM") == "dumb":
        raise UsageError("the dashboard moves the cursor, which TERM=dumb cannot; use clobberwatch list, show or watch")
    gc.disable()  # until the first rows are there: start-up makes nothing but objects that stay
    settings = _settings()
    if not calm:
        return settings
    from tui.config.settings import Settings

    return replace(settings or Settings(), calm=True)


def _run(app: App[None]) -> int:
    app.run()
    if app._exception is not None:  # the one that ended it; it is said as any other bug is
        raise app._exception
    return app.return_code or 0


def _settings() -> Settings | None:
    """The user's settings, their keys in force; None without any. Raises UsageError with the line that is wrong."""
    path = config_path()
    if not path.exists():
        return None
    from tui.commands import KEYMAP
    from tui.config.settings import load_settings

    settings = load_settings(path)
    KEYMAP.commands = settings.commands
    return settings
