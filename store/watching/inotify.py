"""Linux inotify through libc: what happens to the names in a directory, in the kernel's order."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

MODIFY = 0x2
CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
DELETE_SELF = 0x400
MOVE_SELF = 0x800
UNMOUNT = 0x2000
OVERFLOW = 0x4000
IGNORED = 0x8000
ONLY_DIRECTORY = 0x1000000

EVERY_VERSION = MODIFY | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF
"""With MOVED_TO alone the kernel merges equal unread events: 5,000 renames became 1. Those between keep them apart."""

_HEADER = struct.Struct("iIII")
_READ_SIZE = 1 << 16
_MOST_READS = 16


class NameEvent(NamedTuple):
    """One event; `cookie` pairs the two halves of a rename, `name` is empty for the directory itself."""

    watch: int
    mask: int
    cookie: int
    name: bytes


class Inotify:
    """One inotify instance. Raises OSError: ENOSYS where there is none, EMFILE when the user has no more."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        try:
            start = self._libc.inotify_init1
        except AttributeError:
            raise OSError(errno.ENOSYS, "this system has no inotify") from None
        self._fd: int = start(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise _system_error("inotify_init1")

    def fileno(self) -> int:
        """The descriptor to poll."""
        return self._fd

    def add(self, directory: str, mask: int = EVERY_VERSION) -> int:
        """Watch a directory; one watched already gives the same number. Raises OSError, ENOSPC at the user's limit."""
        watch: int = self._libc.inotify_add_watch(self._fd, os.fsencode(directory), mask | ONLY_DIRECTORY)
        if watch < 0:
            raise _system_error(directory)
        return watch

    def remove(self, watch: int) -> None:
        """Stop watching; a watch that is gone already is fine."""
        self._libc.inotify_rm_watch(self._fd, watch)

    def read(self) -> list[NameEvent]:
        """What is queued now, without waiting."""
        events: list[NameEvent] = []
        for _ in range(_MOST_READS):
            try:
                data = os.read(self._fd, _READ_SIZE)
            except BlockingIOError:
                break
            events.extend(_events(data))
        return events

    def close(self) -> None:
        """Give the instance back."""
        os.close(self._fd)


def _events(data: bytes) -> Iterator[NameEvent]:
    at = 0
    while at < len(data):
        watch, mask, cookie, length = _HEADER.unpack_from(data, at)
        at += _HEADER.size + length
        yield NameEvent(watch, mask, cookie, data[at - length : at].rstrip(b"\0"))


def _system_error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), what)
