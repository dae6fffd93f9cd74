"""The entry and cached against fresh, by their keys; on versions that come one after another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from store.js import JsonObject
from store.openclaw.paths import StorePath
from store.watch import Watch
from tests.support import incident
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import LOCKED, frame, keys, see, shown, until
from tui.app import ClobberwatchApp
from tui.layout.entry_fields import not_set, rows_of
from tui.screens.base import WatchScreen
from tui.screens.edit import EditScreen
from tui.screens.main import MainScreen
from tui.screens.preview import PreviewScreen
from tui.widgets.text_field import TextField

NASTY = "\x1b]0;title\x07\x9b31m\u202e[/foo] [bold]\r\n\x7f"


@asynccontextmanager
async def over(fake: FakeWatch, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    app = ClobberwatchApp(
        [StorePath(fake.path, "main", None)],
        watch=cast("Watch", fake),
        clock=lambda: incident.NOW,
        find_discipline=lambda _: LOCKED,
    )
    async with app.run_test(size=size) as pilot:
        state = app.dashboard.stores[fake.path]
        await until(pilot, lambda: state.discipline == LOCKED and state.last and state.last.number == fake.number)
        await pilot.pause()
        yield pilot


@pytest.fixture
def fake(tmp_path: Path) -> FakeWatch:
    return incident.watch(tmp_path / "sessions.json")


def app_of(pilot: Pilot[None]) -> ClobberwatchApp:
    assert isinstance(pilot.app, ClobberwatchApp)
    return pilot.app


async def test_enter_shows_the_entry_with_what_each_field_was(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        await keys(pilot, "j", "j", "enter")
        await see(pilot, "FIELD                   VALUE                    CHANGED   BY")
        lines = frame(app_of(pilot))
        assert lines[2].startswith("─ agent:main:telegram:group:-1001987654321:topic:42 ─")
        assert lines[4] == "▌• providerOverride        openai                   14:02:09  pid 48213, lock"
        assert lines[5] == "     was anthropic, yours, for 2.0 s"
        assert "   model     openai/gpt-5.2, thinking medium   (last run used openai/gpt-5.2)" in lines
        await keys(pilot, "o")
        assert "was anthropic" not in shown(app_of(pilot))


async def test_pages_and_the_whole_value(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        app = app_of(pilot)
        await keys(pilot, "j", "j", "enter", "2", "enter")
        await see(pilot, '"channel": "telegram"')
        await keys(pilot, "escape", "6")
        await see(pilot, '"sessionId"')
        await keys(pilot, "tab")
        await see(pilot, "FIELD")
        await keys(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_an_older_version_is_shown_as_such_and_not_edited(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        app = app_of(pilot)
        await keys(pilot, "j", "j", "enter", "[")
        await see(pilot, "entry as of 14:02:07, v")
        assert "claude-opus-4-6" in shown(app)
        await keys(pilot, "u")
        await see(pilot, "Edits are off in an older version")
        await keys(pilot, "escape")
        await see(pilot, "1:override")


async def test_undo_of_a_field_takes_its_whole_unit_and_nothing_else(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        app = app_of(pilot)
        await keys(pilot, "j", "j", "enter", "j", "u")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        text = shown(app)
        assert "+ providerOverride           anthropic" in text
        assert "+ modelOverride              claude-opus-4-6" in text
        assert "thinkingLevel" not in text
        await keys(pilot, "e")
        await see(pilot, "edit model")
        assert "anthropic/claude-opus-4-6" in shown(app)


async def test_e_e_takes_the_unit_under_the_cursor(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        app = app_of(pilot)
        await keys(pilot, "j", "j", "enter", "3", "e", "e")
        await until(pilot, lambda: isinstance(app.screen, EditScreen))
        assert "edit level" in shown(app)
        assert "on disk    thinkingLevel  medium" in shown(app)


async def test_what_is_typed_counts_even_when_the_next_key_is_faster(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        app = app_of(pilot)
        await keys(pilot, "e", "m")
        await until(pilot, lambda: isinstance(app.screen, EditScreen))
        screen = app.screen
        assert isinstance(screen, EditScreen)
        screen.query_one(TextField).value = "zai/glm-4.7"
        screen.action_submit()
        await see(pilot, "+ modelOverride              glm-4.7")


async def test_control_characters_cannot_be_typed_or_pasted(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        app = app_of(pilot)
        await keys(pilot, "e", "m")
        await until(pilot, lambda: isinstance(app.screen, EditScreen))
        field = app.screen.query_one(TextField)
        field.insert_text_at_cursor("a\x1b[31m\u202eb")
        assert field.value == "a[31mb"


async def test_cached_against_fresh_goes_through_the_copies(fake: FakeWatch) -> None:
    async with over(fake) as pilot:
        app = app_of(pilot)
        await keys(pilot, "j", "j", "d")
        await see(pilot, "cached against fresh")
        assert "CACHED 14:02:07" in shown(app)
        await keys(pilot, "[")
        await see(pilot, "CACHED 14:01:51")
        await keys(pilot, "v")
        await see(pilot, "modelOverrideSource")
        await keys(pilot, "r")
        assert fake.reads == 1
        await keys(pilot, "q")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


@pytest.mark.parametrize("size", [(60, 12), (80, 24), (140, 50)])
async def test_nasty_entries_at_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    key = f"agent:main:telegram:direct:{NASTY}"
    fields = ("providerOverride", "modelOverride", "thinkingLevel", "label", "lastChannel", "lastTo", "execNode", NASTY)
    entries = {key: {"sessionId": "5b", "updatedAt": 1, **dict.fromkeys(fields, NASTY)}}
    fake = FakeWatch(tmp_path / "sessions.json", entries, incident.NOW - 60)
    changed = {**entries[key], "thinkingLevel": NASTY * 2, "deliveryContext": {NASTY: NASTY}}
    fake.change(incident.NOW - 5, {key: changed})
    async with over(fake, size) as pilot:
        app = app_of(pilot)
        for pressed in (
            ["enter"],
            *(["tab"] for _ in range(6)),
            ["enter"],
            ["escape"],
            ["d"],
            ["v", "v"],
            ["escape"],
            ["e", "d"],
            ["escape"],
            ["e", "l", "label"],
            ["escape"],
            ["escape"],
            ["u"],
            ["escape"],
        ):
            await keys(pilot, *pressed)
            await pilot.pause()
            lines = frame(app)
            assert len(lines) == size[1]
            assert all(line.isprintable() for line in lines), lines


async def test_a_row_that_is_no_object_is_shown_and_not_edited(tmp_path: Path) -> None:
    fake = FakeWatch(tmp_path / "sessions.json", {"agent:main:main": ["not", "an", "object"]}, incident.NOW)
    async with over(fake) as pilot:
        await keys(pilot, "e", "m")
        await see(pilot, "This entry cannot be edited")
        await keys(pilot, "enter")
        await see(pilot, "This entry is not an object: its text is shown and cannot be edited.")


async def test_no_screen_is_blank_in_its_first_frame(fake: FakeWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    first: dict[str, str] = {}
    async with over(fake) as pilot:
        display = app_of(pilot)._display

        def note(screen: Screen[object], frame: object) -> None:
            if isinstance(screen, WatchScreen) and frame is not None:
                last = screen.foot.lines[-1] if screen.foot.lines else ()
                first.setdefault(type(screen).__name__, "".join(span.text for span in last))
            display(screen, frame)  # type: ignore[arg-type]

        monkeypatch.setattr(pilot.app, "_display", note)
        await keys(pilot, "enter", "d", "escape", "?", "escape", "escape", "e", "m")
    assert "undo" in first["EntryScreen"]
    assert "older copy" in first["CachedScreen"]
    assert "Esc back" in first["HelpScreen"]
    assert "Enter preview" in first["EditScreen"]


def test_what_delivery_replaced_is_marked_and_not_offered() -> None:
    entry: JsonObject = {"lastTo": "1", "delivery": {"kind": "none"}}
    rows = {row.name: row.note for row in rows_of(entry, "delivery", lambda _name: (), 0.0, every=False)}
    assert rows["lastTo"].startswith("inert: nothing reads it") and "inert" not in rows["delivery"]
    assert "lastChannel" not in not_set(entry, "delivery")
    assert "lastChannel" in not_set({}, "delivery") and "delivery" not in not_set({}, "delivery")
