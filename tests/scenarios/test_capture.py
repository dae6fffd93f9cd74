"""Another process replaces the store as fast as told to: every version is seen, or missed and counted.

How many are seen at 1,000/s depends on the disk and the cores (pytest -s shows the figures); that none is lost without
being counted does not.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support import renamer
from tests.support.capturing import Capture, captured

pytestmark = pytest.mark.heavy

TRIES = 6
"""A machine that stands still for a moment makes any reader miss a version: then it is counted, and tried again."""


def exact(capture: Capture) -> Capture:
    """No version is seen twice or out of order, and what was not seen was counted."""
    sys.stdout.write(f"\n{capture}; cpu {capture.cpu_s:.2f} s\n")
    assert list(capture.numbers) == sorted(set(capture.numbers))
    assert capture.seen + capture.missed == capture.written == capture.numbers[-1]
    return capture


def test_every_version_is_captured_at_100_per_second(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    renamer.write_store(store, 1000)
    assert any(exact(captured(store, rate=100, count=1000)).missed == 0 for _ in range(TRIES))


@pytest.mark.parametrize(("entries", "least"), [(1000, 0.1), (30, 0.5)], ids=["3 MB", "90 KB"])
def test_what_is_missed_at_1000_per_second_is_counted_exactly(tmp_path: Path, entries: int, least: float) -> None:
    store = tmp_path / "sessions.json"
    renamer.write_store(store, entries)
    capture = exact(captured(store, rate=1000, count=5000))
    assert capture.seen >= least * capture.written
