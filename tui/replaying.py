"""What the app does differently over a recording: where detectors come from, no writes, and starting over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline, write_permit
from store.writing.permit import Permit
from tui.casework import Casework
from tui.screens.main import MainScreen
from tui.state import Dashboard, RowId, StoreState, Update

if TYPE_CHECKING:
    from tui.news import Finder, StoreNews
    from tui.replay import Replay


@dataclass
class StartedOver(Message):
    """The stream begins again from its start: what is known of its past is void."""


class Replaying(Casework, inherit_bindings=False):
    """The dashboard over a recording; over a watch nothing of this matters."""

    replay: Replay | None = None
    store_paths: Sequence[StorePath]
    forced_read_only: bool

    def show_pending(self) -> None:
        """Bring what waits for the next frame onto the screen now."""
        raise NotImplementedError

    def make_detector(self, store: Path) -> Finder:
        """The recording's own, if there is one."""
        return super().make_detector(store) if self.replay is None else self.replay.playback.detector(store)

    def play(self, replay: Replay) -> None:
        """The source is this recording."""
        self.replay = replay
        self.dashboard.replayed = True

    def look_for_olds(self) -> None:
        """A recording is a past by itself."""
        if self.replay is None:
            super().look_for_olds()

    def permit_for(self, found: Discipline) -> Permit:
        """The permission to write a store of this discipline."""
        if self.replay is not None:
            from tui.replay import PERMIT

            return PERMIT
        return write_permit(found, self.forced_read_only)

    def say_trouble(self) -> None:
        """Say that the recording is damaged, once it has come to that."""
        if self.replay is not None and (sentence := self.replay.trouble()):
            self.tell(sentence)

    def open_cached(self, row: RowId) -> None:
        """Of a recording there is no file to compare with."""
        if self.replay is None:
            super().open_cached(row)
        else:
            from tui.replay import NO_FILE

            self.tell(NO_FILE)

    def go_where_it_stopped(self, news: StoreNews) -> None:
        """Put the cursor where a step, or the way to the next finding, has led."""
        if self.replay is None or (row := self.replay.took(news.event, news.findings)) is None:
            return
        self.show_pending()
        main = next((screen for screen in self.screen_stack if isinstance(screen, MainScreen)), None)
        if main is not None and not main.table.move_to_key(row):
            self.tell(f"{row.key or row.store.name}: outside this view or filter; 1 shows all.")

    def on_started_over(self, _message: StartedOver) -> None:
        """Forget what was shown; it comes again."""
        if self.replay is not None:
            self.replay.started_over()
        before = self.dashboard
        self.dashboard = Dashboard.of(map(StoreState.unseen, self.store_paths), before.raw, before.clock)
        self.dashboard.read_only, self.dashboard.replayed = before.read_only, before.replayed
        for path, state in self.dashboard.stores.items():
            state.discipline, state.permit = before.stores[path].discipline, before.stores[path].permit
        self._marks_known = False
        self.show_soon(Update(removed=tuple(before.rows), stores=True))
