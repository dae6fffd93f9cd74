"""The file a new version is written to, and what a crash left of such files."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from store.errors import NotOurs, StoreError, WriteFailed
from store.owners import owner_name
from store.writing.names import parse_name, private_name

MTIME_STEP_NS = 1_000_000
"""OpenClaw takes its cached copy for current when the file's time, in ms, did not move."""
COARSE_STEPS_NS = (MTIME_STEP_NS, 1_000_000_000, 2_000_000_000)
"""The step, and those that move the time where a file system keeps whole seconds, or even ones only."""
ACCESS_LIST = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class TempFile:
    """A complete new version, on disk, not in place yet; the descriptor pins its inode."""

    path: str
    fd: int
    status: os.stat_result

    def close(self) -> None:
        """Remove the file unless it is in place by now, and let go of the inode."""
        with suppress(OSError):
            if os.lstat(self.path).st_ino == self.status.st_ino:
                os.unlink(self.path)
        os.close(self.fd)


def write_temp(store: str, base: os.stat_result, base_fd: int, chunks: Iterable[bytes | memoryview]) -> TempFile:
    """Write a new version beside the store with the base's owner, mode, access list and a later time, flushed to disk.

    Raises NotOurs where one of these cannot be reproduced, WriteFailed otherwise; nothing is left behind then.
    """
    path = private_name(store, "new")
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise not_written(store, error) from None
    try:
        _take_owner(fd, base)
        _take_access_list(fd, store, base_fd)
        _take_mode(fd, store, base)
        for chunk in chunks:
            _write_all(fd, chunk)
        _make_newer(fd, base)
        os.fsync(fd)
        status = os.fstat(fd)
        final = private_name(store, "tmp", f"{base.st_ino}-{status.st_ino}")
        os.rename(path, final)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(path)
        os.close(fd)
        if isinstance(error, OSError):
            raise not_written(store, error) from None
        raise
    return TempFile(final, fd, status)


def not_written(store: str, error: OSError) -> StoreError:
    """The error to raise when the system refuses a step of writing."""
    folder = os.path.dirname(store) or "."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WriteFailed(f"Not written: no space left in {folder}. Make room there, then try again.")
    if error.errno == errno.EROFS:
        return WriteFailed(
            f"Not written: {folder} is on a read-only file system. Remount it, or edit where it is kept."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        way_out = "Run as its owner: sudo -u OWNER clobberwatch"
        with suppress(OSError):
            uid = os.stat(folder).st_uid
            way_out = f"Run as its owner: sudo -u {owner_name(uid)} clobberwatch"
            if uid == os.geteuid():
                way_out = "It is your own: chmod u+w would give it back."
        return NotOurs(f"Not written: no permission to make a file in {folder}. {way_out}")
    if error.errno == errno.EBUSY:
        return NotOurs(
            f"Not written: {store} is a mount point, so no new file can take its place. Edit it where it is kept."
        )
    return WriteFailed(f"Not written: {error.strerror or error} ({folder}). The store is as it was.")


def belongs_to_another(uid: int) -> NotOurs:
    """The error to raise when the new version could not get the store's owner."""
    owner = owner_name(uid)
    return NotOurs(
        f"Not written: the store belongs to user {owner}, and a new file could not be given to it. "
        f"Run as that user: sudo -u {owner} clobberwatch"
    )


def sweep(store: str) -> list[str]:
    """Remove what crashed runs of ours left beside the store; the paths of rival versions that are kept."""
    folder, name = os.path.split(store)
    kept = []
    for found in os.listdir(folder or "."):
        known = parse_name(found)
        if known is None or known.target not in (name, name + ".lock") or known.in_use:
            continue
        path = os.path.join(folder, found)
        with suppress(OSError):
            if known.role in ("new", "lock", "stale") or os.lstat(path).st_ino in known.inodes:
                os.unlink(path)
            else:
                kept.append(path)
    return kept


def _take_owner(fd: int, base: os.stat_result) -> None:
    own = os.fstat(fd)
    if (own.st_uid, own.st_gid) != (base.st_uid, base.st_gid):
        try:
            os.fchown(fd, base.st_uid, base.st_gid)
        except OSError:
            raise belongs_to_another(base.st_uid) from None


def _take_access_list(fd: int, store: str, base_fd: int) -> None:
    """Or a gateway that reads the store by its list could not read the new version, and would save an empty one.

    Where the base has none, the list that the directory hands to new files goes.
    """
    wanted = _access_list(base_fd)
    if wanted == _access_list(fd):
        return
    try:
        if wanted is None:
            os.removexattr(fd, ACCESS_LIST)
        else:
            os.setxattr(fd, ACCESS_LIST, wanted)
    except OSError as error:
        raise NotOurs(
            f"Not written: a new file in the place of {store} could not get its access list ({error.strerror})."
        ) from None


def _access_list(fd: int) -> bytes | None:
    if hasattr(os, "getxattr"):
        with suppress(OSError):
            return os.getxattr(fd, ACCESS_LIST)
    return None


def _take_mode(fd: int, store: str, base: os.stat_result) -> None:
    os.fchmod(fd, stat.S_IMODE(base.st_mode))
    if stat.S_IMODE(os.fstat(fd).st_mode) != stat.S_IMODE(base.st_mode):
        raise NotOurs(f"Not written: a new file in the place of {store} could not get its mode.")


def _write_all(fd: int, chunk: bytes | memoryview) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(fd, view) :]


def _make_newer(fd: int, base: os.stat_result) -> None:
    for step in COARSE_STEPS_NS:
        status = os.fstat(fd)
        if status.st_mtime_ns >= base.st_mtime_ns + MTIME_STEP_NS:
            return
        os.utime(fd, ns=(status.st_atime_ns, base.st_mtime_ns + step))
