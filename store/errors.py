"""What can go wrong, as one tree.

StoreError                      exit code
├── UsageError                  2   a field, value or key that cannot be meant
├── Busy                        4   somebody else holds the lock
├── Refused                     5   a write that cannot be shown to be safe
│   ├── ReadOnly                    this run must not write
│   ├── NoSafeWrite                 the OpenClaw release takes no lock, keeps no JSON, or is unknown and running
│   ├── NotOurs                     owner, mode, symlink or mount: a new file could not be put in its place
│   ├── NotStrict                   JSON5, a byte-order mark, duplicate keys: shown, never edited
│   └── WriteFailed                 disk full, read-only directory, a result that does not read back
└── Unreadable                  6   no last version can be had from the file
    ├── Missing                     there is no such store, or no such entry in it
    ├── Torn                        the file changed while it was read; try again
    ├── Damaged                     truncated, binary, not an object
    ├── NotARecording               a file that no recorder of this program made
    ├── OtherFormat                 a recording of another version of this program
    └── TooDeep                     an entry nested deeper than can be read here; OpenClaw may still read it

A conflict (exit code 3) is an outcome, not an error: see `store.edit`.
Every message says what happened and where, and mostly what to do next; where it does not, its class does.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

_TWO_CLAUSES: Final = re.compile("[.;] ")
"""The second one is what to do next."""


class StoreError(Exception):
    """Base of every error of this package."""

    exit_code = 70
    next_step: ClassVar[str] = "CLOBBERWATCH_DEBUG=1 shows where it comes from."
    """What to do about an error of this class."""

    @property
    def reason(self) -> str:
        """The sentence for the operator, as short as a banner or a row has room for."""
        return str(self)

    @property
    def advice(self) -> str:
        """The same, and what to do next where it does not say so itself."""
        reason = self.reason.strip()
        if _TWO_CLAUSES.search(reason):
            return reason
        return f"{reason}{'' if reason.endswith(('.', '!', '?')) else '.'} {self.next_step}"


class UsageError(StoreError):
    """A field, value or key that cannot be meant."""

    exit_code = 2
    next_step = "See clobberwatch --help."


class Busy(StoreError):
    """Somebody else holds the lock, or kept slipping in."""

    exit_code = 4
    next_step = "Try again in a quiet moment; clobberwatch doctor names who holds the lock."


class Refused(StoreError):
    """A write that cannot be shown to be safe."""

    exit_code = 5
    next_step = "clobberwatch doctor says how this store can be written."


class ReadOnly(Refused):
    """This run must not write."""

    next_step = "Leave out --read-only to write."


class NoSafeWrite(Refused):
    """The OpenClaw release that owns the store leaves no safe way to write its file."""


class NotOurs(Refused):
    """A new file could not be put in place with the same owner, mode and name."""

    next_step = "Run as the store's owner, where the store itself lies."


class NotStrict(Refused):
    """The text is not strict JSON: shown, never edited."""

    next_step = "Once OpenClaw has saved the store itself it can be edited."


class WriteFailed(Refused):
    """The new version could not be written, or did not read back as meant."""

    next_step = "See that the disk has room and the directory can be written, then try again."


class Unreadable(StoreError):
    """No version can be had from the file."""

    exit_code = 6
    next_step = "See that this user may read it; clobberwatch doctor says more."


class Missing(Unreadable):
    """There is no such store, or no such entry in it."""

    next_step = "clobberwatch list shows what there is."


class Torn(Unreadable):
    """The file changed while it was read."""

    next_step = "Try again."


class Damaged(Unreadable):
    """Truncated, binary or not an object."""

    next_step = "OpenClaw takes such a sessions.json for empty: stop it before it saves, put a good copy (.bak) back."


class NotARecording(Unreadable):
    """A file that no recorder of this program made."""

    next_step = "clobberwatch record -o FILE makes one."


class OtherFormat(Unreadable):
    """A recording of another version of this program."""

    next_step = "Open it with the version that made it."


class TooDeep(Unreadable):
    """An entry nested deeper than can be read here; OpenClaw may still read it."""

    next_step = "All other entries can be shown and edited."
