"""What a detector made of a scenario, held against the truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from store.findings import settings
from store.findings.finding import ALARMS, GRADES, Finding
from store.findings.units import compared, unit_of
from store.js import ABSENT, JsonObject, same
from tests.support.simulated import Seen
from tests.support.traffic import could_be_meant

NONE = "none"


@dataclass(frozen=True, slots=True)
class Loss:
    """What one write took from one session that somebody had chosen, and the surest grade it was told with.

    A twin is a loss that an honest writer could have written byte for byte.
    """

    path: str
    twin: bool
    grade: str


@dataclass
class Score:
    """The count over any number of writes."""

    writes: int = 0
    losses: Counter[Loss] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    """Kind, grade, and whether it was so."""
    wrong: list[str] = field(default_factory=list)
    """Alarms about writes that lost nothing, and losses that were not told."""

    def add(self, other: Score) -> None:
        self.writes += other.writes
        self.losses += other.losses
        self.findings += other.findings
        self.wrong += other.wrong

    def lost(self, *, twin: bool, grades: Iterable[str] = (*GRADES, NONE)) -> int:
        """How many losses, twins or others, were told with these grades."""
        wanted = set(grades)
        return sum(count for loss, count in self.losses.items() if loss.twin == twin and loss.grade in wanted)

    @property
    def recall(self) -> float:
        """The share of the losses without a twin that were confirmed or probable; 1 where there are none."""
        losses = self.lost(twin=False)
        return self.lost(twin=False, grades=ALARMS) / losses if losses else 1.0

    @property
    def false_alarms(self) -> int:
        """Confirmed or probable findings about writes in which nothing was stale."""
        return sum(count for (_, grade, true), count in self.findings.items() if grade in ALARMS and not true)

    @property
    def precision(self) -> float:
        """The share of the confirmed and probable findings that were so."""
        alarms = sum(count for (_, grade, _), count in self.findings.items() if grade in ALARMS)
        return 1 - self.false_alarms / alarms if alarms else 1.0


def score(writes: Sequence[Seen]) -> Score:
    """The score of one play, from its first write on."""
    total = Score(len(writes))
    texts: dict[str, list[tuple[int, JsonObject]]] = {}
    for seen in writes:
        changed = {change.key: (_entry(change.before), _entry(change.after)) for change in seen.changes}
        for key, (before, after) in changed.items():
            known = texts.setdefault(key, [(0, before)])
            copy = next(entry for number, entry in reversed(known) if number <= seen.truth.base)
            units = _lost_units(seen, key)
            if units:
                loss = Loss(seen.truth.path, _is_twin(units, copy, before, after), _grade(seen.found, key, units))
                total.losses[loss] += 1
                if (not loss.twin and loss.grade not in ALARMS) or loss.grade == NONE:
                    total.wrong.append(
                        f"write {seen.truth.write} by {loss.path}: {sorted(units)} of {key} {loss.grade}"
                    )
            known.append((seen.truth.write, after))
        for finding in seen.found:
            true = _is_true(seen, finding)
            total.findings[finding.kind, finding.grade, true] += 1
            if finding.alarming and not true:
                said = f"{finding.kind} {finding.grade} {finding.key}: {finding.because()}"
                total.wrong.append(f"write {seen.truth.write} by {seen.truth.path}: {said}")
    return total


def _entry(text: bytes | None) -> JsonObject:
    entry: JsonObject = json.loads(text or b"{}")
    return entry


def _lost_units(seen: Seen, key: str) -> set[str]:
    units = {
        unit_of(lost.field) for lost in seen.truth.destroyed if lost.key == key and lost.field not in settings.SOFT
    }
    return units & settings.STICKY


def _grade(found: Sequence[Finding], key: str, units: set[str]) -> str:
    grades = {
        finding.grade
        for finding in found
        if finding.key == key and units & {unit_of(lost.field) for lost in finding.fields}
    }
    return next((grade for grade in GRADES if grade in grades), NONE)


def _is_twin(units: set[str], copy: JsonObject, before: JsonObject, after: JsonObject) -> bool:
    stamps = [entry.get("updatedAt") for entry in (before, after)]
    if all(isinstance(stamp, (int, float)) for stamp in stamps) and stamps[1] < stamps[0]:  # type: ignore[operator]
        return False
    changed = {
        unit_of(name)
        for name in {**before, **after}
        if compared(name) and not same(before.get(name, ABSENT), after.get(name, ABSENT))
    }
    return could_be_meant(units, changed, (copy, before), after)


def _is_true(seen: Seen, finding: Finding) -> bool:
    """A racy write is stale, whether it destroyed anything or not; what it did not touch, it did not lose."""
    if not finding.key:
        return seen.truth.racy
    return seen.truth.racy and finding.key in {change.key for change in seen.changes}
