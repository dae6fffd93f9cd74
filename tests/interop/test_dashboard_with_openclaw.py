"""The dashboard over a store that two real OpenClaw releases are writing, and an edit made in it meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store.js import JsonObject
from tests.interop.openclaw import LOCKED, release
from tests.support import writers
from tests.support.live_app import dashboard, keys, see, until
from tests.support.stores import entry, write_store
from tui.app import ClobberwatchApp

pytestmark = pytest.mark.heavy

PINNED = "agent:main:telegram:direct:1"
COUNTED = ("agent:main:main", "agent:main:telegram:direct:2")
TURNS, PAUSE_MS = 60, 60


async def test_an_edit_survives_and_nothing_of_theirs_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    newest: JsonObject = entry(providerOverride="openai", modelOverride="gpt-5.2", updatedAt=1_890_000_000_000)
    store = write_store(folder / "sessions.json", {PINNED: newest, **{key: entry(count=0) for key in COUNTED}})
    processes = [
        release(version).start(tmp_path / version, "increment", store, key, "count", TURNS, PAUSE_MS)
        for version, key in zip(LOCKED, COUNTED, strict=True)
    ]
    async with dashboard(store) as pilot:
        app = pilot.app
        assert isinstance(app, ClobberwatchApp)
        state = app.dashboard.stores[store]
        writers.go(*processes)
        await until(pilot, lambda: state.seen >= 10)
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6")
        await until(pilot, lambda: all(process.poll() is not None for process in processes))
        results = [writers.summary(process) for process in processes]
        written = 2 * TURNS + 1
        await until(pilot, lambda: state.seen + (state.missed or 0) >= written + 1)
    assert [(result["ok"], result["failed"]) for result in results] == [(TURNS, [])] * 2
    on_disk = json.loads(store.read_bytes())
    assert [on_disk[key]["count"] for key in COUNTED] == [TURNS, TURNS]
    assert (on_disk[PINNED]["providerOverride"], on_disk[PINNED]["modelOverride"]) == ("anthropic", "claude-opus-4-6")
    assert state.seen + (state.missed or 0) == written + 1
