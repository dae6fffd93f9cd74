"""The app of a replay: detectors and times come from the recording, nothing is written, and time can start over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline
from store.recording.judge import PlaybackJudge
from store.recording.playback import Playback
from store.watch import StopEvent
from store.writing.permit import Permit
from tui.app import ClobberwatchApp
from tui.following import Following
from tui.news import StoreNews, news_of
from tui.replay.controls import HELP, NO_FILE, PERMIT, Replay
from tui.replay.screen import ReplayScreen
from tui.state import RowId, Update

if TYPE_CHECKING:
    from tui.commands import ScreenName
    from tui.config.settings import Settings


@dataclass
class Began(Message):
    """The recording plays on from where so many versions had come; what is shown of later ones is void."""

    position: int


@dataclass
class Marked(Message):
    """It may begin from where it is now; `positions` are all from which it may."""

    positions: tuple[int, ...]


class FollowingRecording(Following):
    """The thread that follows a recording."""

    def __init__(self, app: ReplayApp, stores: Sequence[StorePath]) -> None:
        super().__init__(app, stores, app.own_writes, app.replay.discipline, read_only=True)
        self._app, self._playback = app, app.replay.playback
        self._playback.on_begin = lambda position: app.post_message(Began(position))
        self._playback.on_mark = lambda positions: app.post_message(Marked(positions))

    def follow(self, stop: StopEvent) -> None:
        """A recording that ends before it is told to begins elsewhere; all that is found is judged once."""
        judge = PlaybackJudge(self._playback)
        shown: tuple[Path, ...] = ()
        while not stop.is_set():
            for news in news_of(self._playback, stop, judge, shown):
                self._app.post_message(news)
            shown = self._playback.recording.stores

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
        self._boards = {0: self.dashboard.copied()}

    def get_default_screen(self) -> ReplayScreen:
        """The main screen."""
        return ReplayScreen(self.own_views, self.replay)

    def title_line(self) -> str:
        """The time in the recording, and how it goes on."""
        return self.replay.title()

    def look_for_olds(self) -> None:
        """A recording is a past by itself."""

    def open_help(self, of: ScreenName) -> None:
        """The keys of a screen; on the main one some move in time."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(of, HELP if of == "main" else {}))

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

    def on_marked(self, message: Marked) -> None:
        """Keep what is shown now; what was kept for places from which it begins no longer goes."""
        *_, here = message.positions
        boards = self._boards | {here: self.dashboard.copied()}
        self._boards = {position: board for position, board in boards.items() if position in (0, *message.positions)}

    def on_began(self, message: Began) -> None:
        """Show again what was shown then; what was acknowledged stays so."""
        self.replay.began(message.position)
        before, self.dashboard = self.dashboard, self._boards[message.position].copied()
        self.dashboard.findings.know(before.findings.marks)
        for path, state in self.dashboard.stores.items():
            state.discipline, state.permit = before.stores[path].discipline, before.stores[path].permit
        now = self.dashboard.rows
        changed = frozenset(row for row, summary in now.items() if before.rows.get(row) is not summary)
        removed = tuple(row for row in before.rows if row not in now)
        self.show_soon(Update(changed, removed=removed, stores=True, loaded=bool(removed)))
