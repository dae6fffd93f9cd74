"""A locked edit: of one field, whole and the part of it that holds the lock, against OpenClaw's own; of every entry."""

from __future__ import annotations

import time
from pathlib import Path

from store.edit import RowEdit, apply_edit, apply_edits
from store.entry.levels import SetField
from store.entry.overrides import SetModel
from store.text.document import decode_object
from store.text.read import open_store, read_store
from store.writing.journal import Journal
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
        _all_at_once(path, scratch),
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


def _all_at_once(path: Path, scratch: Path) -> Figure:
    """The model of every entry set by one write, as marked rows are: each compared with what was seen of it."""
    seen = {key: decode_object(raw) for key, raw in read_store(path).raws()}
    rows = [RowEdit(key, (SetModel("bench", "all"),), entry) for key, entry in seen.items()]
    journal = Journal(scratch.with_name("journal"))
    start = time.perf_counter()
    results = apply_edits(path, rows, permit=Permit.allowed("benchmark"), journal=journal)
    took = (time.perf_counter() - start) * 1e3
    assert {result.outcome for result in results} == {"applied"}
    return Figure("edit of every entry in one write", ms(took), "<= 3,000 ms at 20 MB", took <= 3000)


def _their_update(path: Path, key: str, openclaw: Release, scratch: Path) -> float:
    """Milliseconds of one update by the release's own code, the mean of five after its start."""
    printed = openclaw.call(scratch, "increment", path, key, "benchmark", THEIR_RUNS)
    assert isinstance(printed, dict)
    return float(printed["totalMs"]) / THEIR_RUNS
