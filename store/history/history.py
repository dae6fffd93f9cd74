"""What changed in each entry since watching began, bounded by bytes.

Versions go in; out come the writes of an entry, the changes of a field, and older texts. Fields that are noise
(counters, timestamps, snapshots) are recorded by name; their values stand in the older texts. Not thread-safe.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from store.entry.schema import is_noise
from store.events import Changed, Loaded, Missed, Version
from store.history.changes import Blame, EntryVersion, FieldChange, WriteEvent, remembered
from store.history.digest import Written, written
from store.history.shelf import Shelf
from store.history.texts import Texts
from store.js import ABSENT, Value, same
from store.text.document import decode_object

DEFAULT_LIMIT = 24 << 20
_TEXTS, _REAL, _NOISE = 0.7, 0.2, 0.1
"""How the bytes are shared out: older texts, writes that changed something real, writes of noise only."""
_WRITES_PER_ENTRY = 200
_RECENT = 200
_NAMES_KEPT = 4096


class History:
    """The writes and the older texts of one store's entries; the oldest go first when it is full."""

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        """Bytes of memory to take, roughly."""
        self._first: Version | None = None
        self._since: dict[str, Version] = {}
        self._texts = Texts(int(limit * _TEXTS))
        self._real: Shelf[WriteEvent] = Shelf(int(limit * _REAL), _WRITES_PER_ENTRY)
        self._noise: Shelf[WriteEvent] = Shelf(int(limit * _NOISE), _WRITES_PER_ENTRY)
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._recent: deque[FieldChange] = deque(maxlen=_RECENT)
        self._gap = False

    def copied(self) -> History:
        """Another with the same past; what both know is in memory once."""
        copy = History(self.limit)
        copy._first, copy._gap = self._first, self._gap
        copy._since, copy._names, copy._recent = dict(self._since), self._names, self._recent.copy()
        copy._texts, copy._real, copy._noise = self._texts.copied(), self._real.copied(), self._noise.copied()
        return copy

    @property
    def size(self) -> int:
        """Bytes of memory taken, roughly."""
        return self._texts.size + self._real.size + self._noise.size

    @property
    def first(self) -> Version | None:
        """The first version of all."""
        return self._first

    def record(
        self, event: Loaded | Changed | Missed, known: Sequence[Written] | None = None, *, recent: bool = True
    ) -> tuple[FieldChange, ...]:
        """Take in the next version; the changes of fields that are not noise, in file order.

        `known` is what `written` makes of the event, where that was done already.
        Without `recent` they are not given as recent ones: nobody knows when they came.
        """
        if isinstance(event, Missed):
            self._gap = True
            return ()
        if isinstance(event, Loaded):
            if self._first is not None:
                self._since.clear()
            self._first = event.version
            return ()
        if self._first is None:
            self._first = event.version
        writes = [self._record(one, event.version) for one in (written(event) if known is None else known)]
        self._gap = False
        found = tuple(change for write in writes for change in write.changes)
        if recent:
            self._recent.extend(found)
        return found

    def _record(self, one: Written, version: Version) -> WriteEvent:
        if one.parts is not None:
            self._texts.put(one.key, EntryVersion(one.parts, self.since(one.key), version))
        self._since[one.key] = version
        changes = tuple(FieldChange(one.key, field, old, new, version) for field, old, new in one.fields)
        write = WriteEvent(one.key, version, changes, self._named(one.noise), one.did, self._gap)
        self._add(write)
        return write

    def _named(self, noise: tuple[str, ...]) -> tuple[str, ...]:
        """The same few names come with every run: they are in memory once."""
        if len(self._names) > _NAMES_KEPT:
            self._names.clear()
        return self._names.setdefault(noise, noise)

    def _add(self, write: WriteEvent) -> None:
        shelf = self._real if write.real else self._noise
        shelf.add(write.key, write, write.size)

    def since(self, key: str) -> Version:
        """The version that brought the entry's present text, as far as it was seen."""
        version = self._since.get(key, self._first)
        if version is None:
            raise KeyError(key)
        return version

    def copies(self, key: str) -> list[EntryVersion]:
        """Older texts of the entry that are still kept, newest first."""
        return self._texts.of(key)

    def before(self, key: str, version: Version) -> bytes | None:
        """The entry's text that this version replaced, if it is still kept."""
        return next((text.raw for text in self._texts.of(key) if text.until == version), None)

    def after(self, key: str, version: Version, present: bytes | None) -> bytes | None:
        """The entry's text that this version brought, if it is still kept; `present` is the one of now."""
        if self._since.get(key, self._first) == version:
            return present
        return next((text.raw for text in self._texts.of(key) if text.since == version), None)

    def writes(self, key: str, *, every: bool = False) -> list[WriteEvent]:
        """The writes that changed something real in the entry, or all of them, newest first."""
        real = self._real.of(key)
        if not every:
            return real
        return sorted([*real, *self._noise.of(key)], key=lambda write: write.version.number, reverse=True)

    def forgot(self, key: str) -> bool:
        """Whether writes that changed something real in this entry had to be forgotten."""
        return key in self._real.lossy

    def beside(self, write: WriteEvent) -> list[WriteEvent]:
        """What the same version did to other entries, as far as it was more than noise."""
        return [other for key, other in self._real.items() if other.version == write.version and key != write.key]

    def changes(self, key: str, field: str | None = None) -> list[FieldChange]:
        """The changes of an entry, or of one field of it, newest first; none of noise."""
        return [
            change
            for write in self._real.of(key)
            for change in reversed(write.changes)
            if field is None or change.field == field
        ]

    def values(self, key: str, field: str, present: bytes | None) -> list[FieldChange]:
        """The changes of one field, newest first; those of a noise field as far as older texts are kept."""
        if not is_noise(field):
            return self.changes(key, field)
        texts = {text.since: text for text in self._texts.of(key)}
        found = []
        for text in self._texts.of(key):
            newer = texts.get(text.until)
            after = newer.raw if newer is not None else present if self._since.get(key) == text.until else None
            was, now = _value_in(text.raw, field), _value_in(after, field)
            if after is not None and not same(was, now):
                found.append(FieldChange(key, field, remembered(was), remembered(now), text.until))
        return found

    def blame(self, key: str, field: str) -> Blame:
        """Who gave a field that is no noise its present value; KeyError before the first version."""
        changes = self.changes(key, field)
        if self._first is None:
            raise KeyError(key)
        return Blame(field, changes[0] if changes else None, self._first)

    def last_change(self, key: str) -> FieldChange | None:
        """The newest change of the entry."""
        write = next((write for write in self._real.of(key) if write.changes), None)
        return write.changes[-1] if write is not None else None

    def last_write(self, key: str) -> WriteEvent | None:
        """The newest write that changed something real in the entry."""
        return self._real.newest(key)

    def recent(self, count: int) -> list[FieldChange]:
        """The newest changes of the whole store, newest first."""
        return [change for _, change in zip(range(count), reversed(self._recent), strict=False)]

    def changed_since(self, version: Version) -> list[str]:
        """The keys of the entries whose present text came with a later version, or that went since."""
        return [key for key, since in self._since.items() if since.number > version.number]

    def followed_by(self, later: History, first: Version) -> None:
        """Take in what another history saw after `first`, which is the version this one ends with."""
        for key, text, cost in later._texts.everything():
            if text.until.number > first.number:
                begins = text.since.number <= first.number
                since = self.since(key) if begins else text.since
                self._texts.carry(key, EntryVersion(text.parts, since, text.until), cost, anew=begins)
        self._since.update({key: later._since[key] for key in later.changed_since(first)})
        for shelf in (later._real, later._noise):
            for _, write, _ in shelf.everything():
                if write.version.number > first.number:
                    self._add(write)
        self._real.lossy |= later._real.lossy
        self._recent.extend(change for change in later._recent if change.version.number > first.number)
        self._gap = later._gap


def _value_in(raw: bytes | None, field: str) -> Value:
    return (decode_object(raw) or {}).get(field, ABSENT)
