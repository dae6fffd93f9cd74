"""`python -m tests.bench.storm [--seconds S] [--size "3 MB"]`: the dashboard while 50 rows a second change.

A store of 6,000 entries on a terminal of its own, at 80x24 and at 160x45; another process rewrites it 50 times a second
with one row changed, 10 times with five, once with fifty; an operator moves, pages, filters, opens and leaves.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Hashable, Iterator, Sequence
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
LIMIT_BYTES_S = 8_000
_PAGE_DOWN, _PAGE_UP = "\x1b[6~", "\x1b[5~"
_KEYS = (*"jjjk", _PAGE_DOWN, *"jjk", _PAGE_DOWN, _PAGE_UP, *"/tele", "\r", *"jjk", "\x1b", "\r", *"jjjk", "q", *"Ggj")
_MISSED = re.compile(r"([\d,]+) of ([\d,]+) missed")
_ROOT = Path(__file__).parents[2]


class Storm(NamedTuple):
    """What was measured in one of them; times in milliseconds."""

    answers: Sequence[float]
    unanswered: int
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
    answers, rate = storm.answers, storm.sent / storm.seconds
    p99 = _share(answers, 0.99)
    told = f"{ms(_share(answers, 0.5))}, {ms(p99)}, {ms(answers[-1])} of {len(answers)} keys"
    lost = f"; {storm.unanswered} UNANSWERED" if storm.unanswered else ""
    yield Figure(f"{what}: key to repaint, p50, p99, max", told + lost, "p99 <= 50 ms", p99 <= LIMIT_MS and not lost)
    yield Figure(f"{what}: to the terminal", f"{rate / 1000:.1f} KB/s", "")
    did = f"{storm.cpu:.0%} of a core; {storm.written:,} versions written, {storm.shown or 'none missed'}"
    yield Figure(f"{what}: process", did)


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
            while (left := begun + seconds - time.perf_counter()) > 0:
                time.sleep(min(PACE_S, left))
                tape.press(next(keys))
            time.sleep(1.0)
            cpu, took = cpu_s(pid) - before, time.perf_counter() - begun
        told = json.loads(writer.communicate()[0])
        answers = tape.answers(_looks)
        found = _MISSED.search(screen.text()[0])
    known = sorted(answer * 1e3 for answer in answers if answer is not None)
    sent = sum(len(octets) for _, octets in tape.pieces)
    missed = f"{found[0]}" if found else ""
    return Storm(known, len(answers) - len(known), sent, took, cpu / took, told["written"], missed)


def _looks(lines: list[str]) -> Hashable:
    """What keys change and news do not: where one is, and on which row; counts aside."""
    cursor = next(((at, line[4:31]) for at, line in enumerate(lines) if line.startswith("▌")), None)
    return re.sub(r"[\d,]+", "", lines[1]), lines[-1], cursor


def _share(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return values[min(len(values) - 1, int(share * len(values)))]


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
