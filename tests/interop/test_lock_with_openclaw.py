"""Our writes beside the store code of real OpenClaw releases, on one store."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from store.commit import update_store
from store.edit import apply_edit
from store.entry.delivery import SetDelivery
from store.entry.intent import Intent
from store.entry.overrides import SetModel
from store.entry.routes import Route
from store.errors import Busy
from store.js import JsonObject
from store.writing.lock import lock_path
from tests.interop.openclaw import LOCKED, UNLOCKED, release
from tests.support import writers
from tests.support.stores import ALLOWED, beside, entry, write_store

pytestmark = pytest.mark.heavy

KEY = "agent:main:main"
OTHERS: dict[str, JsonObject] = {
    f"agent:main:telegram:direct:{number}": entry(label=f"é🔎 {number}", estimatedCostUsd=4e-6, deep={"a": [1, {}]})
    for number in range(20)
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions"
    folder.mkdir()
    return write_store(folder / "sessions.json", {KEY: entry(count=0), **OTHERS})


def count(path: Path) -> int:
    found: int = json.loads(path.read_bytes())[KEY]["count"]
    return found


@pytest.mark.parametrize("version", LOCKED)
def test_two_of_theirs_and_two_of_ours_lose_nothing(version: str, path: Path, tmp_path: Path) -> None:
    openclaw, turns = release(version), 500
    processes = [openclaw.start(tmp_path / "state", "increment", path, KEY, "count", turns) for _ in range(2)]
    processes += [writers.start("increment", path, KEY, "count", turns) for _ in range(2)]
    writers.go(*processes)
    results = [writers.summary(process) for process in processes]
    assert [(result["ok"], result["failed"]) for result in results] == [(turns, [])] * 4
    assert count(path) == 4 * turns
    assert max(result["longestMs"] for result in results) < 9000
    assert beside(path) == []


@pytest.mark.parametrize("version", LOCKED)
def test_a_live_lock_of_theirs_is_never_broken(version: str, path: Path, tmp_path: Path) -> None:
    with release(version).start(tmp_path / "state", "hold", path, 4000) as process:
        assert process.stdout is not None and process.stdout.readline() == "holding\n"
        stamp = lock_path(path).read_bytes()
        os.utime(lock_path(path))
        with pytest.raises(Busy, match=f"pid {process.pid} .*alive"):
            update_store(path, lambda draft: draft[KEY].update(count=9), permit=ALLOWED, timeout=2)
        assert lock_path(path).read_bytes() == stamp
        commit = update_store(path, lambda draft: draft[KEY].update(count=9), permit=ALLOWED)
        assert commit.waited_s > 0.5
        assert process.stdout.readline() == '"released"\n' or process.wait(10) == 0
    assert count(path) == 9


@pytest.mark.parametrize("version", LOCKED)
def test_a_dead_holder_of_theirs_is_recovered(version: str, path: Path, tmp_path: Path) -> None:
    with release(version).start(tmp_path / "state", "die", path) as process:
        assert process.stdout is not None and process.stdout.readline() == "holding\n"
        process.wait(10)
    assert lock_path(path).exists()
    commit = update_store(path, lambda draft: draft[KEY].update(count=9), permit=ALLOWED)
    assert 1.0 <= commit.waited_s < 5
    assert count(path) == 9 and beside(path) == []


@pytest.mark.parametrize(("version", "age"), [("2026.1.29", 31.0), ("2026.3.2", 0.0)])
def test_a_crash_of_ours_blocks_them_no_longer_than_their_rule(
    version: str, age: float, path: Path, tmp_path: Path
) -> None:
    """2026.1.29 waits for any lock to be 30 s old; 2026.3.2 takes a dead holder's at once."""
    with writers.start("hold", path) as process:
        assert process.stdout is not None and process.stdout.readline() == "holding\n"
        process.wait(10)
    then = time.time() - age
    os.utime(lock_path(path), (then, then))
    process = release(version).start(tmp_path / "state", "increment", path, KEY, "count", 1)
    writers.go(process)
    result = writers.summary(process)
    assert (result["ok"], result["failed"]) == (1, []) and result["longestMs"] < 2000
    assert count(path) == 1


@pytest.mark.parametrize("version", [*LOCKED, UNLOCKED])
def test_an_edit_touches_one_entry_and_reads_back_the_same(version: str, path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    start, end = before.index(b"{", 1), before.index(b"\n  }") + 4
    intents: list[Intent] = [
        SetModel("anthropic", "claude-opus-4-6", "user"),
        SetDelivery(Route("telegram", "42", thread=7)),
    ]
    assert apply_edit(path, KEY, intents, entry(count=0), permit=ALLOWED).outcome == "applied"
    after = path.read_bytes()
    assert after[:start] == before[:start]
    assert after.endswith(before[end:]) and after[start : len(after) - len(before[end:])] != before[start:end]
    ours = json.loads(after)
    theirs = release(version).call(tmp_path / "state", "read", path, KEY, *OTHERS)
    assert isinstance(theirs, dict) and theirs.keys() == ours.keys()
    if version == UNLOCKED:
        route = theirs[KEY].pop("route")
        assert (route["channel"], route["target"]["to"], route["thread"]["id"]) == ("telegram", "42", 7)
    assert theirs == ours


@pytest.mark.parametrize("version", LOCKED)
def test_their_next_save_keeps_our_edit_and_our_bytes(version: str, path: Path, tmp_path: Path) -> None:
    commit = update_store(path, lambda draft: draft[KEY].update(label="é🔎", cost=4e-6), permit=ALLOWED)
    assert commit.proven
    ours = path.read_bytes()
    process = release(version).start(tmp_path / "state", "increment", path, KEY, "count", 1)
    writers.go(process)
    assert writers.summary(process)["ok"] == 1
    theirs = path.read_bytes()
    stamp = json.loads(theirs)[KEY]["updatedAt"]
    assert theirs == ours.replace(b'"count": 0', b'"count": 1').replace(
        b'"updatedAt": 1790000000000,\n    "count"', f'"updatedAt": {stamp},\n    "count"'.encode()
    )
