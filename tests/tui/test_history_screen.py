"""`h`: the history of a field, the time line of an entry, versions side by side, and undoing any of them."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.events import Writer
from tests.support import clobbered, incident
from tests.support.dashboard import Clock, app_over
from tests.support.fake_watch import FakeWatch, version
from tests.support.live_app import frame, keys, see, shown, until
from tui.app import ClobberwatchApp
from tui.layout.history_lines import version_name
from tui.screens.history import HistoryScreen
from tui.screens.main import MainScreen
from tui.screens.preview import PreviewScreen
from tui.screens.versions import VersionsScreen

KEY = "agent:main:main"


def app_of(pilot: Pilot[None]) -> ClobberwatchApp:
    assert isinstance(pilot.app, ClobberwatchApp)
    return pilot.app


@asynccontextmanager
async def over(fake: FakeWatch, key: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The dashboard over it, everything seen, the cursor on that row."""
    app = app_over(fake, Clock())
    async with app.run_test(size=size) as pilot:
        state = app.dashboard.stores[fake.path]
        await until(pilot, lambda: state.last and state.last.number == fake.number and "READ" not in frame(app)[0])
        main = app.screen
        assert isinstance(main, MainScreen)
        await until(pilot, lambda: len(main.table.order) == len(fake.texts))
        assert main.table.move_to_key(next(row for row in app.dashboard.rows if row.key == key))
        yield pilot


@pytest.fixture
def story(tmp_path: Path) -> FakeWatch:
    return clobbered.watch(tmp_path / "sessions.json")


async def test_the_time_line_of_an_entry(story: FakeWatch) -> None:
    async with over(story, incident.PINNED) as pilot:
        await keys(pilot, "h")
        await see(pilot, "WRITTEN BY")
        lines = frame(app_of(pilot))
        assert lines[1:10] == [
            " history   writes that matter          3 since 13:02:11, 0 of 9 versions missed",
            "─ agent:main:telegram:group:-1001987654321:topic:42 ────────────────────────────",
            "    WHEN             STOOD  CHANGED                   WRITTEN BY",
            "▌!! 14:02:09.000       51s  model, thinkingLevel      pid 48213, lock file",
            "    14:02:07.400      1.6s  model → claude-opus-4-6   you, journal",
            "    14:01:51.000       16s  thinkingLevel → high      pid 48213, lock file",
            "    13:02:11           59m  the entry as first seen   first seen; set before",
            "",
            "─ v8, 14:02:09.000 ───────────────────────────────── !! lost-update, confirmed ─",
        ]
        text = "\n".join(lines)
        assert "   model      claude-opus-4-6 → gpt-5.2" in text
        assert "   with it    providerOverride, authProfileOverride went back" in text
        assert "              status running → done, outputTokens 1,102 → 2,306, +4" in text
        assert "   known by   the lock file named this pid when the store changed" in text
        assert "   base       v5, 14:01:28.200" in text
        await keys(pilot, "v")
        await see(pilot, "all writes")
        assert "compactionCount" in shown(app_of(pilot))


async def test_words_leave_the_versions_that_have_them_in_a_field_a_value_or_their_writer(story: FakeWatch) -> None:
    async with over(story, incident.PINNED) as pilot:
        await keys(pilot, "h", "/opus you", "enter")
        await see(pilot, " / opus you   1 of 4   Esc clears")
        assert frame(app_of(pilot))[4] == "▌   14:02:07.400      1.6s  model → claude-opus-4-6   you, journal"
        await keys(pilot, "escape")
        await see(pilot, "the entry as first seen")
        await keys(pilot, "/nobody", "enter")
        await see(pilot, "0 of 4")
        await keys(pilot, "u", "d", "enter", "y", "v", "escape", "escape")
        await see(pilot, "all keys")


async def test_the_history_of_a_field_and_of_one_that_is_noise(story: FakeWatch) -> None:
    async with over(story, incident.PINNED) as pilot:
        await keys(pilot, "enter", "j", "h")
        await see(pilot, "history   modelOverride")
        assert "3 values since 13:02:11" in frame(app_of(pilot))[1]
        assert frame(app_of(pilot))[4] == "▌!! 14:02:09.000       51s  gpt-5.2                   pid 48213, lock file"
        await keys(pilot, "escape", "4")
        await keys(pilot, "/", "outputTokens", "enter", "h")
        await see(pilot, "history   outputTokens")
        assert "2,306" in frame(app_of(pilot))[4]
        assert "1,102" in frame(app_of(pilot))[5]


async def test_any_version_is_undone_by_a_guarded_edit(story: FakeWatch) -> None:
    async with over(story, incident.PINNED) as pilot:
        await keys(pilot, "h", "j", "j", "u")
        await see(pilot, "Nothing to write: thinkingLevel is medium already.")
        await until(pilot, lambda: isinstance(app_of(pilot).screen, HistoryScreen))
        await keys(pilot, "g", "u")
        await until(pilot, lambda: isinstance(app_of(pilot).screen, PreviewScreen))
        text = shown(app_of(pilot))
        assert "+ modelOverride              claude-opus-4-6" in text
        assert "next reply uses anthropic/claude-opus-4-6, thinking high" in text
        await keys(pilot, "escape", "G", "u")
        await see(pilot, "Nothing to undo: what was there before was not seen.")


