"""What a version did to its entries, worked out once: by whoever has the time to decode both texts of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from store.entry.schema import is_noise
from store.events import Changed, EntryChange
from store.history.changes import field_changes, remembered
from store.history.texts import parts_of
from store.js import Value


@dataclass(frozen=True, slots=True)
class Written:
    """One entry: the text before in its parts, the real changes as field, old and new value, the names of the noise."""

    key: str
    parts: tuple[bytes, ...] | None
    did: Literal["changed", "added", "removed"]
    fields: tuple[tuple[str, Value, Value], ...] = ()
    noise: tuple[str, ...] = ()


def written(event: Changed) -> tuple[Written, ...]:
    """Every entry the version changed; nothing here is kept, so any thread may do it."""
    return tuple(map(_written, event.changes))


def _written(change: EntryChange) -> Written:
    if change.before is None:
        return Written(change.key, None, "added")
    parts = parts_of(change.before)
    if change.after is None:
        return Written(change.key, parts, "removed")
    fields: list[tuple[str, Value, Value]] = []
    noise: list[str] = []
    for field, old, new in field_changes(change.before, change.after):
        if is_noise(field):
            noise.append(field)
        else:
            fields.append((field, remembered(old), remembered(new)))
    return Written(change.key, parts, "changed", tuple(fields), tuple(noise))
