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
from tests.support.big_store import SIZES, write_store
from tests.support.databases import make_database, opened, put

RUNS = 25
IDLE_S = 20.0
PAUSE_S = 0.4


def measure(scratch: Path) -> list[Figure]:
    """The figures of one run on a database of its own."""
    file = scratch / "sessions.json"
    write_store(file, SIZES[-1])
    entries = {key: decode(raw) for key, raw in read_store(file).raws()}
    database = make_database(scratch / "openclaw-agent.sqlite", entries)
    events: Queue[tuple[float, Event]] = Queue()
    stop = threading.Event()
    thread = threading.Thread(target=_follow, args=(database, stop, events))
    thread.start()
    while not isinstance(events.get()[1], Loaded):
        pass
    known = sorted(_delays(database, entries, events))
    before, began = _cpu(), time.monotonic()
    time.sleep(IDLE_S)
    idle = (_cpu() - before) / (time.monotonic() - began)
    stop.set()
    thread.join()
    return [
        Figure("commit to difference known, median", ms(middle(known)), "<= 25 ms", middle(known) <= 25),
        Figure("commit to difference known, maximum", ms(known[-1])),
        Figure("processor time while idle", f"{idle:.2%}", "<= 1 %", idle <= 0.01),
    ]


def _follow(database: Path, stop: threading.Event, events: Queue[tuple[float, Event]]) -> None:
    for event in Watch([database]).events(stop):
        events.put((time.perf_counter(), event))


def _delays(database: Path, entries: Mapping[str, object], events: Queue[tuple[float, Event]]) -> list[float]:
    delays = []
    keys = list(entries)
    with opened(database) as gateway:
        for run in range(RUNS):
            entry = entries[keys[run * 97]]
            assert isinstance(entry, dict)
            put(gateway, {keys[run * 97]: {**entry, "label": f"run {run}"}})
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
