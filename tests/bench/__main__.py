"""`python -m tests.bench [SIZE ...]`: every figure of the README, in one run, as a Markdown table.

Ratios are taken within the run. OpenClaw's own update is measured where Node and npm are there.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
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
    for size in SIZES:
        if not names or size.name.replace(" ", "").lower() in [name.lower() for name in names]:
            with tempfile.TemporaryDirectory() as scratch:
                _print(size, _measure(size, Path(scratch), openclaw))


def _openclaw() -> Release | None:
    try:
        return release("2026.3.2")
    except pytest.skip.Exception:
        return None


def _measure(size: Size, scratch: Path, openclaw: Release | None) -> list[Figure]:
    store = scratch / "sessions.json"
    write_store(store, size)
    with open_store(store) as opened:
        key = opened.document.keys()[len(opened.document) // 2]
    figures = diffing.measure(store)
    figures += editing.measure(store, openclaw, scratch / "openclaw")
    figures += headless.measure(store, key, scratch)
    return figures + screen.measure(store, scratch)


def _print(size: Size, figures: list[Figure]) -> None:
    print(f"| {size.name}, {size.entries:,} entries | measured | target | |\n|---|---|---|---|")
    for figure in figures:
        met = {True: "met", False: "missed", None: ""}[figure.met]
        print(f"| {figure.what} | {figure.value} | {figure.target} | {met} |")
    print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
