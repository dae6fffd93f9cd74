"""Findings about the whole store: stale copies of it, writes without the lock, a file that broke."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from store.events import Broken, Version
from store.findings import settings, words
from store.findings.finding import ALARMS, Base, Finding, Grade, Witness, worst

_REVERSALS: Final = frozenset({"lost-update", "stale-write-back", "resurrected-field"})


def with_companions(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of one write, where those that were made from the same copy of the store share what is known.

    One that is proven proves the others; and no writer brings back the very texts of several entries by chance.
    """
    reversals = [finding for finding in findings if finding.kind in _REVERSALS]
    proven = _Moments(finding.base for finding in reversals if finding.grade == "confirmed")
    exact = _Moments(finding.base for finding in reversals if finding.base is not None and finding.base.exact)
    return [_promoted(finding, proven, exact) for finding in findings]


class _Moments:
    """When the copies of several entries were the truth. A copy of the whole store was made at one moment."""

    def __init__(self, bases: Iterable[Base | None]) -> None:
        spans = [_span(base) for base in bases if base is not None]
        self._begun = sorted(begin for begin, _ in spans)
        self._ended = sorted(end for _, end in spans)

    def shared_with(self, base: Base) -> int:
        """With how many of them this one can have been read at one moment."""
        begin, end = _span(base)
        return bisect_right(self._begun, end) - bisect_left(self._ended, begin)


def _span(base: Base) -> tuple[float, float]:
    """From when to when it was the truth; a clock that is set back turns no span round."""
    return base.version.at, max(base.version.at, base.until)


def _promoted(finding: Finding, proven: _Moments, exact: _Moments) -> Finding:
    if finding.kind not in _REVERSALS or finding.base is None or finding.grade not in ("possible", "probable"):
        return finding
    if proven.shared_with(finding.base):
        return _surer(finding, "confirmed", "The same write provably put other entries back to that time.")
    alike = exact.shared_with(finding.base)
    if finding.grade == "possible" and alike >= settings.EXACT_ENTRIES:
        return _surer(finding, "probable", f"The same write put {alike} entries back to the very text of that time.")
    return finding


def _surer(finding: Finding, grade: Grade, reason: str) -> Finding:
    return replace(finding, grade=grade, reasons=(*finding.reasons, reason))


def store_write_back(store: Path, version: Version, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Several entries that went back in one write to what they were at one and the same moment."""
    reverted = [
        finding
        for finding in findings
        if finding.base is not None and finding.grade in ALARMS | {"unknown"} and finding.kind in _REVERSALS
    ]
    if len(reverted) < settings.WRITE_BACK_ENTRIES:
        return
    bases = [finding.base for finding in reverted if finding.base is not None]
    newest = max(bases, key=lambda base: base.version.number)
    until = min(base.until for base in bases)
    if newest.version.at > until:
        return
    stale = words.age(max(0.0, version.at - until))
    why = (
        f"{words.count(len(reverted), 'entry', 'entries')} went back in one write to what they were at "
        f"{words.version(newest.version)}: a whole copy of the store, out of date for {stale} at least, was saved."
    )
    witness = (Witness.of("base", newest.version), Witness.of("write", version))
    base = Base(newest.version, until)
    yield Finding.of(version, "store-write-back", worst(reverted), store, "", [why], witness, base=base)


def unlocked_write(store: Path, version: Version) -> Finding:
    """The store was replaced without its lock, where the lock is the rule."""
    why = "The store was replaced without its lock, which every writer of this release takes."
    return Finding.of(version, "unlocked-write", "probable", store, "", [why], [Witness.of("write", version)])


def broken_store(event: Broken) -> Finding:
    """The store shrank or cannot be read; entries may have been pruned on purpose, so shrinking is no proof."""
    good = event.last_good
    return Finding(
        "store-truncated" if event.kind in ("empty", "shrank") else "store-unreadable",
        "probable" if event.kind == "shrank" else "confirmed",
        event.store,
        "",
        good.number if good else 0,
        event.at,
        (),
        (event.detail,),
        (Witness.of("base", good),) if good else (),
    )