async def test_versions_side_by_side(story: FakeWatch) -> None:
    async with over(story, incident.PINNED) as pilot:
        app = app_of(pilot)
        await keys(pilot, "h", "enter")
        await until(pilot, lambda: isinstance(app.screen, VersionsScreen))
        await see(pilot, "left    v7      14:02:07.400   you, journal")
        lines = frame(app)
        assert lines[6] == "   FIELD                   v7 14:02:07.4             v8 14:02:09.0"
        assert "≠ modelOverride           claude-opus-4-6           gpt-5.2" in "\n".join(lines)
        await keys(pilot, "n", "n", "[")
        await see(pilot, "left    v6")
        assert "right   v7" in shown(app)
        await keys(pilot, "v", "v")
        await until(pilot, lambda: "fields are equal" not in shown(app))
        await keys(pilot, "]", "]")
        await see(pilot, "This is the newest version.")
        await keys(pilot, "h")
        await see(pilot, " history   ")
        await keys(pilot, "escape", "escape", "j", "space", "j", "j", "space", "d")
        await see(pilot, "left    v1      as first seen at 13:02:11; set before")
        assert "right   v7" in shown(app)
        await keys(pilot, "[")
        await see(pilot, "No older version of this entry is known.")


async def test_new_versions_come_on_top_and_the_cursor_keeps_its_line(tmp_path: Path) -> None:
    fake = FakeWatch(tmp_path / "sessions.json", {KEY: {"label": "0"}}, incident.NOW - 100)
    for number in range(1, 30):
        fake.change(incident.NOW - 90 + number, {KEY: {"label": f"{number}"}})
    async with over(fake, KEY) as pilot:
        app = app_of(pilot)
        await keys(pilot, "h", "j", "j")
        await see(pilot, "v28, ")
        at = next(y for y, line in enumerate(frame(app)) if line.startswith("▌"))
        selected = frame(app)[at][:24]
        for number in range(30, 33):
            fake.change(incident.NOW - 5, {KEY: {"label": f"{number}"}})
        await see(pilot, "3 newer ones above")
        assert frame(app)[at].startswith(selected)
        assert "v28, " in shown(app)
        await keys(pilot, "g")
        await see(pilot, "v33, ")
        assert "newer ones above" not in shown(app)


async def test_an_older_version_stays_while_the_entry_is_written(tmp_path: Path) -> None:
    fake = FakeWatch(tmp_path / "sessions.json", {KEY: {"label": "first"}}, incident.NOW - 100)
    fake.change(incident.NOW - 50, {KEY: {"label": "second"}})
    fake.change(incident.NOW - 40, {KEY: {"label": "third"}})
    async with over(fake, KEY) as pilot:
        app = app_of(pilot)
        await keys(pilot, "enter", "3", "[")
        await see(pilot, "entry as of 14:02:10, v2")
        fake.change(incident.NOW, {KEY: {"label": "fourth"}})
        await until(pilot, lambda: app.dashboard.stores[fake.path].seen == 4)
        assert "entry as of 14:02:10, v2" in shown(app)
        assert "second" in shown(app)
        await keys(pilot, "]")
        await see(pilot, "entry as of 14:02:20, v3")


async def test_entries_that_came_went_or_were_only_busy(tmp_path: Path) -> None:
    fake = FakeWatch(tmp_path / "sessions.json", {"busy": {"outputTokens": 1}, KEY: {}}, incident.NOW - 100)
    fake.change(incident.NOW - 50, {"busy": {"outputTokens": 2}, "new": {"label": "x"}}, Writer(None, "no lock"))
    async with over(fake, "busy") as pilot:
        app = app_of(pilot)
        await keys(pilot, "h")
        await see(pilot, "all writes")
        assert "outputTokens" in frame(app)[4] and "no lock" in frame(app)[4]
        await keys(pilot, "n", "escape")
        main = app.screen
        assert isinstance(main, MainScreen)
        main.table.move_to_key(next(row for row in app.dashboard.rows if row.key == "new"))
        await keys(pilot, "h")
        await see(pilot, "entry added")
        assert "set before" not in shown(app)
        await keys(pilot, "d")
        await see(pilot, "This version is what is on disk now.")
        await keys(pilot, "enter")
        await see(pilot, "The entry before or after this write is not there")
        await keys(pilot, "escape")
        main.table.move_to_key(next(row for row in app.dashboard.rows if row.key == KEY))
        await keys(pilot, "h")
        await see(pilot, "by         set before that; by whom cannot be seen")


async def test_what_a_version_changed_can_be_copied(story: FakeWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    async with over(story, incident.PINNED) as pilot:
        monkeypatch.setattr(pilot.app, "write_to_terminal", sent.append)
        await keys(pilot, "h", "j", "y", "v")
        await see(pilot, "Copied what changed")
        await keys(pilot, "y", "e")
        await see(pilot, "Copied the entry")
        texts = [base64.b64decode(one.split(";c;")[1].rstrip("\a")).decode() for one in sent]
        assert "modelOverride gpt-5.2 → claude-opus-4-6" in texts[0]
        assert "you, journal" in texts[0]
        assert '"claude-opus-4-6"' in texts[1]


@pytest.mark.parametrize("size", [(60, 12), (80, 24), (160, 50)])
async def test_it_fits_at_any_size(story: FakeWatch, size: tuple[int, int]) -> None:
    async with over(story, incident.PINNED, size) as pilot:
        app = app_of(pilot)
        for pressed in ("h", "v", "j", "enter", "v", "v", "escape", "G", "d"):
            await keys(pilot, pressed)
            await pilot.pause()
            lines = frame(app)
            assert len(lines) == size[1]
            assert all(line.isprintable() for line in lines)
        assert "Esc back" in frame(app)[-1]


def test_a_version_from_before_watching_began_is_told_by_its_time_and_no_number() -> None:
    assert [version_name(version(number, 0.0)) for number in (7, 0, -44)] == ["v7", "past", "past"]
