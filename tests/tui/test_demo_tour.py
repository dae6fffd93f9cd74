"""The whole tour on the real process of the simulated gateway, by the keys that it says, and for who does nothing."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.gateway.scenarios.catalogue import scenario_named
from store.openclaw.paths import StorePath
from tests.support.live_app import frame, keys, see, shown, until
from tui.cli import demo
from tui.demo.app import DemoApp
from tui.demo.guide import PATIENCE_S
from tui.demo.tour import Guided, Legend, Tour

Ask = Callable[[str], None]
PINNED = "agent:main:telegram:group:-1001987654321:topic:42"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[None]:
    with demo.own_state(tmp_path / "state"):
        yield


@pytest.fixture
def store(tmp_path: Path, state: None) -> StorePath:
    return demo.make_store(tmp_path, 1)


@asynccontextmanager
async def on_stage(
    store: StorePath, tour: Callable[[Ask], Tour], scenario: str = "", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[None]]:
    """The demo as it is started, in a terminal of the test's own."""
    with demo.gateway(store.path, 1, scenario) as process:
        assert process.stdin is not None
        app = DemoApp([store], tour(demo.Asking(process.stdin)))
        async with app.run_test(size=size) as pilot:
            await see(pilot, "38 entries")
            yield pilot


def guided(ask: Ask) -> Guided:
    return Guided(ask, time.monotonic)


async def test_by_the_keys_it_says(store: StorePath) -> None:
    async with on_stage(store, guided) as pilot:
        await see(pilot, "demo 1 of 5 ────────── simulated gateway, temporary store; Esc ends the tour ─")
        await keys(pilot, "jjj")
        await go_to(pilot, PINNED)
        assert "▌    main:tg:…7654321:topic:42" in text(pilot)
        await see(pilot, "demo 2 of 5")
        assert frame(pilot.app)[21].strip().startswith("Press e then m, type opus, Enter, w")  # type: ignore[arg-type]
        await keys(pilot, "e", "m", "opus")
        await listened(pilot)
        await keys(pilot, "enter")
        await see(pilot, "w writes. Nothing else does")
        pinned = time.monotonic()
        await keys(pilot, "w")
        await see(pilot, "demo 3 of 5")
        assert time.monotonic() - pinned < 5
        await see(pilot, "▌ !! main:tg:…7654321:topic:42")
        await keys(pilot, "n", "f")
        await see(pilot, "!! confirmed   lost-update")
        await see(pilot, "u puts it back, w writes.")
        assert "Your model claude-opus-4-6 went back to gpt-5.2" in text(pilot)
        await keys(pilot, "u", "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6")
        await keys(pilot, "escape")
        await see(pilot, "demo 5 of 5")
        await keys(pilot, "e", "m")
        await see(pilot, "model changed on disk at")
        await keys(pilot, "gemini", "enter")
        await see(pilot, "What you typed was not thrown away")
        await keys(pilot, "escape")
        await see(pilot, "That was the tour")
        await keys(pilot, "j", "escape")
        await see(pilot, "─ findings ")
        assert "demo, the end" not in text(pilot)
        await keys(pilot, ":tour", "enter")
        await see(pilot, "demo, the end")


async def test_who_does_nothing_sees_it_happen_to_a_colleague(store: StorePath) -> None:
    now = [0.0]
    async with on_stage(store, lambda ask: Guided(ask, lambda: now[0])) as pilot:
        for said in ("A simulated gateway", "Press e then m", "A colleague has pinned", "The colleague's pin is gone"):
            await see(pilot, said)
            now[0] += PATIENCE_S if "colleague" not in said.lower() else 0.0
        assert "Probable, not confirmed" in text(pilot)
        for said in ("u puts it back", "Two writers at once", "That was the tour"):
            now[0] += PATIENCE_S
            await see(pilot, said)


async def test_escape_ends_the_tour_and_then_means_what_it_means_elsewhere(store: StorePath) -> None:
    async with on_stage(store, guided) as pilot:
        await see(pilot, "demo 1 of 5")
        await keys(pilot, "z", "escape")
        assert "demo 1 of 5" in text(pilot), "the layer above was closed first"
        await keys(pilot, "escape")
        assert "demo 1 of 5" not in text(pilot)
        await keys(pilot, "escape")
        await see(pilot, "q quits.")


@pytest.mark.parametrize("size", [(160, 50), (140, 40), (100, 40)])
async def test_a_larger_screen_has_room_for_the_tour_and_the_changes(store: StorePath, size: tuple[int, int]) -> None:
    async with on_stage(store, guided, size=size) as pilot:
        await see(pilot, "─ last changes ─")
        assert "demo 1 of 5" in text(pilot) and "Esc ends the tour" in text(pilot)
        words = " ".join(line.split("│")[-1].strip() for line in text(pilot).splitlines())
        assert "Press j a few times. Figures move with every run; a ● marks what matters." in words


async def test_a_scenario_says_what_to_look_for_until_it_is_found(store: StorePath) -> None:
    def legend(_ask: Ask) -> Legend:
        return Legend(scenario_named("incident"))

    async with on_stage(store, legend, "incident") as pilot:
        await see(pilot, "─ demo incident ─")
        assert "Look for: a pinned model is gone" in text(pilot)
        await see(pilot, "─ findings ")
        await see(pilot, "lost-update")


async def go_to(pilot: Pilot[None], key: str) -> None:
    """With the cursor to a row, wherever what was written before the screen was there has put it."""
    app = pilot.app
    assert isinstance(app, DemoApp)
    await keys(pilot, "g")
    for _ in range(38):
        if (row := app.main_screen.row) is not None and row.key == key:
            return
        await keys(pilot, "j")
    raise AssertionError(text(pilot))


async def listened(pilot: Pilot[None]) -> None:
    """Until the gateway, which listens between its writes, has heard what it was asked; no person types as fast."""
    app = pilot.app
    assert isinstance(app, DemoApp)
    (state,) = app.dashboard.stores.values()
    before = state.seen
    await until(pilot, lambda: state.seen >= before + 3)


def text(pilot: Pilot[None]) -> str:
    app = pilot.app
    assert isinstance(app, DemoApp)
    return shown(app)
