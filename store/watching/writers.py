"""Evidence about who wrote a version, judged in the order of the events: the lock file, the temp file's name.

OpenClaw's temp file is `<store>.<pid>.<uuid>.tmp` in 2026.1.29 and `<store>.<uuid>.tmp` from 2026.2.26 on; ours
names its process too (`store.writing.names`).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from store.events import UNKNOWN_WRITER, EntryChange, FileId, Writer
from store.writing.holder import Marker, lock_path, observe
from store.writing.names import parse_name, user


class Ours(Protocol):
    """Tells the versions that this user's clobberwatch made, whichever process of it."""

    def __call__(self, store: Path, file: FileId, at: float, changes: Sequence[EntryChange], /) -> bool:
        """Whether this is one: the file put in place, seen `at` that time (wall-clock seconds), and what it changed."""


@dataclass(frozen=True, slots=True)
class LockSight:
    """A lock file as it was seen; `noticed` is monotonic seconds. `marker` is None when it was gone again."""

    noticed: float
    marker: Marker | None
    pid: int | None
    """The holder, where the payload is certainly this lock's and its process lives."""


class Evidence:
    """What is known about the writer of the store's next version. `sight` may be read from any thread."""

    def __init__(self, store: Path) -> None:
        self._name = store.name
        self._temp_name = re.compile(re.escape(os.fsencode(store.name)) + rb"\.(\d{1,10})\.[0-9a-fA-F-]{8,36}\.tmp")
        self._lock = lock_path(store)
        self.sight: LockSight | None = None
        self._certain = False

    def look(self) -> Marker | None:
        """Read the lock file now."""
        return observe(self._lock)

    def lock_seen(self, marker: Marker | None, *, certain: bool) -> None:
        """A lock file was made, or written to; `certain` when nobody else can have made the one that was read."""
        pid = marker.pid if certain and marker is not None and marker.verdict() == "live" else None
        known = self.sight
        noticed = known.noticed if known and known.pid in (None, pid) else time.monotonic()
        self.sight = LockSight(noticed, marker, pid)
        self._certain = True

    def lock_gone(self) -> None:
        """The lock file was removed."""
        self.sight = None
        self._certain = True

    def start_over(self) -> None:
        """Events may have been lost: what the lock file is now is known, what it was is not."""
        marker = self.look()
        if marker is None:
            self.sight = None
        else:
            self.lock_seen(marker, certain=True)
        self._certain = True

    def writer(self, temp: bytes | None) -> Writer:
        """Who replaced the store by the file once called `temp`, as far as that can be known at this event."""
        operator = self._operator(temp) if temp is not None else None
        if operator is not None:
            return operator
        named = self._named_by(temp) if temp is not None else None
        holder = self.sight.pid if self.sight else None
        if named is not None and named != holder:
            return Writer(named, "temp")
        if holder is not None:
            return Writer(holder, "lock")
        return Writer(None, "no lock") if self._certain and self.sight is None else UNKNOWN_WRITER

    def _operator(self, temp: bytes) -> Writer | None:
        """The other user whose clobberwatch made the file."""
        theirs = parse_name(os.fsdecode(temp))
        if theirs is None or theirs.target != self._name or theirs.user == user():
            return None
        return Writer(theirs.pid, "clobberwatch", theirs.user)

    def _named_by(self, temp: bytes) -> int | None:
        if (theirs := self._temp_name.fullmatch(temp)) is not None:
            return int(theirs[1])
        ours = parse_name(os.fsdecode(temp))
        return ours.pid if ours is not None and ours.target == self._name else None
