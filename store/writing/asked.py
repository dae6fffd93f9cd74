"""What this user asked gateways for, and which versions are what came of that.

A gateway writes in its own name and time: nothing but the values tells that a version is what was asked for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.events import EntryChange
from store.js import ABSENT, Edit, Json, JsonObject, Value, same

OPEN_S: Final = 90.0
"""So long after it was asked, and not answered, something may come of it."""
AFTER_S: Final = 2.0
"""So long after the answer; a version may be seen a moment late."""
KEPT: Final = 500


@dataclass(slots=True)
class _Request:
    """What shall hold in which entries of a store, unless that was seen already; `until` is wall-clock seconds."""

    place: str
    wishes: dict[str, Edit]
    until: float


class Asked:
    """The requests of which something may still come, oldest first. Not thread-safe."""

    def __init__(self) -> None:
        self._requests: dict[str, _Request] = {}

    def note(self, record: Mapping[str, Json]) -> None:
        """Take in a record of the journal, of what was about to be asked for; a damaged one is passed over."""
        match record:
            case {"id": str(number), "at": float(at) | int(at), "store": str(store), "entries": dict(entries)}:
                wishes = {key: _wished(fields) for key, fields in entries.items()}
                self._requests[number] = _Request(os.path.realpath(store), wishes, at + OPEN_S)
                if len(self._requests) > KEPT:
                    del self._requests[next(iter(self._requests))]

    def close(self, record: Mapping[str, Json]) -> None:
        """Take in the record of what came of it."""
        match record:
            case {"id": str(number), "outcome": "given up"}:
                self._requests.pop(number, None)
            case {"id": str(number), "at": float(at) | int(at)} if number in self._requests:
                self._requests[number].until = at + AFTER_S

    def made(self, store: Path, at: float, changes: Sequence[EntryChange]) -> bool:
        """Whether all that these changes set is what was asked for, and not seen before."""
        if not self._requests or not changes:
            return False
        place = os.path.realpath(store)
        still = [one for one in self._requests.values() if one.place == place and at <= one.until]
        if not all(_is_wished(change, [one.wishes.get(change.key, {}) for one in still]) for change in changes):
            return False
        for one in still:
            for change in changes:
                one.wishes.pop(change.key, None)
        return True


def _is_wished(change: EntryChange, wishes: Sequence[Edit]) -> bool:
    """Whether every unit that a person sets and that changed is as it was last wished; what follows from it may be."""
    from store.findings import settings
    from store.findings.units import unit_of
    from store.text.document import decode_object
    from store.writing.draft import difference

    if not any(wishes):
        return False
    before, after = decode_object(change.before), decode_object(change.after)
    if before is None or after is None:
        return False
    moved = {unit_of(field) for field in difference(before, after)} & settings.STICKY
    if settings.MODEL in moved:
        moved.discard(settings.AUTH)
    last: dict[str, Edit] = {}
    for wish in wishes:
        units: dict[str, dict[str, Value]] = {}
        for field, new in wish.items():
            units.setdefault(unit_of(field), {})[field] = new
        last |= units
    held = {unit for unit, edit in last.items() if _holds(edit, after) or (unit == settings.MODEL and _cleared(after))}
    return bool(moved) and moved <= held


def _holds(edit: Edit, entry: JsonObject) -> bool:
    return all(same(entry.get(field, ABSENT), new) for field, new in edit.items())


def _cleared(entry: JsonObject) -> bool:
    """A model that is the agent's default is not set but cleared by the gateway that is asked for it."""
    return not entry.keys() & {"providerOverride", "modelOverride"}


def _wished(fields: Json) -> Edit:
    changes = fields.items() if isinstance(fields, dict) else ()
    return {name: change.get("new", ABSENT) for name, change in changes if isinstance(change, dict)}
