"""Whose a file is, and what to do about one that this user may not read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from store.errors import Unreadable


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
