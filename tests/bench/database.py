"""`python -m tests.bench.database`: a commit in a database of 56 MB to its difference known, and what idling costs."""

from __future__ import annotations

import resource
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Queue

from store.events import Changed, Event, Loaded
from store.text.document import decode
from store.text.read import read_store
from store.watch import Watch
from tests.bench.measure import Figure, middle, ms
from tests.support.big_store import Size, write_store
from tests.support.databases import make_database, opened, put

SIZE = Size("a database of 56 MB", 6_000, 78_000_000, fat=True)
"""Of JSON with blanks, as a file has it; a database keeps it without."""
RUNS = 25
IDLE_S = 20.0
PAUSE_S = 1.0
"""Longer than all texts rest: each commit is the first after a calm."""
LIMIT_MS = 25.0


def measure(scratch: Path) -> list[Figure]:
    """The figures of one run on a database of its own."""
    file = scratch / "sessions.json"
    write_store(file, SIZE)
    entries = {key: decode(raw) for key, raw in read_store(file).raws()}
    database = make_database(scratch / "openclaw-agent.sqlite", entries)
    events: Queue[tuple[float, Event]] = Queue()
    stop = threading.Event()
    thread = threading.Thread(target=_follow, args=(database, stop, events))
    thread.start()
    while not isinstance(events.get()[1], Loaded):
        pass
    moved, kept = (_delays(database, entries, events, stamped=stamped) for stamped in (True, False))
    before, began = _cpu(), time.monotonic()
    time.sleep(IDLE_S)
    idle = (_cpu() - before) / (time.monotonic() - began)
    stop.set()
    thread.join()
    return [
        Figure("size of the database", f"{database.stat().st_size / 1e6:.1f} MB"),
        *_figures("commit to difference known", moved, LIMIT_MS),
        *_figures("the same of one that leaves updated_at alone: all texts are compared", kept),
        Figure("processor time while idle", f"{idle:.2%}", "<= 1 %", idle <= 0.01),
    ]


def _follow(database: Path, stop: threading.Event, events: Queue[tuple[float, Event]]) -> None:
    for event in Watch([database]).events(stop):
        events.put((time.perf_counter(), event))


def _figures(what: str, delays: list[float], limit: float | None = None) -> list[Figure]:
    known = middle(delays)
    target = () if limit is None else (f"<= {limit:g} ms", known <= limit)
    return [Figure(f"{what}, median", ms(known), *target), Figure(f"{what}, maximum", ms(max(delays)))]


def _delays(
    database: Path, entries: Mapping[str, object], events: Queue[tuple[float, Event]], *, stamped: bool
) -> list[float]:
    delays = []
    keys = list(entries)
    with opened(database) as gateway:
        for run in range(RUNS):
            entry = entries[keys[run * 97 + stamped]]
            assert isinstance(entry, dict)
            stamp = {"updatedAt": 1_800_000_000_000 + run} if stamped else {}
            put(gateway, {keys[run * 97 + stamped]: {**entry, "label": f"run {run}", **stamp}})
            committed = time.perf_counter()
            at, event = events.get(timeout=10)
            assert isinstance(event, Changed) and len(event.changes) == 1
            delays.append((at - committed) * 1000)
            time.sleep(PAUSE_S)
    return delays


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for figure in measure(Path(folder)):
            print(f"{figure.what}: {figure.value} {figure.target}")
