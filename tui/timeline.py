"""The past of an entry or of one field of it, as moments: when a version came, how long what it brought stood, by whom.

Pure: made from the history, drawn by `tui.layout.history_lines`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.events import Version
from store.history import FieldChange, History, WriteEvent
from store.js import ABSENT, JsonObject, Value
from store.text.document import decode_object
from tui.layout.entry_fields import unit_of


@dataclass(frozen=True, slots=True)
class Moment:
    """What one version brought; `until` is when the next moment came, None while it still stands.

    `value` is the field's value in a field's history. `write` is None for what was there when watching began, or, with
    `forgotten`, before the oldest write that is still in memory.
    """

    version: Version
    until: float | None
    write: WriteEvent | None
    value: Value = ABSENT
    forgotten: bool = False

    def stood(self, now: float) -> float:
        """Seconds it held; clocks that went back count as no time."""
        return max(0.0, (now if self.until is None else self.until) - self.version.at)


@dataclass(frozen=True, slots=True)
class EntryText:
    """A text of the entry and the version that brought it."""

    version: Version
    parts: tuple[bytes, ...]

    @property
    def entry(self) -> JsonObject:
        """The fields; none where the text is no object."""
        return decode_object(b"".join(self.parts)) or {}


def field_moments(history: History, key: str, field: str, present: bytes | None) -> list[Moment]:
    """Every value the field was seen to have, newest first; the oldest was there before anybody watched."""
    changes = {change.version: change for change in history.values(key, field, present)}
    writes = {write.version: write for write in history.writes(key, every=True)}
    steps = {version: write for version, write in writes.items() if version in changes or write.did != "changed"}
    for version in changes.keys() - steps.keys():
        steps[version] = WriteEvent(key, version, (changes[version],))
    value: Value = (decode_object(present) or {}).get(field, ABSENT)
    found: list[tuple[WriteEvent, Value]] = []
    for version, write in sorted(steps.items(), key=lambda step: step[0].number, reverse=True):
        change = changes.get(version)
        found.append((write, value if change is None else change.new))
        if change is not None:
            value = change.old
        else:
            before = history.before(key, version) if write.did == "removed" else None
            value = (decode_object(before) or {}).get(field, ABSENT)
    return _moments(history, key, found, value)


def entry_moments(history: History, key: str, *, every: bool) -> list[Moment]:
    """The writes of the entry, newest first: those that changed something real, or all; then how it was first seen."""
    return _moments(history, key, [(write, ABSENT) for write in history.writes(key, every=every)], ABSENT)


def _moments(history: History, key: str, found: Sequence[tuple[WriteEvent, Value]], first: Value) -> list[Moment]:
    untils = [None, *(write.version.at for write, _ in found)]
    moments = [Moment(write.version, until, write, value) for (write, value), until in zip(found, untils, strict=False)]
    if history.first is None or (found and found[-1][0].did == "added"):
        return moments
    return [*moments, Moment(history.first, untils[-1], None, first, forgotten=history.forgot(key))]


def entry_texts(history: History, key: str, present: bytes | None) -> list[EntryText]:
    """Every text of the entry that is still known, newest first; the present one on top."""
    texts = [EntryText(copy.since, copy.parts) for copy in history.copies(key)]
    if present is None or history.first is None:
        return texts
    return [EntryText(history.since(key), (present,)), *texts]


def changed_units(changes: Sequence[FieldChange]) -> dict[str, list[FieldChange]]:
    """The changes by the unit they belong to, or by field; `model` and `delivery` before the others."""
    groups: dict[str, list[FieldChange]] = {}
    for change in changes:
        groups.setdefault(unit_of(change.field) or change.field, []).append(change)
    return dict(sorted(groups.items(), key=lambda group: ("model", "delivery", group[0]).index(group[0])))
