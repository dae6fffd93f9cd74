"""Versions that another process writes: how many are read, how many are missed and counted."""

from __future__ import annotations

from pathlib import Path

from tests.bench.measure import Figure
from tests.support import renamer
from tests.support.capturing import Capture, captured

ENTRIES_3_MB, ENTRIES_56_MB = 1_000, 19_000
AS_FAST_AS_IT_GOES = 0.0


def measure(scratch: Path, seconds: float) -> list[Figure]:
    """A store of 3 MB at two rates, and one of 56 MB as fast as a writer can go."""
    figures = [_figure(_captured(scratch, ENTRIES_3_MB, rate, seconds), "3 MB", rate) for rate in (100, 1000)]
    big = _captured(scratch, ENTRIES_56_MB, AS_FAST_AS_IT_GOES, seconds)
    return [*figures, _figure(big, "56 MB", AS_FAST_AS_IT_GOES)]


def _captured(scratch: Path, entries: int, rate: float, seconds: float) -> Capture:
    store = scratch / "captured.json"
    renamer.write_store(store, entries)
    try:
        return captured(store, rate=rate, seconds=seconds)
    finally:
        store.unlink()


def _figure(capture: Capture, size: str, rate: float) -> Figure:
    asked = f"{rate:,.0f} renames/s asked" if rate else "as fast as a writer goes"
    exact = capture.seen + capture.missed == capture.written
    value = f"{capture}{'' if exact else ': NOT EXACT'}; reading took {capture.cpu_s / capture.seconds:.0%} of a core"
    return Figure(f"{size}, {asked}", value, "all seen, or the missed ones counted exactly", exact)
