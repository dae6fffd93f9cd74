"""Fields that vanish from an entry in one write, in the same session."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from store.entry.schema import is_noise
from store.findings import settings, words
from store.findings.evidence import fall_ms
from store.findings.finding import Base, Finding, Grade, LostField, Witness
from store.findings.past import Write
from store.findings.reversals import proofs
from store.findings.units import compared, unit_of
from store.js import ABSENT, same

_WITH_THE_MODEL = {settings.MODEL, settings.AUTH, settings.RUN_MODEL, settings.FALLBACK}
"""A model that is cleared takes these along (`applyModelOverrideToSessionEntry`)."""
_USAGE = "USAGE"


def drops(store: Path, write: Write, lost: Collection[str] = ()) -> Iterator[Finding]:
    """Fields that a writer did not know and therefore left out; `lost` are reported already.

    A new session starts without many of them.
    """
    version = write.step.version
    if version.writer.how == "you" or not same(write.before.get("sessionId"), write.after.get("sessionId")):
        return
    gone = [
        field for field, (_, now) in write.step.turns.items() if now is None and compared(field) and field not in lost
    ]
    units = _units(gone)
    grade = _grade(write, units)
    if grade is None:
        return
    named = [field for field in gone if _unit(field) in units]
    fields = tuple(LostField(field, write.before.get(field, ABSENT), ABSENT) for field in named)
    seen = Base(write.step.since, version.at)
    yield Finding(
        "dropped-field",
        grade,
        store,
        write.key,
        version.number,
        version.at,
        fields,
        tuple(_reasons(write, named)),
        (
            Witness(
                "lost",
                seen.version.number,
                seen.version.at,
                seen.version.writer,
                tuple((field.field, field.lost) for field in fields),
            ),
            Witness("write", version.number, version.at, version.writer),
        ),
        None,
        version.writer,
    )


def unless_migrated(findings: Iterable[Finding], leavers: Collection[str]) -> Iterator[Finding]:
    """The findings without those that a migration explains: `leavers` left several entries in the same write."""
    for finding in findings:
        if finding.kind != "dropped-field" or _are_enough(
            _units(field.field for field in finding.fields if field.field not in leavers)
        ):
            yield finding


def _units(gone: Iterable[str]) -> set[str]:
    units = {_unit(field) for field in gone if not is_noise(field) or field in settings.USAGE}
    return units - _WITH_THE_MODEL if settings.MODEL in units else units


def _are_enough(units: set[str]) -> bool:
    return bool(units & settings.STICKY) and len(units) >= settings.DROPPED_UNITS


def _unit(field: str) -> str:
    return _USAGE if field in settings.USAGE else unit_of(field)


def _grade(write: Write, units: set[str]) -> Grade | None:
    if not _are_enough(units):
        return None
    if write.step.gap:
        return "unknown"
    proven = fall_ms(write) or write.overtaken
    return "confirmed" if proven and write.exact else "probable"


def _reasons(write: Write, named: list[str]) -> Iterator[str]:
    gone = words.listed(named[:3], max(0, len(named) - 3))
    yield f"{gone} vanished in one write, in the same session."
    yield from proofs(write, None)
    if write.step.gap:
        yield "Versions in between were missed, so that they may have been removed one by one."
