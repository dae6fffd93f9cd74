"""What changed in each entry since watching began, bounded by bytes.

`Changed` events go in; out come the field changes that matter, the last change of a field, and older versions of an
entry. Noise fields (counters, timestamps, snapshots) are not kept. Not thread-safe.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from store.entry.schema import is_noise
from store.events import Changed, EntryChange, Loaded, Version
from store.js import ABSENT, Value, same
from store.text.document import decode_object

DEFAULT_LIMIT = 24 << 20
_CHANGES_PER_ENTRY = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one entry, before and after; `version` is the one that brought the new value."""

    key: str
    field: str
    old: Value
    new: Value
    version: Version


@dataclass(frozen=True, slots=True)
class EntryVersion:
    """A text an entry had: from the version that brought it until the one that replaced it."""

    raw: bytes
    since: Version
    until: Version


def field_changes(before: bytes | None, after: bytes | None) -> Iterator[tuple[str, Value, Value]]:
    """The top-level fields that differ between two texts of an entry; nothing for what is no object."""
    old, new = decode_object(before) or {}, decode_object(after) or {}
    for field in {**old, **new}:
        was, now = old.get(field, ABSENT), new.get(field, ABSENT)
        if not same(was, now):
            yield field, was, now


class History:
    """The changes and the older versions of one store's entries; the oldest versions go first when it is full."""

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        """Bytes of older entry texts to keep."""
        self.size = 0
        self._first: Version | None = None
        self._since: dict[str, Version] = {}
        self._copies: dict[str, deque[EntryVersion]] = {}
        self._oldest: deque[str] = deque()
        self._changes: dict[str, deque[FieldChange]] = {}
        self._recent: deque[FieldChange] = deque(maxlen=_CHANGES_PER_ENTRY)

    def record(self, event: Loaded | Changed) -> tuple[FieldChange, ...]:
        """Take in the next version; the changes of fields that are not noise, in file order."""
        if self._first is None:
            self._first = event.version
        if isinstance(event, Loaded):
            return ()
        found = [change for entry in event.changes for change in self._record(entry, event.version)]
        self._recent.extend(found)
        return tuple(found)

    def _record(self, change: EntryChange, version: Version) -> Iterator[FieldChange]:
        if change.before is not None:
            self._keep(change.key, EntryVersion(change.before, self.since(change.key), version))
        self._since[change.key] = version
        if change.before is None or change.after is None:
            return
        for field, old, new in field_changes(change.before, change.after):
            if not is_noise(field):
                found = FieldChange(change.key, field, old, new, version)
                self._changes.setdefault(change.key, deque(maxlen=_CHANGES_PER_ENTRY)).append(found)
                yield found

    def _keep(self, key: str, copy: EntryVersion) -> None:
        self._copies.setdefault(key, deque()).append(copy)
        self._oldest.append(key)
        self.size += len(copy.raw)
        while self.size > self.limit and self._oldest:
            oldest = self._oldest.popleft()
            self.size -= len(self._copies[oldest].popleft().raw)

    def since(self, key: str) -> Version:
        """The version that brought the entry's present text, as far as it was seen."""
        version = self._since.get(key, self._first)
        if version is None:
            raise KeyError(key)
        return version

    def copies(self, key: str) -> list[EntryVersion]:
        """Older texts of the entry that are still kept, newest first."""
        return list(reversed(self._copies.get(key, ())))

    def changes(self, key: str, field: str | None = None) -> list[FieldChange]:
        """The changes of an entry, or of one field of it, newest first."""
        return [change for change in reversed(self._changes.get(key, ())) if field is None or change.field == field]

    def last_change(self, key: str) -> FieldChange | None:
        """The newest change of the entry."""
        changes = self._changes.get(key)
        return changes[-1] if changes else None

    def recent(self, count: int) -> list[FieldChange]:
        """The newest changes of the whole store, newest first."""
        return [change for _, change in zip(range(count), reversed(self._recent), strict=False)]
