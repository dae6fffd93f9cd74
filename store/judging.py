"""What becomes of an edit of one entry: judged by what the operator saw of it and what is there now.

Base is the entry as seen, mine the intents, theirs the entry as it is on disk. Fields that are not meant may have
moved: the edit is then applied to the newer entry (rebased).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from store.entry.delivery import next_route
from store.entry.intent import Intent
from store.entry.overrides import model_override
from store.errors import Busy, Missing, StoreError, Unreadable
from store.events import FileId
from store.js import ABSENT, Json, JsonObject, Value, same
from store.writing.draft import difference

Outcome: TypeAlias = Literal["applied", "rebased", "unchanged", "conflict", "busy", "refused", "unreadable"]
EXIT_CODES: Final[Mapping[Outcome, int]] = {
    "applied": 0,
    "rebased": 0,
    "unchanged": 0,
    "conflict": 3,
    "busy": 4,
    "refused": 5,
    "unreadable": 6,
}
TOUCHED: Final = "updatedAt"


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """One top-level field and its two values; ABSENT where the entry does not have it."""

    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class UnitConflict:
    """A unit that somebody else changed since it was seen; `fields` are the guarded paths that differ."""

    unit: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditResult:
    """What became of an edit.

    `reason` is the sentence for what was not written, or what went less well than it should (a journal that could not
    be written); empty otherwise. `theirs` is the entry found on disk, before the edit. `rebased` lists the other
    fields that had moved since the entry was seen. `version` is the version written, or the one that was looked at.
    `caveat` says why what was written may not hold; it is empty unless the operator took that risk.
    """

    outcome: Outcome
    key: str
    store: Path
    changes: tuple[FieldEdit, ...] = ()
    rebased: tuple[str, ...] = ()
    reason: str = ""
    conflicts: tuple[UnitConflict, ...] = ()
    theirs: JsonObject | None = None
    version: FileId | None = None
    lock_held_s: float = 0.0
    proven: bool = True
    caveat: str = ""

    @property
    def told(self) -> str:
        """All there is to say of it beside what changed."""
        return " ".join(filter(None, (self.reason, self.caveat)))

    @property
    def exit_code(self) -> int:
        """0 written or nothing to write, 3 conflict, 4 busy, 5 refused, 6 unreadable."""
        return EXIT_CODES[self.outcome]

    def to_json(self) -> JsonObject:
        """The result as `set --json` prints it; an absent value is null, `risked` is there only when it is true."""
        return {
            "outcome": self.outcome,
            "key": self.key,
            "store": str(self.store),
            "changes": [
                {"field": change.field, "old": _or_null(change.old), "new": _or_null(change.new)}
                for change in self.changes
            ],
            "rebased": list(self.rebased),
            "reason": self.told,
            **({"risked": True} if self.caveat else {}),
        }


@dataclass(frozen=True, slots=True)
class RowEdit:
    """What is wished of one entry, and on which condition.

    Without `seen` the only one is `expect`: top-level field -> the value it must have (ABSENT: must not be there).
    """

    key: str
    intents: tuple[Intent, ...]
    seen: JsonObject | None = None
    expect: Mapping[str, Value] = field(default_factory=dict)


def preview_edit(entry: JsonObject, intents: Sequence[Intent]) -> tuple[FieldEdit, ...]:
    """The fields these intents would change in this entry, `updatedAt` aside; empty when everything holds already."""
    wanted = dict(entry)
    for intent in intents:
        wanted = with_values(wanted, intent.edits(wanted))
    changed = difference(entry, wanted)
    return tuple(FieldEdit(name, entry.get(name, ABSENT), new) for name, new in changed.items())


def judge(row: RowEdit, found: JsonObject | None, store: Path) -> EditResult:
    """What would become of the edit where the entry is as `found`; None: it is not there."""
    if found is None:
        return _gone(row, store)
    changes = preview_edit(found, row.intents)
    verdict = EditResult("applied", row.key, store, changes, theirs=found)
    conflicts = _conflicts(row, found)
    if not changes and not _missed(row, found):
        wish = "; ".join(intent.describe() for intent in row.intents)
        return replace(verdict, outcome="unchanged", reason=f"Nothing to write: {wish} already.")
    if conflicts:
        reason = _conflict_sentence(conflicts, row, found)
        return replace(verdict, outcome="conflict", conflicts=conflicts, reason=reason)
    if moved := _moved(row, found, {change.field for change in changes}):
        return replace(verdict, outcome="rebased", rebased=moved)
    return verdict


def failed_edit(error: StoreError, key: str, store: Path, theirs: JsonObject | None) -> EditResult:
    """The result of an edit that ended with an error."""
    return EditResult(_outcome(error), key, store, reason=error.reason, theirs=theirs)


def differing(before: Mapping[str, Value], now: Mapping[str, Value]) -> set[str]:
    """The names whose values are not the same in both."""
    names = before.keys() | now.keys()
    return {name for name in names if not same(before.get(name, ABSENT), now.get(name, ABSENT))}


def with_values(entry: JsonObject, values: Mapping[str, Value]) -> JsonObject:
    """The entry with these fields changed."""
    changed: dict[str, Value] = {**entry, **values}
    return {name: value for name, value in changed.items() if value is not ABSENT}


def _gone(row: RowEdit, store: Path) -> EditResult:
    if row.seen is None:
        raise Missing(f"Not written: there is no session {row.key} in {store}. List what is there first.")
    return EditResult(
        "conflict",
        row.key,
        store,
        reason=f"Not written: the session {row.key} is no longer in the store.",
        conflicts=tuple(UnitConflict(intent.unit, ()) for intent in row.intents),
    )


def _conflicts(row: RowEdit, found: JsonObject) -> tuple[UnitConflict, ...]:
    conflicts = []
    if row.seen is not None:
        for intent in row.intents:
            before, now = intent.guarded(row.seen), intent.guarded(found)
            conflicts.append(UnitConflict(intent.unit, tuple(sorted(differing(before, now)))))
        before, now = ({"sessionId": entry.get("sessionId", ABSENT)} for entry in (row.seen, found))
        conflicts.append(UnitConflict("sessionId", tuple(differing(before, now))))
    conflicts += [UnitConflict(name, (name,)) for name in _missed(row, found)]
    return tuple(dict.fromkeys(conflict for conflict in conflicts if conflict.fields))


def _missed(row: RowEdit, found: JsonObject) -> list[str]:
    """The fields that are not as was expected in so many words: then "already so" is no answer."""
    return [name for name, value in row.expect.items() if not same(found.get(name, ABSENT), value)]


def _moved(row: RowEdit, found: JsonObject, edited: set[str]) -> tuple[str, ...]:
    if row.seen is None:
        return ()
    moved = difference(row.seen, found)
    return tuple(sorted(name for name in moved if name != TOUCHED and name not in edited))


def _conflict_sentence(conflicts: Sequence[UnitConflict], row: RowEdit, found: JsonObject) -> str:
    return f"Not written: {'; '.join(_told(conflict, row, found) for conflict in conflicts)}."


def _told(conflict: UnitConflict, row: RowEdit, found: JsonObject) -> str:
    unit, seen = conflict.unit, with_values(row.seen or {}, row.expect)
    now, was = _words(unit, found), _words(unit, seen)
    if now == was:
        return f"{unit} changed since you saw it ({', '.join(conflict.fields)})"
    return f"{unit} is now {now}, not {was} as you {'expected' if unit in row.expect else 'saw it'}"


def _words(unit: str, entry: JsonObject) -> str:
    """What a unit says, in one word where there is one."""
    if unit == "model":
        override = model_override(entry)
        return f"{override.provider}/{override.model}" if override is not None else "not set"
    if unit == "delivery":
        route = next_route(entry)
        return route.describe() if route else "not set"
    value = entry.get(unit, ABSENT)
    if value is ABSENT:
        return "not set"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _or_null(value: Value) -> Json:
    return None if value is ABSENT else value


def _outcome(error: StoreError) -> Outcome:
    if isinstance(error, Busy):
        return "busy"
    return "unreadable" if isinstance(error, Unreadable) else "refused"
