"""The dashboard on a recording: time is paused, stepped and moved in; nothing can be written."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.js import JsonObject
from store.openclaw.paths import StorePath
from store.recording.checkpoints import Checkpoints
from store.recording.playback import Playback
from store.recording.recorder import Recorder
from store.recording.recording import Recording
from tests.support.live_app import frame, keys, see, shown, until
from tests.support.recorded import Feed, text
from tui.__main__ import main
from tui.replay.app import ReplayApp

STORE = Path("/gone/agents/ops/sessions/sessions.json")
ONE, TWO = "agent:ops:telegram:direct:1", "agent:ops:slack:channel:c2"
RUN: JsonObject = {"inputTokens": 20111, "outputTokens": 777, "model": "opus", "modelProvider": "anthropic"}
BEGAN = float(int(time.time()) - 3600)


def entry(number: int, **fields: str | int) -> JsonObject:
    return {"sessionId": f"id-{number}", "updatedAt": int((BEGAN + number) * 1000), "thinkingLevel": "low", **fields}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Five versions, 20 s apart; in the fourth a run writes an old copy back."""
    path, feed = tmp_path / "incident.rec", Feed(STORE, now=BEGAN)
    recorder = Recorder(path, [STORE], clock=lambda: BEGAN)
    recorder.take(feed.loaded({ONE: text(entry(1)), TWO: text(entry(2))}), feed)
    steps: list[dict[str, JsonObject | None]] = [
        {TWO: entry(2, label="first")},
        {ONE: entry(1, providerOverride="openai", modelOverride="gpt-5.2")},
        {ONE: entry(1, **RUN)},  # type: ignore[arg-type]
        {TWO: entry(2, label="second")},
    ]
    for step in steps:
        feed.now += 20
        recorder.take(feed.changed({key: text(value) for key, value in step.items()}), feed)
    recorder.close()
    return path


@asynccontextmanager
async def replay(file: Path) -> AsyncIterator[Pilot[None]]:
    """The dashboard on the recording, paused before the second version."""
    recording = Recording(file)
    playback = Playback(recording, checkpoints=Checkpoints(every=1, most=3))
    app = ReplayApp([StorePath(store, "ops", None) for store in recording.stores], playback)
    playback.step(1)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.dashboard.rows and playback.doing == "paused")
        yield pilot
    recording.close()


def app_of(pilot: Pilot[None]) -> ReplayApp:
    assert isinstance(pilot.app, ReplayApp)
    return pilot.app


def stands_at(pilot: Pilot[None], version: int) -> Callable[[], bool]:
    """Whether so many versions are shown, and time stands still."""
    app = app_of(pilot)
    playback = app.replay.playback
    state = app.dashboard.stores[STORE]
    return lambda: playback.doing != "moving" and app.dashboard.stores[STORE].seen == version and state is not None


def cursor_on(pilot: Pilot[None], key: str) -> bool:
    line = next(line for line in frame(app_of(pilot)) if line.startswith("▌"))
    return key in line


async def test_the_status_line_says_what_time_it_is_and_the_key_line_what_moves_it(file: Path) -> None:
    async with replay(file) as pilot:
        lines = frame(app_of(pilot))
        clock = time.strftime("%H:%M:%S", time.localtime(BEGAN + 1))
        assert clock in lines[0] and lines[0].startswith(" REPLAY ") and "paused" in lines[0]
        assert "READ-ONLY" in lines[0]
        assert lines[-1] == " p pause  ] [ step  n next finding  : at, speed  Enter open  / find  ? all keys"


async def test_steps_go_on_and_back_and_to_the_row_that_changed(file: Path) -> None:
    async with replay(file) as pilot:
        for key, version, row, label in (
            ("]", 2, "sl:", "first"),
            ("]", 3, "tg:", "first"),
            ("[", 2, "sl:", "first"),
            ("]", 3, "tg:", "first"),
        ):
            await keys(pilot, key)
            await until(pilot, stands_at(pilot, version))
            await until(pilot, lambda row=row: cursor_on(pilot, row))  # type: ignore[misc]
            assert f'"label": "{label}"'.encode() in (app_of(pilot).dashboard.raw(STORE, TWO) or b"")
        assert len(app_of(pilot).dashboard.recent(10)) == 3


