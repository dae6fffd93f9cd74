"""Databases as OpenClaw 2026.8.1 and later keep sessions in, reduced to the tables and triggers that matter here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SCHEMA = 23
MAIN = "agent:main:main"

_NODES = """
CREATE TABLE session_nodes (
  session_key TEXT NOT NULL PRIMARY KEY, current_session_id TEXT NOT NULL, entry_json TEXT NOT NULL,
  entry_valid INTEGER NOT NULL DEFAULT 0 CHECK (entry_valid IN (-1, 0, 1)), updated_at INTEGER NOT NULL,
  status TEXT, label TEXT
) STRICT;
CREATE INDEX nodes_by_time ON session_nodes(updated_at DESC, session_key);
CREATE INDEX nodes_not_valid ON session_nodes(session_key) WHERE entry_valid != 1;
CREATE TRIGGER nodes_inserted AFTER INSERT ON session_nodes
BEGIN UPDATE session_nodes SET entry_valid = 0 WHERE session_key = NEW.session_key; END;
CREATE TRIGGER nodes_entry_updated AFTER UPDATE OF entry_json ON session_nodes
BEGIN UPDATE session_nodes SET entry_valid = 0 WHERE session_key = NEW.session_key; END;
CREATE TRIGGER nodes_identity_updated AFTER UPDATE OF current_session_id, updated_at ON session_nodes
BEGIN UPDATE session_nodes SET entry_valid = 0 WHERE session_key = NEW.session_key; END;
"""
_PENDING = """
CREATE TABLE session_canonical_validation_pending (session_key TEXT NOT NULL PRIMARY KEY) STRICT;
CREATE TRIGGER nodes_pending_inserted AFTER INSERT ON session_nodes
BEGIN INSERT INTO session_canonical_validation_pending SELECT NEW.session_key WHERE NOT EXISTS
  (SELECT 1 FROM session_canonical_validation_pending WHERE session_key = NEW.session_key); END;
CREATE TRIGGER nodes_pending_updated AFTER UPDATE OF entry_json, entry_valid ON session_nodes
WHEN OLD.entry_json IS NOT NEW.entry_json OR OLD.entry_valid IS NOT NEW.entry_valid
BEGIN INSERT INTO session_canonical_validation_pending SELECT NEW.session_key WHERE NOT EXISTS
  (SELECT 1 FROM session_canonical_validation_pending WHERE session_key = NEW.session_key); END;
"""
_ENTRIES = """
CREATE TABLE session_entries (
  session_key TEXT PRIMARY KEY, session_id TEXT, entry_json TEXT, updated_at INTEGER, status TEXT
);
"""
_TRANSCRIPTS = "CREATE TABLE transcript_events (session_id TEXT, seq INTEGER, event TEXT);"


def make_database(path: Path, entries: Mapping[str, object], *, schema: int = SCHEMA) -> Path:
    """A database of this schema with these entries, all validated, closed again (its log is gone)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        if schema >= 14:
            connection.executescript(_NODES + (_PENDING if schema >= 20 else ""))
        elif schema >= 4:
            connection.executescript(_ENTRIES)
        connection.executescript(_TRANSCRIPTS)
        connection.execute(f"PRAGMA user_version = {schema}")
        if schema >= 4:
            put(connection, entries)
    return path


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of some other program, in autocommit."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        yield connection
    finally:
        connection.close()


def text(entry: object) -> str:
    """An entry as the gateway writes it: compact."""
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)


def put(connection: sqlite3.Connection, entries: Mapping[str, object | None]) -> None:
    """Write these entries in one transaction, the way the gateway does; None removes a row."""
    connection.execute("BEGIN IMMEDIATE")
    for key, entry in entries.items():
        _put(connection, key, entry)
    connection.execute("COMMIT")


def _put(connection: sqlite3.Connection, key: str, entry: object | None) -> None:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    table = "session_nodes" if "session_nodes" in tables else "session_entries"
    if entry is None:
        connection.execute(f"DELETE FROM {table} WHERE session_key = ?", (key,))
        return
    members = entry if isinstance(entry, dict) else {}
    at, session = int(members.get("updatedAt", 0)), str(members.get("sessionId", "s"))
    if table == "session_entries":
        connection.execute(
            "INSERT INTO session_entries VALUES (?, ?, ?, ?, NULL) "
            "ON CONFLICT DO UPDATE SET entry_json = excluded.entry_json, updated_at = excluded.updated_at",
            (key, session, text(entry), at),
        )
        return
    connection.execute(
        "INSERT INTO session_nodes (session_key, current_session_id, entry_json, updated_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (session_key) DO UPDATE SET entry_json = excluded.entry_json, updated_at = excluded.updated_at, "
        "current_session_id = excluded.current_session_id",
        (key, session, text(entry), at),
    )
    connection.execute("UPDATE session_nodes SET entry_valid = 1 WHERE session_key = ?", (key,))
    if "session_canonical_validation_pending" in tables:
        connection.execute("DELETE FROM session_canonical_validation_pending WHERE session_key = ?", (key,))


def entry(**fields: object) -> dict[str, object]:
    """An entry with what every one has."""
    return {"sessionId": "11111111-1111-4111-8111-111111111111", "updatedAt": 1_771_000_000_000, **fields}
