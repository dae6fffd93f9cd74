"""A scenario played by a process of its own, and watched as a store is watched."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store.events import Changed, FileId, Loaded
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.gateway.scenarios.ledger import Destroyed, Truth
from store.gateway.scenarios.play import open_simulation
from store.js import ABSENT
from store.watch import Watch
from tests.support.simulated import Seen

ROOT = Path(__file__).parents[2]
SETTLE_S = 0.5


@dataclass
class Followed:
    """What the watching saw of each version, and how long after it was written the findings were there."""

    seen: dict[tuple[int, int], tuple[Changed, tuple[Finding, ...]]] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    missed: int | None = 0
    ready: threading.Event = field(default_factory=threading.Event)

    def follow(self, store: Path, stop: threading.Event) -> None:
        detector, watch = Detector(store, lock_is_rule=lambda: True), Watch([store])
        for event in watch.events(stop):
            found = detector.observe(event)
            if isinstance(event, Loaded):
                self.ready.set()
            if isinstance(event, Changed):
                file = event.version.file
                self.seen[file.inode, file.mtime_ns] = (event, found)
                if any(finding.alarming for finding in found):
                    self.latencies.append(time.time() - file.mtime_ns / 1e9)
        self.missed = watch.missed(store)


@contextmanager
def following(store: Path) -> Iterator[Followed]:
    """Watch a store as long as the block lasts, and until what it left has been read."""
    followed, stop = Followed(), threading.Event()
    thread = threading.Thread(target=followed.follow, args=(store, stop))
    thread.start()
    try:
        assert followed.ready.wait(10)
        yield followed
        time.sleep(SETTLE_S)
    finally:
        stop.set()
        thread.join()


def play_live(store: Path, name: str, seed: int, writes: int, race: float, rate: float) -> tuple[list[Seen], Followed]:
    """Play the scenario at this rate; the writes that were seen, and what else there is to know."""
    open_simulation(store, seed)
    with following(store) as followed:
        truths = list(_simulate(store, name, seed, writes, race, rate))
    seen = [
        Seen(truth, event.changes, found)
        for truth in truths
        if (place := (truth.file.inode, truth.file.mtime_ns)) in followed.seen
        for event, found in [followed.seen[place]]
    ]
    return seen, followed


def _simulate(store: Path, name: str, seed: int, writes: int, race: float, rate: float) -> Iterator[Truth]:
    numbers = {"--seed": seed, "--writes": writes, "--race": race, "--rate": rate}
    options = [part for option, value in numbers.items() for part in (option, str(value))]
    command = [sys.executable, "-m", "tui", "simulate", "--store", str(store), "--scenario", name, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return map(_truth, map(json.loads, done.stdout.splitlines()))


def _truth(line: dict[str, Any]) -> Truth:
    destroyed = tuple(
        Destroyed(lost["key"], lost["field"], lost.get("old", ABSENT), lost.get("now", ABSENT))
        for lost in line["destroyed"]
    )
    file = FileId(0, line["inode"], 0, int(line["mtimeNs"]))
    said = (line[name] for name in ("write", "path", "racy", "key", "base", "pid"))
    write, path, racy, key, base, pid = said
    return Truth(write, line["at"] / 1000, path, racy, key, base, pid, file, destroyed)
