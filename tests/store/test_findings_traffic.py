"""Figures on generated traffic: no alarm where nothing was lost, and how many of the losses are found."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from store.findings.detector import Detector
from store.findings.finding import ALARMS, Finding
from store.findings.units import unit_of
from tests.support.past import STORE
from tests.support.traffic import Loss, Told, Traffic

RECALL = 0.95


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
        if finding.key == loss.key and {unit_of(field.field) for field in finding.fields} & loss.units
    }
    return next((grade for grade in ("confirmed", "probable", "unknown", "possible") if grade in grades), "none")


def reported(seeds: range, writes: int) -> Counter[tuple[bool, str]]:
    return Counter(
        (loss.twin, grade_of(loss, found))
        for seed in seeds
        for told, found in findings(seed, writes, stale=0.05)
        for loss in told.losses
    )


@pytest.mark.parametrize(
    ("seeds", "writes"), [(range(2), 400), pytest.param(range(100, 120), 500, marks=pytest.mark.heavy)]
)
def test_losses_are_found(seeds: range, writes: int, capsys: pytest.CaptureFixture[str]) -> None:
    counts = reported(seeds, writes)
    clear = sum(number for (twin, _), number in counts.items() if not twin)
    hit = sum(number for (twin, grade), number in counts.items() if not twin and grade in ALARMS)
    with capsys.disabled():
        twins = sum(counts.values()) - clear
        sys.stdout.write(f"\nlosses {clear}, found {hit}: recall {hit / clear:.3f}; besides, twins {twins}\n")
    assert hit >= RECALL * clear


def test_clean_writes_among_stale_ones_raise_no_alarm() -> None:
    for told, found in findings(21, 700, stale=0.05):
        assert told.stale or [finding for finding in found if finding.alarming] == []


def test_what_a_finding_says_was_lost_is_what_was_there() -> None:
    for told, found in findings(7, 300, stale=0.1):
        texts = {change.key: change for change in getattr(told.event, "changes", ())}
        for finding in found:
            for field in finding.fields:
                assert finding.key in texts and field.lost is not field.now
            assert finding.because() and finding.to_json()["because"]
            assert list(finding.witness) == sorted(finding.witness, key=lambda witness: witness.number)
