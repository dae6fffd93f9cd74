"""Recordings and older copies of a store: which lie beside it, and which store one belongs to."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from store.errors import StoreError, Unreadable, UsageError
from store.events import FileId, Loaded
from store.openclaw.databases import beside, is_database
from store.recording.file import check_header, is_ours
from store.recording.recording import Recording
from store.text.read import open_store

Texts: TypeAlias = Mapping[str, bytes]
"""The JSON text of each entry by its key."""
_SQLITE: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_NOT_OLD: Final = (".jsonl", ".lock", ".tmp", "-wal", "-shm", "-journal")
"""Besides what is none, files that only SQLite may open: closing them here would drop its locks in this process."""


@dataclass(frozen=True, slots=True)
class OldFile:
    """A recording, or an older copy of a store; `at` is when it begins, in wall-clock seconds."""

    path: Path
    at: float
    recording: bool = False


def old_files(store: Path) -> list[OldFile]:
    """The recordings and older copies that lie beside a store, oldest first; what cannot be read is left out."""
    found = []
    try:
        names = os.listdir(store.parent)
    except OSError:
        return []
    for name in names:
        copy = name == f"{store.name}.bak" or name.startswith(f"{store.name}.bak.")
        if copy or (name != store.name and not name.endswith(_NOT_OLD)):
            path = store.parent / name
            if (at := _old_since(path, copy=copy)) is not None:
                found.append(OldFile(path, at, recording=not copy))
    return sorted(found, key=lambda file: file.at)


def _old_since(path: Path, *, copy: bool) -> float | None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or not status.st_size:
            return None
        if copy:
            return status.st_mtime
        with open(path, "rb") as file:
            check_header(path, file.read(_HEADER))
        return begins(path)
    except (OSError, StoreError):
        return None


def belongs_to(path: Path, stores: Mapping[Path, Collection[str]]) -> Path:
    """Which of these stores (each with its keys) an old file is of: by its path, else by the most keys in common.

    Raises Unreadable for a file that is none, UsageError for one of another store and for a store that is open here.
    """
    if any(os.path.realpath(path) == os.path.realpath(store) for store in stores):
        raise UsageError(f"{path} is open here already. Name a recording of it, or an older copy.")
    if is_recording(path):
        recording = Recording(path)
        try:
            recorded = {os.path.realpath(one): one for one in recording.stores}
            same_path = [store for store in stores if os.path.realpath(store) in recorded]
            keys = set() if same_path else {key for one in _first_keys(recording).values() for key in one}
        finally:
            recording.close()
    else:
        same_path = [store for store in stores if path.parent == store.parent and path.name.startswith(store.name)]
        keys = set() if same_path else set(copied(path, {})[1])
    if same_path:
        return same_path[0]
    shared, store = max((len(keys & set(own)), store) for store, own in stores.items())
    if not shared:
        raise UsageError(f"{path} has no session in common with a store that is open here.")
    return store


def is_recording(path: Path) -> bool:
    """Whether the file is a recording rather than a copy of a store; Unreadable when it cannot be read.

    Not to be asked of a database that is open in this process.
    """
    return is_ours(_header(path))


def _header(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_HEADER)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None


def begins(path: Path) -> float:
    """When the file's first version was the truth, in wall-clock seconds."""
    if not is_recording(path):
        return path.stat().st_mtime
    recording = Recording(path)
    try:
        loaded = (event.version.at for event in recording.events() if isinstance(event, Loaded))
        return next(loaded, recording.began)
    finally:
        recording.close()


def copied(path: Path, known: Texts) -> tuple[FileId, dict[str, bytes]]:
    """The copy's file and its entries; a text that is `known` already is not in memory twice. Of a database, too."""
    try:
        if is_database(path) or _header(path).startswith(_SQLITE):
            return _copied_database(path, known)
        with open_store(path, check=True) as opened:
            raws = opened.document.raws()
            return opened.file, {key: known[key] if known.get(key) == raw else raw for key, raw in raws}
    except StoreError as error:
        raise Unreadable(f"{path} is neither a recording nor a whole session store: {error.reason}") from None


def _copied_database(path: Path, known: Texts) -> tuple[FileId, dict[str, bytes]]:
    """One that is not named as a database is a mere copy: nobody writes it, and nothing is to be made beside it."""
    from store.sqlite.database import Database

    with Database(path, still=not is_database(path)) as database:
        rows, status = database.rows(), database.status
    wal, _index = beside(path)
    written = max(file.stat().st_mtime_ns for file in (path, wal) if file.exists())
    file = FileId(status.st_dev, status.st_ino, status.st_size, written)
    return file, {key: known[key] if known.get(key) == raw else raw for key, raw in rows.items()}


def _first_keys(recording: Recording) -> dict[Path, list[str]]:
    """The keys that each recorded store began with."""
    found: dict[Path, list[str]] = {}
    for event in recording.events():
        if isinstance(event, Loaded) and event.store not in found:
            found[event.store] = recording.keys(event.store)
            if len(found) == len(recording.stores):
                break
    return found


def their_store(recording: Recording, store: Path, texts: Texts) -> Path:
    """The recorded store that is ours: of the same path, else the one with most keys in common with what is known."""
    for one in recording.stores:
        if os.path.realpath(one) == os.path.realpath(store):
            return one
    keys = _first_keys(recording)
    return max(recording.stores, key=lambda one: len(set(texts).intersection(keys.get(one, ()))))
