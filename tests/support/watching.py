"""Stores for the watching tests, and what a writer does to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from store.events import Event
from store.js import encode

E = TypeVar("E", bound=Event)


def content(entries: int = 3, label: str = "") -> bytes:
    """A store of so many entries; `label` goes into the first one."""
    return encode({f"agent:main:{n}": {"n": n, "label": label if n == 0 else ""} for n in range(entries)}).encode()


def replace(store: Path, data: bytes, temp: str = "temp") -> None:
    """Put a new version in the store's place, as OpenClaw does: temp file, then rename."""
    written = store.with_name(temp)
    written.write_bytes(data)
    os.rename(written, store)


def until(events: Iterator[Event], kind: type[E]) -> tuple[E, list[Event]]:
    """The next event of this kind, and those before it."""
    before: list[Event] = []
    for event in events:
        if isinstance(event, kind):
            return event, before
        before.append(event)
    raise AssertionError("the stream ended")


def open_descriptors() -> set[str]:
    """What this process has open, by what it leads to."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(f"{name} {os.readlink(f'/proc/self/fd/{name}')}")
        except OSError:
            continue
    return found
