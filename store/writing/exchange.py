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
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache

RENAME_EXCHANGE = 2
AT_FDCWD = -100
UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


class ExchangeUnsupportedError(OSError):
    """This system or file system cannot swap two names."""


class StrandedError(OSError):
    """A rival's version came out and could not be put back: it is at the temp name, another version at the store."""


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
    used again, which alone makes them comparable. Otherwise the rival's newest version ends up at `store`. Raises
    StrandedError when it could not be put there.
    """
    exchange(temp, store)
    met: list[os.stat_result] = []
    known = _identity(os.fstat(base)), _identity(os.fstat(ours))
    expected, placed = known
    with ExitStack() as pins:
        while _identity(came_out := os.lstat(temp)) != expected:
            met.append(came_out)
            _pin(temp, pins)
            expected, placed = placed, _identity(came_out)
            _put_back(temp, store)
    return Swap(committed=not met, rivals=tuple(status for status in met if _identity(status) not in known))


def _pin(path: str, pins: ExitStack) -> None:
    """Keep the inode from being used again, whatever it is and whoever may read it.

    Out of descriptors, it goes on without: putting the version back matters more.
    """
    with suppress(OSError):
        pins.callback(os.close, os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC))


def _put_back(temp: str, store: str) -> None:
    while True:
        try:
            return exchange(temp, store)
        except FileNotFoundError:
            # Somebody removed the store: then the version in hand is the newest there is. A second name for it makes
            # the next look at `temp` find exactly what was placed.
            with suppress(FileExistsError):
                return os.link(temp, store)
        except OSError as error:
            raise StrandedError(error.errno, error.strerror, temp, None, store) from None


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


@cache
def _renameat2() -> Callable[..., int]:
    libc = ctypes.CDLL(None, use_errno=True)
    function: Callable[..., int] | None = getattr(libc, "renameat2", None)
    if function is None:
        raise ExchangeUnsupportedError(errno.ENOSYS, "renameat2 is not in this C library")
    return function
