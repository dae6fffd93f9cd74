"""An edit that is proposed and not written: what the operator saw, what is wanted, and how the disk moved since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from store.edit import FieldEdit, preview_edit
from store.entry.fields import edited
from store.entry.intent import Intent
from store.js import ABSENT, JsonObject, Value, same

Side = Literal["both", "mine", "theirs"]


@dataclass(frozen=True, slots=True)
class FieldSides:
    """One field of a unit in the three versions, and who changed it since the base."""

    unit: str
    field: str
    base: Value
    mine: Value
    theirs: Value
    side: Side


@dataclass(frozen=True, slots=True)
class Proposal:
    """Intents for one entry, made from the entry `base` as it was shown at `began` (wall-clock seconds)."""

    store: Path
    key: str
    base: JsonObject
    intents: tuple[Intent, ...]
    began: float

    @property
    def units(self) -> tuple[str, ...]:
        """The units this edit decides, in the order they were proposed."""
        return tuple(intent.unit for intent in self.intents)

    def changes(self) -> tuple[FieldEdit, ...]:
        """What writing it on the base would change, `updatedAt` aside."""
        return tuple(edit for edit in preview_edit(self.base, self.intents) if edit.field != "updatedAt")

    def written(self) -> JsonObject:
        """The base with the edit made."""
        return edited(self.base, {edit.field: edit.new for edit in self.changes()})

    def moved(self, disk: JsonObject | None) -> tuple[str, ...]:
        """The units whose guarded values on disk are no longer those of the base: the ones in conflict."""
        if disk is None:
            return self.units
        return tuple(
            intent.unit for intent in self.intents if unit_moved(intent, self.base, disk) and not _wanted(intent, disk)
        )

    def sides(self, disk: JsonObject) -> tuple[FieldSides, ...]:
        """Every guarded field of these units that I or they changed since the base."""
        found: list[FieldSides] = []
        for intent in self.intents:
            wish = intent.edits(self.base)
            for field in dict.fromkeys(name.split(".")[0] for name in intent.guarded(self.base)):
                base, theirs = self.base.get(field, ABSENT), disk.get(field, ABSENT)
                mine = wish.get(field, base)
                if side := _side(base, mine, theirs):
                    found.append(FieldSides(intent.unit, field, base, mine, theirs, side))
        return tuple(found)

    def keep(self, disk: JsonObject, taken: frozenset[str], now: float) -> Proposal | None:
        """The same wish on the version on disk, without the units left to them; None when nothing is left."""
        kept = tuple(intent for intent in self.intents if intent.unit not in taken)
        return replace(self, base=disk, intents=kept, began=now) if kept else None


def changed_fields(old: JsonObject, new: JsonObject) -> tuple[str, ...]:
    """The top-level fields that differ, in the order of the newer entry; `updatedAt` does not count."""
    names = dict.fromkeys([*new, *old])
    return tuple(
        name for name in names if name != "updatedAt" and not same(old.get(name, ABSENT), new.get(name, ABSENT))
    )


def unit_moved(intent: Intent, base: JsonObject, disk: JsonObject) -> bool:
    """Whether what an intent guards is no longer as in the base; another session guards for every unit."""
    before, now = intent.guarded(base), intent.guarded(disk)
    before["sessionId"], now["sessionId"] = base.get("sessionId", ABSENT), disk.get("sessionId", ABSENT)
    return any(not same(before.get(path, ABSENT), now.get(path, ABSENT)) for path in before.keys() | now.keys())


def _wanted(intent: Intent, disk: JsonObject) -> bool:
    return all(same(disk.get(field, ABSENT), value) for field, value in intent.edits(disk).items())


def _side(base: Value, mine: Value, theirs: Value) -> Side | None:
    i_moved, they_moved = not same(base, mine), not same(base, theirs)
    if i_moved and they_moved:
        return "both"
    return "mine" if i_moved else "theirs" if they_moved else None
