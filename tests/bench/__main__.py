"""`python -m tests.bench [SIZE|SECTION ...] [long]`: every figure of the README, in one run, as Markdown tables.

A SIZE is `100kb`, `3mb`, `20mb` or `56mb`, a SECTION `capture`, `cost`, `wire`, `memory`, `recording` or `detection`;
all unless some are named. With `long`, versions are captured for 30 s each time.

Ratios are taken within the run. OpenClaw's own update is measured where Node and npm are there.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from store.text.read import open_store
from tests.bench import capture, cost, detection, diffing, editing, headless, memory, recording, screen, wire
from tests.bench.measure import Figure
from tests.interop.openclaw import Release, release
from tests.support.big_store import SIZES, Size, write_store

SHORT_S, LONG_S = 10.0, 30.0
"""How long versions are captured; the second with `long`."""


def main(names: list[str]) -> None:
    """Measure the sizes and sections named, or all."""
    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    wanted = [name.lower() for name in names if name != "long"]
    sizes = [size for size in SIZES if not wanted or size.name.replace(" ", "").lower() in wanted]
    measured: dict[Size, list[Figure]] = {}
    openclaw = _openclaw() if sizes else None
    for size in sizes:
        print(f"{size.name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            measured[size] = _measure(size, Path(scratch), openclaw)
    if measured:
        print("\n".join(_table(measured)))
    for name, section in _sections(LONG_S if "long" in names else SHORT_S).items():
        if not wanted or name in wanted:
            print(f"{name} ...", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory() as scratch:
                print("\n".join(_list(name, section(Path(scratch)))))


def _sections(seconds: float) -> Mapping[str, Callable[[Path], list[Figure]]]:
    return {
        "capture": lambda scratch: capture.measure(scratch, seconds),
        "cost": lambda scratch: cost.measure(_store_of(scratch, "20 MB"), scratch),
        "wire": lambda scratch: [*wire.measure(_store_of(scratch, "20 MB"), scratch)],
        "memory": memory.measure,
        "recording": lambda scratch: recording.measure(_store_of(scratch, "3 MB"), scratch),
        "detection": lambda _scratch: detection.measure(),
    }


def _store_of(scratch: Path, name: str) -> Path:
    store = scratch / "sessions.json"
    write_store(store, next(size for size in SIZES if size.name == name))
    return store


def _list(name: str, figures: Sequence[Figure]) -> Iterator[str]:
    yield f"\n| {name} | | target |\n|---|---|---|"
    for figure in figures:
        value = f"**{figure.value}**" if figure.met is False else figure.value
        yield f"| {figure.what} | {value} | {figure.target} |"


def _openclaw() -> Release | None:
    try:
        return release("2026.3.2")
    except pytest.skip.Exception:
        return None


def _measure(size: Size, scratch: Path, openclaw: Release | None) -> list[Figure]:
    store = scratch / "sessions.json"
    write_store(store, size)
    untouched = Path(shutil.copy(store, scratch / "untouched.json"))
    with open_store(store) as opened:
        key = opened.document.keys()[len(opened.document) // 2]
    figures = diffing.measure(store)
    figures += editing.measure(store, openclaw, scratch / "openclaw")
    figures += headless.measure(store, key, scratch)
    untouched.replace(store)  # an entry edited just now would show an age that steps every 10 s
    return figures + screen.measure(store, scratch)


def _table(measured: Mapping[Size, Sequence[Figure]]) -> Iterator[str]:
    yield "| | " + " | ".join(f"{size.name}, {size.entries:,} entries" for size in measured) + " | target |"
    yield "|---" * (len(measured) + 2) + "|"
    for row in zip(*measured.values(), strict=True):
        cells = [_cell(figure, size) for figure, size in zip(row, measured, strict=True)]
        yield f"| {row[0].what} | {' | '.join(cells)} | {row[-1].target} |"


def _cell(figure: Figure, size: Size) -> str:
    """The value, in bold where it misses a target that is meant for this size."""
    meant = " at " not in figure.target or figure.target.endswith(size.name)
    return f"**{figure.value}**" if meant and figure.met is False else figure.value


if __name__ == "__main__":
    main(sys.argv[1:])
