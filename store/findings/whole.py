"""Findings about the whole store: stale copies of it, writes without the lock, a file that broke."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from store.events import Broken, Version
from store.findings import settings, words
from store.findings.finding import ALARMS, Base, Finding, Witness, worst


def store_write_back(store: Path, version: Version, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Several entries that went back in one write to what they were at one and the same moment."""
    reverted = [
        finding
        for finding in findings
        if finding.base is not None
        and finding.grade in ALARMS | {"unknown"}
        and finding.kind in ("lost-update", "stale-write-back", "resurrected-field")
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
