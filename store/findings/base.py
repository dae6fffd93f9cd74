"""Which older version a writer had read, inferred from what its write restored and what it left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from store.events import Version
from store.findings import settings
from store.findings.past import Step, Write, newest_first
from store.findings.units import Trace, automatic, compared, members, unit_of, unit_weight, vanished_units


@dataclass(frozen=True, slots=True)
class Inferred:
    """The older version that explains a write best.

    `place` is where the write that replaced it stands in the entry's past. `restored` are the units that went back
    to it, `back` those of them that had a value there rather than none. `exact`: every field went back, times too.
    """

    place: int
    since: Version
    until: float
    score: int
    restored: frozenset[str]
    back: frozenset[str]
    exact: bool


def payload(write: Write, restored: frozenset[str]) -> list[str]:
    """The fields with new values that only the end of a run writes; else those that only a message writes."""
    known = {field for unit in restored for field in members(unit)}
    turns = write.step.turns
    new = [field for field in turns if field not in known and turns[field][1] is not None]
    run = [field for field in new if field in settings.RUN]
    return run if len(run) >= settings.PAYLOAD_FIELDS else [field for field in new if field in settings.MESSAGE]


@dataclass(frozen=True, slots=True)
class _Unit:
    weight: int
    restored: bool
    kept: bool
    had: bool
    """It had a value in the older version."""
    returned: bool
    """Such a value is back."""


def infer_base(write: Write, meant: Collection[str] = ()) -> Inferred | None:
    """The best-scoring older version of the entry, the newest on ties; None when none explains anything.

    `meant` are units whose values count as the writer's own, whatever older version has the same.
    """
    old: dict[str, Trace | None] = {}
    present: dict[str, Trace | None] = {}
    best: Inferred | None = None
    for place, step in newest_first(write.older, write.step.version.at):
        for field, (before, after) in step.turns.items():
            present.setdefault(field, after)
            old[field] = before
        telling = (field for field in write.step.turns if compared(field) and unit_of(field) not in meant)
        if any(_went_back(field, old, present, write) for field in telling):
            found = _scored(write, place, step, old, present, meant)
            if (found.score, found.exact) > ((best.score, best.exact) if best else (0, True)):
                best = found
    return best


def _went_back(field: str, old: Mapping[str, Trace | None], present: Mapping[str, Trace | None], write: Write) -> bool:
    return field in old and old[field] != present[field] and write.step.turns[field][1] == old[field]


def _scored(
    write: Write,
    place: int,
    step: Step,
    old: Mapping[str, Trace | None],
    present: Mapping[str, Trace | None],
    meant: Collection[str],
) -> Inferred:
    differing = [field for field, trace in old.items() if trace != present[field]]
    by_unit: dict[str, list[str]] = {}
    for field in differing:
        if compared(field) and unit_of(field) not in meant:
            by_unit.setdefault(unit_of(field), []).append(field)
    units = {unit: _compared_unit(unit, fields, old, write) for unit, fields in by_unit.items()}
    units = _as_told(units, write)
    restored = frozenset(unit for unit, found in units.items() if found.restored)
    return Inferred(
        place,
        step.since,
        step.until,
        max(_as_a_whole(units), _merged(units), _by_the_handler(units, write)),
        restored,
        frozenset(unit for unit in restored if units[unit].returned),
        write.step.turns.keys() <= set(differing)
        and all(_went_back(f, old, present, write) for f in write.step.turns)
        and len(write.step.turns) == len(differing),
    )


def _as_told(units: dict[str, _Unit], write: Write) -> dict[str, _Unit]:
    """The units whose return, or staying, says anything about the copy."""
    if len(payload(write, frozenset())) >= settings.PAYLOAD_FIELDS:  # what the writer computed anew, it did not keep
        units = {name: unit for name, unit in units.items() if unit.restored or not _of_a_run(name)}
    restored = frozenset(name for name, unit in units.items() if unit.restored)
    if len(payload(write, restored)) >= settings.PAYLOAD_FIELDS:  # a run often has a few figures of another one
        units = {name: one for name, one in units.items() if one.weight > settings.SMALL_NUMBER or not _of_a_run(name)}
    if leaves_out_the_rest(write):  # what it does not know is gone, whatever any copy had
        units = {name: unit for name, unit in units.items() if name in settings.HANDLER or unit.returned}
    return units


def _of_a_run(unit: str) -> bool:
    return members(unit)[0] in settings.RUN


def _compared_unit(unit: str, differing: list[str], old: Mapping[str, Trace | None], write: Write) -> _Unit:
    """A unit that differs between the older version and the present one; a member the writer does not know may go."""
    turns = write.step.turns
    others = [member for member in members(unit) if member not in differing]
    had = any(old[field] is not None for field in differing) or any(
        member in write.before
        for member in others
        if member not in settings.SOFT and (member not in old or old[member] is not None)
    )
    back = [field for field in differing if field in turns and turns[field][1] == old[field]]
    whole = all(
        turns[field][1] in (old[field], None) if field in turns else field in settings.SOFT for field in differing
    )
    undisturbed = all(turns[member][1] is None for member in others if member in turns)
    returned = any(old[field] is not None for field in back)
    weight = unit_weight(unit, (old[field] for field in differing))
    if automatic(unit, write.before, write.after) or (back and had and not returned):
        weight = settings.ABSENT_WEIGHT
    kept = not any(member in turns for member in members(unit)) and not settings.SOFT.issuperset(differing)
    return _Unit(weight, bool(back) and whole and undisturbed, kept, had, returned)


def _as_a_whole(units: Mapping[str, _Unit]) -> int:
    """The writer put its whole copy back: what it did not have must be gone."""
    return sum(unit.weight if unit.restored else -unit.weight if unit.kept else 0 for unit in units.values())


def leaves_out_the_rest(write: Write) -> bool:
    """Whether the writer knows a few fields only and dropped the others (the agent handler of 2026.1.29)."""
    unknown = {field: now for field, (_, now) in write.step.turns.items() if unit_of(field) not in settings.HANDLER}
    gone = vanished_units(field for field in unknown if compared(field))
    if any(unit_of(field) == settings.MODEL for field in write.step.turns):
        gone.discard(settings.MODEL)  # what goes with a model that is cleared
    nothing_set = all(now is None for field, now in unknown.items() if field != "updatedAt")
    return nothing_set and len(gone) >= settings.LEFT_OUT_UNITS


def _by_the_handler(units: Mapping[str, _Unit], write: Write) -> int:
    """The writer knows a few fields only; too few to tell it from a person, unless several agree."""
    known = {name: unit for name, unit in units.items() if name in settings.HANDLER}
    back = {name for name, unit in known.items() if unit.restored and unit.returned}
    score = sum(unit.weight for unit in known.values() if unit.restored)
    if "sessionId" in back:
        return score
    if any(unit.kept and unit.had for unit in known.values()):
        return 0
    several = settings.DELIVERY in back and sum(unit.restored for unit in known.values()) > 1
    return score if several or leaves_out_the_rest(write) else 0


def _merged(units: Mapping[str, _Unit]) -> int:
    """The writer laid its copy over the present entry: what it did not have may stay, and seldom goes."""
    score = 0
    for name, unit in units.items():
        if unit.restored and (unit.returned or name in settings.STICKY):
            score += unit.weight if unit.returned else min(unit.weight, settings.SMALL_NUMBER)
        elif unit.kept and unit.had:
            score -= unit.weight
    return score
