"""One connection that only reads an agent's database: short transactions, no checkpoints, nothing a writer waits for.

A gateway keeps the database in WAL mode, where readers and writers never wait for each other. The file and those
beside it are opened through SQLite alone: closing a descriptor of our own would drop SQLite's locks in this process.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from store.entry.lint import UNCHECKED
from store.events import EntryChange
from store.openclaw.databases import opening_leaves_traces
from store.owners import cannot_open, not_readable
from store.sqlite.layout import Layout, recognise
from store.sqlite.notices import Reading
from store.sqlite.trouble import in_words, strange_files

T = TypeVar("T")

PATIENCE_S: Final = 5.0
"""How long an exclusive lock of another process is waited for; OpenClaw's own readers wait as long."""


class Database:
    """An open database that holds sessions; for one thread. Close it, or use it as a context manager.

    Every method raises Unreadable: Missing, Damaged, or Occupied where trying again helps.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE_S, still: bool = False) -> None:
        """`still` says that nobody writes it: SQLite then makes nothing beside it, and locks nothing."""
        self.path = path
        self.status = _status(path, still=still)
        self._connection = _connect(path, patience, still=still)
        try:
            with self._told():
                self._connection.execute("PRAGMA query_only = 1")
                # Mapped, a file that somebody cuts in place while it is read ends this process by SIGBUS.
                self._connection.execute("PRAGMA mmap_size = 0")
                # Each page is read once, and forgotten at the next commit of another: 400 KB stay near the processor.
                self._connection.execute("PRAGMA cache_size = 100")
                self.layout: Layout = recognise(self._connection, str(path))
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()

    def is_displaced(self) -> bool:
        """Whether the path leads to another file by now, or to none."""
        try:
            return not os.path.samestat(self.status, os.stat(self.path))
        except OSError:
            return True

    def data_version(self) -> int:
        """A number that moves with every commit of another connection, whatever table it is about."""
        with self._told():
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def rows(self) -> dict[str, bytes]:
        """Every key with its entry's JSON text."""
        return self.whole()[0]

    def whole(self) -> tuple[dict[str, bytes], Mapping[str, str]]:
        """The rows, and those that OpenClaw would stumble over with the reason, of one state."""
        reading = self.compared({})
        return {change.key: change.after or b"" for change in reading.changes}, reading.flaws

    def row(self, key: str) -> bytes | None:
        """One entry's JSON text; None when there is no such row."""
        query = f"SELECT {_TEXT} FROM {self.layout.table} WHERE session_key = ?"
        with self._told():
            found = self._connection.execute(query, (key,)).fetchone()
        return None if found is None else found[0]

    def compared(self, known: Mapping[str, bytes]) -> Reading:
        """What differs from the rows known. By bytes, since `updated_at` does not move with every change."""
        with self.one_state():
            return self._decoding(lambda: self._compared(known))

    def slice(self, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """So many rows beyond this row id, in the order of their ids: id, key and text."""
        query = f"SELECT rowid, session_key, {_TEXT} FROM {self.layout.table} WHERE rowid > ? ORDER BY rowid LIMIT ?"
        with self._told():
            return self._decoding(lambda: self._connection.execute(query, (after, limit)).fetchall())

    def times(self, since: int = -(1 << 63)) -> dict[str, int]:
        """The keys of the rows whose `updated_at` is not before `since`, with that; cheap where `layout.timed`."""
        query = f"SELECT session_key, updated_at FROM {self.layout.table} WHERE updated_at >= ?"
        with self._told():
            return self._decoding(lambda: dict(self._connection.execute(query, (since,))))

    def tally(self) -> tuple[int, int]:
        """How many rows there are, and the sum of their `updated_at`, as `tally_of`; cheap where `layout.timed`."""
        query = f"SELECT count(*), coalesce(sum(updated_at & {_TIME_BITS}), 0) FROM {self.layout.table}"
        with self._told():
            found: tuple[int, int] = self._connection.execute(query).fetchone()
        return found

    def flaws(self) -> dict[str, str]:
        """The rows that OpenClaw would stumble over, and why."""
        query = f"SELECT session_key, {self._mark} FROM {self.layout.table} WHERE {self._mark} != 1"
        with self.one_state():
            return self._decoding(lambda: self._flaws(self._connection.execute(query)))

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Whatever is read meanwhile is of one state."""
        with self._told():
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")

    def _decoding(self, read: Callable[[], T]) -> T:
        """What `read` reads; a key that is no UTF-8 must not keep the others from being read.

        Decoding each key in Python takes as long as all the rest (8 ms for 6,000), so that comes second.
        """
        try:
            return read()
        except sqlite3.OperationalError as error:
            if "decode to UTF-8" not in str(error):
                raise
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return read()

    def _compared(self, known: Mapping[str, bytes]) -> Reading:
        changes: list[EntryChange] = []
        marked: list[tuple[str, int]] = []
        entries = 0
        before = known.get
        rows = f"SELECT session_key, {_TEXT}, {self._mark} FROM {self.layout.table} NOT INDEXED"
        for key, text, mark in self._connection.execute(rows):
            entries += 1
            if before(key) != text:
                changes.append(EntryChange(key, before(key), text))
            if mark != 1:
                marked.append((key, mark))
        if entries - sum(change.before is None for change in changes) < len(known):
            changes += self._removed(known)
        return Reading(tuple(changes), entries, self._flaws(marked))

    @property
    def _mark(self) -> str:
        """The column that says whether OpenClaw has validated the row, where there is one."""
        return "entry_valid" if self.layout.validated else "1"

    def _removed(self, known: Mapping[str, bytes]) -> Iterator[EntryChange]:
        present = {row[0] for row in self._connection.execute(f"SELECT session_key FROM {self.layout.table}")}
        return (EntryChange(key, text, None) for key, text in known.items() if key not in present)

    def _flaws(self, marked: Iterable[tuple[str, int]]) -> dict[str, str]:
        flaws: dict[str, str] = {}
        if self.layout.pending:
            waiting = self._connection.execute("SELECT session_key FROM session_canonical_validation_pending")
            flaws |= {row[0]: UNCHECKED for row in waiting}
        return flaws | {key: _FLAW.get(mark, _FLAW[0]) for key, mark in marked}

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise in_words(self.path, error) from None


def tally_of(times: Mapping[str, int]) -> tuple[int, int]:
    """The tally that the rows with these times have."""
    return len(times), sum(at & _TIME_BITS for at in times.values())


_TIME_BITS: Final = (1 << 44) - 1
"""Those of a time in milliseconds, to the year 2527: SQLite refuses a sum that overflows, whatever the rows hold."""
_TEXT: Final = "coalesce(CAST(entry_json AS BLOB), x'6e756c6c')"
_FLAW: Final = {
    0: "is refused by OpenClaw (written past it): openclaw doctor --fix",
    -1: "is refused by OpenClaw (found invalid): openclaw doctor --fix",
}


def _status(path: Path, *, still: bool) -> os.stat_result:
    try:
        status = os.stat(path)
    except OSError as error:
        raise cannot_open(path, error) from None
    if not os.access(path, os.R_OK):
        raise not_readable(path)
    if not still and opening_leaves_traces(path):
        raise strange_files(path)
    return status


def _connect(path: Path, patience: float, *, still: bool) -> sqlite3.Connection:
    name = f"{path.absolute().as_uri()}?immutable={int(still)}"
    try:
        return sqlite3.connect(f"{name}&mode=ro", uri=True, timeout=patience, isolation_level=None)
    except sqlite3.Error as error:
        raise in_words(path, error) from None
