"""Whose a file is, and what to do about one that cannot be opened or that this user may not read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from store.errors import Missing, StoreError, Unreadable


def owner_name(uid: int) -> str:
    """The user's name, or its number as `sudo -u` takes it where it has none."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def not_readable(path: Path) -> Unreadable:
    """The error for a file or directory whose permissions keep this user out."""
    try:
        status = path.stat()
    except OSError:
        return Unreadable(f"Cannot read {path}: its directory may not be entered. Run as the user the gateway runs as.")
    owner = owner_name(status.st_uid)
    way_out = f"Run as that user: sudo -u {owner} clobberwatch"
    if status.st_uid == os.geteuid():
        way_out = "It is your own: chmod u+rX may give it back."
    return Unreadable(f"Cannot read {path} (owner {owner}, mode {stat.S_IMODE(status.st_mode):04o}). {way_out}")


def cannot_open(path: Path, error: OSError) -> StoreError:
    """The error to raise when the system refuses to open or read a store."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Missing(f"There is no store at {path}. Name another one, or start the gateway that makes it.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return not_readable(path)
    if error.errno == errno.ELOOP:
        return Unreadable(f"Cannot read {path}: its symbolic links lead in a circle.")
    return Unreadable(f"Cannot read {path}: {os.strerror(error.errno or 0)}.")
