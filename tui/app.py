"""The dashboard's app: it owns the state, carries the stores' events to it, and tells the screen on top."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.screen import Screen
from textual.worker import Worker, WorkerState, get_current_worker

from store.events import Changed, Watching
from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline, discipline
from store.source import Source
from store.watch import Watch
from store.writing.own import own_writes
from tui.casework import Casework
from tui.following import Following
from tui.frames import Frames
from tui.guarding import Guarding
from tui.leaving import Leaving
from tui.loading import Loading
from tui.look.line import Line
from tui.look.theme import TERMINAL, styles_of
from tui.messages import Messages
from tui.news import DisciplineNews, MoreRows, StoreNews
from tui.openers import Openers
from tui.preload import load_screens
from tui.screens.main import MainScreen
from tui.state import Dashboard, StoreState, Update
from tui.terminal import Terminal
from tui.widgets.shown import Shown

if TYPE_CHECKING:
    from tui.config.settings import OwnView, Settings
    from tui.editing.desk import Desk

START_S = 5.0
"""After this long garbage is collected again, whether or not a store was loaded."""
THRESHOLDS = (5_000, 10, 100)
"""Of `gc`: a look at all that came since a store was loaded takes 50 ms, so few are to be taken while much happens."""
OLDS_AFTER_S = 1.0
"""Old files are looked for, and screens loaded, once the first screen has been painted."""


class ClobberwatchApp(Openers, inherit_bindings=False):
    """The dashboard over these stores."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    demo = False
    CSS: ClassVar[str] = "Screen { background: ansi_default; color: ansi_default; }"

    def __init__(
        self,
        stores: Sequence[StorePath],
        *,
        read_only: bool = False,
        watch: Source | None = None,
        clock: Callable[[], float] = time.time,
        find_discipline: Callable[[StorePath], Discipline] = discipline,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(driver_class=Terminal, ansi_color=True)
        self.register_theme(TERMINAL)
        self.theme = TERMINAL.name
        self.animation_level = "none"
        self.own_views: Mapping[str, OwnView] = settings.views if settings is not None else {}
        self.role_styles = styles_of(settings, os.environ)
        self._desk: Desk | None = None
        paths = [store.path for store in stores]
        self.own_writes = own_writes()
        ours = self.own_writes.wrote
        self.store_watch: Source = watch if watch is not None else Watch(paths, clock=clock, ours=ours, checks=False)
        self.store_paths = tuple(stores)
        self.forced_read_only = read_only
        self.messages = Messages(clock)
        self.dashboard = Dashboard.of(map(StoreState.unseen, stores), self.store_watch.raw, clock)
        self.dashboard.read_only = read_only
        self.dashboard.calm = settings is not None and settings.calm
        self.shown = Shown()
        self._frames = Frames(self, self._show, lambda: self.shown.sent)
        self.following = Following(self, self.store_paths, self.own_writes, find_discipline, read_only=read_only)
        self.casework = Casework(self)
        self.past = Loading(self, self.casework)
        self.leaving = Leaving(self)
        self.guarding = Guarding(self, settings.hook if settings is not None else (), self._ring)

    @property
    def desk(self) -> Desk:
        """Drafts, watched edits and the journal; made when first asked for."""
        if self._desk is None:
            from tui.editing.desk import open_desk

            self._desk = open_desk(self.own_writes)
        return self._desk

    @property
    def made_desk(self) -> Desk | None:
        """The desk, if it was asked for already."""
        return self._desk

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return MainScreen(self.own_views)

    @property
    def main_screen(self) -> MainScreen:
        """The screen below all others."""
        return cast("MainScreen", self.screen_stack[0])

    def title_line(self) -> str:
        """The stores speak for themselves."""
        return ""

    def annotated(self, body: Sequence[Line], cells: int) -> Sequence[Line]:  # noqa: ARG002
        """The screens speak for themselves."""
        return body

    def on_mount(self) -> None:
        """Start watching."""
        self.set_interval(1.0, self.tick)
        self.set_timer(START_S, gc.enable)
        self.set_timer(OLDS_AFTER_S, self.look_for_olds)
        self.set_timer(OLDS_AFTER_S, self._load_screens)
        self.app_resume_signal.subscribe(self, self._resumed)
        self.leaving.end_on_signals()
        self.following.begin()

    def on_resize(self) -> None:
        """The terminal may have moved what stood there, also where its size is the same again after others."""
        self.shown.forget()
        if (top := self._top()) is not None:
            top.refresh()

    def _load_screens(self) -> None:
        self.run_worker(
            lambda: load_screens(get_current_worker().cancelled_event),
            thread=True,
            group="screens",
            exit_on_error=False,
        )

    def look_for_olds(self) -> None:
        """Look for old files beside the stores."""
        self.past.look()

    async def on_event(self, event: events.Event) -> None:
        """At another size nothing stands on the terminal that was sent before."""
        if isinstance(event, events.Resize):
            self.shown.forget()
        await super().on_event(event)

    def on_store_news(self, news: StoreNews) -> None:
        """Something happened to a store."""
        self.take(news)

    def take(self, news: StoreNews) -> None:
        """Take the news into the state now, and onto the screen with the next frame."""
        self.casework.found(news.findings)
        update = self.dashboard.apply(news.event, news.summaries, news.findings, news.known)
        if not isinstance(news.event, Watching):
            self.following.begin_disciplines()
        self.show_soon(update)
        if isinstance(news.event, Changed):
            self.casework.changed(news.event)
            if self._desk is not None and self._desk.standing.edits:
                self._look_after_edits(news.event)
        self.guarding.seen(news)

    def _look_after_edits(self, event: Changed) -> None:
        for sentence in self.desk.standing.seen(event, self.dashboard.clock()):
            self.tell(sentence)

    def tell(self, sentence: str) -> None:
        """Have the screen on top say this."""
        if (top := self._top()) is not None:
            top.say(sentence)

    def on_more_rows(self, news: MoreRows) -> None:
        """The rest of a store: the order is taken once it is all there."""
        self.dashboard.add(news.store, news.summaries)
        self.casework.found(news.findings)
        self.dashboard.found(news.findings)
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.enable()
        self.show_soon(Update(loaded=True, stores=True))

    def on_discipline_news(self, news: DisciplineNews) -> None:
        """A gateway was started, stopped or replaced: how a write would go may differ."""
        state = self.dashboard.stores[news.store.path]
        if (state.discipline, state.permit) != (news.discipline, news.permit):
            state.discipline, state.permit = news.discipline, news.permit
            self.show_soon(Update(stores=True))

    def show_soon(self, update: Update) -> None:
        """Bring the update onto the screen with the next frame."""
        self._frames.soon(update)

    def show_pending(self) -> None:
        """Bring what waits for the next frame onto the screen now."""
        self._frames.now()

    def _show(self, update: Update) -> None:
        if (top := self._top()) is not None:
            if top is not self.main_screen:
                self.main_screen.take_in(update)
            top.show_update(update)

    @property
    def terminal_is_behind(self) -> bool:
        """Whether the terminal has yet to take what was sent before."""
        return isinstance(self._driver, Terminal) and self._driver.is_behind

    def write_to_terminal(self, text: str) -> None:
        """Send the terminal an escape sequence of ours."""
        if self._driver is not None:
            self._driver.write(text)

    def _ring(self) -> None:
        self.write_to_terminal("\a")

    def _resumed(self, _app: object) -> None:
        if (top := self._top()) is not None:
            top.action_repaint()

    def tick(self) -> None:
        """A second went by."""
        if (top := self._top()) is not None:
            top.tick()
        if self._desk is not None:
            for sentence in self._desk.standing.expired(self.dashboard.clock()):
                self.tell(sentence)

    def _fatal_error(self) -> None:
        """End because of a bug; Textual would print the values of all variables, which are an operator's own."""
        self._close_messages_no_wait()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A thread that failed is said, and kept in the log; the last good view stays."""
        if event.state is WorkerState.ERROR:
            self.tell(f"Watching stopped: {event.worker.error}. Start clobberwatch again; r reads once more.")
