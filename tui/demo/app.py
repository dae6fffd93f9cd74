"""The app of the demo: the dashboard on the simulated gateway's store, with a tour that is told what is done in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from textual import events
from textual.screen import Screen

from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline, discipline
from store.source import Source
from tui.app import ClobberwatchApp
from tui.demo.guide import Place, Said
from tui.demo.screen import DemoScreen
from tui.demo.tour import Tour, said_lines
from tui.look.line import Line
from tui.news import StoreNews
from tui.screens.base import WatchScreen

if TYPE_CHECKING:
    from tui.config.settings import Settings

LEAST: Final = 2
"""So many lines must there be room for."""
_LINES_BELOW: Final = 1
"""What the tour says on another screen stands this far above the last line of its body, where a message may come."""


class DemoApp(ClobberwatchApp, inherit_bindings=False):
    """The dashboard with somebody who explains it."""

    demo = True

    def __init__(
        self,
        stores: Sequence[StorePath],
        tour: Tour,
        *,
        watch: Source | None = None,
        clock: Callable[[], float] = time.time,
        find_discipline: Callable[[StorePath], Discipline] = discipline,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(stores, watch=watch, clock=clock, find_discipline=find_discipline, settings=settings)
        self._tour = tour
        self._edits = 0
        self._shown: Said | None = None
        self._told: Said | None = None
        self._cramped: Screen[object] | None = None

    def get_default_screen(self) -> DemoScreen:
        """The main screen."""
        return DemoScreen(self.own_views, self._tour)

    def on_mount(self) -> None:
        """Follow where the user goes; what the dashboard does of its own comes besides."""
        self.screen_change_signal.subscribe(self, self._came_to)

    async def on_event(self, event: events.Event) -> None:
        """A key does what it does, and tells the tour that somebody is there."""
        is_key = isinstance(event, events.Key) and not event.is_forwarded
        if is_key:
            self._look_around()
        await super().on_event(event)
        if is_key:
            self._tour.pressed()
            self._look_around()

    def take(self, news: StoreNews) -> None:
        """The tour waits for the user's own write, and for what becomes of it."""
        super().take(news)
        self._look_around()
        if news.findings:
            self._tour.found(news.findings, several=len(self.dashboard.findings.rows()) > 1)
            self._show_what_is_new()

    def tick(self) -> None:
        """A second went by."""
        super().tick()
        self._look_around()

    def annotated(self, body: Sequence[Line], cells: int) -> Sequence[Line]:
        """The body of a screen; what the tour says comes where its end is blank, else as a message, once."""
        if self.screen is self.main_screen:
            return body
        said, blank = self._tour.says, next((at for at, line in enumerate(reversed(body)) if line), len(body))
        lines = said_lines(said, cells)[-blank:] if said is not None and blank else []
        self._cramped = self.screen if len(lines) < LEAST else None
        if self._cramped is not None:
            return body
        below = min(_LINES_BELOW, blank - len(lines))
        return [*body[: len(body) - len(lines) - below], *lines, *[()] * below]

    def _came_to(self, screen: Screen[object]) -> None:
        self._tour.came_to(*place_of(screen))
        self._look_around()
        self.call_after_refresh(self._look_around)

    def _look_around(self) -> None:
        if not self.is_running:
            return
        if (row := self.main_screen.row) is not None:
            summary = self.dashboard.rows.get(row)
            override = summary.override if summary is not None else None
            self._tour.at(row.key, override.model if override is not None else "")
        edits = self.own_writes.edits(self.store_paths[0].path)
        for edit in edits[self._edits :]:
            self._tour.edited(edit.key)
        self._edits = len(edits)
        self._show_what_is_new()

    def _show_what_is_new(self) -> None:
        said, screen = self._tour.says, self.screen
        if said != self._shown and isinstance(screen, WatchScreen) and screen.is_mounted:
            self._shown = said
            screen.redraw_foot()
        if said is not None and said != self._told and screen is self._cramped and not self.messages.current:
            self._told = said
            self.tell(said.first)


def place_of(screen: object) -> tuple[Place, str]:
    """Which screen that is for the tour, and the key of the entry it is about."""
    from tui.screens.conflict import ConflictScreen
    from tui.screens.edit import EditScreen
    from tui.screens.preview import PreviewScreen
    from tui.screens.witness import WitnessScreen

    match screen:
        case DemoScreen():
            return "table", ""
        case EditScreen() if screen.form.unit == "model":
            return "form", screen.flow.row.key
        case PreviewScreen():
            return "preview", screen.flow.row.key
        case ConflictScreen():
            return "conflict", screen.flow.row.key
        case WitnessScreen():
            return "finding", screen.finding.key
    return "elsewhere", ""
