"""A writer that ignores the lock, all through 10,000 of our commits."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from store.commit import update_store
from store.errors import Busy
from store.writing.draft import StoreDraft
from tests.support import writers
from tests.support.stores import ALLOWED, beside, entry, write_store

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(400)]

KEY = "agent:main:main"
COMMITS = 10_000


def count_ours(draft: StoreDraft, number: int) -> int:
    draft[KEY]["ours"] = number
    return int(str(draft[KEY].get("rival", 0)))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where possible: 10,000 flushes to a disk take minutes, and the race is the same."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


def test_every_slip_is_seen_and_the_rivals_newest_version_is_never_lost(folder: Path) -> None:
    path = write_store(folder / "sessions.json", {KEY: entry(), "other": entry(label="x" * 2000)})
    rival = writers.start("rival", path, KEY, 390)
    writers.go(rival)
    done, slips, number = 0, 0, 0
    while done < COMMITS:
        with suppress(Busy):
            commit = update_store(path, partial(count_ours, number=done + 1), permit=ALLOWED)
            assert commit.value >= number, "an older version of the rival was on disk again"
            assert bool(commit.rivals) == any("takes no lock" in note for note in commit.notes)
            number = commit.value
            slips += len(commit.rivals)
            done += 1
    assert rival.stdin is not None
    rival.stdin.write("stop\n")
    rival.stdin.flush()
    told = writers.summary(rival)
    logging.getLogger(__name__).info("the rival wrote %d versions, %d slipped in", told["written"], slips)
    assert told["lost"] == []
    assert told["written"] > COMMITS / 10 and slips > 0
    assert json.loads(path.read_bytes())[KEY]["rival"] == told["written"]
    assert beside(path) == []
