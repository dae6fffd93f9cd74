"""Timing that can be trusted a little: several runs, medians, ratios within one run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing; `target` is empty where the design names none."""

    what: str
    value: str
    target: str = ""
    met: bool | None = None


def milliseconds(work: Callable[[], object], runs: int = 7, warm_up: int = 1) -> list[float]:
    """Wall-clock milliseconds of each run, sorted."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return sorted(times)


def installed(scratch: Path) -> dict[str, str]:
    """The environment of an installed program, whose modules are compiled: the first run in it compiles them."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return env | {"HOME": str(scratch), "PYTHONPYCACHEPREFIX": str(scratch / "compiled")}


def ms(value: float) -> str:
    """A time for a table."""
    return f"{value:.2f} ms" if value < 10 else f"{value:,.0f} ms"


def middle(times: list[float]) -> float:
    """The median."""
    return median(times)
