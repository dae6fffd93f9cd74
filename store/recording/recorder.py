"""Writing a recording: each event as it comes, at most a second of them in one transaction."""

from __future__ import annotations

import fcntl
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from store.errors import Busy, StoreError, UsageError, WriteFailed
from store.events import Changed, Event, Loaded, Version
from store.findings.judge import Texts
from store.findings.own_edits import OwnEdit
from store.recording.beside import own_edits_body, start_body
from store.recording.codec import Body, change_body, pack, plain_body, text_of, version_body
from store.recording.file import open_to_append, refuse_store, told_writing
from store.recording.retention import DEFAULT_LIMIT, Retention
from store.recording.values import Values

COMMIT_S: Final = 0.5
"""After this long at most what was taken is on disk as far as a killed process is concerned."""
RULE_S: Final = 5.0
"""How often at most it is asked whether the lock is the rule."""


class Recorder:
    """Appends to one file, which is made when it is not there. `take` belongs to one thread.

    `keep_s` and `limit` say how much is kept, by age and by the file's bytes; what is older becomes part of the state
    that the recording begins with. Raises Busy when another recorder has the file, UsageError when it cannot be meant,
    Unreadable when it is no recording of these stores, WriteFailed.
    """

    def __init__(
        self,
        path: Path,
        stores: Sequence[Path],
        *,
        keep_s: float | None = None,
        limit: int = DEFAULT_LIMIT,
        clock: Callable[[], float] = time.time,
        lock_is_rule: Callable[[Path], bool] = lambda _store: False,
        own_edits: Callable[[Path], Sequence[OwnEdit]] = lambda _store: (),
    ) -> None:
        self.path = path
        self.versions = 0
        """How many were taken."""
        self.trouble: StoreError | None = None
        """Why recording has ended by itself; `close` raises it."""
        self._clock, self._lock_is_rule, self._own_edits = clock, lock_is_rule, own_edits
        self._known: dict[Path, dict[str, int]] = {store: {} for store in stores}
        self._rules: dict[Path, tuple[bool, float]] = {}
        refuse_store(path, tuple(stores))
        self._descriptor = _opened(path)
        try:
            with told_writing(path):
                self._connection = open_to_append(path, self._descriptor)
                self._values = Values(self._connection)
                self._retention = Retention(self._connection, self._values, path, keep_s, limit)
                self._begin(stores)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._turn = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_committing, name="recording", daemon=True)
        self._thread.start()

    def take(self, event: Event, texts: Texts) -> None:
        """The next event; `texts` has the version of a Loaded as it is now. After trouble it is passed over."""
        with self._turn:
            if self.trouble is None:
                self._tried(lambda: self._take(event, texts))

    def tidy(self) -> None:
        """Write down what was taken, and give up what is too old or too much; happens by itself every half second."""
        with self._turn:
            if self.trouble is None:
                self._tried(self._tidy)

    def close(self) -> None:
        """Write down what is left; raises the trouble there was."""
        self._closing.set()
        self._thread.join()
        if self.trouble is None:
            self._tried(self._commit)
        try:
            with told_writing(self.path):
                self._connection.close()
        finally:
            os.close(self._descriptor)
        if self.trouble is not None:
            raise self.trouble

    def _begin(self, stores: Sequence[Path]) -> None:
        db = self._connection
        known = {os.fsdecode(path) for (path,) in db.execute("SELECT path FROM store")}
        if known and known != {str(store) for store in stores}:
            raise UsageError(f"{self.path} is a recording of {', '.join(sorted(known))}; name another file.")
        db.execute("BEGIN IMMEDIATE")
        if not known:
            db.executemany("INSERT INTO store (path) VALUES (?)", [(os.fsencode(store),) for store in stores])
        self._ids = {Path(os.fsdecode(path)): number for number, path in db.execute("SELECT id, path FROM store")}
        self._insert(None, "start", self._clock(), start_body())
        for store in stores:
            self._insert(store, "own", self._clock(), own_edits_body(self._own_edits(store)))
        self._commit()

    def _tried(self, work: Callable[[], None]) -> None:
        """What cannot be written ends the recording, not the program."""
        try:
            with told_writing(self.path):
                work()
        except StoreError as error:
            self.trouble = error
            if self._connection.in_transaction:
                self._connection.rollback()

    def _keep_committing(self) -> None:
        while not self._closing.wait(COMMIT_S):
            self.tidy()

    def _tidy(self) -> None:
        self._commit()
        if not _is_at(self.path, self._descriptor):
            raise WriteFailed(f"{self.path} was moved or removed while it was written; recording ended.")
        self._retention.keep(self._clock())

    def _commit(self) -> None:
        if self._connection.in_transaction:
            self._values.settle()
            self._connection.execute("COMMIT")

    def _take(self, event: Event, texts: Texts) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        match event:
            case Loaded():
                self._note_rule(event.store)
                self._take_loaded(event, texts)
            case Changed():
                if event.version.writer.how == "no lock":
                    self._note_rule(event.store)
                self._take_changed(event)
            case _:
                kind, body = plain_body(event)
                self._insert(event.store, kind, getattr(event, "at", self._clock()), body)

    def _take_loaded(self, event: Loaded, texts: Texts) -> None:
        known = self._known[event.store] = {}
        body = _version_of(event.version, event.entries)
        number = self._insert(event.store, "loaded", event.version.at, body)
        body["snapshot"] = number
        self._connection.execute("UPDATE event SET body = ? WHERE id = ?", (pack(body), number))
        self._connection.executemany(
            "INSERT INTO entry (snapshot, key, body) VALUES (?, ?, ?)", self._entries(number, event.store, texts, known)
        )
        self.versions += 1

    def _entries(
        self, snapshot: int, store: Path, texts: Texts, known: dict[str, int]
    ) -> Iterator[tuple[int, bytes, bytes]]:
        for key in texts.keys(store):
            raw = texts.raw(store, key)
            if raw is not None:
                known[key] = hash(raw)
                yield snapshot, key.encode("utf-8", "surrogatepass"), pack(text_of(raw, self._values.keep))

    def _take_changed(self, event: Changed) -> None:
        known = self._known[event.store]
        bodies: list[Body] = []
        for change in event.changes:
            before = None if change.before is None else hash(change.before)
            bodies.append(change_body(change, known.get(change.key) == before, self._values.keep))
            if change.after is None:
                known.pop(change.key, None)
            else:
                known[change.key] = hash(change.after)
        body = _version_of(event.version, event.entries) | {"c": bodies}
        self._insert(event.store, "changed", event.version.at, body)
        self.versions += 1

    def _note_rule(self, store: Path) -> None:
        now = time.monotonic()
        known = self._rules.get(store)
        if known is not None and now - known[1] < RULE_S:
            return
        locked = self._lock_is_rule(store)
        self._rules[store] = (locked, now)
        if known is None or known[0] != locked:
            self._insert(store, "rule", self._clock(), {"locked": locked})

    def _insert(self, store: Path | None, kind: str, at: float, body: Mapping[str, object]) -> int:
        row = (0 if store is None else self._ids[store], kind, at, pack(body))
        number = self._connection.execute(
            "INSERT INTO event (store, kind, at, body) VALUES (?, ?, ?, ?)", row
        ).lastrowid
        assert number is not None
        return number


def _version_of(version: Version, entries: int) -> Body:
    return {"v": version_body(version), "n": entries}


def _opened(path: Path) -> int:
    """The file, made if it is not there, and nobody else's to record into as long as the descriptor is open."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be recorded into: {error.strerror}.") from None
    problem: StoreError | None = None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        problem = Busy(f"Another clobberwatch is recording into {path}; stop it, or name another file.")
    except OSError as error:
        problem = UsageError(f"{path} cannot be recorded into: {error.strerror}.")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        problem = UsageError(f"{path} is no regular file; name another for the recording.")
    if problem is not None:
        os.close(descriptor)
        raise problem
    return descriptor


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        return False
