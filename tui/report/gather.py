"""A report as one JSON object: what was watched, the findings, and every change that is not noise, oldest first.

Findings and changes have the very shape of `watch --json`. All times are milliseconds since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from store.events import Changed, Event, Loaded, Missed
from store.findings.finding import Finding
from tui.cli.find import store_text
from tui.cli.findings import finding_record
from tui.cli.records import json_records

FORMAT = 1
"""Counts up if a field of a report ever has to mean something else."""


Told: TypeAlias = "tuple[Event, Sequence[Finding]]"
"""An event with what was found in it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is about: from when on (wall-clock seconds), and of which entries."""

    since: float | None
    is_about: Callable[[str], bool]
    key: str = ""


@dataclass(slots=True)
class _Span:
    """What was seen of one store."""

    began: float
    ended: float
    seen: int = 0
    missed: int | None = 0

    def to_json(self, store: Path) -> dict[str, object]:
        return {
            "store": store_text(store),
            "from": int(self.began * 1000),
            "to": int(self.ended * 1000),
            "seen": self.seen,
            "missed": self.missed,
        }


@dataclass(slots=True)
class _Gathered:
    wanted: Wanted
    spans: dict[Path, _Span] = field(default_factory=dict)
    findings: list[dict[str, object]] = field(default_factory=list)
    timeline: list[dict[str, object]] = field(default_factory=list)
    unlisted: int = 0
    ids: set[str] = field(default_factory=set)

    def take(self, event: Event, found: Iterable[Finding]) -> None:
        at = event_time(event)
        if at is None or (self.wanted.since is not None and at < self.wanted.since):
            return
        self._count(event, at)
        for finding in found:
            if finding.id in self.ids or (finding.key and not self.wanted.is_about(finding.key)):
                continue  # a recorder that was started again tells of a lost edit anew
            self.ids |= {finding.id, *finding.told_here}
            if finding.told_unasked:
                self.findings.append(finding_record(finding))
            else:
                self.unlisted += 1
        self.timeline += json_records(event, self.wanted.is_about)

    def _count(self, event: Event, at: float) -> None:
        span = self.spans.setdefault(event.store, _Span(at, at))
        span.ended = max(span.ended, at)
        span.seen += isinstance(event, (Loaded, Changed))
        if isinstance(event, Missed):
            span.missed = None if event.count is None or span.missed is None else span.missed + event.count


def event_time(event: Event) -> float | None:
    """When it happened, in wall-clock seconds; None for what is no event of the store itself."""
    if isinstance(event, (Loaded, Changed)):
        return event.version.at
    at = getattr(event, "at", None)
    return at if isinstance(at, float) else None


def gather(source: str, told: Iterable[Told], wanted: Wanted, *, recorded: bool) -> dict[str, object]:
    """The report on these events; `recorded`: they are all there were, not what a few copies imply."""
    gathered = _Gathered(wanted)
    for event, found in told:
        gathered.take(event, found)
    return {
        "report": FORMAT,
        "clobberwatch": version("clobberwatch"),
        "made": int(time.time() * 1000),
        "zone": time.strftime("%Z (UTC%z)"),
        "redacted": False,
        "source": source,
        "recorded": recorded,
        "since": None if wanted.since is None else int(wanted.since * 1000),
        "key": wanted.key or None,
        "stores": [span.to_json(store) for store, span in gathered.spans.items()],
        "findings": gathered.findings,
        "unlisted": gathered.unlisted,
        "timeline": gathered.timeline,
    }


def alarming(report: dict[str, object]) -> bool:
    """Whether a report has a finding that counts for the exit code."""
    return any(finding["grade"] in ("confirmed", "probable") for finding in _objects(report["findings"]))


def _objects(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
