"""What SQLite's refusals mean for somebody who looks after a gateway."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from store.errors import Damaged, Missing, StoreError, Unreadable
from store.openclaw.databases import beside
from store.owners import not_readable, owner_name

_PRIMARY: Final = 0xFF
"""The low byte of an extended result code is the code it refines."""


class Occupied(Unreadable):
    """Another process keeps the database for itself, for now."""


def in_words(path: Path, error: sqlite3.Error) -> StoreError:
    """The error to raise when SQLite refuses to open or read a database."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return Occupied(
            f"Cannot read {path} now: another process keeps the whole database locked "
            "(a repair or a restore does). Try again; openclaw doctor says what is under way."
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(
            f"{path} is damaged ({error}). Stop the gateway and put a backup in its place, "
            "without the -wal and -shm that lie beside it now: openclaw backup --help"
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return _cannot_open(path, error)
    if "no such" in str(error):
        return Damaged(
            f"{path} was rebuilt while it was open here ({error}): a repair or a migration, it may be. "
            "openclaw doctor says what is under way."
        )
    return Unreadable(f"Cannot read {path}: {error}.")


def _cannot_open(path: Path, error: sqlite3.Error) -> StoreError:
    """SQLite says only "unable to open": the files beside the database say why."""
    if not path.exists():
        return Missing(f"There is no database at {path}. Name another one, or start the gateway that makes it.")
    if not os.access(path, os.R_OK):
        return not_readable(path)
    unreadable = [file for file in beside(path) if file.exists() and not os.access(file, os.R_OK)]
    if unreadable:
        return not_readable(unreadable[0])
    if not os.access(path.parent, os.W_OK):
        return Unreadable(
            f"Cannot read {path}: SQLite needs {path.name}-shm beside it, and {path.parent} may not be written. "
            f"{_who_may_write(path.parent)} Or start the gateway, which makes the file."
        )
    return Unreadable(f"Cannot read {path}: {error}.")


def strange_files(path: Path) -> Unreadable:
    """The error for a database whose side files would be made by somebody other than its owner."""
    return Unreadable(
        f"Not opened: {path} has no -wal and -shm beside it, and those made now would not be its owner's, "
        f"so the gateway could not open them. {_as_owner(path)} Or start the gateway first."
    )


def _who_may_write(folder: Path) -> str:
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return "Its file system is mounted read-only: copy the database with its -wal, and name the copy."
    if folder.stat().st_uid != os.geteuid():
        return _as_owner(folder)
    return f"Let yourself write there: chmod u+w {folder}."


def _as_owner(path: Path) -> str:
    return f"Run as its owner: sudo -u {owner_name(path.stat().st_uid)} clobberwatch."
