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
Every message says what happened, where, and what to do next.
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of every error of this package."""

    exit_code = 70

    @property
    def reason(self) -> str:
        """The sentence for the operator."""
        return str(self)


class UsageError(StoreError):
    """A field, value or key that cannot be meant."""

    exit_code = 2


class Busy(StoreError):
    """Somebody else holds the lock, or kept slipping in."""

    exit_code = 4


class Refused(StoreError):
    """A write that cannot be shown to be safe."""

    exit_code = 5


class ReadOnly(Refused):
    """This run must not write."""


class NoSafeWrite(Refused):
    """The OpenClaw release that owns the store leaves no safe way to write its file."""


class NotOurs(Refused):
    """A new file could not be put in place with the same owner, mode and name."""


class NotStrict(Refused):
    """The text is not strict JSON: shown, never edited."""


class WriteFailed(Refused):
    """The new version could not be written, or did not read back as meant."""


class Unreadable(StoreError):
    """No version can be had from the file."""

    exit_code = 6


class Missing(Unreadable):
    """There is no such store, or no such entry in it."""


class Torn(Unreadable):
    """The file changed while it was read."""


class Damaged(Unreadable):
    """Truncated, binary or not an object."""


class NotARecording(Unreadable):
    """A file that no recorder of this program made."""


class OtherFormat(Unreadable):
    """A recording of another version of this program."""


class TooDeep(Unreadable):
    """An entry nested deeper than can be read here; OpenClaw may still read it."""
