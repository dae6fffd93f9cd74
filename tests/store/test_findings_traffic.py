"""Figures on generated traffic: no alarm where nothing was lost, and how many of the losses are found."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from store.events import Changed
from store.findings.detector import Detector
from store.findings.finding import ALARMS, Finding
from store.findings.units import members, unit_of
from store.text.document import decode_object
from tests.support.past import STORE
from tests.support.traffic import Loss, Told, Traffic

RECALL = 0.99


def findings(seed: int, writes: int, stale: float = 0.0) -> Iterator[tuple[Told, tuple[Finding, ...]]]:
    detector = Detector(STORE)
    for told in Traffic(seed, stale=stale).told(writes):
        yield told, detector.observe(told.event)


def alarms_on_clean_traffic(seeds: range, writes: int) -> list[str]:
    return [
        f"seed {seed}: {finding.kind} {finding.grade} {finding.key} {finding.because()}"
        for seed in seeds
        for _, found in findings(seed, writes)
        for finding in found
        if finding.alarming
    ]


def test_clean_traffic_raises_no_alarm() -> None:
    assert alarms_on_clean_traffic(range(3), 500) == []


@pytest.mark.heavy
def test_ten_thousand_clean_writes_raise_no_alarm() -> None:
    assert alarms_on_clean_traffic(range(1000, 1020), 500) == []


def grade_of(loss: Loss, found: tuple[Finding, ...]) -> str:
    """The surest grade at which one of the lost units was reported."""
    grades = {
        finding.grade
        for finding in found
        if finding.key == loss.key and {unit_of(one.field) for one in finding.fields} & loss.units
    }
    return next((grade for grade in ("confirmed", "probable", "unknown", "possible") if grade in grades), "none")


@dataclass
class Score:
    """What was found on traffic with stale writers among clean ones, by kind: alarms, those that were right, losses."""

    told: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    twins: int = 0

    def take(self, told: Told, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            if finding.alarming:
                self.told[finding.kind] += 1
                self.right[finding.kind] += told.stale
        for loss in told.losses:
            if loss.twin:
                self.twins += 1
                continue
            kind = kind_of(told, loss)
            self.lost[kind] += 1
            self.found[kind] += grade_of(loss, findings) in ALARMS

    def lines(self) -> Iterator[str]:
        yield f"{'finding':18} {'alarms':>6} {'right':>6} {'precision':>9} {'losses':>6} {'found':>6} {'recall':>6}"
        for kind in sorted(self.told | self.lost):
            precision = f"{self.right[kind] / self.told[kind]:.3f}" if self.told[kind] else "-"
            recall = f"{self.found[kind] / self.lost[kind]:.3f}" if self.lost[kind] else "-"
            figures = (
                f"{self.told[kind]:6} {self.right[kind]:6} {precision:>9} {self.lost[kind]:6} {self.found[kind]:6}"
            )
            yield f"{kind:18} {figures} {recall:>6}"
        yield f"all losses: recall {self.found.total() / self.lost.total():.3f}; besides, {self.twins} twins"


def kind_of(told: Told, loss: Loss) -> str:
    """What a loss is called: a value that was there is lost, one that had been removed is back."""
    assert isinstance(told.event, Changed)
    before = next(decode_object(change.before) for change in told.event.changes if change.key == loss.key) or {}
    had = any(member in before for unit in loss.units for member in members(unit))
    return "lost-update" if had else "resurrected-field"


@pytest.mark.parametrize(
    ("seeds", "writes"), [(range(2), 400), pytest.param(range(100, 150), 500, marks=pytest.mark.heavy)]
)
def test_losses_are_found(seeds: range, writes: int, capsys: pytest.CaptureFixture[str]) -> None:
    score = Score()
    for seed in seeds:
        for told, found in findings(seed, writes, stale=0.05):
            score.take(told, found)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(score.lines()) + "\n")
    assert score.found.total() >= RECALL * score.lost.total()
    assert score.right == score.told


def test_clean_writes_among_stale_ones_raise_no_alarm() -> None:
    for told, found in findings(21, 700, stale=0.05):
        assert told.stale or [finding for finding in found if finding.alarming] == []


def test_what_a_finding_says_was_lost_is_what_was_there() -> None:
    for told, found in findings(7, 300, stale=0.1):
        texts = {change.key: change for change in getattr(told.event, "changes", ())}
        for finding in found:
            for one in finding.fields:
                assert finding.key in texts and one.lost is not one.now
            assert finding.because() and finding.to_json()["because"]
            assert list(finding.witness) == sorted(finding.witness, key=lambda witness: witness.number)
