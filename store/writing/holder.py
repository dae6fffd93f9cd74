"""What a store's lock file says, and whether its holder lives. Reads only; `store.writing.lock` takes and breaks locks.

OpenClaw 2026.1.29-2026.2.12 writes `{"pid","startedAt"}` (ms), 2026.2.17-2026.4.29 `{"pid","createdAt"[,"starttime"]}`.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from store.events import LockHolder
from store.writing.process import command_line, pid_alive, short_name, start_time

PAYLOAD_LIMIT = 4096
Verdict = Literal["live", "dead", "unreadable"]


@dataclass(frozen=True, slots=True)
class Marker:
    """One observation of a lock file; two equal ones mean that nobody touched it in between."""

    dev: int
    inode: int
    mtime_ns: int
    raw: bytes

    @property
    def pid(self) -> int | None:
        """The holder's own pid, as it knows it."""
        pid = self._payload().get("pid")
        return pid if type(pid) is int and pid > 0 else None

    @property
    def started(self) -> int | None:
        """The holder's start time in clock ticks since boot, where it wrote one (2026.3.2 and newer)."""
        started = self._payload().get("starttime")
        return started if type(started) is int else None

    @property
    def since(self) -> float:
        """When the lock was taken, in wall-clock seconds: as its payload says, else the file's time."""
        payload = self._payload()
        created, started = payload.get("createdAt"), payload.get("startedAt")
        if isinstance(created, str):
            with suppress(ValueError):
                return datetime.fromisoformat(created).timestamp()
        if isinstance(started, (int, float)) and not isinstance(started, bool):
            return started / 1000
        return self.mtime_ns / 1e9

    def verdict(self) -> Verdict:
        """Whether the holder lives; "dead" also for a pid that another process has by now."""
        pid = self.pid
        if pid is None:
            return "unreadable"
        if not pid_alive(pid):
            return "dead"
        now_started = start_time(pid)
        recycled = self.started is not None and now_started is not None and now_started != self.started
        return "dead" if recycled else "live"

    def _payload(self) -> dict[str, object]:
        try:
            payload = json.loads(self.raw)
        except (ValueError, RecursionError):
            return {}
        return payload if isinstance(payload, dict) else {}


def lock_path(store: str | os.PathLike[str]) -> Path:
    """The lock file of a store: its real directory, its own name.

    Releases before 2026.2.17 spell the directory as configured; that is the same file, in the same directory.
    """
    folder, name = os.path.split(os.fspath(store))
    return Path(os.path.realpath(folder or "."), name + ".lock")


def observe(path: str | os.PathLike[str]) -> Marker | None:
    """Look at a lock file once; None when there is none. One that cannot be opened counts as unreadable."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError:
        with suppress(FileNotFoundError):
            stat = os.lstat(path)
            return Marker(stat.st_dev, stat.st_ino, stat.st_mtime_ns, b"")
        return None
    try:
        raw = b""
        with suppress(OSError):
            raw = os.read(fd, PAYLOAD_LIMIT)
        stat = os.fstat(fd)
    finally:
        os.close(fd)
    return Marker(stat.st_dev, stat.st_ino, stat.st_mtime_ns, raw)


def holder(store: str | os.PathLike[str]) -> LockHolder | None:
    """Who holds the store's lock now; None when it is free."""
    marker = observe(lock_path(store))
    return None if marker is None else describe(marker)


def describe(marker: Marker) -> LockHolder:
    """The holder a lock file names, with what is known about that process."""
    pid = marker.pid
    alive = marker.verdict() == "live"
    return LockHolder(pid, marker.since, alive, command_line(pid) if alive and pid is not None else "")


def sentence(marker: Marker) -> str:
    """ "pid 48213 (openclaw gateway, alive) has held the store lock for 12 s"."""
    seconds = max(0, round(time.time() - marker.since))
    pid = marker.pid
    if pid is None:
        return f"a lock file without a readable pid has been there for {seconds} s"
    known = describe(marker)
    about = [short_name(known.command), "alive" if known.alive else "not running here"]
    return f"pid {pid} ({', '.join(filter(None, about))}) has held the store lock for {seconds} s"
