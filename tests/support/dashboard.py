"""The dashboard under test: the incident's app, what it shows, and waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from textual.pilot import Pilot

from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline
from store.watch import Watch
from tests.support import incident
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import frame, until
from tui.app import ClobberwatchApp

LOCKED = Discipline("locked", "2026.4.23", "package.json", 48213)
VERSIONS = 10
"""How many versions the story has."""


class Clock:
    """A clock that stands still until told otherwise."""

    def __init__(self, now: float = incident.NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def app_over(
    watch: FakeWatch, clock: Callable[[], float], discipline: Discipline = LOCKED, **options: Any
) -> ClobberwatchApp:
    """The dashboard over a watch of the test's own."""
    return ClobberwatchApp(
        [StorePath(watch.path, "main", None)],
        watch=cast("Watch", watch),
        clock=clock,
        find_discipline=once_told(watch, discipline),
        **options,
    )


def once_told(watch: FakeWatch, discipline: Discipline) -> Callable[[StorePath], Discipline]:
    """How the store is written, known once its story is told.

    Were it known sooner or later as it happens, a write without a lock would be a finding in some runs only.
    """

    def find_discipline(_store: StorePath) -> Discipline:
        watch.told.wait(30)
        return discipline

    return find_discipline


def incident_app(directory: Path, clock: Callable[[], float] | None = None, **options: Any) -> ClobberwatchApp:
    """The dashboard over the whole story, at 14:03:00."""
    return app_over(incident.watch(directory / "sessions.json"), clock or Clock(), **options)


async def seen_all(pilot: Pilot[None], versions: int = VERSIONS) -> None:
    """Wait until every version and the discipline are on the screen."""
    app = cast("ClobberwatchApp", pilot.app)
    state = next(iter(app.dashboard.stores.values()))
    await until(pilot, lambda: state.seen >= versions and state.discipline == LOCKED)
    app.tick()
    counted = (f"of {versions} missed", f"{versions} versions seen")  # the second on a wide terminal
    await until(pilot, lambda: any(said in frame(app)[0] for said in counted))
    app.messages.clear()  # what was said of the past
    app.main_screen.redraw()
    await until(pilot, lambda: "all keys" in frame(app)[-1])
