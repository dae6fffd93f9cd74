"""A locked edit of one field: whole, and the part of it that holds the lock; against OpenClaw's own update."""

from __future__ import annotations

import time
from pathlib import Path

from store.edit import apply_edit
from store.entry.levels import SetField
from store.text.read import open_store
from store.writing.permit import Permit
from tests.bench.measure import Figure, middle, ms
from tests.interop.openclaw import Release

RUNS = 9
THEIR_RUNS = 5


def measure(path: Path, openclaw: Release | None, scratch: Path) -> list[Figure]:
    """Median of the whole edit and of the lock-hold; the ratio to the real `updateSessionStore` of 2026.3.2."""
    key = _key(path)
    whole, held = _edits(path, key)
    figures = [
        Figure("locked edit of one field, whole", ms(whole)),
        Figure("lock held for it", ms(held), "<= 100 ms at 56 MB", held <= 100),
    ]
    if openclaw is None:
        return [*figures, Figure("OpenClaw 2026.3.2, same edit", "not measured: no Node or npm")]
    theirs = _their_update(path, key, openclaw, scratch)
    ratio = Figure("OpenClaw against us", f"{theirs / whole:.1f}x", ">= 15x at 56 MB", theirs >= 15 * whole)
    return [*figures, Figure("OpenClaw 2026.3.2, same edit", ms(theirs)), ratio]


def _key(path: Path) -> str:
    with open_store(path) as opened:
        keys = opened.document.keys()
    return keys[len(keys) // 2]


def _edits(path: Path, key: str) -> tuple[float, float]:
    permit = Permit.allowed("benchmark")
    wholes, holds = [], []
    for run in range(RUNS):
        time.sleep(0.05)  # a version younger than 20 ms is read again under the lock, which is not the usual case
        start = time.perf_counter()
        result = apply_edit(path, key, [SetField("label", f"bench {run}")], None, permit=permit)
        wholes.append((time.perf_counter() - start) * 1e3)
        assert result.outcome == "applied", result.reason
        holds.append(result.lock_held_s * 1e3)
    return middle(wholes), middle(holds)


def _their_update(path: Path, key: str, openclaw: Release, scratch: Path) -> float:
    """Milliseconds of one update by the release's own code, the mean of five after its start."""
    printed = openclaw.call(scratch, "increment", path, key, "benchmark", THEIR_RUNS)
    assert isinstance(printed, dict)
    return float(printed["totalMs"]) / THEIR_RUNS
