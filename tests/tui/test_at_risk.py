"""`:allow-risk`: a write beside a gateway without a lock, by name, for one preview."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.openclaw.release import Discipline
from tests.support.live_app import dashboard, keys, see, shown, until
from tests.support.stores import entry, write_store
from tui.app import ClobberwatchApp

KEY, OTHER = "agent:main:telegram:direct:1", "agent:main:telegram:direct:2"
UNLOCKED = Discipline("unlocked", "2026.6.6", "said by the test", 48213)
REFUSED = (
    "Not written: OpenClaw 2026.6.6 (pid 48213) is running, takes no lock and has no call for delivery. "
    "Stop it, or :allow-risk; then w."
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    one = entry(lastChannel="telegram", lastTo="1", updatedAt=1_790_000_001_000)
    return write_store(tmp_path / "sessions.json", {KEY: one, OTHER: entry(lastChannel="telegram", lastTo="2")})


def said(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app, ClobberwatchApp)
    return " ".join(shown(pilot.app).split())


def to(store: Path, key: str = KEY) -> object:
    return json.loads(store.read_text())[key].get("lastTo")


async def test_a_delivery_is_written_at_a_risk_that_was_taken_by_its_whole_name(store: Path) -> None:
    async with dashboard(store, discipline=UNLOCKED) as pilot:
        await keys(pilot, "e", "d", "tab", "ctrl+u", "777", "enter")
        await see(pilot, "nothing can be written")
        await keys(pilot, "w")
        await until(pilot, lambda: REFUSED in said(pilot))
        await keys(pilot, ":", "allow", "enter")
        await see(pilot, "No command :allow here; there is :allow-risk, in full.")
        await keys(pilot, "w")
        assert to(store) == "1"
        await keys(pilot, ":", "allow-risk", "enter")
        await see(pilot, "The risk is taken, for this preview")
        await keys(pilot, "w")
        await see(pilot, "Written, but it may not hold: next reply goes to")
        assert to(store) == "777"
        await keys(pilot, "e", "d", "tab", "ctrl+u", "888", "enter")
        await see(pilot, "nothing can be written")
        await keys(pilot, "w")
        await until(pilot, lambda: REFUSED in said(pilot))
    assert to(store) == "777"


async def test_so_are_many_rows(store: Path) -> None:
    async with dashboard(store, discipline=UNLOCKED) as pilot:
        await keys(pilot, "*", "e", "d")
        await see(pilot, "nothing can be written")
        await keys(pilot, "w")
        await until(pilot, lambda: REFUSED in said(pilot))
        await keys(pilot, ":", "allow-risk", "enter")
        await see(pilot, "The risk is taken, for this preview")
        await keys(pilot, "g")
        await see(pilot, "AT A RISK: one locked write of this store")
        await keys(pilot, "w")
        await see(pilot, "2 written")
        assert "It may not hold: OpenClaw 2026.6.6 (pid 48213) is running" in said(pilot)
    assert (to(store), to(store, OTHER)) == (None, None)


async def test_it_lifts_nothing_else(store: Path) -> None:
    async with dashboard(store, read_only=True, discipline=UNLOCKED) as pilot:
        await keys(pilot, "e", "d", "tab", "ctrl+u", "777", "enter")
        await keys(pilot, ":", "allow-risk", "enter")
        await see(pilot, "No risk lifts this. This run is read-only")
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "zai/opus", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, ":", "allow-risk", "enter")
        await see(pilot, "There is no risk to take: w writes this safely.")
    assert to(store) == "1"
