"""`python -m tests.bench.storm [--seconds S] [--size "3 MB"]`: the dashboard while 50 rows a second change.

A store of 6,000 entries on a terminal of its own, at 80x24 and at 160x45; another process rewrites it 50 times a second
with one row changed, 10 times with five, once with fifty; an operator moves, pages, filters, opens and leaves.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from tests.bench.cost import cpu_s
from tests.bench.measure import Figure, ms
from tests.bench.screen import dashboard, has_rows
from tests.support.big_store import SIZES, write_store
from tests.support.tape import Tape

SIZES_OF_TERMINAL = ((80, 24), (160, 45))
STORMS = ((50.0, 1), (10.0, 5), (1.0, 50))
"""Writes a second, and rows changed by each."""
SECONDS = 60.0
PACE_S = 0.15
"""How fast an operator presses keys."""
LIMIT_MS = 50.0
_PAGE_DOWN, _PAGE_UP = "\x1b[6~", "\x1b[5~"
_OPEN = _TAKE = "\r"
_KEYS = (
    *("j", "j", "j", "k", _PAGE_DOWN, "j", "j", "k", _PAGE_DOWN, _PAGE_UP),
    *("/", "m", "a", "i", "n", _TAKE, "j", "j", "k", "/", "\x15", _TAKE),
    *(_OPEN, "j", "k", "j", "k", "q", "G", "g", "j"),
)
"""None is Esc: that is answered once it is clear that no sequence begins with it, 0.1 s later."""
_CURSOR = frozenset({"j", "k", "g", "G", _PAGE_DOWN, _PAGE_UP})
_SHARES = {"p50": 0.5, "p99": 0.99, "max": 1.0}
_MISSED = re.compile(r"([\d,]+) of ([\d,]+) missed")
_ROOT = Path(__file__).parents[2]


class Storm(NamedTuple):
    """What was measured in one of them; times in milliseconds, None for a key that the next one overtook."""

    answers: Mapping[str, Sequence[float | None]]
    sent: int
    seconds: float
    cpu: float
    written: int
    shown: str


def measure(store: Path, home: Path, seconds: float) -> Iterator[Figure]:
    """Every storm at every size of terminal."""
    for columns, rows in SIZES_OF_TERMINAL:
        for rate, changed in STORMS:
            storm = _storm(store, home, (columns, rows), rate, changed, seconds)
            yield from _figures(storm, f"{columns}x{rows}, {rate:g} writes/s of {changed}")


def _figures(storm: Storm, what: str) -> Iterator[Figure]:
    cursor = [answer for key in _CURSOR for answer in storm.answers.get(key, ())]
    others = [answer for key, answers in storm.answers.items() if key not in _CURSOR for answer in answers]
    met = _share(cursor, 0.99) <= LIMIT_MS
    yield Figure(f"{what}: cursor key to repaint", _told(cursor), "p99 <= 50 ms", met)
    yield Figure(f"{what}: typing, filtering, opening, leaving", _told(others))
    rate = storm.sent / storm.seconds
    yield Figure(f"{what}: to the terminal", f"{rate / 1000:.1f} KB/s")
    did = f"{storm.cpu:.0%} of a core; {storm.written:,} versions written, {storm.shown or 'none missed'}"
    yield Figure(f"{what}: process", did)


def _told(answers: Sequence[float | None]) -> str:
    shares = ", ".join(f"{name} {ms(_share(answers, share))}" for name, share in _SHARES.items())
    overtaken = answers.count(None)
    return f"{shares} of {len(answers)} keys" + (f"; {overtaken} overtaken by the next" if overtaken else "")


def _storm(store: Path, home: Path, size: tuple[int, int], rate: float, changed: int, seconds: float) -> Storm:
    writer = _writer(store, rate, changed, seconds)
    with dashboard(store, home, *size) as screen:
        screen.read_until(has_rows, 30)
        screen.read_until_quiet(1.5)
        pid, tape = screen.process.pid, Tape(screen)
        before, begun = cpu_s(pid), time.perf_counter()
        with tape:
            _go(writer)
            keys = cycle(_KEYS)
            while time.perf_counter() < begun + seconds:
                tape.press(next(keys))
                time.sleep(PACE_S)
            time.sleep(1.0)
            cpu, took = cpu_s(pid) - before, time.perf_counter() - begun
        told = json.loads(writer.communicate()[0])
        answers = tape.answers(_looks)
        found = _MISSED.search(screen.text()[0])
    by_key: dict[str, list[float | None]] = {}
    for (_, key), answer in zip(tape.keys, answers, strict=True):
        by_key.setdefault(key, []).append(None if answer is None else answer * 1e3)
    sent = sum(len(octets) for _, octets in tape.pieces)
    missed = f"{found[0]}" if found else ""
    return Storm(by_key, sent, took, cpu / took, told["written"], missed)


def _looks(lines: list[str]) -> Hashable:
    """What keys change and news do not: where one is, and on which row; counts aside."""
    key_ends = 31 if len(lines[0]) < 100 else 48
    cursor = next(((at, line[4:key_ends]) for at, line in enumerate(lines) if line.startswith("▌")), None)
    return re.sub(r"[\d,]+", "", lines[1]), lines[-1], cursor


def _share(answers: Sequence[float | None], share: float) -> float:
    """What this share of them does not exceed; a key without an answer counts as the slowest."""
    ordered = sorted(math.inf if answer is None else answer for answer in answers)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _writer(store: Path, rate: float, changed: int, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.storm_writer", *map(str, (store, rate, changed, seconds))],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def main() -> None:
    """Measure and print, storm by storm."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=SECONDS)
    options.add_argument("--size", default="20 MB", choices=[size.name for size in SIZES])
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "sessions.json"
        write_store(store, next(size for size in SIZES if size.name == chosen.size))
        for figure in measure(store, Path(folder), chosen.seconds):
            mark = "" if figure.met is not False else "   MISSED"
            print(f"{figure.what}: {figure.value}   {figure.target}{mark}", flush=True)


if __name__ == "__main__":
    main()
