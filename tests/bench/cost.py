"""What watching costs: processor time of a whole process while a big store is rewritten, and bytes to the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.measure import Figure
from tests.bench.screen import dashboard, has_rows, swap_in, two_versions

SETTLE_S = 3.0
PACES = ((8.0, 3), (0.1, 100))
"""Seconds between rewrites, and how many of them."""
_TICKS = os.sysconf("SC_CLK_TCK")


def measure(path: Path, home: Path) -> list[Figure]:
    """The headless watch and the dashboard, at each pace."""
    figures = []
    for seconds, times in PACES:
        pace = f"20 MB rewritten every {seconds:g} s"
        with _headless(path, home) as process:
            figures.append(_figure(f"`watch --json`, {pace}", process.pid, path, seconds, times))
        with dashboard(path, home) as screen:
            screen.read_until(has_rows, 30)
            reader = threading.Thread(target=screen.read, args=(SETTLE_S + seconds * times + 5,))
            reader.start()
            time.sleep(SETTLE_S)
            figures.append(_figure(f"dashboard, {pace}", screen.process.pid, path, seconds, times))
            screen.process.terminate()
            reader.join()
    return figures


@contextmanager
def _headless(path: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tui", "watch", "--json", "--store", str(path)]
    process = subprocess.Popen(command, env={**os.environ, "HOME": str(home)}, stdout=subprocess.PIPE)
    assert process.stdout is not None and b"snapshot" in process.stdout.readline()
    drain = threading.Thread(target=process.stdout.read)
    drain.start()
    time.sleep(SETTLE_S)
    try:
        yield process
    finally:
        process.terminate()
        drain.join()
        process.wait()
        process.stdout.close()


def _figure(what: str, pid: int, path: Path, seconds: float, times: int) -> Figure:
    before, start = cpu_s(pid), time.monotonic()
    with two_versions(path) as versions:
        for turn in range(times):
            swap_in(versions[1 - turn % 2], path)
            time.sleep(seconds)
    spent, took = cpu_s(pid) - before, time.monotonic() - start
    return Figure(what, f"{spent / took:.1%} of a core, {1000 * spent / times:.0f} ms a version")


def cpu_s(pid: int) -> float:
    """Seconds of processor time a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
