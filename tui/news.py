"""What the threads tell the app, and the one stream from a watch to it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from store.events import Changed, Event, Loaded
from store.findings.judge import Judge
from store.history import Written, written
from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline
from store.source import Source
from store.summary import EntrySummary, summarise, with_flaw
from store.watch import StopEvent
from store.writing.permit import Permit
from tui.newest import newest

if TYPE_CHECKING:
    from store.findings.finding import Finding

FIRST_ROWS = 200
"""Rows summarised before the first screenful is shown."""
PAINT_S = 0.06
"""How long the rest waits: two threads would share the interpreter, and the first screenful would come later."""


@dataclass
class StoreNews(Message):
    """One event of a store, with the summaries of the entries it brings, what it did to them and what was found."""

    event: Event
    summaries: dict[str, EntrySummary]
    findings: tuple[Finding, ...] = ()
    known: tuple[Written, ...] | None = None


@dataclass
class MoreRows(Message):
    """The rows of a store's first version that were not needed for the first screenful."""

    store: Path
    summaries: dict[str, EntrySummary]
    findings: tuple[Finding, ...] = ()


@dataclass
class DisciplineNews(Message):
    """Which release owns a store, and whether this run may write it."""

    store: StorePath
    discipline: Discipline
    permit: Permit


def news_of(
    watch: Source, stop: StopEvent, judge: Judge, shown: Collection[Path] = ()
) -> Iterator[StoreNews | MoreRows]:
    """Every event of the watch, summarised and judged here so that the screen's thread need not.

    The newest rows of a store come first, unless it is among those `shown` already.
    """
    loaded = set(shown)
    for event in watch.events(stop):
        if isinstance(event, Loaded) and event.store not in loaded:
            loaded.add(event.store)
            yield from _first_rows(watch, event, judge)
        elif isinstance(event, Loaded):
            summaries = _summaries(watch, event.store, _texts(watch, event.store))
            yield StoreNews(event, summaries, judge.begin(event, summaries.values()))
        elif isinstance(event, Changed):
            present = ((entry.key, entry.after) for entry in event.changes)
            texts = [(key, text) for key, text in present if text is not None]
            summaries = _summaries(watch, event.store, texts)
            yield StoreNews(event, summaries, judge(event), written(event))
        else:
            yield StoreNews(event, {}, judge(event))


def _first_rows(watch: Source, event: Loaded, judge: Judge) -> Iterator[StoreNews | MoreRows]:
    chosen = newest(_texts(watch, event.store), FIRST_ROWS)
    first = _summaries(watch, event.store, (text for text in _texts(watch, event.store) if text[0] in chosen))
    yield StoreNews(event, first)
    if event.entries > len(first):
        time.sleep(PAINT_S)
    more = _summaries(watch, event.store, (text for text in _texts(watch, event.store) if text[0] not in chosen))
    yield MoreRows(event.store, more, judge.begin(event, (*first.values(), *more.values())))
    if any(summary.damaged for summary in (*first.values(), *more.values())):
        watch.recheck(event.store)


def _texts(watch: Source, store: Path) -> Iterator[tuple[str, bytes]]:
    """One after the other: all of them together are as large as the file."""
    for key in watch.keys(store):
        text = watch.raw(store, key)
        if text is not None:
            yield key, text


def _summaries(watch: Source, store: Path, texts: Iterable[tuple[str, bytes]]) -> dict[str, EntrySummary]:
    flaws = watch.flaws(store)
    return {key: with_flaw(summarise(key, text), flaws.get(key, "")) for key, text in texts}
