"""Whatever keeps the sessions, a file or a database: findings, filters, edit forms and verbs do the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from store.entry.delivery import next_route
from store.entry.routes import Route
from store.events import Changed, Loaded
from store.js import JsonObject
from store.openclaw.paths import StorePath
from store.recording.playback import Playback
from store.recording.recording import Recording
from tests.support.kinds import KINDS, Kept, Kind
from tests.support.live_app import dashboard, frame, keys, see, shown, until
from tests.support.stores import entry
from tui.__main__ import main
from tui.app import ClobberwatchApp
from tui.replay.app import ReplayApp

ROOT = Path(__file__).parents[2]
KEY = "agent:main:telegram:direct:12345"
OTHER = "agent:main:main"
GPT: JsonObject = {"providerOverride": "openai", "modelOverride": "gpt-5.2", "modelOverrideSource": "user"}
BEGAN = 1_790_000_000_000


@pytest.fixture(params=list(KINDS))
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    made = KINDS[cast("Kind", request.param)](tmp_path / "state")
    made.put(OTHER, entry(label="mine"))
    made.put(KEY, mine(made))
    return made


def mine(kept: Kept, **changed: Any) -> JsonObject:
    return entry(**(GPT | {"thinkingLevel": "medium"} | kept.delivery(Route("telegram", "telegram:12345")) | changed))


def model_of(kept: Kept) -> tuple[object, object]:
    found = kept.entry(KEY)
    return found.get("providerOverride"), found.get("modelOverride")


def the_app(pilot: Pilot[None]) -> ClobberwatchApp:
    return cast("ClobberwatchApp", pilot.app)


async def write(pilot: Pilot[None]) -> None:
    await see(pilot, "nothing is written yet")
    await keys(pilot, "w")
    await see(pilot, "Written")


async def test_model_delivery_and_level_are_edited_through_their_forms(kept: Kept) -> None:
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        await keys(pilot, "/", "telegram", "enter")
        await see(pilot, "1 of 2")
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6", "enter")
        await write(pilot)
        await keys(pilot, "e", "d", "tab", "ctrl+u", "telegram:777", "enter")
        await write(pilot)
        await keys(pilot, "e", "l", "thinkingLevel", "tab", "high", "enter")
        await write(pilot)
        assert model_of(kept) == ("anthropic", "claude-opus-4-6")
        assert next_route(kept.entry(KEY)).to == "telegram:777"
        assert kept.entry(KEY)["thinkingLevel"] == "high"
        await keys(pilot, "e", "c")
        await write(pilot)
    assert model_of(kept) == (None, None)
    assert kept.entry(OTHER) == entry(label="mine")


async def test_many_rows_are_edited_as_one_and_undone_as_one(kept: Kept) -> None:
    kept.put(OTHER, mine(kept, label="mine"))
    before = model_of(kept)
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        await keys(pilot, "*")
        await see(pilot, "2 marked")
        await keys(pilot, "e", "c")
        await see(pilot, "2 entries, 2 to write")
        await keys(pilot, "w")
        await see(pilot, "2 written")
        assert model_of(kept) == (None, None) and "modelOverride" not in kept.entry(OTHER)
        await keys(pilot, "u")
        await see(pilot, "2 entries, 2 to write")
        await keys(pilot, "w")
        await until(pilot, lambda: model_of(kept) == before and kept.entry(OTHER).get("modelOverride") == "gpt-5.2")


async def test_a_change_under_the_form_is_a_conflict(kept: Kept) -> None:
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        await keys(pilot, "/", "telegram", "enter", "e", "m", "anthropic/claude-opus-4-6")
        kept.put(KEY, mine(kept, modelOverride="gpt-5.3", updatedAt=BEGAN + 1000))
        await see(pilot, "gpt-5.3. Enter shows both.")
        await keys(pilot, "enter")
        await see(pilot, "not written; your change is kept")
        await keys(pilot, "m")
        await write(pilot)
    assert model_of(kept) == ("anthropic", "claude-opus-4-6")


async def test_an_edit_that_is_written_over_is_found_and_put_back(kept: Kept) -> None:
    before = mine(kept)
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        app = the_app(pilot)
        await keys(pilot, "/", "model:gpt", "enter")
        await see(pilot, "1 of 2")
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6", "enter")
        await write(pilot)
        await until(pilot, lambda: next(iter(app.dashboard.stores.values())).seen == 2)
        kept.put(KEY, before)
        await until(pilot, app.dashboard.findings.listed)
        await keys(pilot, "escape", "/", "finding:any changed:<5m", "enter")
        await see(pilot, "1 of 2")
        await keys(pilot, "5")
        await see(pilot, "5:findings 1")
        kinds = {finding.kind for finding in app.dashboard.findings.listed()}
        assert kinds & {"lost-update", "stale-write-back", "edit-gone"}, kinds
        await keys(pilot, "f")
        await see(pilot, "claude-opus-4-6")
        await keys(pilot, "u")
        await write(pilot)
    assert model_of(kept) == ("anthropic", "claude-opus-4-6")


async def test_undo_history_and_older_copies_know_what_was_before(kept: Kept) -> None:
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        app = the_app(pilot)
        kept.put(KEY, mine(kept, thinkingLevel="low", updatedAt=BEGAN + 1000))
        await until(pilot, lambda: any(row.key == KEY and app.dashboard.changes(row) for row in app.dashboard.rows))
        await keys(pilot, "/", "telegram", "enter", "h")
        await see(pilot, "thinkingLevel")
        await keys(pilot, "escape", "d")
        await see(pilot, "thinkingLevel goes from low back to medium")
        assert ("A gateway compares the row before it writes one" in shown(app)) == (kept.path.suffix == ".sqlite")
        await keys(pilot, "escape", "u")
        await write(pilot)
    assert kept.entry(KEY)["thinkingLevel"] == "medium"


async def test_an_older_copy_is_loaded_and_a_broken_store_is_saved(kept: Kept, tmp_path: Path) -> None:
    kept.copy(f"{kept.path.name}.bak")
    kept.put(KEY, mine(kept, thinkingLevel="low", updatedAt=BEGAN + 1000))
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        await see(pilot, "1 older copy found")
        await keys(pilot, ":load", "enter")
        await see(pilot, "Loaded: 1 version from 1 file")
        kept.spoil()
        await see(pilot, "STORE UNREADABLE")
        await keys(pilot, f":save-good {tmp_path / 'good'}", "enter")
        await see(pilot, "Saved to ")
    saved = json.loads((tmp_path / "good").read_bytes())
    assert saved == {OTHER: entry(label="mine"), KEY: mine(kept, thinkingLevel="low", updatedAt=BEGAN + 1000)}


async def test_the_status_line_claims_what_can_be_known(kept: Kept) -> None:
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        line = frame(the_app(pilot))[0]
    told = "locked writes lock free 0 of 1 missed", "offline writes 1 state seen"
    assert " ".join(line.split()).endswith(told[kept.path.suffix == ".sqlite"]), line


def run(*arguments: str) -> int:
    try:
        return int(main(list(arguments)) or 0)
    except SystemExit as ended:
        return int(ended.code or 0)


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> Any:
    assert run(*arguments, "--json") == code, capsys.readouterr()
    return json.loads(capsys.readouterr().out)


def test_a_report_of_a_store_tells_what_its_copies_imply(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    kept.copy(f"{kept.path.name}.bak")
    kept.put(KEY, mine(kept, thinkingLevel="low", updatedAt=BEGAN + 1000))
    report = said(capsys, 0, "report", str(kept.path))
    changed = [change for line in report["timeline"] for change in line.get("changes", ())]
    assert {"field": "thinkingLevel", "old": "medium", "new": "low"} in changed


def test_the_verbs_that_read(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(kept.path)
    assert {row["key"] for row in said(capsys, 0, "list", store)} == {KEY, OTHER}
    assert [row["key"] for row in said(capsys, 0, "list", "--where", "model:gpt", store)] == [KEY]
    shown = said(capsys, 0, "show", KEY, store)
    assert shown["entry"]["modelOverride"] == "gpt-5.2"
    assert said(capsys, 0, "doctor", store)["problems"] == 0


def test_the_verbs_that_write(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    store = "--store", str(kept.path)
    wish = "model=anthropic/claude-opus-4-6"
    assert said(capsys, 3, "set", KEY, wish, "--expect", "modelOverride=other", *store)["outcome"] == "conflict"
    assert said(capsys, 0, "set", KEY, wish, "--dry-run", *store)["dryRun"] is True
    assert model_of(kept) == ("openai", "gpt-5.2")
    assert said(capsys, 0, "set", KEY, wish, "delivery=telegram:777", "label=x", *store)["outcome"] == "applied"
    assert model_of(kept) == ("anthropic", "claude-opus-4-6") and next_route(kept.entry(KEY)).to == "777"
    assert said(capsys, 0, "set", KEY, wish, *store)["outcome"] == "unchanged"
    assert said(capsys, 0, "clear", KEY, "model", *store)["outcome"] == "applied"
    assert model_of(kept) == (None, None) and kept.entry(KEY)["label"] == "x"
    assert said(capsys, 5, "set", KEY, wish, "--read-only", *store)["outcome"] == "refused"


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tui", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as started:
        try:
            yield started
        finally:
            started.kill()


def test_the_verbs_write_several_entries_by_key_and_by_query(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--store", str(kept.path), "--json"]
    assert main(["set", KEY, OTHER, "thinkingLevel=high", *place]) == 0
    assert main(["clear", "model", "--where", "override:yes", *place]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["key"], one["outcome"]) for one in told] == [(KEY, "applied"), (OTHER, "applied"), (KEY, "applied")]
    assert kept.entry(KEY)["thinkingLevel"] == kept.entry(OTHER)["thinkingLevel"] == "high"
    assert model_of(kept) == (None, None)


def test_watch_tells_of_a_change_and_ends_with_a_finding(kept: Kept) -> None:
    with process("watch", "--json", "--until-finding", str(kept.path)) as watching:
        assert watching.stdout is not None
        assert json.loads(watching.stdout.readline())["event"] == "snapshot"
        kept.put(KEY, mine(kept, thinkingLevel="low", updatedAt=BEGAN + 1000))
        change = json.loads(watching.stdout.readline())
        kept.put(KEY, mine(kept, label="x", updatedAt=BEGAN + 1))
        told = [json.loads(line) for line in watching.stdout]
        assert watching.wait(20) == 1
    assert [(one["finding"], one["key"]) for one in told if one["event"] == "finding"] == [("lost-update", KEY)]
    assert (change["event"], change["key"]) == ("changed", KEY)
    assert change["changes"] == [{"field": "thinkingLevel", "old": "medium", "new": "low"}]


async def test_a_recording_is_reported_and_played_with_every_text(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "incident.rec"
    with process("record", str(kept.path), "-o", str(file)) as recorder:
        assert recorder.stderr is not None and "recording" in recorder.stderr.readline()
        wait_for(lambda: levels(file, kept) == ["medium"])
        kept.put(KEY, mine(kept, thinkingLevel="low", updatedAt=BEGAN + 1000))
        wait_for(lambda: levels(file, kept) == ["medium", "low"])
        recorder.send_signal(signal.SIGINT)
        assert recorder.wait(20) == 0
    report = said(capsys, 0, "report", str(file))
    assert [line["event"] for line in report["timeline"] if line["event"] != "missed"] == ["snapshot", "changed"]
    (store,) = report["stores"]
    assert os.path.samefile(store["store"], kept.path) and store["seen"] == 2
    await played(file, kept)


async def played(file: Path, kept: Kept) -> None:
    """The recording as a dashboard, one version and then the other."""
    recording = Recording(file)
    playback = Playback(recording)
    app = ReplayApp([StorePath(store, "main", None) for store in recording.stores], playback)
    playback.step(1)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.dashboard.rows and playback.doing == "paused")
        await keys(pilot, "]")
        (store,) = recording.stores
        await until(pilot, lambda: b'"low"' in (app.dashboard.raw(store, KEY) or b""))
        await see(pilot, "REPLAY")
    recording.close()


def levels(file: Path, kept: Kept) -> list[object]:
    opened = Recording(file)
    try:
        return [
            json.loads(opened.raw(kept.path, KEY) or b"{}").get("thinkingLevel")
            for event in opened.events()
            if isinstance(event, Loaded | Changed)
        ]
    finally:
        opened.close()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
