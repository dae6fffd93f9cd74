"""The dashboard on a terminal of its own: start, latency, bytes, stalls, memory."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.summary import summarise
from store.text.parsing import parse
from tests.bench.diffing import other_version
from tests.bench.measure import Figure, installed, middle, ms
from tests.support.pty_screen import PtyScreen

KEYS = 40
STARTS = 5
BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("first paint")

Bare().run()
"""
VERSIONS = 20
IDLE_S = 3.0


def measure(path: Path, home: Path) -> list[Figure]:
    """Everything that needs a running dashboard, on one store."""
    size_mb = path.stat().st_size / 1e6
    first = middle([_first_rows(path, home) for _ in range(STARTS)])
    bare = middle([_first_paint_of_bare_textual(home) for _ in range(STARTS)])
    with dashboard(path, home) as screen:
        screen.read_until(lambda lines: has_rows(lines) and "not known yet" not in lines[0], 30)
        screen.read_until_quiet(1.5)
        idle = screen.read(IDLE_S)
        latencies, per_cell = _visible_changes(screen, path)
        stalls = _key_times(screen, path)
        peak_mb = _peak_memory_mb(screen.process.pid)
    limit = 2.5 * size_mb + 80
    return [
        Figure("start to first painted rows", ms(first), "<= 500 ms at 20 MB", first <= 500),
        Figure("a bare Textual program, start to first paint", ms(bare)),
        Figure("bytes to the terminal, idle", f"{idle} in {IDLE_S:.0f} s", "0", idle == 0),
        Figure("bytes per changed visible cell", f"{per_cell:.0f}", "<= 400", per_cell <= 400),
        Figure(
            "version on disk to changed cell, median",
            ms(middle(latencies)),
            "<= 50 ms at 56 MB",
            middle(latencies) <= 50,
        ),
        Figure("key to repaint at 10 versions/s, worst", ms(stalls[-1]), "<= 50 ms at 56 MB", stalls[-1] <= 50),
        Figure("key to repaint at 10 versions/s, median", ms(middle(stalls))),
        Figure("peak memory of the process", f"{peak_mb:.0f} MB", "<= 2.5x the file + 80 MB", peak_mb <= limit),
    ]


@contextmanager
def dashboard(path: Path, home: Path, columns: int = 80, rows: int = 24) -> Iterator[PtyScreen]:
    """The dashboard on a terminal of its own."""
    env = installed(home) | {"XDG_STATE_HOME": str(home / "state")}
    command = [sys.executable, "-m", "tui", "--store", str(path)]
    with PtyScreen(command, columns, rows, env=env) as screen:
        yield screen


def _first_rows(path: Path, home: Path) -> float:
    with dashboard(path, home) as screen:
        return screen.read_until(has_rows, 30) * 1e3


def _first_paint_of_bare_textual(home: Path) -> float:
    with PtyScreen([sys.executable, "-c", BARE], 80, 24, env=installed(home)) as screen:
        return screen.read_until(lambda lines: any("first paint" in line for line in lines), 30) * 1e3


def has_rows(lines: list[str]) -> bool:
    """Whether the table shows entries."""
    return any(":" in line for line in lines[3:8])


def swap_in(version: Path, store: Path) -> None:
    """Put a version in place without copying it: what is measured is the watcher, not the writer."""
    name = store.with_suffix(".swap")
    os.link(version, name)
    os.replace(name, store)
    name.unlink(missing_ok=True)  # two names of one file: the rename did nothing


@contextmanager
def two_versions(path: Path) -> Iterator[tuple[Path, Path]]:
    """The store as it is, and with another level in its newest entry, which is on the screen."""
    first = path.with_suffix(".a.json")
    os.link(path, first)
    document = parse(path.read_bytes(), check=False)
    newest = max((summarise(*item) for item in document.raws()), key=lambda row: row.updated_at or 0)
    second = other_version(path, {"thinkingLevel": "xhigh"}, newest.key)
    try:
        yield first, second
    finally:
        swap_in(first, path)
        first.unlink()
        second.unlink()


def _visible_changes(screen: PtyScreen, path: Path) -> tuple[list[float], float]:
    """Milliseconds from rename to bytes, and bytes per version, for a change of a row that is on the screen."""
    latencies, octets = [], []
    with two_versions(path) as versions:
        for turn in range(1, VERSIONS + 1):
            screen.read_until_quiet(0.4)
            screen.forget()
            start = time.perf_counter()
            swap_in(versions[turn % 2], path)
            while not screen.read(0.002):
                if time.perf_counter() - start > 5:
                    raise TimeoutError("the change of a visible row never reached the terminal")
            latencies.append((time.perf_counter() - start) * 1e3)
            screen.read_until_quiet(0.2)
            octets.append(len(screen.received))
    return sorted(latencies), middle([float(count) for count in octets])


def _key_times(screen: PtyScreen, path: Path) -> list[float]:
    """Milliseconds from a cursor key to its first byte, while the store is replaced ten times a second."""
    stop = threading.Event()
    with two_versions(path) as versions:
        writer = threading.Thread(target=_replace_until, args=(stop, versions, path))
        writer.start()
        times = []
        for turn in range(KEYS):
            screen.read_until_quiet(0.02, 0.2)
            start = time.perf_counter()
            screen.send("jk"[turn % 2])
            while not screen.read(0.001):
                if time.perf_counter() - start > 5:
                    break
            times.append((time.perf_counter() - start) * 1e3)
        stop.set()
        writer.join()
    return sorted(times)


def _replace_until(stop: threading.Event, versions: tuple[Path, Path], path: Path) -> None:
    turn = 0
    while not stop.wait(0.1):
        turn += 1
        swap_in(versions[turn % 2], path)


def _peak_memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0
