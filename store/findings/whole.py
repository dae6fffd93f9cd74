"""Findings about the whole store: stale copies of it, writes without the lock, a file that broke."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    proven = [finding for finding in findings if finding.grade == "confirmed" and finding.kind in _REVERSALS]
    exact = [finding for finding in findings if finding.base is not None and finding.base.exact]
    return [_promoted(finding, proven, exact) for finding in findings]


def _promoted(finding: Finding, proven: Sequence[Finding], exact: Sequence[Finding]) -> Finding:
    if finding.kind not in _REVERSALS or finding.grade not in ("possible", "probable"):
        return finding
    if any(other.key != finding.key and _one_copy(finding, other) for other in proven):
        return _surer(finding, "confirmed", "The same write provably put other entries back to that time.")
    alike = sum(_one_copy(finding, other) for other in exact)
    if finding.grade == "possible" and alike >= settings.EXACT_ENTRIES:
        return _surer(finding, "probable", f"The same write put {alike} entries back to the very text of that time.")
    return finding


def _surer(finding: Finding, grade: Grade, reason: str) -> Finding:
    return replace(finding, grade=grade, reasons=(*finding.reasons, reason))


def _one_copy(finding: Finding, other: Finding) -> bool:
    """Whether there was a moment at which both entries were as the writer held them."""
    one, two = finding.base, other.base
    return one is not None and two is not None and one.version.at <= two.until and two.version.at <= one.until


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
    yield Finding(
        "store-write-back",
        worst(reverted),
        store,
        "",
        version.number,
        version.at,
        (),
        (
            f"{words.count(len(reverted), 'entry', 'entries')} went back in one write to what they were at "
            f"{words.version(newest.version)}: a whole copy of the store, out of date for {stale} at least, was saved.",
        ),
        (
            Witness("base", newest.version.number, newest.version.at, newest.version.writer),
            Witness("write", version.number, version.at, version.writer),
        ),
        Base(newest.version, until),
        version.writer,
    )


def unlocked_write(store: Path, version: Version) -> Finding:
    """The store was replaced without its lock, where the lock is the rule."""
    return Finding(
        "unlocked-write",
        "probable",
        store,
        "",
        version.number,
        version.at,
        (),
        ("The store was replaced without its lock, which every writer of this release takes.",),
        (Witness("write", version.number, version.at, version.writer),),
        None,
        version.writer,
    )


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
        (Witness("base", good.number, good.at, good.writer),) if good else (),
    )
