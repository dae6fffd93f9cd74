"""Putting a new version in place so that nothing a rival wrote meanwhile can be lost unseen.

A plain rename destroys what it replaces, so a writer that slipped in between the last check and the rename is gone
without a trace. `renameat2(RENAME_EXCHANGE)` leaves what was replaced under the other name: it is compared with the
version the new one was made from, and a rival's version is put back. Putting back can itself displace a newer rival
version, so it goes on until the one that comes out is the one that was put in last.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

RENAME_EXCHANGE = 2
AT_FDCWD = -100
UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


class ExchangeUnsupportedError(OSError):
    """This system or file system cannot swap two names."""


@dataclass(frozen=True, slots=True)
class Swap:
    """How a commit by exchange ended.

    `rivals` are the versions of writers that slipped in: the newest is on disk again, the others it had overwritten.
    When not `committed`, the temp name holds ours or a rival version that is overwritten: nothing worth keeping.
    """

    committed: bool
    rivals: tuple[os.stat_result, ...]


def exchange(left: str, right: str) -> None:
    """Swap the files behind two names in one step. Raises ExchangeUnsupportedError, or OSError as rename does."""
    if _renameat2()(AT_FDCWD, os.fsencode(left), AT_FDCWD, os.fsencode(right), RENAME_EXCHANGE) == 0:
        return
    number = ctypes.get_errno()
    kind = ExchangeUnsupportedError if number in UNSUPPORTED else OSError
    raise kind(number, os.strerror(number), left, None, right)


def commit_by_exchange(temp: str, store: str, base: int, ours: int) -> Swap:
    """Put the file at `temp` in the place of `store`, provided that what comes out is the base.

    `base` and `ours` are open descriptors of the version replaced and of the new one: they keep both inodes from being
    used again, which alone makes them comparable. Otherwise the rival's newest version ends up at `store`.
    """
    exchange(temp, store)
    pinned: list[int] = []
    try:
        expected, placed = _identity(os.fstat(base)), _identity(os.fstat(ours))
        while (came_out := _identity(os.lstat(temp))) != expected:
            pinned.append(os.open(temp, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
            expected, placed = placed, came_out
            _put_back(temp, store)
        met = [os.fstat(fd) for fd in pinned]
        known = {_identity(os.fstat(base)), _identity(os.fstat(ours))}
        return Swap(committed=not met, rivals=tuple(status for status in met if _identity(status) not in known))
    finally:
        for fd in pinned:
            os.close(fd)


def _put_back(temp: str, store: str) -> None:
    while True:
        try:
            return exchange(temp, store)
        except FileNotFoundError:
            # Somebody removed the store: then the version in hand is the newest there is. A second name for it makes
            # the next look at `temp` find exactly what was placed.
            with suppress(FileExistsError):
                return os.link(temp, store)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


@cache
def _renameat2() -> Callable[..., int]:
    libc = ctypes.CDLL(None, use_errno=True)
    function: Callable[..., int] | None = getattr(libc, "renameat2", None)
    if function is None:
        raise ExchangeUnsupportedError(errno.ENOSYS, "renameat2 is not in this C library")
    return function
