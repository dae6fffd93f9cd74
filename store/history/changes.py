"""What one version did to one entry, down to its fields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from store.errors import TooDeep
from store.events import Version
from store.js import ABSENT, Value, encode, same
from store.text.document import decode_object

FAT: Final = 1000
"""Characters from which on a value is remembered by its size and hash only."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one entry, before and after; `version` is the one that brought the new value.

    A value of more than `FAT` characters is given as a text that says its size and hash.
    """

    key: str
    field: str
    old: Value
    new: Value
    version: Version


@dataclass(frozen=True, slots=True)
class EntryVersion:
    """A text an entry had, in parts: from the version that brought it until the one that replaced it."""

    parts: tuple[bytes, ...]
    since: Version
    until: Version

    @property
    def raw(self) -> bytes:
        """The whole text."""
        return b"".join(self.parts)


@dataclass(frozen=True, slots=True)
class WriteEvent:
    """All that one version changed in one entry; `noise` names the changed fields that are no news.

    `gap`: versions before it were not seen, so what it shows may be the work of several writers.
    """

    key: str
    version: Version
    changes: tuple[FieldChange, ...]
    noise: tuple[str, ...] = ()
    did: Literal["changed", "added", "removed"] = "changed"
    gap: bool = False

    @property
    def real(self) -> bool:
        """Whether it changed more than noise."""
        return bool(self.changes) or self.did != "changed"

    @property
    def size(self) -> int:
        """Bytes of memory, roughly."""
        return 600 + sum(220 + _length(change.old) + _length(change.new) for change in self.changes)


@dataclass(frozen=True, slots=True)
class Blame:
    """Who gave a field its present value: the last change seen, or None and the version it was first seen in."""

    field: str
    change: FieldChange | None
    first: Version

    @property
    def version(self) -> Version:
        """The version that brought the value, or the first one that was seen to have it."""
        return self.change.version if self.change is not None else self.first


def field_changes(before: bytes | None, after: bytes | None) -> Iterator[tuple[str, Value, Value]]:
    """The top-level fields that differ between two texts of an entry; nothing for what is no object."""
    old, new = decode_object(before) or {}, decode_object(after) or {}
    for field in {**old, **new}:
        was, now = old.get(field, ABSENT), new.get(field, ABSENT)
        if not same(was, now):
            yield field, was, now


def remembered(value: Value) -> Value:
    """The value itself, or for a fat one a text that tells it from others."""
    if value is ABSENT or not isinstance(value, str | dict | list):
        return value
    try:
        text = value if isinstance(value, str) else encode(value, None)
    except TooDeep:
        return "a value nested too deep to be kept"
    if len(text) <= FAT:
        return value
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{len(text):,} characters, sha256 {digest[:8]}…"


def _length(value: Value) -> int:
    """Bytes a remembered value takes, roughly: containers are short, or they would not have been kept."""
    if isinstance(value, str):
        return len(value)
    return 2 * FAT if isinstance(value, dict | list) and value else 0
