"""Fields that vanish from an entry in one write, in the same session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from store.findings import settings, words
from store.findings.evidence import fall_ms
from store.findings.finding import Finding, Grade, LostField, Witness, values_lost
from store.findings.past import Write
from store.findings.reversals import proofs
from store.findings.units import compared, vanished_units
from store.js import ABSENT, same


def drops(store: Path, write: Write, lost: Collection[str] = ()) -> Iterator[Finding]:
    """Fields that a writer did not know and therefore left out; `lost` are reported already.

    A new session starts without many of them.
    """
    version = write.step.version
    if version.writer.compares or not same(write.before.get("sessionId"), write.after.get("sessionId")):
        return
    gone = [
        field for field, (_, now) in write.step.turns.items() if now is None and compared(field) and field not in lost
    ]
    units = vanished_units(gone)
    grade = _grade(write, units)
    if grade is None:
        return
    named = [field for field in gone if vanished_units((field,)) & units]
    fields = tuple(LostField(field, write.before.get(field, ABSENT), ABSENT) for field in named)
    witness = (Witness.of("lost", write.step.since, values_lost(fields)), Witness.of("write", version))
    reasons = _reasons(write, named)
    yield Finding.of(version, "dropped-field", grade, store, write.key, reasons, witness, fields=fields)


def unless_migrated(findings: Iterable[Finding], writes: Iterable[Write]) -> Iterator[Finding]:
    """The findings of one version without those that a migration explains: a field left several entries at once."""
    leaving = Counter(field for write in writes for field, (_, now) in write.step.turns.items() if now is None)
    migrated = any(count >= settings.MIGRATION_ENTRIES for count in leaving.values())
    return (
        finding
        for finding in findings
        if not migrated or finding.kind != "dropped-field" or finding.grade == "confirmed"
    )


def _grade(write: Write, units: set[str]) -> Grade | None:
    if not units & settings.STICKY or len(units) < settings.DROPPED_UNITS:
        return None
    proven = fall_ms(write) or write.overtaken
    if not proven and units <= settings.PATCHED:
        return "possible"
    if write.step.gap:
        return "unknown"
    return "confirmed" if proven and write.exact else "probable"


def _reasons(write: Write, named: list[str]) -> Iterator[str]:
    gone = words.listed(named[:3], max(0, len(named) - 3))
    yield f"{gone} vanished in one write, in the same session."
    yield from proofs(write, None)
    if write.step.gap:
        yield "Versions in between were missed, so that they may have been removed one by one."
