"""Which database holds the sessions of a place where a `sessions.json` was (2026.9.6 `session-sqlite-target`)."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

DATABASE_NAME: Final = "openclaw-agent.sqlite"


def is_database(store: Path) -> bool:
    """Whether a store is a database rather than a JSON file, by its name: OpenClaw's all end so."""
    return store.suffix == ".sqlite"


def databases_for(store: Path) -> list[Path]:
    """The databases that belong to a JSON store's path, as far as they exist; several where agents share the path."""
    if is_database(store):
        candidates = [store]
    elif store.name != "sessions.json":
        candidates = [store.with_suffix(".sqlite"), *sorted(store.parent.glob(f"{_plain(store.stem)}.*.sqlite"))]
    elif store.parent.name == "sessions" and store.parent.parent.parent.name == "agents":
        candidates = [store.parent.parent / "agent" / DATABASE_NAME]
    else:
        candidates = [store.parent / DATABASE_NAME]
    return [database for database in candidates if database.exists()]


def taking_over(store: Path) -> list[Path]:
    """The databases that hold the sessions of this path by now.

    One that has the tables but no row does not while the JSON file is still there: its migration has not happened.
    """
    found = databases_for(store)
    if not found or is_database(store):
        return found
    there = store.exists()
    return [
        database
        for database in found
        if (not there if opening_leaves_traces(database) else holds_sessions(database, rows=there))
    ]


def beside(database: Path) -> tuple[Path, Path]:
    """The write-ahead log and its index."""
    return database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}-shm")


def opening_leaves_traces(database: Path) -> bool:
    """Whether opening would make those files for another user than the database's, who then could not open it."""
    foreign = os.geteuid() not in (0, database.stat().st_uid)
    return foreign and not all(file.exists() for file in beside(database))


def holds_sessions(database: Path, *, rows: bool = False) -> bool:
    """Whether a database is a session store: earlier releases made one for credentials only (schema 1).

    With `rows`, it must also have at least one session.
    """
    import sqlite3

    try:
        connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return False
    with closing(connection):
        try:
            return _holds(connection, rows)
        except sqlite3.Error:
            return False


def signed_by(database: Path) -> str:
    """The release that signed a session database last, '' where none did.

    Each release puts its version there when it first opens a database that another one has signed (2026.8.1 on,
    `schema_meta.app_version`; 2026.9.6 `persistAgentSchemaMetadata`).
    """
    import sqlite3

    with suppress(OSError, sqlite3.Error):
        if not opening_leaves_traces(database):
            with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                row = connection.execute("SELECT app_version FROM schema_meta WHERE meta_key = 'primary'").fetchone()
            return row[0].strip() if row and isinstance(row[0], str) else ""
    return ""


def _holds(connection: sqlite3.Connection, rows: bool) -> bool:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = "SELECT name FROM sqlite_master WHERE name IN ('session_nodes', 'session_entries') ORDER BY name DESC"
    table = connection.execute(tables).fetchone()
    if version < 4 or table is None:
        return False
    return not rows or connection.execute(f"SELECT 1 FROM {table[0]} LIMIT 1").fetchone() is not None


def _plain(stem: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in stem)
