"""One store's last good version, and what each arrival makes of it.

Two buffers take turns, so that a version that is refused never overwrites the last good one.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from store.errors import Damaged, Missing, Torn, Unreadable
from store.events import (
    Broken,
    Changed,
    EntryChange,
    Event,
    FileId,
    Loaded,
    Missed,
    Recovered,
    Version,
    Watching,
    Writer,
)
from store.owners import cannot_open
from store.text.document import Document
from store.text.parsing import compare, diff, parse
from store.text.read import VersionReader, file_id
from store.watching.arrivals import Arrived, add
from store.watching.probe import pin_file
from store.watching.writers import Ours

SETTLE_S = 0.1
"""What may be half of a write, or between a removal and its replacement, is looked at again after this long."""
PATIENCE_S = 2.0
"""A file that is never the same twice counts as unreadable after this long."""
SHRUNK_TO = 0.1
SHRUNK_BY = 10

Kind: TypeAlias = Literal["unreadable", "empty", "shrank", "vanished", "denied"]


@dataclass(frozen=True, slots=True)
class _Problem:
    kind: Kind
    detail: str
    file: FileId | None = None
    entries: int | None = None
    certain: bool = True
    """Not the middle of a write."""


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A problem that may pass, since when, and when to look again (monotonic seconds)."""

    kind: Kind
    file: FileId | None
    since: float
    due: float


def has_shrunk(before: int, now: int) -> bool:
    """Whether so many entries are gone at once that the file is not believed without being asked."""
    return (now == 0 and before > 0) or (before - now >= SHRUNK_BY and now <= before * SHRUNK_TO)


def _cannot_open(store: Path, number: int, *, certain: bool) -> _Problem:
    detail = cannot_open(store, OSError(number, os.strerror(number))).reason
    if number in (errno.ENOENT, errno.ENOTDIR):
        return _Problem("vanished", detail, certain=certain)
    return _Problem("denied" if number in (errno.EACCES, errno.EPERM) else "unreadable", detail)


def _damage(error: Unreadable, arrival: Arrived) -> _Problem:
    file = file_id(os.fstat(arrival.pin.fd))
    certain = not arrival.in_place and not isinstance(error, Torn)
    return _Problem("unreadable" if file.size else "empty", error.reason, file, certain=certain)


