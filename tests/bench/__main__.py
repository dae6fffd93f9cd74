"""`python -m tests.bench [SIZE ...]`: every figure of the README, in one run, as a Markdown table.

Ratios are taken within the run. OpenClaw's own update is measured where Node and npm are there.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from store.text.read import open_store
from tests.bench import diffing, editing, headless, screen
from tests.bench.measure import Figure
from tests.interop.openclaw import Release, release
from tests.support.big_store import SIZES, Size, write_store


def main(names: list[str]) -> None:
    """Measure the sizes named, or all."""
    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    openclaw = _openclaw()
    wanted = [name.lower() for name in names]
    measured: dict[Size, list[Figure]] = {}
    for size in SIZES:
        if not names or size.name.replace(" ", "").lower() in wanted:
            print(f"{size.name} ...", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory() as scratch:
                measured[size] = _measure(size, Path(scratch), openclaw)
    print("\n".join(_table(measured)))


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
