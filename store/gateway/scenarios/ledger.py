"""The truth about a simulated store: that it is one, and for each of its writes what it destroyed.

The ledger is a file beside the store, `sessions.json.simulated`, made together with it. Without it a store is not the
simulator's, and nothing here touches it. Its lock gives the writes of several processes one order.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from store.errors import UsageError
from store.events import FileId
from store.js import ABSENT, Json, JsonObject, Value, encode

SUFFIX = ".simulated"


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One field that a write set to another value than its path would have, from the entry as it was."""

    key: str
    field: str
    old: Value
    now: Value

    def to_json(self) -> JsonObject:
        """A member is missing where the field was, or is, not set."""
        values = {"old": self.old, "now": self.now}
        return {"key": self.key, "field": self.field} | {
            name: value for name, value in values.items() if value is not ABSENT
        }


@dataclass(frozen=True, slots=True)
class Truth:
    """One write: its number from 1 up, the path and the session it was for, and the write whose version it was made of.

    `base` is 0 for the store as it was made. `at` is in seconds; `file` is the version it put in place.
    """

    write: int
    at: float
    path: str
    racy: bool
    key: str
    base: int
    pid: int
    file: FileId
    destroyed: tuple[Destroyed, ...]

    def to_json(self) -> JsonObject:
        """One line of `simulate`; times in milliseconds since 1970."""
        return {
            "write": self.write,
            "at": int(self.at * 1000),
            "path": self.path,
            "racy": self.racy,
            "key": self.key,
            "base": self.base,
            "pid": self.pid,
            "inode": self.file.inode,
            "mtimeNs": str(self.file.mtime_ns),
            "destroyed": [lost.to_json() for lost in self.destroyed],
        }


@dataclass
class Page:
    """A turn of one writer: the number of its write, and which version each known file is."""

    write: int
    versions: Mapping[tuple[int, int], int]
    _descriptor: int

    def version_of(self, file: FileId | None) -> int:
        """The write that put this file in place; the newest one for a writer that held no copy."""
        return self.write - 1 if file is None else self.versions.get((file.inode, file.mtime_ns), 0)

    def note(self, truth: Truth) -> None:
        """Add the write."""
        os.write(self._descriptor, (json.dumps(truth.to_json()) + "\n").encode())


@dataclass
class Ledger:
    """The record of one simulated store; several processes may hold one each. Raises UsageError for any other store."""

    store: Path
    _versions: dict[tuple[int, int], int] = field(default_factory=dict)
    _read: int = 0
    _written: int = 0

    def __post_init__(self) -> None:
        if not is_simulated(self.store):
            raise UsageError(f"{self.store} was not made by the simulator; name a file that does not exist yet")

    @contextmanager
    def turn(self) -> Iterator[Page]:
        """Wait until nobody else writes, and keep it so."""
        descriptor = os.open(_beside(self.store), os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._catch_up(descriptor)
            yield Page(self._written + 1, self._versions, descriptor)
        finally:
            os.close(descriptor)

    def _catch_up(self, descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        lines = os.pread(descriptor, size - self._read, self._read).splitlines()
        self._read = size
        for line in lines:
            told = json.loads(line)
            if "write" in told:
                self._written = told["write"]
                self._versions[told["inode"], int(told["mtimeNs"])] = self._written


def is_simulated(store: Path) -> bool:
    """Whether the simulator made this store."""
    return _beside(store).is_file() and store.is_file()


def make_store(store: Path, entries: Mapping[str, Json]) -> Path:
    """A new store with these entries, and its ledger; its directory is made as well. Raises UsageError if it exists."""
    store.parent.mkdir(parents=True, exist_ok=True)
    for path, text in ((store, encode(dict(entries))), (_beside(store), json.dumps({"simulated": store.name}) + "\n")):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise UsageError(f"{path} exists already; name a file that does not") from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    return store


def truths(store: Path) -> list[JsonObject]:
    """Every write so far, in order."""
    lines = map(json.loads, _beside(store).read_text().splitlines())
    return [line for line in lines if "write" in line]


def _beside(store: Path) -> Path:
    return store.with_name(store.name + SUFFIX)
