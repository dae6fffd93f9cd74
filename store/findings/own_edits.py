"""An edit this user made with this program: what it set, and whether that still stands in an entry."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from store.entry.fields import edited
from store.events import FileId
from store.findings import settings
from store.findings.units import number, unit_of
from store.js import ABSENT, Json, JsonObject, Value, same

Change = tuple[Value, Value]
"""Old and new value."""

_WATCHED: Final = settings.STICKY - {"sessionId", "spawnedBy"}
_ADDRESS: Final = frozenset({"provider", "to", "accountId", "threadId"})
"""What `origin` says about the route; the rest describes who wrote last."""
_TOGETHER: Final = {
    settings.MODEL: ("providerOverride", "modelOverride"),
    settings.DELIVERY: ("lastChannel", "lastTo", "deliveryContext.channel", "deliveryContext.to"),
}
"""Paths that mean something together only: they must stand although the edit left some of them as they were."""


@dataclass(frozen=True, slots=True)
class OwnEdit:
    """One entry as an edit of ours changed it: by path (`field`, or `field.member` of an object) the old and new value.

    `at` is when its file was written, in wall-clock seconds; `file` is the version that was put in place. `stamp` is
    the `updatedAt` it gave the entry, where that is known.
    """

    store: Path
    key: str
    at: float
    file: FileId
    changes: Mapping[str, Change]
    stamp: float | None = None

    @property
    def fields(self) -> KeysView[str]:
        """The fields it is about, in the order of the edit."""
        return dict.fromkeys(path.partition(".")[0] for path in self.changes).keys()

    def stands_in(self, entry: JsonObject) -> bool:
        """Whether everything still has the value that was set."""
        return all(same(_at(entry, path), new) for path, (_, new) in self.changes.items())

    def went_back_in(self, entry: JsonObject) -> bool:
        """Whether what no longer stands has its old value again, all of it."""
        moved = [(old, now) for path, (old, new) in self.changes.items() if not same(now := _at(entry, path), new)]
        return bool(moved) and all(same(old, now) for old, now in moved)

    def undone_in(self, entry: JsonObject) -> bool:
        """Whether everything that was changed has its old value."""
        return all(same(_at(entry, path), old) for path, (old, _) in self.changes.items())

    def laid_over(self, entry: JsonObject) -> JsonObject:
        """The entry as it would be, did the edit stand."""
        tops: dict[str, Value] = {}
        for path, (_, new) in self.changes.items():
            field, _, member = path.partition(".")
            if not member:
                tops[field] = new
                continue
            held = tops.get(field, entry.get(field, ABSENT))
            tops[field] = edited(held if isinstance(held, dict) else {}, {member: new})
        return edited(entry, tops)

    def by_unit(self) -> dict[str, OwnEdit]:
        """The edit in parts, each of them one unit."""
        parts: dict[str, dict[str, Change]] = {}
        for path, change in self.changes.items():
            parts.setdefault(unit_of(path.partition(".")[0]), {})[path] = change
        return {unit: replace(self, changes=changes) for unit, changes in parts.items()}

    def to_json(self) -> JsonObject:
        """A form that `own_edit` reads back; a value that is not set has no `old` (`new`)."""
        file = self.file
        return {
            "store": str(self.store),
            "key": self.key,
            "at": self.at,
            "file": [file.dev, file.inode, file.size, file.mtime_ns],
            "changes": {path: _set(old=old, new=new) for path, (old, new) in self.changes.items()},
            "stamp": self.stamp,
        }


def own_edit(stored: JsonObject) -> OwnEdit | None:
    """The edit that `to_json` described; None for anything else."""
    match stored:
        case {
            "store": str(store),
            "key": str(key),
            "at": float(at) | int(at),
            "file": [int(dev), int(inode), int(size), int(mtime_ns)],
            "changes": dict(changes),
        }:
            known = {path: _change(value) for path, value in changes.items() if isinstance(value, dict)}
            return OwnEdit(Path(store), key, at, FileId(dev, inode, size, mtime_ns), known, number(stored, "stamp"))
    return None


def edit_between(store: Path, key: str, file: FileId, before: JsonObject, after: JsonObject) -> OwnEdit | None:
    """What the edit that wrote `file` set in an entry, as far as it must stand; None when that is nothing."""
    changes: dict[str, Change] = {}
    for field in {**before, **after}:
        old, new = before.get(field, ABSENT), after.get(field, ABSENT)
        if old is not new and unit_of(field) in _WATCHED:
            changes |= _changes_of(field, old, new)
    touched = {unit_of(path.partition(".")[0]) for path in changes}
    if settings.MODEL in touched:  # the gateway chooses a profile for the model's provider by itself
        changes = {path: change for path, change in changes.items() if unit_of(path) != settings.AUTH}
    for unit in touched & _TOGETHER.keys():
        for path in _TOGETHER[unit]:
            if path not in changes and (new := _at(after, path)) is not ABSENT:
                changes[path] = (_at(before, path), new)
    return OwnEdit(store, key, file.mtime_ns / 1e9, file, changes, number(after, "updatedAt")) if changes else None


def _changes_of(field: str, old: Value, new: Value) -> Iterator[tuple[str, Change]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for member in {**old, **new}:
            was, now = old.get(member, ABSENT), new.get(member, ABSENT)
            if (field != "origin" or member in _ADDRESS) and not same(was, now):
                yield f"{field}.{member}", (was, now)
    elif not same(old, new):
        yield field, (old, new)


def _at(entry: JsonObject, path: str) -> Value:
    field, _, member = path.partition(".")
    value: Value = entry.get(field, ABSENT)
    if not member:
        return value
    return value.get(member, ABSENT) if isinstance(value, dict) else ABSENT


def _set(**values: Value) -> JsonObject:
    return {name: value for name, value in values.items() if value is not ABSENT}


def _change(stored: Mapping[str, Json]) -> Change:
    return stored.get("old", ABSENT), stored.get("new", ABSENT)
