"""What the thread that follows a database hands on, without the database itself: importing SQLite takes its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from store.errors import Unreadable
from store.events import EntryChange


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows that differ from those known, of one state of the database, and how many it has.

    `flaws` are the rows that OpenClaw itself would stumble over: key -> why.
    """

    changes: tuple[EntryChange, ...]
    entries: int
    flaws: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowsRead:
    """One state of a database, as what differs from the last one that was read.

    `file` is device and inode. `gap`: it was opened anew in between, so that nothing is known of what came and went.
    """

    store: Path
    at: float
    file: tuple[int, int]
    reading: Reading
    gap: bool


@dataclass(frozen=True, slots=True)
class RowsRefused:
    """The database could not be read."""

    store: Path
    at: float
    error: Unreadable


def apply(rows: dict[str, bytes], changes: Iterable[EntryChange]) -> None:
    """Bring rows to the state after these changes."""
    for change in changes:
        if change.after is None:
            rows.pop(change.key, None)
        else:
            rows[change.key] = change.after
