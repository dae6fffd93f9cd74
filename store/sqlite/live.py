"""One database's last good rows, and what each reading makes of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from store.errors import Missing
from store.events import (
    UNKNOWN_WRITER,
    Broken,
    Changed,
    EntryChange,
    Event,
    FileId,
    Loaded,
    Missed,
    Recovered,
    Version,
    Writer,
)
from store.js import encode_string
from store.sqlite.notices import RowsRead, RowsRefused, apply
from store.text.document import decode_object
from store.watching.live import has_shrunk
from store.watching.writers import Ours


@dataclass(frozen=True, slots=True)
class _Problem:
    kind: Literal["unreadable", "shrank", "vanished", "denied"]
    detail: str
    entries: int | None = None


class DatabaseLive:
    """The last good rows of one database.

    `raw`, `keys`, `flaws` and `good_bytes` may be called from any thread; everything else belongs to the reading one.
    How many versions came and went unseen cannot be known of a database.
    """

    missed: None = None

    def __init__(self, store: Path, *, ours: Ours | None = None) -> None:
        self.store = store
        self.seen = 0
        self._ours = ours
        self._lock = threading.Lock()
        self._good: dict[str, bytes] = {}
        self._latest = self._good
        """What stands in the database; another object than the good rows only while those are doubted."""
        self._flaws: dict[str, str] = {}
        self._version: Version | None = None
        self._broken: _Problem | None = None
        self._file = (0, 0)

    def raw(self, key: str) -> bytes | None:
        """The entry's JSON text in the last good rows; None when they have none."""
        with self._lock:
            return self._good.get(key)

    def keys(self) -> list[str]:
        """The keys of the last good rows."""
        with self._lock:
            return list(self._good)

    def flaws(self) -> Mapping[str, str]:
        """The rows OpenClaw itself would stumble over, and why."""
        with self._lock:
            return dict(self._flaws)

    def good_bytes(self) -> bytes:
        """The last good rows as a `sessions.json`; raises Missing when there never were any."""
        if self._version is None:
            raise Missing(f"No good version of {self.store} was seen yet.")
        with self._lock:
            entries = [encode_string(key).encode() + b": " + text for key, text in self._good.items()]
        return b"{\n  " + b",\n  ".join(entries) + b"\n}"

    def read(self, notice: RowsRead) -> list[Event]:
        """The events of a state of the database."""
        self.seen += bool(notice.reading.changes) or self._version is None
        self._file = notice.file
        with self._lock:
            self._flaws = dict(notice.reading.flaws)
        if self._version is None:
            return self._loaded(notice)
        gap: list[Event] = [Missed(self.store, notice.at, None)] if notice.gap else []
        shrunk = has_shrunk(len(self._good), notice.reading.entries)
        if shrunk and self._latest is self._good:
            self._latest = dict(self._good)
        if self._latest is self._good:
            return gap + self._recovered(notice.at) + self._changed(notice.at, notice.reading.changes)
        apply(self._latest, notice.reading.changes)
        if shrunk:
            detail = f"from {len(self._good):,} entries to {notice.reading.entries:,}"
            return gap + self._judge(_Problem("shrank", detail, notice.reading.entries), notice.at)
        return gap + self.accept(notice.at)

    def refused(self, notice: RowsRefused) -> list[Event]:
        """The events of a reading that failed."""
        if not self.store.exists():
            kind: Literal["unreadable", "vanished", "denied"] = "vanished"
        else:
            kind = "unreadable" if os.access(self.store, os.R_OK) else "denied"
        return self._judge(_Problem(kind, notice.error.reason), notice.at)

    def accept(self, at: float) -> list[Event]:
        """Take what stands in the database as the truth."""
        if self._latest is self._good:
            return []
        changes = _between(self._good, self._latest)
        self._latest = self._good
        return self._recovered(at) + self._changed(at, changes)

    def _loaded(self, notice: RowsRead) -> list[Event]:
        recovered = self._recovered(notice.at)
        with self._lock:
            apply(self._good, notice.reading.changes)
        size = sum(len(text) for text in self._good.values())
        self._version = Version(1, notice.at, FileId(*notice.file, size, int(notice.at * 1e9)))
        return [*recovered, Loaded(self.store, self._version, notice.reading.entries)]

    def _changed(self, at: float, changes: tuple[EntryChange, ...]) -> list[Event]:
        if not changes or self._version is None:
            return []
        with self._lock:
            apply(self._good, changes)
        file = row_version(*self._file, ((change.key, change.after) for change in changes))
        own = self._ours is not None and self._ours(self.store, file, at, changes)
        writer = Writer(None, "you") if own else UNKNOWN_WRITER
        self._version = Version(self._version.number + 1, at, file, writer)
        return [Changed(self.store, self._version, changes, len(self._good))]

    def _recovered(self, at: float) -> list[Event]:
        before, self._broken = self._broken, None
        return [] if before is None else [Recovered(self.store, at)]

    def _judge(self, problem: _Problem, at: float) -> list[Event]:
        before, self._broken = self._broken, problem
        if before is not None and before.kind == problem.kind:
            return []
        return [Broken(self.store, at, problem.kind, problem.detail, self._version, len(self._good), problem.entries)]


def row_version(device: int, inode: int, rows: Iterable[tuple[str, bytes | None]]) -> FileId:
    """An identity for a state of a database, from the rows that made it: a database has none of its own.

    The size is that of the rows' texts. The time is the newest `updatedAt` among them; below the millisecond, which
    OpenClaw's times end with, it carries a digest of the rows, so that who wrote them knows the version again.
    """
    digest = blake2b(digest_size=8)
    size, newest = 0, 0
    for key, text in sorted(rows):
        for part in (key.encode("utf-8", "surrogatepass"), text or b""):
            digest.update(len(part).to_bytes(8, "big") + part)
        size += len(text or b"")
        newest = max(newest, _updated_at(text))
    return FileId(device, inode, size, newest * 1_000_000 + int.from_bytes(digest.digest(), "big") % 1_000_000)


def _updated_at(text: bytes | None) -> int:
    stamp = (decode_object(text) or {}).get("updatedAt")
    return int(stamp) if isinstance(stamp, (int, float)) and 0 <= stamp < 1e15 else 0


def _between(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[EntryChange, ...]:
    changed = [EntryChange(key, old.get(key), text) for key, text in new.items() if old.get(key) != text]
    return (*changed, *(EntryChange(key, text, None) for key, text in old.items() if key not in new))
