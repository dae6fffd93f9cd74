"""How many losses are found, and how many alarms are right, on generated traffic with ground truth."""

from __future__ import annotations

from collections import Counter

from store.findings.detector import Detector
from store.findings.finding import ALARMS
from store.findings.units import unit_of
from tests.bench.measure import Figure
from tests.support.past import STORE
from tests.support.traffic import Traffic

SEEDS, WRITES, STALE = range(500, 510), 500, 0.05
CLEAN_SEEDS = range(600, 620)


def measure() -> list[Figure]:
    """Recall for each stale writer, precision of each finding, alarms on clean traffic."""
    losses: Counter[tuple[str, bool]] = Counter()
    alarms: Counter[tuple[str, bool]] = Counter()
    for seed in SEEDS:
        detector = Detector(STORE)
        for told in Traffic(seed, stale=STALE).told(WRITES):
            found = [finding for finding in detector.observe(told.event) if finding.grade in ALARMS]
            alarms.update((finding.kind, told.stale) for finding in found)
            units = {(finding.key, unit_of(field.field)) for finding in found for field in finding.fields}
            for loss in told.losses:
                if not loss.twin:
                    losses[loss.path, any((loss.key, unit) in units for unit in loss.units)] += 1
    return [
        *(
            _share(f"recall: {path}", losses[path, True], losses[path, False])
            for path in sorted({p for p, _ in losses})
        ),
        *(
            _share(f"precision: {kind}", alarms[kind, True], alarms[kind, False])
            for kind in sorted({k for k, _ in alarms})
        ),
        _clean(),
    ]


def _share(what: str, right: int, wrong: int) -> Figure:
    share = right / (right + wrong)
    return Figure(what, f"{share:.3f} ({right:,} of {right + wrong:,})", ">= 0.99", share >= 0.99)


def _clean() -> Figure:
    alarms = 0
    for seed in CLEAN_SEEDS:
        detector = Detector(STORE)
        for told in Traffic(seed).told(WRITES):
            alarms += sum(finding.grade in ALARMS for finding in detector.observe(told.event))
    return Figure(f"alarms in {len(CLEAN_SEEDS) * WRITES:,} clean writes", str(alarms), "0", alarms == 0)
