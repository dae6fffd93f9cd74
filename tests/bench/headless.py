"""The command line as a whole process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.measure import Figure, installed, middle, milliseconds, ms


def measure(path: Path, key: str, home: Path) -> list[Figure]:
    """`show` and `list`, from start of the process to its end."""
    show = _whole_process(["show", key, "--json", "--store", str(path)], home)
    listing = _whole_process(["list", "--json", "--store", str(path)], home)
    return [
        Figure("headless show, whole process", ms(show), "<= 120 ms at 56 MB", show <= 120),
        Figure("headless list, whole process", ms(listing)),
    ]


def _whole_process(arguments: list[str], home: Path) -> float:
    env = installed(home)
    command = [sys.executable, "-m", "tui", *arguments]
    return middle(milliseconds(lambda: subprocess.run(command, env=env, capture_output=True, check=True), runs=5))
