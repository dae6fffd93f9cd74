"""What can be said of a store by one look at it: who may write how, who holds the lock, what lies about, what is wrong.

Reads only. What needs two versions to be seen, such as a lost update, is the business of `store.findings`.
"""

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from store.entry.lint import Rule
from store.errors import StoreError, Unreadable
from store.events import LockHolder
from store.openclaw.databases import is_database
from store.openclaw.paths import StorePath, load_config
from store.openclaw.release import Discipline, discipline, write_permit
from store.owners import owner_name
from store.summary import EntrySummary, summarise, with_flaw
from store.text.document import Document
from store.text.read import open_store
from store.writing.holder import describe, lock_path, observe, sentence
from store.writing.names import parse_name

StoreRule: TypeAlias = Literal[
    "unreadable",
    "not-strict",
    "symbolic-link",
    "stale-lock",
    "long-lock",
    "kept-version",
    "leftovers",
    "config",
    "twins",
]

LONG_LOCK_S: Final = 30.0
"""OpenClaw breaks a lock of this age, whoever holds it (openclaw-store reference, section b)."""
LEFT_AFTER_S: Final = 60.0
"""A temporary file is renamed within a second or two, even at 150 MB."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong; `key` is blank where it is about no single entry."""

    rule: Rule | StoreRule
    because: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """One store: the facts, and the problems; `entries` is None for a store that could not be read.

    `writes` says in a sentence how this program would write it now, or why it would not.
    """

    store: StorePath
    discipline: Discipline
    writes: str
    holder: LockHolder | None
    problems: tuple[Problem, ...]
    entries: int | None = None
    size: int = 0
    unreadable: int = 0
    """The exit code of what kept the store from being read, 0 when nothing did."""


def check_up(
    store: StorePath, *, env: Mapping[str, str] = os.environ, wanted: Callable[[str], bool] = lambda _key: True
) -> Checkup:
    """Look at a store; `wanted` picks the entries that are looked into, by key. Never raises a StoreError."""
    known = discipline(store, env)
    around = [*_about_config(store, env), *_about_the_file(store.path), *_about_the_lock(store.path)]
    around += _about_leftovers(store.path)
    lock = observe(lock_path(store.path))
    facts = store, known, _writes(store, known, env), describe(lock) if lock else None
    try:
        document, size = _contents(store.path)
        inside = _about_entries(document, wanted, in_database=is_database(store.path))
        count = len(document)
    except StoreError as error:
        return Checkup(
            *facts, (*around, Problem("unreadable", error.reason)), unreadable=error.exit_code or Unreadable.exit_code
        )
    return Checkup(*facts, (*around, *inside), count, size)


def _contents(path: Path) -> tuple[Document, int]:
    """The entries, and the size of what keeps them."""
    if not is_database(path):
        with open_store(path) as opened:
            return opened.document, opened.status.st_size
    from store.sqlite.database import Database
    from store.sqlite.document import RowDocument

    with Database(path) as database:
        return RowDocument(*database.whole()), database.status.st_size


def _writes(store: StorePath, known: Discipline, env: Mapping[str, str]) -> str:
    permit = write_permit(known)
    if permit.kind != "allowed":
        return permit.reason
    if permit.way == "gateway":
        return _through_gateway(store, known, env) or permit.how
    try:
        owner = os.stat(store.path).st_uid
    except OSError:
        return "Not written: the file cannot be looked at."
    if owner != os.geteuid():
        return f"Not written: the store belongs to user {owner_name(owner)}. Run as that user."
    return "locked writes; the release is not known" if known.kind == "unknown" else known.line()


def _through_gateway(store: StorePath, known: Discipline, env: Mapping[str, str]) -> str:
    """What is in the way of asking the gateway, or blank."""
    from store.remote.call import gateway_of

    try:
        gateway_of(store, known.gateway_pid, env)
    except StoreError as error:
        return error.reason
    return ""


def _about_config(store: StorePath, env: Mapping[str, str]) -> Iterator[Problem]:
    problem = load_config(store.state_dir, env).problem if store.state_dir else ""
    if problem:
        yield Problem("config", problem)


def _about_the_file(path: Path) -> Iterator[Problem]:
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            yield Problem(
                "symbolic-link", f"a link to {os.path.realpath(path)}: OpenClaw's next save replaces the link"
            )
    except OSError:
        return


def _about_the_lock(path: Path) -> Iterator[Problem]:
    lock = observe(lock_path(path))
    if lock is None:
        return
    long = time.time() - lock.since > LONG_LOCK_S
    match lock.verdict():
        case "dead":
            yield Problem("stale-lock", f"{sentence(lock)}; the next writer breaks it")
        case "unreadable" if long:
            yield Problem("stale-lock", sentence(lock))
        case "live" if long:
            yield Problem("long-lock", f"{sentence(lock)}: OpenClaw 2026.1.29 to 2026.4.29 takes it away by now")


def _about_leftovers(path: Path) -> Iterator[Problem]:
    """Files beside the store that are about to become nothing any more."""
    foreign: list[tuple[str, int]] = []
    ours: list[tuple[str, int]] = []
    for name, status in _beside(path):
        known = parse_name(name)
        if known is not None and known.target in (path.name, f"{path.name}.lock"):
            if known.in_use:
                continue
            if known.role == "tmp" and status.st_ino not in known.inodes:
                because = f"{name} is a version of another writer, kept when it came between one of our own writes"
                yield Problem("kept-version", because)
            else:
                ours.append((name, status.st_size))
        elif name.endswith(".tmp") and path.name in name and time.time() - status.st_mtime > LEFT_AFTER_S:
            foreign.append((name, status.st_size))
    if ours:
        yield Problem("leftovers", f"{_files(ours)} of a clobberwatch that ended early: its next write removes them")
    if foreign:
        yield Problem("leftovers", f"{_files(foreign)} of writers that ended early; nothing reads them any more")


def _beside(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    try:
        found = sorted(os.scandir(path.parent), key=lambda item: item.name)
    except OSError:
        return
    for item in found:
        try:
            status = item.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and item.name != path.name:
            yield item.name, status


def _files(found: list[tuple[str, int]]) -> str:
    octets = sum(size for _name, size in found)
    return f"{found[0][0]} ({octets:,} bytes)" if len(found) == 1 else f"{len(found)} files ({octets:,} bytes)"


def _about_entries(document: Document, wanted: Callable[[str], bool], *, in_database: bool) -> list[Problem]:
    problems = [] if document.editable else [Problem("not-strict", document.why_not)]
    spelt = Counter(key.lower() for key in document.keys())
    for key, raw in document.raws():
        if not wanted(key):
            continue
        row = with_flaw(summarise(key, raw), document.flaws.get(key, ""))
        problems += _of_row(row, in_database=in_database)
        if spelt[key.lower()] > 1:
            because = "another key differs in case only: OpenClaw keeps the newer one of the two, from 2026.2.26 on"
            problems.append(Problem("twins", because, key))
    return problems


def _of_row(row: EntrySummary, *, in_database: bool) -> list[Problem]:
    whole = " OpenClaw takes the whole file for an empty store." if row.damaged and not in_database else ""
    return [Problem(remark.rule, remark.because + whole, row.key) for remark in row.lint]
