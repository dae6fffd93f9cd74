"""News are painted together, and no faster than a slow line carries them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events

from store.summary import summarise
from tests.support.dashboard import LOCKED, Clock, app_over
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import PATIENCE_S, shown, until
from tui.app import ClobberwatchApp
from tui.news import StoreNews
from tui.pace import BYTES_S, CREDIT_S, FRAME_S, Pace
from tui.state import RowId, Update

BURST = 50
KEYS = ("agent:main:main", "agent:main:cron:brief")


class Line:
    """A clock and a counter of bytes."""

    def __init__(self) -> None:
        self.now, self.sent = 100.0, 0
        self.pace = Pace(lambda: self.sent, lambda: self.now)

    def frame(self, cost: int) -> float:
        """Paint one as soon as it may be; when that was."""
        while (rest := self.pace.rest_s()) > 1e-9:
            self.now += rest
        self.pace.begin()
        self.sent += cost
        return self.now


def test_news_after_quiet_are_painted_a_frame_apart() -> None:
    line = Line()
    first = line.frame(400)
    assert [line.frame(400) - first for _ in range(3)] == pytest.approx([FRAME_S, 2 * FRAME_S, 3 * FRAME_S])


@pytest.mark.parametrize("cost", [1_000, 2_000, 6_000])
def test_news_that_keep_coming_cost_what_they_may_and_no_more(cost: int) -> None:
    line = Line()
    while line.now < 160:
        line.frame(cost)
    assert line.sent == pytest.approx(BYTES_S * (line.now - 100 + CREDIT_S) + cost, abs=2 * BYTES_S * FRAME_S)


async def test_changes_between_two_frames_are_painted_once(tmp_path: Path) -> None:
    entries = {key: {"updatedAt": 1} for key in KEYS}
    watch, next_versions = (FakeWatch(tmp_path / "sessions.json", entries, 1.0) for _ in range(2))
    app = app_over(watch, Clock())
    async with app.run_test() as pilot:
        state = app.dashboard.stores[watch.path]
        await until(pilot, lambda: "1:all 2" in shown(app) and state.discipline == LOCKED)
        painted: list[Update] = []
        paint = app.main_screen.show_update

        def counted(update: Update) -> None:
            painted.extend([update] if update.rows else [])
            paint(update)

        app.main_screen.show_update = counted  # type: ignore[method-assign]
        for number in range(BURST):
            key, entry = KEYS[number % 2], {"updatedAt": 1, "label": f"run {number}"}
            event = next_versions.change(2.0 + number, {key: entry})
            app.take(StoreNews(event, {key: summarise(key, next_versions.texts[key])}))
        await until(pilot, lambda: f"run {BURST - 1}" in shown(app))
        assert len(painted) <= 2
        assert painted[-1].rows == {RowId(watch.path, key) for key in KEYS}


async def test_a_terminal_that_is_behind_gets_one_frame_once_it_has_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = [False]
    monkeypatch.setattr(ClobberwatchApp, "terminal_is_behind", property(lambda _app: behind[0]))
    watch = FakeWatch(tmp_path / "sessions.json", {key: {"updatedAt": 1} for key in KEYS}, 1.0)
    app = app_over(watch, Clock())
    async with app.run_test() as pilot:
        await until(pilot, lambda: "1:all 2" in shown(app))
        painted: list[str] = []
        app.post_display_hook = lambda: painted.append(shown(app))  # type: ignore[method-assign]
        behind[0] = True
        for number in range(3):
            watch.change(2.0 + number, {KEYS[0]: {"updatedAt": 1, "label": f"run {number}"}})
        app.post_message(events.Key("question_mark", "?"))
        await taken(lambda: app.dashboard.stores[watch.path].seen == 4 and app.screen is not app.main_screen)
        await taken(lambda: app.screen._dirty_widgets)
        assert painted == []
        behind[0] = False
        await taken(lambda: painted)
        assert "MOVE" in painted[0]


async def taken(condition: Callable[[], object]) -> None:
    """Let the program run; it does not come to rest while a terminal is behind."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)
