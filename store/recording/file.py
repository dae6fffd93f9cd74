"""The SQLite file of a recording: whether it is one, opening it, and what SQLite's errors mean.

| table   | holds                                                                                                    |
|---------|----------------------------------------------------------------------------------------------------------|
| `store` | the watched stores                                                                                       |
| `event` | every event in order, as a compressed JSON body; besides, when a run began and what was known beside them |
| `entry` | the entries' texts of each first version (`snapshot` is named by its `loaded` event), in file order        |
| `value` | fat pieces of text, each once, with the number of its uses                                               |
"""

from __future__ import annotations

import os
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from store.errors import Damaged, Missing, NotARecording, OtherFormat, Unreadable, UsageError, WriteFailed

APPLICATION_ID: Final = 0x436C6277
FORMAT: Final = 1
_SCHEMA: Final = """
CREATE TABLE store (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
CREATE TABLE event (id INTEGER PRIMARY KEY, store INTEGER, kind TEXT NOT NULL, at REAL NOT NULL, body BLOB NOT NULL);
CREATE INDEX event_kind ON event (store, kind);
CREATE TABLE entry (id INTEGER PRIMARY KEY, snapshot INTEGER NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX entry_key ON entry (snapshot, key);
CREATE TABLE value (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, uses INTEGER NOT NULL, body BLOB NOT NULL);
"""
_MAGIC: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_WAL_LIMIT: Final = 8 << 20
"""What SQLite leaves of its log after a checkpoint, bytes."""
_FULL: Final = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")


def is_ours(header: bytes) -> bool:
    """Whether an SQLite file that begins like this is a recording, if perhaps a damaged one."""
    return header.startswith(_MAGIC) and struct.pack(">I", APPLICATION_ID).startswith(header[68:72])


def check_header(path: Path, header: bytes) -> None:
    """Raise NotARecording or OtherFormat for a file that begins like this."""
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise NotARecording(f"{path} is not a recording; clobberwatch record -o FILE makes one.")
    version, application = struct.unpack_from(">I4xI", header, 60)
    if application != APPLICATION_ID:
        raise NotARecording(f"{path} is a database of another program, not a recording.")
    if version != FORMAT:
        raise OtherFormat(
            f"{path} is a recording of format {version}, and this clobberwatch knows format {FORMAT}: "
            "open it with the version that made it."
        )


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that sees the recording as it is now, for as long as it is open. Raises Unreadable."""
    try:
        with open(path, "rb") as file:
            check_header(path, file.read(_HEADER))
    except FileNotFoundError:
        raise Missing(f"There is no recording {path}.") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    with told(path):
        try:
            return _connected(path, "mode=rw")  # for the last one to close can then remove SQLite's own files
        except sqlite3.OperationalError as error:
            needs_files = error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))
            if not needs_files or _has_content(path.with_name(path.name + "-wal")):
                raise
        return _connected(path, "mode=ro&immutable=1")  # a directory where SQLite cannot make its own files


def _connected(path: Path, how: str) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(os.path.abspath(path)))}?{how}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=2.0)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM store").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def open_to_append(path: Path, descriptor: int) -> sqlite3.Connection:
    """A connection that goes on in the recording behind `descriptor`, or makes it one if it is empty."""
    header = os.pread(descriptor, _HEADER, 0)
    if header:
        check_header(path, header)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
    try:
        if not header:
            _create(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.executescript(
        f"BEGIN; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; COMMIT;"
    )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's errors while reading, in words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        name = getattr(error, "sqlite_errorname", "")  # what Python's own module says of a text has none
        if not name:
            raise Damaged(f"{path} is damaged: it was written over; record into another file.") from None
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Unreadable(f"{path} is locked by another program; try again when that has ended.") from None
        raise Unreadable(f"{path} cannot be read: {error}. Copy it, and its -wal file, to another place.") from None
    except sqlite3.DatabaseError as error:
        raise Damaged(
            f"{path} is damaged ({error}): it was cut short or written over; record into another file."
        ) from None
    except (TypeError, ValueError):  # a column that holds something else; SQLite's own words, where they quote such
        raise Damaged(f"{path} is damaged: it was written over; record into another file.") from None


@contextmanager
def told_writing(path: Path) -> Iterator[None]:
    """SQLite's errors while writing, in words: what was recorded before stays, and the same command goes on."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(_FULL):
            raise WriteFailed(
                f"The disk of {path} is full: recording ended at {time.strftime('%H:%M:%S')}. What was recorded is "
                "kept; free some space and start the same command again, it goes on in this file."
            ) from None
        raise WriteFailed(
            f"{path} could not be written ({error}); recording ended, what was recorded is kept."
        ) from None
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{path} is damaged ({error}); record into another file.") from None


def refuse_store(path: Path, stores: tuple[Path, ...]) -> None:
    """A recording never goes into a store's own file, nor its lock's. Raises UsageError."""
    real = os.path.realpath(path)
    for store in stores:
        own = os.path.realpath(store)
        if real in (own, f"{own}.lock", os.path.realpath(f"{store}.lock")):
            raise UsageError(f"{path} is the store itself; name another file for the recording.")
