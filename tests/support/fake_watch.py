"""A watch that yields what a test tells it to."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from store.events import Changed, EntryChange, Event, FileId, Loaded, Version, Writer

GATEWAY = Writer(48213, "lock")


class StopEvent(Protocol):
    """What ends the stream."""

    def is_set(self) -> bool:
        """Whether to stop."""


def version(number: int, at: float, writer: Writer = GATEWAY, size: int = 1000) -> Version:
    """Some version of some file of so many bytes."""
    return Version(number, at, FileId(1, number, size, int(at * 1e9)), writer)


class FakeWatch:
    """One store whose versions are given as entries; keeps the present texts as the real watch does."""

    def __init__(self, path: Path, entries: Mapping[str, object], at: float, size: int = 1000) -> None:
        self.path = path
        self._size = size
        self.texts = {key: json.dumps(entry).encode() for key, entry in entries.items()}
        self._yielded = dict(self.texts)
        self.number = 1
        self.saved: list[Path] = []
        self.accepted = 0
        self.reads = 0
        self.rechecks = 0
        self.wait_s = 0.02
        self.on_empty: Callable[[], object] = lambda: None
        self.told = threading.Event()
        """Everything that was pushed before the first pause was yielded, and taken in."""
        self._queue: queue.Queue[Event] = queue.Queue()
        self.push(Loaded(path, version(1, at, size=size), len(self.texts)))

    def push(self, event: Event) -> None:
        """The next event of the stream."""
        self._queue.put(event)

    def change(self, at: float, entries: Mapping[str, object | None], writer: Writer = GATEWAY) -> Changed:
        """The next version: these entries are other ones now, None is gone."""
        self.number += 1
        changes = []
        for key, entry in entries.items():
            before, after = self.texts.get(key), None if entry is None else json.dumps(entry).encode()
            if after is None:
                self.texts.pop(key, None)
            else:
                self.texts[key] = after
            changes.append(EntryChange(key, before, after))
        event = Changed(self.path, version(self.number, at, writer, self._size), tuple(changes), len(self.texts))
        self.push(event)
        return event

    def recheck(self, store: Path) -> None:
        """Somebody doubts the version that was yielded."""
        self.rechecks += 1

    def events(self, stop: StopEvent) -> Iterator[Event]:
        """What was pushed, until told to stop."""
        while not stop.is_set():
            try:
                event = self._queue.get(timeout=self.wait_s)
            except queue.Empty:
                self.told.set()
                self.on_empty()
                continue
            if isinstance(event, Changed):
                for entry in event.changes:
                    if entry.after is None:
                        self._yielded.pop(entry.key, None)
                    else:
                        self._yielded[entry.key] = entry.after
            yield event

    def raw(self, store: Path, key: str) -> bytes | None:
        """The text of an entry in the version that was yielded last."""
        return self._yielded.get(key)

    def keys(self, store: Path) -> list[str]:
        """The keys of the version that was yielded last."""
        return list(self._yielded)

    def flaws(self, store: Path) -> dict[str, str]:
        """None: it is no database."""
        return {}

    def seen(self, store: Path) -> int:
        """Versions so far."""
        return self.number

    def missed(self, store: Path) -> int | None:
        """None was missed."""
        return 0

    def save_good(self, store: Path, target: Path) -> int:
        """Note the target, and write it."""
        with target.open("xb") as file:
            written = file.write(b"{}")
        self.saved.append(target)
        return written

    def accept(self, store: Path) -> None:
        """Note it."""
        self.accepted += 1

    def read_again(self, store: Path) -> None:
        """Note it."""
        self.reads += 1
