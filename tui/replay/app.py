"""The app of a replay: detectors and times come from the recording, nothing is written, and time can start over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from store.findings.judge import Finder
from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline
from store.recording.playback import Playback
from store.watch import StopEvent
from store.writing.permit import Permit
from tui.app import ClobberwatchApp
from tui.following import Following
from tui.news import StoreNews
from tui.replay.controls import NO_FILE, PERMIT, Replay
from tui.replay.screen import ReplayScreen
from tui.state import Dashboard, RowId, StoreState, Update

if TYPE_CHECKING:
    from tui.config.settings import Settings


@dataclass
class StartedOver(Message):
    """The recording begins again from its start: what is known of its past is void."""


class FollowingRecording(Following):
    """The thread that follows a recording."""

    def __init__(self, app: ReplayApp, stores: Sequence[StorePath]) -> None:
        super().__init__(app, stores, app.own_writes, app.replay.discipline, read_only=True)
        self._app, self._playback = app, app.replay.playback

    def follow(self, stop: StopEvent) -> None:
        """A recording that ends before it is told to begins anew."""
        while not stop.is_set():
            super().follow(stop)
            if not stop.is_set():
                self._app.post_message(StartedOver())

    def make_finder(self, store: Path) -> Finder:
        """The recording's own."""
        return self._playback.detector(store)

    def permit_for(self, found: Discipline) -> Permit:  # noqa: ARG002
        """Never, whatever the discipline."""
        return PERMIT


class ReplayApp(ClobberwatchApp, inherit_bindings=False):
    """The dashboard over a recording."""

    def __init__(self, stores: Sequence[StorePath], playback: Playback, *, settings: Settings | None = None) -> None:
        super().__init__(stores, read_only=True, watch=playback, clock=playback.clock, settings=settings)
        self.replay = Replay(playback)
        self.following = FollowingRecording(self, stores)
        self.dashboard.replayed = True

    def get_default_screen(self) -> ReplayScreen:
        """The main screen."""
        return ReplayScreen(self.own_views, self.replay)

    def title_line(self) -> str:
        """The time in the recording, and how it goes on."""
        return self.replay.title()

    def look_for_olds(self) -> None:
        """A recording is a past by itself."""

    def open_cached(self, row: RowId) -> None:  # noqa: ARG002
        """There is no file to compare with."""
        self.tell(NO_FILE)

    def take(self, news: StoreNews) -> None:
        """Put the cursor where a step, or the way to the next finding, has led."""
        super().take(news)
        if (row := self.replay.took(news.event, news.findings)) is None:
            return
        self.show_pending()
        if not self.main_screen.table.move_to_key(row):
            self.tell(f"{row.key or row.store.name}: outside this view or filter; 1 shows all.")

    def tick(self) -> None:
        """A recording that is damaged says so, once it has come to that."""
        super().tick()
        if sentence := self.replay.trouble():
            self.tell(sentence)

    def on_started_over(self, _message: StartedOver) -> None:
        """Forget what was shown; it comes again."""
        self.replay.started_over()
        before = self.dashboard
        self.dashboard = Dashboard.of(map(StoreState.unseen, self.store_paths), before.raw, before.clock)
        self.dashboard.read_only = self.dashboard.replayed = True
        for path, state in self.dashboard.stores.items():
            state.discipline, state.permit = before.stores[path].discipline, before.stores[path].permit
        self.casework.start_over()
        self.show_soon(Update(removed=tuple(before.rows), stores=True))
