"""The incident's state without an app: every event applied, in the test's own thread."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

from store.findings.detector import Detector
from store.findings.judge import Judge
from store.watch import Watch
from store.writing.permit import Permit
from tests.support import incident
from tests.support.dashboard import LOCKED, Clock
from tests.support.fake_watch import FakeWatch
from tui.news import MoreRows, StoreNews, news_of
from tui.state import Dashboard, RowId, StoreState, Update

STORE = Path("/state/agents/main/sessions/sessions.json")


class Story:
    """A watch, a clock and the dashboard over them."""

    def __init__(self, watch: FakeWatch | None = None, now: float = incident.NOW) -> None:
        self.watch = watch if watch is not None else incident.watch(STORE)
        self.clock = Clock(now)
        state = StoreState(self.watch.path, "main", LOCKED, Permit.allowed("locked writes"))
        self.dashboard = Dashboard.of([state], self.watch.raw, self.clock)
        self.judge = Judge(self.watch, Detector)
        self.last = Update()
        self.catch_up()

    def catch_up(self) -> Update:
        """Apply what was pushed meanwhile; what it changed, together."""
        stop = threading.Event()
        update = Update()
        self.watch.on_empty, self.watch.wait_s = stop.set, 0
        for news in news_of(cast("Watch", self.watch), stop, self.judge):
            if isinstance(news, StoreNews):
                update = update.then(self.dashboard.apply(news.event, news.summaries, news.findings, news.known))
            elif isinstance(news, MoreRows):
                self.dashboard.add(news.store, news.summaries)
        self.last = update
        return update

    def row(self, key: str) -> RowId:
        """The row of a key."""
        return RowId(self.watch.path, key)