class Live:
    """The last good version of one store.

    `raw`, `keys` and `good_bytes` may be called from any thread; everything else belongs to the reading one.
    """

    def __init__(
        self,
        store: Path,
        *,
        clock: Callable[[], float] = time.time,
        ours: Ours | None = None,
        checks: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.seen = 0
        self._missed: int | None = 0
        self._clock, self._monotonic, self._ours = clock, monotonic, ours
        self._checks = checks
        self._reader = VersionReader()
        self._lock = threading.Lock()
        self._document: Document | None = None
        self._content: tuple[bytearray, int] = (bytearray(), 0)
        self._good: Version | None = None
        self._file: FileId | None = None
        self._number = 0
        self._broken: _Problem | None = None
        self._doubt: _Doubt | None = None
        self._counting = True
        self._gap_said = False

    # What others ask

    @property
    def missed(self) -> int | None:
        """Versions that came and went unseen; None where that cannot be known."""
        return self._missed if self._counting else None

    def raw(self, key: str) -> bytes | None:
        """A copy of the entry's JSON text in the last good version; None when it has none."""
        with self._lock:
            try:
                return None if self._document is None else self._document.raw(key)
            except KeyError:
                return None

    def keys(self) -> list[str]:
        """The keys of the last good version, in file order."""
        with self._lock:
            return [] if self._document is None else self._document.keys()

    def good_bytes(self) -> bytes:
        """A copy of the last good version; raises Missing when there never was one."""
        with self._lock:
            if self._document is None:
                raise Missing(f"No good version of {self.store} was seen yet.")
            buffer, size = self._content
            return bytes(memoryview(buffer)[:size])

    # What the watching thread tells

    def watching(self, event: Watching) -> list[Event]:
        """How versions are noticed from now on; without inotify the missed ones cannot be counted."""
        self._counting = event.how == "inotify"
        self._gap_said = False
        return [event]

    def gap(self, at: float, count: int | None) -> list[Event]:
        """Versions came and went unseen."""
        if self._good is None and self._broken is None:
            return []
        if count is None:
            return self._unknown_gap(at)
        self._missed = add(self._missed, count)
        self._number += count
        return [Missed(self.store, at, count)]

    def arrived(self, arrival: Arrived) -> list[Event]:
        """Read the version the arrival holds; the caller closes its pin."""
        if self._broken is None and self._doubt is None and arrival.pin.file == self._file and not arrival.written:
            return []
        return self._take(arrival, accept=False)

    def unopened(self, at: float, number: int) -> list[Event]:
        """The store's name could not be opened."""
        return self._judge(_cannot_open(self.store, number, certain=self._good is None), at)

    def reread(self, *, accept: bool = False) -> list[Event]:
        """Read the file now; with `accept`, believe it even though it shrank."""
        now = self._clock()
        try:
            pin = pin_file(self.store)
        except OSError as error:
            return self.unopened(now, error.errno or errno.EIO)
        try:
            return self._take(Arrived(self.store, now, pin, in_place=True, written=True), accept=accept)
        finally:
            pin.close()

    def recheck(self, at: float) -> list[Event]:
        """Decode every entry of the version that is held; one that OpenClaw would not read was never a good one."""
        old, good = self._document, self._good
        if old is None or good is None:
            return []
        buffer, size = self._content
        try:
            document = parse(buffer, size)
        except Damaged as error:
            with self._lock:
                self._document, self._good = None, None
            return self._judge(_Problem("unreadable", error.reason, good.file), at)
        with self._lock:
            self._document = document
        changes = tuple(compare(old, document))
        return [Changed(self.store, good, changes, len(document))] if changes else []

    def due(self) -> float | None:
        """When `reread` is wanted because the last look was inconclusive, in monotonic seconds."""
        return self._doubt.due if self._doubt else None

    # One version

    def _take(self, arrival: Arrived, *, accept: bool) -> list[Event]:
        try:
            return self._read(arrival, accept=accept)
        except Unreadable as error:
            problem = _damage(error, arrival)
        except OSError as error:
            problem = _Problem("unreadable", cannot_open(self.store, error).reason, arrival.pin.file)
        return self._judge(problem, arrival.at)

    def _read(self, arrival: Arrived, *, accept: bool) -> list[Event]:
        buffer, status = self._reader.read(arrival.pin.fd, self.store)
        file, old = file_id(status), self._document
        changes: tuple[EntryChange, ...] = ()
        if old is None:
            document = parse(buffer, file.size, check=self._checks)
        else:
            document, changes = diff(old, buffer, file.size)
            if not accept and has_shrunk(len(old), len(document)):
                detail = f"from {len(old):,} entries to {len(document):,}"
                return self._judge(_Problem("shrank", detail, file, len(document)), arrival.at)
        self._doubt = None
        same_file = self._good is not None and file == self._good.file
        unknown = file != self._file and (bool(changes) or not _same_inode(file, self._file)) and arrival.in_place
        events = self._unknown_gap(arrival.at) if unknown or not (self._counting or same_file) else []
        if self._broken is not None:
            self._broken = None
            events.append(Recovered(self.store, arrival.at))
        if same_file and not changes:
            self._file = file
            return events
        version = self._version(arrival, file, changes)
        self._keep(document, buffer, version)
        if old is None:
            return [*events, Loaded(self.store, version, len(document))]
        return [*events, Changed(self.store, version, changes, len(document))]

    def _version(self, arrival: Arrived, file: FileId, changes: tuple[EntryChange, ...]) -> Version:
        self._count(file)
        draft, writer = arrival.draft, self._writer(arrival, file, changes)
        return Version(self._number, arrival.at, file, writer, draft.created, draft.overtaken)

    def _writer(self, arrival: Arrived, file: FileId, changes: tuple[EntryChange, ...]) -> Writer:
        writer = arrival.writer
        if self._ours is None:
            return writer
        if self._ours(self.store, file, arrival.at, changes):
            return Writer(writer.pid, "you")
        if writer == Writer(os.getpid(), "lock"):
            return Writer(None, "no lock")
        return writer

    def _count(self, file: FileId) -> None:
        if file != self._file:
            self.seen += 1
            self._number += 1
            self._file = file

    def _keep(self, document: Document, buffer: bytearray, version: Version) -> None:
        with self._lock:
            self._reader.keep()
            self._document, self._content = document, (buffer, version.file.size)
        self._good = version
        if self._counting:
            self._gap_said = False

    def _unknown_gap(self, at: float) -> list[Event]:
        if self._good is None or self._gap_said:
            return []
        self._missed = None
        self._gap_said = True
        return [Missed(self.store, at, None)]

    # What is no good version

    def _judge(self, problem: _Problem, at: float) -> list[Event]:
        if not problem.certain and not self._settled(problem):
            return []
        self._doubt = None
        if problem.file is not None:
            self._count(problem.file)
        before, self._broken = self._broken, problem
        if before is not None and before.kind == problem.kind:
            return []
        entries = 0 if self._document is None else len(self._document)
        return [Broken(self.store, at, problem.kind, problem.detail, self._good, entries, problem.entries)]

    def _settled(self, problem: _Problem) -> bool:
        """Whether the same was seen long enough ago; otherwise a later look is asked for."""
        now, doubt = self._monotonic(), self._doubt
        same = doubt is not None and (doubt.kind, doubt.file) == (problem.kind, problem.file)
        since = now if doubt is None else doubt.since
        if doubt is not None and now >= doubt.due and (same or now - since >= PATIENCE_S):
            return True
        if doubt is None or not same:
            self._doubt = _Doubt(problem.kind, problem.file, since, now + SETTLE_S)
        return False


def _same_inode(left: FileId, right: FileId | None) -> bool:
    return right is not None and (left.dev, left.inode) == (right.dev, right.inode)
