"""The one way a database is ever written: offline, in one transaction, as OpenClaw's own doctor rewrites an entry.

    BEGIN IMMEDIATE      nobody else writes from here on; a gateway that starts waits
    compare              the rows are read, the mutator judges them
    UPDATE               the entry and `updated_at` together, only where the entry still is what was read
    UPDATE               `entry_valid = 1`, a statement of its own: the table's trigger clears the mark after the first
    COMMIT               unless a gateway appeared meanwhile

A gateway keeps rows in memory and would not see such a write, so none may run (2026.9.6: `sessions.list` showed a row
written beside it only after that row's next write of its own).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, TypeVar

from store.commit import Commit
from store.entry.delivery import next_route
from store.entry.delivery_state import OLDER, state_of
from store.entry.fields import edited
from store.errors import Busy, Damaged, NoSafeWrite, NotStrict, Refused, StoreError, WriteFailed
from store.events import FileId
from store.js import Edit, Json, JsonObject, encode, same
from store.sqlite.database import Database
from store.sqlite.document import RowDocument
from store.sqlite.layout import Layout
from store.sqlite.live import row_version
from store.sqlite.trouble import Occupied, in_words
from store.sqlite.users import refuse_beside_others
from store.text.document import decode_object
from store.writing.draft import StoreDraft
from store.writing.journal import Journal
from store.writing.permit import Permit
from store.writing.temp import belongs_to_another

T = TypeVar("T")

_PROJECTED: Final = {"label": "label"}
"""Fields with a column of their own, of those that are ever edited."""


def update_database(
    path: str | os.PathLike[str],
    mutator: Callable[[StoreDraft], T],
    *,
    permit: Permit,
    timeout: float = 10.0,
    journal: Journal | None = None,
    dry_run: bool = False,
) -> Commit[T]:
    """Change rows of a database that no gateway uses; the counterpart of `store.commit.update_store`.

    Rows can be changed, never added or removed. Raises what that raises; after any error nothing was written.
    """
    permit.check("database")
    update = _Update(Path(path), mutator, timeout, journal)
    return update.rehearse() if dry_run else update.run()


@dataclass(frozen=True, slots=True)
class _Row:
    """One row to write."""

    key: str
    before: bytes
    after: str
    entry: JsonObject
    edit: Edit


@dataclass
class _Update(Generic[T]):
    path: Path
    mutator: Callable[[StoreDraft], T]
    timeout: float
    journal: Journal | None
    notes: list[str] = field(default_factory=list)

    def rehearse(self) -> Commit[T]:
        """Everything but the writing."""
        with Database(self.path) as database:
            document = RowDocument(*database.whole())
        draft = StoreDraft(document, _try_entry)
        value = self.mutator(draft)
        rows = _rows(draft, document)
        return self._result(value, rows, written=False)

    def run(self) -> Commit[T]:
        layout = self._checked()
        began = time.monotonic()
        with closing(self._connect()) as connection, self._told():
            with _transaction(connection) as transaction:
                taken = time.monotonic()
                document = _Rows(connection, layout)
                draft = StoreDraft(document, _try_entry)
                value = self.mutator(draft)
                rows, number = _rows(draft, document), ""
                if rows:
                    number = self._journal_intent(rows, draft)
                    for row in rows:
                        _write(connection, layout, row)
                    refuse_beside_others(self.path)
                    transaction.commit()
            held = time.monotonic() - taken
            if rows:
                self._settle(connection, layout, rows, number)
        return self._result(value, rows, written=bool(rows), waited=taken - began, held=held)

    def _checked(self) -> Layout:
        """What is to be written to: a database of ours, of a schema that was tried, that nobody else uses."""
        with Database(self.path) as database:
            layout, owner = database.layout, database.status.st_uid
        if os.geteuid() not in (0, owner):
            raise belongs_to_another(owner)
        if layout.why_not_written:
            raise NoSafeWrite(
                f"Not written: {self.path} {layout.why_not_written}. Start the gateway and write through it."
            )
        refuse_beside_others(self.path)
        return layout

    def _connect(self) -> sqlite3.Connection:
        with self._told():
            uri = f"{self.path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(uri, uri=True, timeout=self.timeout, isolation_level=None)
            connection.execute("PRAGMA foreign_keys = 1")
        return connection

    def _journal_intent(self, rows: list[_Row], draft: StoreDraft) -> str:
        if self.journal is None:
            return ""
        before, after = (self._version((row.key, text) for row, text in texts) for texts in _both(rows))
        edits = {row.key: row.edit for row in rows}
        try:
            return self.journal.intent(str(self.path), before, after, edits, draft.originals(edits))
        except OSError as error:
            self.notes.append(
                f"Written, but not journalled ({error.strerror}). "
                "If this edit is lost after a restart, that can be called probable, not confirmed."
            )
            return ""

    def _settle(self, connection: sqlite3.Connection, layout: Layout, rows: list[_Row], number: str) -> None:
        """Read back, and look once more whether somebody came in between."""
        for row in rows:
            query = f"SELECT entry_json, entry_valid FROM {layout.table} WHERE session_key = ?"
            if connection.execute(query, (row.key,)).fetchone() != (row.after, 1):
                self.notes.append(f"The row of {row.key} was replaced again at once.")
        try:
            refuse_beside_others(self.path)
        except Refused:
            self.notes.append(
                "A gateway started at that very moment: it may hold the row as it was. Restart it, then look again."
            )
        if number and self.journal is not None:
            with suppress(OSError):
                self.journal.outcome(number, "written")

    def _version(self, rows: Iterator[tuple[str, bytes | None]]) -> FileId:
        status = os.stat(self.path)
        return row_version(status.st_dev, status.st_ino, rows)

    def _result(
        self, value: T, rows: list[_Row], *, written: bool, waited: float = 0.0, held: float = 0.0
    ) -> Commit[T]:
        texts = _both(rows)[1 if written else 0]
        file = self._version((row.key, text) for row, text in texts)
        edits = {row.key: row.edit for row in rows}
        return Commit(written, file, edits, held, waited, True, tuple(self.notes), value)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _not_written(self.path, error, self.timeout) from None


class _Transaction:
    """What is written unless it is committed is taken back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def commit(self) -> None:
        """Make it last."""
        self._connection.execute("COMMIT")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[_Transaction]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield _Transaction(connection)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class _Rows(RowDocument):
    """The rows as they stand within a transaction, read when asked for."""

    def __init__(self, connection: sqlite3.Connection, layout: Layout) -> None:
        super().__init__({}, {})
        self._connection, self._layout = connection, layout

    def keys(self) -> list[str]:
        return [row[0] for row in self._connection.execute(f"SELECT session_key FROM {self._layout.table}")]

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._row(key) is not None

    def raw(self, key: str) -> bytes:
        text = self._row(key)
        if text is None:
            raise KeyError(key)
        return text

    def raws(self) -> Iterator[tuple[str, bytes]]:
        return ((key, self.raw(key)) for key in self.keys())

    def _row(self, key: str) -> bytes | None:
        query = f"SELECT CAST(entry_json AS BLOB) FROM {self._layout.table} WHERE session_key = ?"
        found = self._connection.execute(query, (key,)).fetchone()
        return None if found is None else found[0]


