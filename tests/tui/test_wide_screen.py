"""The main screen on wide and high terminals, and for people who want a calm one."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support import clobbered, incident
from tests.support.dashboard import Clock, app_over, seen_all
from tests.support.live_app import frame, keys, until
from tests.support.story import STORE, Story
from tui.app import ClobberwatchApp
from tui.layout.lower import lower_part, lower_rows
from tui.layout.strip import strip_lines
from tui.look.line import plain, width
from tui.state import RowId

BESIDE = Path(__file__).with_name("drawn").joinpath("lower-160.txt").read_text().splitlines()


def lower(story: Story, cells: int, rows: int, key: str = incident.PINNED) -> list[str]:
    board = story.dashboard
    lines = lower_part(board, story.row(key), cells, rows, lambda wide, high: strip_lines(board, wide, high))
    assert {width(line) for line in lines} == {cells}
    return [plain(line) for line in lines]


def test_from_140_columns_on_the_parts_stand_side_by_side() -> None:
    told = lower(Story(clobbered.watch(STORE)), 160, 14)
    assert [line[: len(drawn)].rstrip("─ ") for line, drawn in zip(told, BESIDE, strict=False)] == [
        drawn.rstrip("─ ") for drawn in BESIDE
    ]
    assert "─ findings" in lower(Story(clobbered.watch(STORE)), 140, 14)[0]
    assert "findings" not in lower(Story(clobbered.watch(STORE)), 139, 14)[0]


def test_with_few_lines_the_entry_keeps_what_matters_most() -> None:
    labels = [line[2:13].strip() for line in lower(Story(clobbered.watch(STORE)), 160, 6)]
    assert labels[1:] == ["override", "•", "last run", "thinking •", "replies"]


def test_an_entry_that_is_gone_or_no_object_says_so_beside_the_feed() -> None:
    story = Story()
    story.watch.change(incident.local("14:03:11"), {incident.PINNED: None})
    story.catch_up()
    assert "removed 14:03:11" in lower(story, 160, 14)[1]
    assert "last changes" in lower(story, 160, 14)[0]


@pytest.mark.parametrize(("cells", "height", "rows"), [(80, 24, 7), (80, 30, 11), (160, 45, 15), (200, 60, 20)])
def test_the_lower_part_by_height(cells: int, height: int, rows: int) -> None:
    assert lower_rows(cells, height) == rows


async def opened(pilot: Pilot[None]) -> ClobberwatchApp:
    app = pilot.app
    assert isinstance(app, ClobberwatchApp)
    await seen_all(pilot, clobbered.VERSIONS)
    return app


async def test_the_wide_screen_says_more_in_its_first_two_lines(tmp_path: Path) -> None:
    async with app_over(clobbered.watch(tmp_path / "sessions.json"), Clock()).run_test(size=(160, 45)) as pilot:
        first, second, *_ = frame(await opened(pilot))
        assert first.startswith(" main   15 entries  ")
        assert "OpenClaw 2026.4.23, lock file   writes under lock" in first
        assert first.endswith("lock free   last write 14:02:58 pid 48213   9 versions seen  0 missed")
        assert second.startswith(" 1:all 15   2:overridden 6   3:auto pins 2")
        assert second.endswith("order: UPD ↓ as of 14:03:00   s sort")


async def test_v_asks_for_more_columns_then_fewer(tmp_path: Path) -> None:
    async with app_over(clobbered.watch(tmp_path / "sessions.json"), Clock()).run_test(size=(160, 45)) as pilot:
        app = await opened(pilot)
        titles = []
        for _ in range(3):
            await keys(pilot, "v")
            await pilot.pause()
            titles.append(frame(app)[2])
        assert ["SIZE SESSION" in line for line in titles] == [True, False, False]
        assert ["LAST CHANGE" in line for line in titles] == [True, False, True]


async def test_a_calm_screen_has_times_of_day_and_shows_an_entry_on_enter_only(tmp_path: Path) -> None:
    watch = clobbered.watch(tmp_path / "sessions.json")
    app = app_over(watch, Clock())
    app.dashboard.calm = True
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert frame(app)[3].endswith("14:02 ●14:02")
        while app.main_screen.row != RowId(watch.path, incident.PINNED):
            await keys(pilot, "j")
        await pilot.pause(0.2)
        assert "coder:subagent" in frame(app)[17]
        await keys(pilot, "enter")
        await until(pilot, lambda: "topic:42" in frame(app)[17])
        await keys(pilot, "enter")
        await until(pilot, lambda: "1:override" in frame(app)[1])


async def test_a_calm_screen_shows_what_came_with_a_new_order_at_once(tmp_path: Path) -> None:
    watch = clobbered.watch(tmp_path / "sessions.json")
    app = app_over(watch, Clock())
    app.dashboard.calm = True
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await keys(pilot, "r")
        await pilot.pause()
        assert "findings 2" in frame(app)[20]