async def test_at_the_end_the_keys_say_so_and_help_speaks_of_time(file: Path) -> None:
    async with replay(file) as pilot:
        await keys(pilot, ":", "step 9", "enter")
        await until(pilot, lambda: " end " in shown(app_of(pilot)))
        for key in ("p", "]", "n"):
            await keys(pilot, "escape", key)
            await see(pilot, "At the end of the recording: [ steps back")
        await keys(pilot, "?")
        await see(pilot, "p    stand still, go on")
        assert ":at :speed :step" in shown(app_of(pilot)) and "a version on, back" in shown(app_of(pilot))


async def test_going_back_forgets_what_had_come(file: Path) -> None:
    async with replay(file) as pilot:
        await keys(pilot, ":", "step 9", "enter")
        await see(pilot, "REPLAY")
        await until(pilot, lambda: " end " in shown(app_of(pilot)))
        await see(pilot, "lost-update")
        await keys(pilot, ":", "step -4", "enter")
        await until(pilot, stands_at(pilot, 1))
        await until(pilot, lambda: "lost-update" not in shown(app_of(pilot)))
        assert not app_of(pilot).dashboard.recent(10)


async def test_on_to_the_next_finding(file: Path) -> None:
    async with replay(file) as pilot:
        await keys(pilot, "n")
        await until(pilot, stands_at(pilot, 4))
        await see(pilot, "lost-update")
        assert cursor_on(pilot, "tg:")


async def test_to_a_time_and_faster(file: Path) -> None:
    async with replay(file) as pilot:
        await keys(pilot, ":", "at +45s", "enter")
        await until(pilot, stands_at(pilot, 3))
        clock = time.strftime("%H:%M:%S", time.localtime(BEGAN + 46))
        await see(pilot, clock)
        await keys(pilot, ":", "at " + time.strftime("%H:%M:%S", time.localtime(BEGAN + 30)), "enter")
        await until(pilot, stands_at(pilot, 2))
        await keys(pilot, ":", "speed 1000", "enter")
        await see(pilot, "paused 1000x")
        await keys(pilot, "p")
        await until(pilot, lambda: " end " in shown(app_of(pilot)))


@pytest.mark.parametrize(
    ("command", "words"),
    [("speed", "is no number"), ("speed 0", ":speed 10"), ("at noon", "is no time"), ("step x", "no")],
)
async def test_what_cannot_be_meant_is_said(file: Path, command: str, words: str) -> None:
    async with replay(file) as pilot:
        await keys(pilot, ":", command, "enter")
        await see(pilot, words)


async def test_damage_is_said_where_it_comes_and_what_was_before_can_be_seen(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("UPDATE event SET body = x'00' WHERE id = (SELECT max(id) - 1 FROM event)")
    database.close()
    async with replay(file) as pilot:
        await keys(pilot, ":", "step 9", "enter")
        await see(pilot, "it plays up to there")
        assert " end " in frame(app_of(pilot))[0]
        await keys(pilot, "[")
        await until(pilot, stands_at(pilot, 2))


async def test_nothing_is_written_and_there_is_no_file(file: Path) -> None:
    async with replay(file) as pilot:
        await keys(pilot, "d")
        await see(pilot, "This is a recording: there is no file")
        await keys(pilot, "W")
        await see(pilot, "nothing is written here")
        await keys(pilot, "]", "]")
        await until(pilot, stands_at(pilot, 3))
        await until(pilot, lambda: app_of(pilot).dashboard.permit(STORE).kind == "read-only")
        await keys(pilot, "u")
        await see(pilot, "READ-ONLY: nothing can be written")
        await keys(pilot, "w")
        await see(pilot, "Not written: this is a recording.")
    assert not STORE.parent.exists()


@pytest.mark.parametrize(("made", "code"), [("", 6), ("something", 6)])
def test_what_is_no_recording_is_said(tmp_path: Path, made: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file"
    if made:
        path.write_text(made)
    assert main(["replay", str(path)]) == code
    assert "recording" in capsys.readouterr().err
