"""Whatever keys come in whatever order: the dashboard stands, and without `w` nothing is written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual import events

from tests.support import clobbered, incident
from tests.support.live_app import dashboard, see
from tests.support.stores import replace_store, write_store
from tui.commands import COMMANDS

LEAVING = {"q", "ctrl+q", "ctrl+c", "ctrl+z"}
WRITING = {key for command in COMMANDS if command.writes for key in command.keys}
KNOWN = sorted({key for command in COMMANDS for key in command.keys} - LEAVING - WRITING)
SECOND = sorted({choice.key for command in COMMANDS for choice in command.choices})


@pytest.mark.parametrize("seed", range(2))
async def test_no_keys_but_w_write_and_none_are_too_much(seed: int, tmp_path: Path) -> None:
    entries = clobbered.at_first()
    store = write_store(tmp_path / "sessions.json", entries)
    chance = random.Random(seed)
    async with dashboard(store) as pilot:
        held = entries[incident.PINNED]
        for version, entry in enumerate((held | incident.override(*incident.OPUS, "user"), clobbered.clobber(held)), 2):
            replace_store(store, {**entries, incident.PINNED: entry})
            await see(pilot, f"0 of {version} missed")
        before = store.read_bytes()
        for _ in range(60):
            for key in chance.choices([*KNOWN, *SECOND], k=5):
                pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await pilot.pause()
        assert pilot.app.is_running
    assert store.read_bytes() == before
