"""What the pictures are taken of: a dashboard on a made-up store at 14:03:00, and the keys that lead to a screen."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest import mock

from textual.pilot import Pilot
from textual.strip import Strip

from store.events import Event
from store.openclaw.paths import StorePath
from store.openclaw.release import NOT_LOOKED, Discipline
from tests.support import incident
from tests.support.dashboard import LOCKED, Clock, app_over, once_told
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import frame, keys, until
from tui.app import ClobberwatchApp
from tui.cli.demo import own_state
from tui.config.settings import Settings
from tui.demo.app import DemoApp
from tui.demo.tour import Guided
from tui.state import RowId

SESSIONS: Final = "agents/main/sessions/sessions.json"
COMMAND: Final = "node /usr/lib/openclaw/openclaw.mjs gateway"
LOOKS, LOOK_S = 8, 0.015
"""Together longer than what is shown with a delay: the entry part under a moving cursor, the next frame."""
_TERMINAL: Final = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
_GATEWAY: Final[Mapping[str, object]] = {
    **{f"tui.{module}.pid_alive": True for module in ("screens.history", "editing.their_write")},
    **{f"tui.{module}.command_line": COMMAND for module in ("screens.history", "editing.their_write")},
    "tui.screens.history.started_at": 0.0,
}
"""What this machine would be asked of the process that writes in the story."""


@dataclass(frozen=True)
class Setting:
    """In which terminal, with which settings and on which kind of store a screen is shown."""

    size: tuple[int, int] = (80, 24)
    settings: Settings = field(default_factory=Settings)
    environment: dict[str, str] = field(default_factory=dict)
    store: str = SESSIONS
    discipline: Discipline = LOCKED
    app: Callable[..., ClobberwatchApp] = app_over


def demo_over(
    watch: FakeWatch, clock: Clock, discipline: Discipline, *, settings: Settings | None = None
) -> ClobberwatchApp:
    """The demo without its gateway: the tour stays where the keys have brought it."""
    return DemoApp(
        [StorePath(watch.path, "", None)],
        Guided(lambda _line: None, clock),
        watch=watch,
        clock=clock,
        find_discipline=once_told(watch, discipline),
        settings=settings,
    )


class Stage:
    """The dashboard that is shown, its store, and what is done there."""

    def __init__(self, pilot: Pilot[None], watch: FakeWatch) -> None:
        assert isinstance(pilot.app, ClobberwatchApp)
        self.app, self.watch, self._pilot = pilot.app, watch, pilot

    @property
    def lines(self) -> list[str]:
        """What the terminal shows, line by line."""
        return frame(self.app)

    @property
    def strips(self) -> list[Strip]:
        """The same with its styles."""
        return self.app.screen._compositor.render_strips()

    async def keys(self, *pressed: str) -> None:
        """Press keys, each when the screen before it stands still; a text of several characters is typed."""
        for key in pressed:
            await keys(self._pilot, key)
            await self.stands_still()

    async def see(self, text: str) -> None:
        """Wait until this is shown, and all that comes with it."""
        await until(self._pilot, lambda: any(text in line for line in self.lines))
        await self.stands_still()

    async def go_to(self, key: str) -> None:
        """Put the cursor of the main screen on an entry."""
        self.app.main_screen.table.move_to_key(RowId(self.watch.path, key))
        await self.stands_still()

    async def happens(self, event: Event, shows: str) -> None:
        """Something more happens to the store."""
        self.watch.push(event)
        await self.see(shows)

    async def stands_still(self) -> None:
        """Wait until nothing has changed on the screen for a while, in looks and not in time: a machine may be busy."""
        last, same = self.strips, 0
        while same < LOOKS:
            await self._pilot.pause(LOOK_S)
            now = self.strips
            last, same = now, same + 1 if now == last else 0


@asynccontextmanager
async def staged(story: Callable[[Path], FakeWatch], setting: Setting) -> AsyncIterator[Stage]:
    """The main screen over the whole story; the gateway in it lives, and nothing of the user's is touched."""
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(own_state(home / "state"))
        stack.enter_context(mock.patch.dict(os.environ, _TERMINAL | setting.environment))
        for name, said in _GATEWAY.items():
            stack.enter_context(mock.patch(name, _always(said)))
        watch = story(home / setting.store)
        app = setting.app(watch, Clock(incident.NOW), setting.discipline, settings=setting.settings)
        pilot = await stack.enter_async_context(app.run_test(size=setting.size))
        state = app.dashboard.stores[watch.path]
        await until(pilot, lambda: state.seen >= watch.number and state.discipline != NOT_LOOKED)
        app.main_screen.take_order()
        stage = Stage(pilot, watch)
        await stage.stands_still()
        yield stage


def _always(said: object) -> Callable[..., object]:
    return lambda *_: said
