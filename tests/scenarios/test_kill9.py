"""`kill -9` at any point of a write: the store stays whole, and the next writer finds its way."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import NoReturn

import pytest

import store.commit
from store.commit import update_store
from store.js import Json
from store.writing.draft import StoreDraft
from tests.support.stores import ALLOWED, beside, entry, write_store

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(400)]

KEY = "agent:main:main"
KILLS = 500
LONGEST_S = 0.012
"""A write of this store takes about 5 ms."""


def increment(draft: StoreDraft) -> int:
    count = draft[KEY]["count"]
    assert isinstance(count, int)
    draft[KEY]["count"] = count + 1
    return count + 1


def write_for_ever(path: Path) -> NoReturn:
    try:
        while True:
            update_store(path, increment, permit=ALLOWED)
    finally:
        os._exit(1)


def test_the_store_is_whole_and_the_lock_recovered_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others: dict[str, Json] = {f"other {number}": entry(text="é" * 500) for number in range(300)}
    path = write_store(tmp_path / "sessions.json", {KEY: entry(count=0), **others})
    update_store(path, increment, permit=ALLOWED)
    rng, count, orphans, leftovers = random.Random(9), 1, 0, 0
    for _ in range(KILLS):
        if (child := os.fork()) == 0:
            write_for_ever(path)
        time.sleep(rng.uniform(0, LONGEST_S))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        found = json.loads(path.read_bytes())
        assert found.keys() == {KEY, *others} and all(found[key] == other for key, other in others.items())
        assert found[KEY]["count"] >= count
        orphans += any(name.endswith(".lock") for name in beside(path))
        leftovers += any(name.endswith(".tmp") for name in beside(path))
        monkeypatch.setattr(store.commit, "_SWEPT", set())
        commit = update_store(path, increment, permit=ALLOWED)
        count = commit.value
        assert count == found[KEY]["count"] + 1
        assert beside(path) == []
    assert orphans > 0 and leftovers > 0
