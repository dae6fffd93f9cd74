"""The main screen below another one: rows and counts follow what happens meanwhile."""

from __future__ import annotations

from pathlib import Path

from tests.support.live_app import dashboard, keys, see, shown, until
from tests.support.stores import entry, replace_store, write_store
from tui.app import ClobberwatchApp
from tui.screens.main import MainScreen

ENTRIES = {"agent:main:main": entry(), "agent:main:hook:old": entry()}
PINNED = entry(providerOverride="zai", modelOverride="glm-4.7", modelOverrideSource="auto")


async def test_rows_and_counts_follow_under_a_form(tmp_path: Path) -> None:
    store = write_store(tmp_path / "sessions.json", ENTRIES)
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m")
        await see(pilot, "edit model")
        replace_store(store, {**ENTRIES, "agent:main:hook:new": PINNED})
        await see(pilot, "main:hook:new")
        await see(pilot, "1:all 3  2:overridden 1")
        assert isinstance(pilot.app, ClobberwatchApp)
        assert "3 entries" in shown(pilot.app)


async def test_rows_that_came_under_another_screen_are_there_afterwards(tmp_path: Path) -> None:
    store = write_store(tmp_path / "sessions.json", ENTRIES)
    async with dashboard(store) as pilot:
        app = pilot.app
        assert isinstance(app, ClobberwatchApp)
        await keys(pilot, "f1")
        await until(pilot, lambda: not isinstance(app.screen, MainScreen))
        replace_store(store, {**ENTRIES, "agent:main:hook:new": PINNED})
        await until(pilot, lambda: len(app.dashboard.rows) == 3)
        await keys(pilot, "escape")
        await see(pilot, "main:hook:new")
        await see(pilot, "1:all 3")
