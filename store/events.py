"""The one typed stream from the store to whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from store.js import JsonObject

HowKnown = Literal["you", "clobberwatch", "lock", "temp", "gateway?", "no lock", "unknown"]


@dataclass(frozen=True, slots=True)
class FileId:
    """Which file, in which state; `(dev, inode)` identifies it only while a descriptor pins it."""

    dev: int
    inode: int
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a version, and how that is known; `user` is another operator, when `how` is clobberwatch."""

    pid: int | None
    how: HowKnown
    user: str = ""

    def to_json(self) -> JsonObject:
        """With `user` only where there is one."""
        known: JsonObject = {"pid": self.pid, "how": self.how}
        return known | {"user": self.user} if self.user else known

    @property
    def compares(self) -> bool:
        """Whether it was this program, in anybody's hands: it writes over no version it has not seen."""
        return self.how in ("you", "clobberwatch")


UNKNOWN_WRITER = Writer(None, "unknown")


@dataclass(frozen=True, slots=True)
class Version:
    """One state of one store's file; `number` counts from 1 since watching began, `at` is wall-clock seconds.

    `temp_created` is when the temp file it was written to was made, where that was seen. `overtaken` counts the
    versions that came in between: none of them can have been read by its writer. It is taken from the order of the
    events, which no clock can blur, and goes from this number backwards, missed versions included.
    """

    number: int
    at: float
    file: FileId
    writer: Writer = UNKNOWN_WRITER
    temp_created: float | None = None
    overtaken: int = 0


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One entry that differs between two versions; its JSON text before and after, None where it is not there."""

    key: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds the store's lock; `since` is wall-clock seconds. `pid` is None when the payload cannot be read."""

    pid: int | None
    since: float
    alive: bool
    command: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The first good version of a store, or the first after its past was given up."""

    store: Path
    version: Version
    entries: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The next version; `changes` is empty when only the file, not an entry, differs."""

    store: Path
    version: Version
    changes: tuple[EntryChange, ...]
    entries: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Versions that came and went unseen; `count` is None where it cannot be known."""

    store: Path
    at: float
    count: int | None


@dataclass(frozen=True, slots=True)
class Broken:
    """The store cannot be shown as it is; the last good version stays. `detail` says where and what."""

    store: Path
    at: float
    kind: Literal["unreadable", "empty", "shrank", "vanished", "denied"]
    detail: str
    last_good: Version | None
    entries_before: int
    entries_now: int | None


@dataclass(frozen=True, slots=True)
class Recovered:
    """A good version again, after Broken; the differences to the last good one follow as Changed."""

    store: Path
    at: float


@dataclass(frozen=True, slots=True)
class LockState:
    """The lock was taken (holder) or freed (None)."""

    store: Path
    at: float
    holder: LockHolder | None


@dataclass(frozen=True, slots=True)
class Watching:
    """How versions are noticed from now on; `why` says so when it is not the best way.

    Of a database ("sqlite") each version is what stands in it when it is looked at: commits in between are one.
    """

    store: Path
    how: Literal["inotify", "watchfiles", "poll", "sqlite"]
    why: str


Event: TypeAlias = Loaded | Changed | Missed | Broken | Recovered | LockState | Watching
