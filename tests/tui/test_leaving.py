"""Quitting asks once while something is in hand; anything else is left at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.live_app import dashboard, keys, see, until
from tests.support.stores import entry, write_store
from tui.app import ClobberwatchApp
from tui.screens.main import MainScreen

KEY = "agent:main:telegram:group:-1001987654321:topic:42"
WAYS_OUT = [["q"], ["ctrl+q"], ["ctrl+c", "ctrl+c"], [":", "quit", "enter"]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", {KEY: entry(), "agent:main:main": entry()})


def the_app(pilot: Pilot[None]) -> ClobberwatchApp:
    assert isinstance(pilot.app, ClobberwatchApp)
    return pilot.app


async def press(pilot: Pilot[None], *pressed: str) -> None:
    for key in pressed:
        if key.startswith("ctrl+"):
            await pilot.press(key)
        else:
            await keys(pilot, key)


@pytest.mark.parametrize("way_out", WAYS_OUT, ids=" ".join)
async def test_a_draft_is_asked_about_once(store: Path, way_out: list[str]) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "anthropic/opus", "escape")
        await until(pilot, lambda: isinstance(the_app(pilot).screen, MainScreen))
        await press(pilot, *way_out)
        await see(pilot, "Quit again to leave: the model you typed for main:")
        assert the_app(pilot).is_running
        await press(pilot, *way_out)
        await until(pilot, lambda: not the_app(pilot).is_running)


async def test_a_watched_edit_is_asked_about_once_and_a_draft_after_it_again(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "anthropic/opus", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written: model is")
        await keys(pilot, "q")
        await see(pilot, "Quit again to leave: your model of main:main is still being watched.")
        await keys(pilot, "e", "l", "label", "escape")
        await until(pilot, lambda: isinstance(the_app(pilot).screen, MainScreen))
        await keys(pilot, "q")
        await see(pilot, "Quit again to leave: the label you typed for main:main is a draft")
        await keys(pilot, "q")
        await until(pilot, lambda: not the_app(pilot).is_running)


async def test_a_draft_of_an_earlier_run_is_no_reason_to_stay(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "anthropic/opus")
        await until(pilot, the_app(pilot).desk.drafts.all)
    async with dashboard(store) as pilot:
        assert the_app(pilot).desk.drafts.all()
        await keys(pilot, "q")
        await until(pilot, lambda: not the_app(pilot).is_running)


async def test_even_a_form_asks(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "anthropic/opus")
        await keys(pilot, "ctrl+q")
        await see(pilot, "Quit again to leave")
        await keys(pilot, "ctrl+q")
        await until(pilot, lambda: not the_app(pilot).is_running)


async def test_a_draft_is_dropped_by_its_word_or_by_emptying_its_text(store: Path) -> None:
    async with dashboard(store) as pilot:
        drafts = the_app(pilot).desk.drafts
        await keys(pilot, "e", "m", "anthropic/opus", "escape", "q")
        await see(pilot, ":drop forgets it.")
        await keys(pilot, ":drop", "enter")
        await see(pilot, "Forgotten: 1 draft.")
        assert drafts.all() == []
        await keys(pilot, "e", "m", "opus", "escape", "e", "m")
        await see(pilot, "; typing replaces it.")
        await keys(pilot, "backspace", "escape")
        await until(pilot, lambda: drafts.all() == [])
        await keys(pilot, "q")
        await until(pilot, lambda: not the_app(pilot).is_running)


@pytest.mark.parametrize("word", ["q", "q!", "quit"])
async def test_the_words_of_vim_quit(store: Path, word: str) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, ":wq", "enter")
        await see(pilot, "only w in a preview writes")
        await keys(pilot, f":{word}", "enter")
        await until(pilot, lambda: not the_app(pilot).is_running)
