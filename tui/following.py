"""The threads that follow the stores, and tell the app what happens to them and how they may be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from textual.worker import get_current_worker

from store.findings.judge import Finder, Judge
from store.openclaw.databases import is_database
from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline, write_permit
from store.watch import StopEvent
from store.writing.own import OwnWrites
from store.writing.permit import Permit
from tui.core import Core
from tui.flaws import mark_flaws
from tui.news import DisciplineNews, news_of

DISCIPLINE_S: Final = 5.0


class Following:
    """One thread for what happens, another for who may be writing; both end with the app."""

    def __init__(
        self,
        app: Core,
        stores: Sequence[StorePath],
        own_writes: OwnWrites,
        find_discipline: Callable[[StorePath], Discipline],
        *,
        read_only: bool,
    ) -> None:
        self._app, self._stores, self._own_writes = app, stores, own_writes
        self._find_discipline, self._read_only = find_discipline, read_only
        self._disciplines_followed = False

    def begin(self) -> None:
        """Follow the stores."""
        self._app.run_worker(
            lambda: self.follow(get_current_worker().cancelled_event), thread=True, group="store", exit_on_error=False
        )

    def begin_disciplines(self) -> None:
        """Follow the gateways too; to be called with every news, as the first screenful comes before that."""
        if not self._disciplines_followed:
            self._disciplines_followed = True
            self._app.run_worker(self._follow_disciplines, thread=True, group="disciplines", exit_on_error=False)

    def follow(self, stop: StopEvent) -> None:
        """Tell what happens to the stores until told to stop."""
        for news in news_of(self._app.store_watch, stop, Judge(self._app.store_watch, self.make_finder)):
            self._app.post_message(news)

    def make_finder(self, store: Path) -> Finder:
        """What finds in a store."""
        from store.findings.detector import Detector

        return Detector(
            store,
            lock_is_rule=lambda: self._app.dashboard.stores[store].discipline.kind == "locked",
            own_edits=self._own_writes.edits(store),
            raw=partial(self._app.store_watch.raw, store),
        )

    def permit_for(self, found: Discipline) -> Permit:
        """The permission to write a store of this discipline."""
        return write_permit(found, self._read_only)

    def _marked(self, store: Path, flaws: Mapping[str, str]) -> None:
        update = mark_flaws(self._app.dashboard, store, flaws)
        if update.rows:
            self._app.show_soon(update)

    def _follow_disciplines(self) -> None:
        stop = get_current_worker().cancelled_event
        while not stop.is_set():
            for store in self._stores:
                found = self._find_discipline(store)
                self._app.post_message(DisciplineNews(store, found, self.permit_for(found)))
                if is_database(store.path):
                    self._app.call_later(self._marked, store.path, self._app.store_watch.flaws(store.path))
            stop.wait(DISCIPLINE_S)
