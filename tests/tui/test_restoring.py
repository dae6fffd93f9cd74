"""What a stale writer undid on a real store is found, put back by `n u w`, and told again after a restart."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from store.js import JsonObject
from tests.support.live_app import dashboard, keys, see, shown, until
from tests.support.stores import replace_store, write_store
from tui.app import ClobberwatchApp

KEY = "agent:main:telegram:direct:42"
OTHER = "agent:main:main"
GPT: JsonObject = {"providerOverride": "openai", "modelOverride": "gpt-5.2", "modelOverrideSource": "user"}
LOST = ("lost-update", "confirmed")
RUN: JsonObject = {"inputTokens": 20113, "outputTokens": 2306, "totalTokens": 22419, "contextTokens": 200000}


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def held() -> JsonObject:
    """The entry as a gateway that began a run a minute ago holds it."""
    now = round((time.time() - 60) * 1000)
    return {"sessionId": "5b0c71e2-42aa-4000-8000-000000000042", "updatedAt": now, "thinkingLevel": "low", **GPT}


@pytest.fixture
def store(tmp_path: Path, held: JsonObject) -> Path:
    other: JsonObject = {"sessionId": "6c0c71e2-42aa-4000-8000-000000000042", "updatedAt": 1}
    return write_store(tmp_path / "sessions.json", {KEY: held, OTHER: other})


def entries(store: Path) -> dict[str, JsonObject]:
    return cast("dict[str, JsonObject]", json.loads(store.read_text()))


def model(store: Path) -> object:
    return entries(store)[KEY].get("modelOverride")


def write_back(store: Path, held: JsonObject) -> None:
    """A run ends, and the gateway writes what it held at its beginning."""
    replace_store(store, {**entries(store), KEY: {**held, **RUN}})


async def pin(pilot: Pilot[None], store: Path, name: str) -> None:
    await keys(pilot, "e", "m", *["ctrl+u"], f"anthropic/{name}", "enter")
    await see(pilot, "nothing is written yet")
    await keys(pilot, "w")
    await see(pilot, "Written: model is")
    assert model(store) == name


def write_back_now(store: Path, held: JsonObject) -> None:
    """The same by a release that stamps what it writes with the time of writing: most do."""
    write_back(store, {**held, "updatedAt": round(time.time() * 1000) + 5})


def findings(pilot: Pilot[None]) -> list[tuple[str, str]]:
    book = cast("ClobberwatchApp", pilot.app).dashboard.findings
    return [(finding.kind, finding.grade) for finding in book.listed()]


async def test_an_edit_of_ours_that_is_clobbered_comes_back_with_three_keys(store: Path, held: JsonObject) -> None:
    async with dashboard(store) as pilot:
        await pin(pilot, store, "claude-opus-4-6")
        write_back(store, held)
        await until(pilot, lambda: findings(pilot))
        assert findings(pilot)[0] == ("lost-update", "confirmed")
        await keys(pilot, "k", "n", "u")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6")
        assert model(store) == "claude-opus-4-6"
        await keys(pilot, "g", "u")
        await see(pilot, "nothing is written yet   undoes your write of ")
        assert "+ modelOverride              gpt-5.2" in shown(cast("ClobberwatchApp", pilot.app))


async def test_what_is_put_back_is_open_no_longer_until_it_is_lost_again(store: Path, held: JsonObject) -> None:
    async with dashboard(store) as pilot:
        await pin(pilot, store, "claude-opus-4-6")
        write_back(store, held)
        await until(pilot, lambda: findings(pilot))
        await keys(pilot, "g", "enter")
        await see(pilot, "u puts it back")
        await keys(pilot, "u", "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6")
        await until(pilot, lambda: LOST not in findings(pilot))
        assert "!!" not in shown(cast("ClobberwatchApp", pilot.app))
        await keys(pilot, "escape", "n")
        await see(pilot, "No entry has an open finding.")
        await keys(pilot, "f")
        await see(pilot, "─ restored ─")
        assert "1 restored" in shown(cast("ClobberwatchApp", pilot.app))
        await keys(pilot, "G", "enter")
        await see(pilot, " Restored by you, ")
        await keys(pilot, "q")
        write_back_now(store, held)
        book = cast("ClobberwatchApp", pilot.app).dashboard.findings
        await until(pilot, lambda: book.open_of((store, KEY)))


async def test_an_edit_that_was_lost_while_nobody_looked_is_told_at_the_next_start_and_comes_back(
    store: Path, held: JsonObject
) -> None:
    async with dashboard(store) as pilot:
        await pin(pilot, store, "claude-opus-4-6")
    write_back(store, held)
    async with dashboard(store) as pilot:
        await until(pilot, lambda: findings(pilot))
        assert findings(pilot) == [("edit-gone", "confirmed")]
        await see(pilot, "confirmed edit-gone")
        await keys(pilot, "n", "f")
        await see(pilot, "what was written before watching began was not seen")
        await keys(pilot, "u")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6")
        assert model(store) == "claude-opus-4-6"


async def test_it_is_told_and_comes_back_with_one_key_where_nothing_proves_who_did_it(
    store: Path, held: JsonObject
) -> None:
    async with dashboard(store) as pilot:
        await pin(pilot, store, "claude-opus-4-6")
    write_back_now(store, held)
    async with dashboard(store) as pilot:
        await until(pilot, lambda: findings(pilot))
        assert findings(pilot) == [("edit-gone", "unknown")]
        await see(pilot, " ? unknown   edit-gone")
        assert " ? main:tg:42" in shown(cast("ClobberwatchApp", pilot.app))
        await keys(pilot, "u")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6")
        assert model(store) == "claude-opus-4-6"


async def test_a_loss_that_was_acknowledged_is_not_told_again_as_an_edit_that_is_gone(
    store: Path, held: JsonObject
) -> None:
    async with dashboard(store) as pilot:
        await pin(pilot, store, "claude-opus-4-6")
        write_back_now(store, held)
        await until(pilot, lambda: findings(pilot))
        await keys(pilot, "k", "n", "a")
        await see(pilot, "Acknowledged: lost-update.")
        await until(pilot, cast("ClobberwatchApp", pilot.app).desk.acknowledged.marks)
    async with dashboard(store) as pilot:
        book = cast("ClobberwatchApp", pilot.app).dashboard.findings
        await until(pilot, book.everything)
        assert (book.listed(), [one.kind for one in book.acknowledged()]) == ((), ["edit-gone"])


async def test_what_was_acknowledged_before_a_restart_is_not_told_again(store: Path, held: JsonObject) -> None:
    async with dashboard(store) as pilot:
        await pin(pilot, store, "claude-opus-4-6")
    write_back(store, held)
    for run in range(2):
        async with dashboard(store) as pilot:
            book = cast("ClobberwatchApp", pilot.app).dashboard.findings
            await until(pilot, book.everything)
            assert (len(book.listed()), len(book.acknowledged())) == ((1, 0) if run == 0 else (0, 1))
            await keys(pilot, "a")
            await until(pilot, book.acknowledged)
