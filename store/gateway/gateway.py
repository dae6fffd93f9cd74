"""One gateway's hold on a store: its cache, its memory, and the only way its paths write."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar
from uuid import uuid4

from store.cache import CachedRead, validity
from store.commit import Commit, update_store
from store.entry.fields import edited
from store.errors import Missing
from store.events import FileId
from store.gateway.rules import Rules
from store.js import ABSENT, Edit, JsonObject, Value
from store.text.document import decode_object
from store.text.read import file_id, open_store
from store.writing.draft import StoreDraft
from store.writing.permit import Permit

T = TypeVar("T")
Think: TypeAlias = Callable[[], None]
"""What happens between a path's reading and its writing: awaits, a model's run, other writers."""
Change: TypeAlias = Callable[[JsonObject | None], JsonObject | None]
"""From an entry (None: there is none) to the next one (None: write nothing). Pure; may be called several times."""


def no_time() -> None:
    """A path that does not pause."""


class Entries(Protocol):
    """The entries of a store while they are changed; what is taken out is replaced, never altered in place."""

    def __getitem__(self, key: str) -> JsonObject: ...
    def __setitem__(self, key: str, entry: JsonObject) -> None: ...
    def get(self, key: str, /) -> JsonObject | None: ...
    def __iter__(self) -> Iterator[str]: ...


class Put(Protocol):
    """How a new version gets into the store's place; `update_store` for everybody who may."""

    def __call__(
        self, path: Path, mutator: Callable[[StoreDraft], T], *, permit: Permit, timeout: float
    ) -> Commit[T]: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """What a path takes from outside the store, once: the time in ms, and the id for a session that it may start."""

    now: int
    new_id: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A store as it was read once: its entries and the version they are from."""

    entries: Mapping[str, JsonObject]
    file: FileId | None


@dataclass
class Cache:
    """The decoded store a gateway process keeps, and the state of the file it believes that to be."""

    copy: Copy | None = None
    stamp: CachedRead | None = None


@dataclass
class Gateway:
    """A gateway process as a writer of one store, or of nothing but its memory when there is no `path`.

    `memory` is the in-memory store of the process: its copies of the entries it has worked on. Threads may share one
    gateway; processes and other gateways meet at the store's lock.
    """

    path: Path | None
    permit: Permit
    rules: Rules = field(default_factory=Rules)
    memory: MutableMapping[str, JsonObject] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    mint: Callable[[], str] = lambda: str(uuid4())
    timeout: float = 10.0
    put: Put = update_store
    cache: Cache = field(default_factory=Cache)
    turn: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def moment(self) -> Moment:
        """The present, and an id nobody has."""
        return Moment(int(self.clock() * 1000), self.mint())

    def fresh(self, key: str) -> JsonObject | None:
        """The entry as it is on disk now, read without the lock; None where there is none."""
        if self.path is None:
            return self.memory.get(key)
        try:
            with open_store(self.path) as opened:
                return decode_object(opened.document.raw(key)) if key in opened.document else None
        except Missing:
            return None

    def cached(self) -> Copy:
        """The store as the cache has it, while that is valid by age, mtime and, from 2026.3.2, size of the file."""
        if self.path is None:
            return self.load()
        copy, stamp, on_disk = self.cache.copy, self.cache.stamp, file_id(self.path.stat())
        if copy and stamp and validity(stamp, self.clock(), on_disk, self.rules.cache_rule).valid:
            return copy
        return self.load()

    def load(self, while_reading: Think = no_time) -> Copy:
        """Read the store into the cache. The stamp is taken after the content, in 2026.1.29 and 2026.3.2 alike.

        So the cache takes for known what is written `while_reading`.
        """
        if self.path is None:
            return Copy(dict(self.memory), None)
        now, copy = self.clock(), read_copy(self.path)
        while_reading()
        self.cache.copy, self.cache.stamp = copy, CachedRead(now, file_id(self.path.stat()))
        return copy

    def change(self, key: str, change: Change, *, expected: str = "") -> JsonObject | None:
        """The right form of every path: the next entry is made from the fresh one, inside the lock.

        With `expected`, only while the entry still has that sessionId: a turn whose session was replaced meanwhile
        writes nothing any more. The entry in `memory` is brought up to date in the same critical section. The entry
        that was written; None when none was.
        """

        def mutate(entries: Entries) -> JsonObject | None:
            fresh = entries.get(key)
            if expected and (fresh is None or fresh.get("sessionId") != expected):
                return None
            entry = change(fresh)
            if entry is not None:
                entries[key] = entry
            return entry

        with self.turn:
            entry = self.update(mutate)
            if entry is not None:
                self.memory[key] = dict(entry)
        return entry

    def write_back(self, copy: Copy, mutate: Callable[[Entries], T]) -> T:
        """The write of a racy form, made from `copy`: under the lock like any other, but not from what is there."""
        del copy  # nothing of it is looked at; who watches a gateway wants to know
        return self.update(mutate)

    def update(self, mutate: Callable[[Entries], T]) -> T:
        """Change entries of the store, or of the memory where there is no store."""
        with self.turn:
            if self.path is None:
                return mutate(self.memory)
            value = self.put(self.path, mutate, permit=self.permit, timeout=self.timeout).value
            self.cache.copy = None
            return value


def read_copy(path: Path) -> Copy:
    """Every entry of the store that is an object, and the version it was read from."""
    with open_store(path) as opened:
        raw = {key: opened.document.raw(key) for key in opened.document.keys()}
        file = opened.file
    entries = {key: entry for key, text in raw.items() if (entry := decode_object(text)) is not None}
    return Copy(entries, file)


def stamp_of(entry: Edit) -> int | float | None:
    """The entry's `updatedAt`, where it is a number."""
    stamp = entry.get("updatedAt")
    return stamp if isinstance(stamp, (int, float)) and not isinstance(stamp, bool) else None


def merged(existing: JsonObject | None, patch: Edit, moment: Moment) -> JsonObject:
    """`mergeSessionEntry`: the patch over the entry, ABSENT removing a field; never without an id, never older."""
    stamps = [stamp for stamp in map(stamp_of, (existing or {}, patch)) if stamp is not None]
    ids = [source.get("sessionId", ABSENT) for source in (patch, existing or {})]
    stamped: dict[str, Value] = {
        "sessionId": next((known_id for known_id in ids if known_id not in (ABSENT, None)), moment.new_id),
        "updatedAt": max([moment.now, *stamps]),
    }
    return edited(existing or {}, {**patch, **stamped})
