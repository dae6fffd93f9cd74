"""Keys that are the same on every screen: read-only, the lock, whole values, the way to the ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.live_app import dashboard, keys, see
from tests.support.stores import entry, replace_store, write_store

KEY = "agent:main:main"
LONG = " ".join(f"word{number}" for number in range(40))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", {KEY: entry(thinkingLevel="low", label="short")})


async def test_a_value_that_is_cut_in_the_grid_is_shown_whole(store: Path) -> None:
    async with dashboard(store) as pilot:
        replace_store(store, {KEY: entry(thinkingLevel="low", label=LONG)})
        await see(pilot, "0 of 2 missed")
        await keys(pilot, "d", "enter")
        await see(pilot, "word39")
        await see(pilot, "short")
        await keys(pilot, "q", "e", "m")
        await see(pilot, "edit model")
        await keys(pilot, "escape", "q", "u")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "q")
        await see(pilot, " Not written.")


async def test_read_only_can_be_had_and_lifted_anywhere(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "enter", "W")
        await see(pilot, "Read-only: nothing can be written")
        await keys(pilot, "e", "l", "thinkingLevel", "tab", "high", "enter")
        await see(pilot, " preview   READ-ONLY: nothing can be written ")
        await see(pilot, " e back to the form   y copy as a command ")
        await keys(pilot, "w")
        await see(pilot, "Not written: this run is read-only; W, then y, lifts it.")
        await keys(pilot, "L")
        await see(pilot, "who may be writing")
        await see(pilot, "nobody")
        await keys(pilot, "L", "q", "W", "y")
        await see(pilot, "Writing is possible again")


async def test_a_key_of_another_screen_says_that_it_does_nothing_here_and_a_key_of_none_says_nothing(
    store: Path,
) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "x", "w")
        await see(pilot, " w does nothing here; ? has the keys of this screen.")
        await keys(pilot, "j")
        await see(pilot, " ? all keys")
        await keys(pilot, "x")
        await see(pilot, " ? all keys")


async def test_a_command_can_be_typed_on_any_screen(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "h", ":lo")
        await see(pilot, " : lo ")
        await keys(pilot, "g", "enter")
        await see(pilot, "what was said, newest first")
        await keys(pilot, "q", ":nonsense", "enter")
        await see(pilot, "No command :nonsense.")
        await see(pilot, " history ")


async def test_fields_of_a_comparison_are_found_by_a_word(store: Path) -> None:
    async with dashboard(store) as pilot:
        replace_store(store, {KEY: entry(thinkingLevel="high", label="short")})
        await see(pilot, "0 of 2 missed")
        await keys(pilot, "d", "/LAB")
        await see(pilot, "1 of 4")
        await keys(pilot, "enter")
        await see(pilot, " / LAB   1 of 4   Esc clears")
        await keys(pilot, "j", "enter")
        await see(pilot, "CACHED")
        await keys(pilot, "q", "escape")
        await see(pilot, "1 of 4 fields differ")
