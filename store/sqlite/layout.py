"""Which tables of a database hold the sessions, recognised by what is there rather than by a release.

| schema (`PRAGMA user_version`) | sessions in        | releases                         |
|--------------------------------|--------------------|----------------------------------|
| 1                              | no table: credentials only | 2026.6.1 to 2026.7.1     |
| 4 to 13                        | `session_entries`  | betas from 2026.7.2-beta.1       |
| 14 to 23                       | `session_nodes`    | 2026.7.2-beta.7 to 2026.9.6      |
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from store.errors import Damaged, Missing, Unreadable

FIRST_SCHEMA: Final = 4
NEWEST_SCHEMA: Final = 23
"""The newest one that was tried (2026.9.6)."""
TRIED_SCHEMAS: Final = range(19, 24)
"""Written and read again by the real 2026.8.1 (19) and 2026.9.6 (23)."""
_NEEDED: Final = frozenset({"session_key", "entry_json", "updated_at"})
_TABLES: Final = ("session_nodes", "session_entries")
_PENDING: Final = "session_canonical_validation_pending"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the entries of one database stand.

    `pending` says whether it keeps a list of rows still to be validated, `timed` whether an index has every row's
    `updated_at`, so that no text need be read for it.
    """

    schema: int
    table: str
    columns: frozenset[str]
    pending: bool
    timed: bool

    @property
    def validated(self) -> bool:
        """Whether rows carry a mark that OpenClaw has validated them."""
        return "entry_valid" in self.columns

    @property
    def why_not_written(self) -> str:
        """Why no row of it is written by this program, or blank."""
        if self.schema in TRIED_SCHEMAS and self.validated:
            return ""
        return f"has schema {self.schema}, and writing was tried with {TRIED_SCHEMAS[0]} to {TRIED_SCHEMAS[-1]} only"


def recognise(connection: sqlite3.Connection, name: str) -> Layout:
    """The layout of an open database; Missing where it holds no sessions, Unreadable where it cannot be understood."""
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    table = next((table for table in _TABLES if table in tables), "")
    if not table:
        raise _no_sessions(schema, name)
    columns = frozenset(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
    if schema < FIRST_SCHEMA or not columns >= _NEEDED:
        raise _not_understood(schema, name, sorted(_NEEDED - columns))
    plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT session_key, updated_at FROM {table}").fetchone()
    timed = table == _TABLES[0] and "COVERING INDEX" in plan[3]  # the older table may hold anything in it
    return Layout(schema, table, columns, _PENDING in tables, timed)


def _no_sessions(schema: int, name: str) -> Unreadable:
    if schema > NEWEST_SCHEMA:
        return _not_understood(schema, name, list(_TABLES[:1]))
    if schema >= FIRST_SCHEMA:
        return Damaged(f"{name} has schema {schema} but no table session_nodes. Let OpenClaw look: openclaw doctor")
    return Missing(
        f"{name} holds no sessions (schema {schema}: credentials only, as OpenClaw before 2026.8.1 makes it). "
        "Name the sessions.json instead."
    )


def _not_understood(schema: int, name: str, lacking: list[str]) -> Unreadable:
    return Unreadable(
        f"{name} has schema {schema}; this version knows {FIRST_SCHEMA} to {NEWEST_SCHEMA} and misses "
        f"{', '.join(lacking) or 'the sessions'} in it. Update clobberwatch, or use openclaw sessions."
    )
