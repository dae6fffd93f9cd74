"""Old values that come back: lost updates, stale write-backs, resurrected fields."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from store.events import Version
from store.findings import settings, words
from store.findings.base import Inferred, infer_base, payload
from store.findings.chats import is_a_message, may_be_a_message, times_taken
from store.findings.evidence import fall_ms, gap_in, grade_of, last_turn, session_came_back
from store.findings.finding import Base, Finding, Grade, Kind, LostField, Witness, values_lost, values_now
from store.findings.past import Step, Write
from store.findings.units import compared, members, unit_of
from store.js import ABSENT, same


def reversals(store: Path, write: Write) -> Iterator[Finding]:
    """What this write put back to an older state of the entry; nothing for a new session or a write of ours."""
    if write.new_id or write.step.version.writer.compares:
        return
    base, rival = _bases(write)
    blind = _unseen(write, base)
    if base is None and not blind:
        return
    restored = base.restored if base else frozenset()
    sticky = (restored | blind) & settings.STICKY
    grade = _grade(write, base, blind)
    if grade == "possible" and not sticky:
        return
    fields = lost_fields(write, sticky or restored | blind)
    if fields:
        yield _finding(store, write, base, rival, fields, grade, sticky=bool(sticky))


def _bases(write: Write) -> tuple[Inferred | None, Inferred | None]:
    """The older version the writer held, and another that may be it instead, as far as can be told.

    Chats take turns: the route a message brings is an old one now and then, while what else returns is lost.
    """
    base = infer_base(write)
    if base is None or settings.DELIVERY not in base.back:
        return base, None
    other = infer_base(write, settings.ROUTE)
    if other is None:
        return base, None
    if grade_of(write, base) == "possible":
        return (base if grade_of(write, other) == "possible" else other), None
    if other.place == base.place or base.restored - settings.ROUTE - other.restored or not may_be_a_message(write):
        return base, None
    if is_a_message(write):
        return other, None
    taken_before = times_taken(write, settings.DELIVERY) > 1 and other.restored & settings.STICKY
    return (other, base) if taken_before else (base, other)


def lost_fields(write: Write, units: frozenset[str]) -> tuple[LostField, ...]:
    """The fields of these units that changed in the write, what was chosen before what was derived."""
    found = [
        LostField(field, write.before.get(field, ABSENT), write.after.get(field, ABSENT))
        for unit in sorted(units, key=lambda unit: (unit not in settings.STICKY, unit))
        for field in members(unit)
        if field in write.step.turns
    ]
    return tuple(field for field in found if not same(field.lost, field.now))


def _unseen(write: Write, base: Inferred | None) -> frozenset[str]:
    """The units set by writes that this one's temp file cannot have seen, and changed again by it."""
    known = base.restored if base else frozenset()
    touched = {unit_of(field) for step in write.overtaken for field in step.turns if compared(field)}
    return frozenset(unit_of(field) for field in write.step.turns if unit_of(field) in touched - known)


def _grade(write: Write, base: Inferred | None, blind: frozenset[str]) -> Grade:
    if base is not None and not blind:
        return grade_of(write, base)
    if write.step.gap or any(step.gap for step in write.overtaken):
        return "unknown"
    return "confirmed" if write.exact else "probable"


def _finding(
    store: Path,
    write: Write,
    base: Inferred | None,
    rival: Inferred | None,
    fields: tuple[LostField, ...],
    grade: Grade,
    *,
    sticky: bool,
) -> Finding:
    cause = last_turn(write, {field.field for field in fields})
    held = _held(write, base, rival)
    return Finding.of(
        write.step.version,
        _kind(fields, sticky),
        grade,
        store,
        write.key,
        _reasons(write, base, fields, cause, held),
        _witnesses(write, fields, cause, held),
        fields=fields,
        base=held,
        yours=_yours(write, fields),
    )


def _kind(fields: tuple[LostField, ...], sticky: bool) -> Kind:
    if not sticky:
        return "stale-write-back"
    return "resurrected-field" if all(field.lost is ABSENT for field in fields) else "lost-update"


def _held(write: Write, base: Inferred | None, rival: Inferred | None) -> Base | None:
    if base is not None:
        return Base(base.since, base.until, base.exact, None if rival is None else Base(rival.since, rival.until))
    first = write.overtaken[0] if write.overtaken else None
    return Base(first.since, first.until) if first else None


def _witnesses(write: Write, fields: tuple[LostField, ...], cause: Step | None, held: Base | None) -> Iterator[Witness]:
    if held is not None:
        yield Witness.of("base", held.version, values_now(fields))
    if cause is not None:
        yield Witness.of("lost", cause.version, values_lost(fields))
    yield Witness.of("write", write.step.version, values_now(fields))


def _reasons(
    write: Write, base: Inferred | None, fields: tuple[LostField, ...], cause: Step | None, held: Base | None
) -> Iterator[str]:
    at = write.step.version.at
    yours = _yours(write, fields)
    yield words.what_went_back(fields, None if cause is None else max(0.0, at - cause.version.at), yours.keys())
    for version in dict.fromkeys(yours.values()):
        known = f"{words.version(version)} is in this tool's journal, and {words.version(write.step.version)} undid it."
        yield words.opening(known)
    if base is not None and held is not None:
        yield (
            f"{words.count(len(base.restored), 'unit has', 'units have')} the value of {words.version(held.version)}, "
            f"a copy out of date for {words.age(max(0.0, at - held.ended))} at least."
        )
        if held.rival is not None:
            yield (
                f"It may also have been {words.version(held.rival.version)}: "
                "the route is that of an older version, and such as a message brings."
            )
    yield from proofs(write, base)
    if base is not None and gap_in(write, base.place):
        yield "Versions in between were missed, so that it may have been done on purpose in one of them."


def _yours(write: Write, fields: tuple[LostField, ...]) -> dict[str, Version]:
    """The fields whose lost value this user had set, and the version that did."""
    causes = {field.field: last_turn(write, {field.field}) for field in fields}
    return {name: step.version for name, step in causes.items() if step and step.version.writer.how == "you"}


def proofs(write: Write, base: Inferred | None) -> Iterator[str]:
    """The sentences that say why the writer cannot have seen the version it replaced."""
    if write.overtaken:
        yield f"Its temp file was made before {words.version(write.overtaken[-1].version)} was in place."
    fall = fall_ms(write)
    if fall:
        yield f"Its updatedAt lies {words.age(fall / 1000)} before that of the version it replaced."
    if base is not None and session_came_back(base):
        yield "Its sessionId had been replaced before."
    new = payload(write, base.restored if base else frozenset())
    if len(new) >= settings.PAYLOAD_FIELDS and base is not None and base.restored & settings.STICKY:
        what = "ends a run" if new[0] in settings.RUN else "takes in a message"
        yield f"The same write {what} ({words.listed(new[:3], max(0, len(new) - 3))}): no person's undo."
    if write.step.version.writer.how == "no lock":
        yield "The store was replaced without its lock."
