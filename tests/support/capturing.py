"""What a watch sees of a store that another process replaces."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from store.events import Changed, Loaded, Missed
from store.watch import Watch
from tests.support import renamer
from tests.support.watching import until

PATIENCE_S = 60.0
"""For the versions that wait to be read when the writer has ended."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One writer against one watch; `numbers` are the versions that were read, in the order they came."""

    written: int
    seconds: float
    numbers: tuple[int, ...]
    missed: int
    cpu_s: float

    @property
    def seen(self) -> int:
        """How many of the versions written were read."""
        return len(self.numbers)

    def __str__(self) -> str:
        return f"{self.written / self.seconds:.0f}/s: {self.seen:,} of {self.written:,} seen, {self.missed:,} missed"


def captured(store: Path, *, rate: float, count: int = 10**9, seconds: float = 10**9) -> Capture:
    """Watch a store from before the first version of another process until its last was read."""
    watch, stop = Watch([store]), threading.Event()
    numbers: list[int] = []
    ends: list[dict[str, float]] = []
    missed = 0
    with renamer.start(store, rate=rate, count=count, seconds=seconds) as writer:
        events = watch.events(stop)
        until(events, Loaded)
        cpu = time.process_time()
        renamer.begin(writer)
        assert writer.stdout is not None
        ending = threading.Thread(target=_stop_after_the_last, args=(writer.stdout, numbers, ends, stop))
        ending.start()
        for event in events:
            if isinstance(event, Missed):
                assert event.count is not None
                missed += event.count
            elif isinstance(event, Changed):
                [change] = event.changes
                numbers.append(renamer.number_in(change.after))
                assert event.version.writer.pid in (writer.pid, None)
                assert event.version.number == 1 + len(numbers) + missed
        ending.join()
    assert (watch.seen(store), watch.missed(store)) == (1 + len(numbers), missed)
    [end] = ends
    return Capture(int(end["written"]), end["seconds"], tuple(numbers), missed, time.process_time() - cpu)


def _stop_after_the_last(
    printed: TextIO, numbers: Sequence[int], ends: list[dict[str, float]], stop: threading.Event
) -> None:
    end = json.loads(printed.readline())
    ends.append(end)
    deadline = time.monotonic() + PATIENCE_S
    while not (numbers and numbers[-1] == end["written"]) and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