def _rows(draft: StoreDraft, document: RowDocument) -> list[_Row]:
    if draft.added():
        raise Refused("Not written: a new session cannot be made in a database from outside. Start one in OpenClaw.")
    edits = draft.edits()
    originals = draft.originals(edits)
    return [_row(key, edit, originals[key], document.raw(key)) for key, edit in edits.items()]


def _try_entry(key: str, raw: bytes, edit: Edit) -> None:
    before = decode_object(raw)
    if before is not None:
        _row(key, edit, before, raw)


def _row(key: str, edit: Edit, before: JsonObject, raw: bytes) -> _Row:
    """The row to write; Refused where OpenClaw would not take it, or its text could not be written again as it was."""
    if encode(before, None).encode("utf-8", "surrogatepass") != raw:
        raise NotStrict(f"Not written: the entry {key} is not written as OpenClaw writes one; it is left alone.")
    after = edited(before, edit)
    stamp = after.get("updatedAt")
    if not isinstance(stamp, int) or isinstance(stamp, bool) or before.get("updatedAt") == 0:
        raise Refused(f"Not written: {key} has no time of its own or waits to be reset. Send it a message first.")
    if after.get("sessionId") != before.get("sessionId"):
        raise Refused("Not written: the session id of a row is not to be changed from outside.")
    if state_of(after) is None and edit.keys() & set(OLDER):
        raise Refused(f"Not written: {key} has no delivery of its own yet. The next message that comes in sets it.")
    if before.get("modelSelectionLocked") is True and edit.keys() & {"modelOverride", "providerOverride"}:
        raise Refused("Not written: OpenClaw has locked the model of this session.")
    text = encode(after, None)
    if not same(decode_object(text.encode("utf-8", "surrogatepass")), after):
        raise WriteFailed(f"Not written: the entry {key} would read back with other values.")
    return _Row(key, raw, text, after, edit)


def _write(connection: sqlite3.Connection, layout: Layout, row: _Row) -> None:
    columns: dict[str, Json] = {"entry_json": row.after, "updated_at": row.entry["updatedAt"]}
    for name, column in _PROJECTED.items():
        if name in row.edit and column in layout.columns:
            columns[column] = row.entry.get(name)
    names = ", ".join(f"{column} = ?" for column in columns)
    done = connection.execute(
        f"UPDATE {layout.table} SET {names} WHERE session_key = ? AND CAST(entry_json AS BLOB) = ?",
        (*columns.values(), row.key, row.before),
    )
    if done.rowcount != 1:
        raise Busy(f"Not written: the row of {row.key} changed while it was being written. Try again.")
    connection.execute(f"UPDATE {layout.table} SET entry_valid = 1 WHERE session_key = ?", (row.key,))
    if "delivery" in row.edit:
        _write_route(connection, layout, row)


def _write_route(connection: sqlite3.Connection, layout: Layout, row: _Row) -> None:
    """Channel and account also stand with the session's present window; `rewriteDoctorSessionEntries` keeps them so."""
    columns = {found[1] for found in connection.execute("PRAGMA table_info(session_windows)")}
    if not columns >= {"session_id", "channel", "account_id"}:
        return
    route = next_route(row.entry)
    outside = (state_of(row.entry) or {}).get("kind") == "external"
    values = (route.channel or None, route.account or None) if outside else (None, None)
    connection.execute(
        "UPDATE session_windows SET channel = ?, account_id = ? WHERE session_id = "
        f"(SELECT current_session_id FROM {layout.table} WHERE session_key = ?)",
        (*values, row.key),
    )


def _both(rows: list[_Row]) -> tuple[list[tuple[_Row, bytes]], list[tuple[_Row, bytes]]]:
    """The rows with their texts before and after."""
    return [(row, row.before) for row in rows], [(row, row.after.encode("utf-8", "surrogatepass")) for row in rows]


def _not_written(path: Path, error: sqlite3.Error, timeout: float) -> StoreError:
    told = in_words(path, error)
    if isinstance(told, Occupied):
        return Busy(f"Not written: another process has been writing {path}; waited {timeout:.0f} s. Try again.")
    if isinstance(told, Damaged):
        return told
    return WriteFailed(f"Not written: {path} would not take it ({error}).")
