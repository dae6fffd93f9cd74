"""What the threads tell the app, and the one stream from a watch to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from store.events import Changed, Event, Loaded
from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline
from store.summary import EntrySummary, summarise
from store.watch import StopEvent, Watch
from store.writing.permit import Permit
from tui.newest import EntryText, newest_first

FIRST_ROWS = 200
"""Rows summarised before the first screenful is shown."""
PAINT_S = 0.06
"""How long the rest waits: two threads would share the interpreter, and the first screenful would come later."""


@dataclass
class StoreNews(Message):
    """One event of a store, with the summaries of the entries it brings."""

    event: Event
    summaries: dict[str, EntrySummary]


@dataclass
class MoreRows(Message):
    """The rows of a store's first version that were not needed for the first screenful."""

    store: Path
    summaries: dict[str, EntrySummary]


@dataclass
class DisciplineNews(Message):
    """Which release owns a store, and whether this run may write it."""

    store: StorePath
    discipline: Discipline
    permit: Permit


def news_of(watch: Watch, stop: StopEvent) -> Iterator[StoreNews | MoreRows]:
    """Every event of the watch, summarised here so that the screen's thread need not; the newest rows come first."""
    loaded: set[Path] = set()
    for event in watch.events(stop):
        if isinstance(event, Loaded) and event.store not in loaded:
            loaded.add(event.store)
            yield from _first_rows(watch, event)
        elif isinstance(event, Loaded):
            yield StoreNews(event, _summaries(_texts(watch, event.store)))
        elif isinstance(event, Changed):
            present = ((entry.key, entry.after) for entry in event.changes)
            yield StoreNews(event, _summaries([(key, text) for key, text in present if text is not None]))
        else:
            yield StoreNews(event, {})


def _first_rows(watch: Watch, event: Loaded) -> Iterator[StoreNews | MoreRows]:
    newest, rest = newest_first(_texts(watch, event.store), FIRST_ROWS)
    first = _summaries(newest)
    yield StoreNews(event, first)
    if rest:
        time.sleep(PAINT_S)
    more = _summaries(rest)
    yield MoreRows(event.store, more)
    if any(summary.damaged for summary in (*first.values(), *more.values())):
        watch.recheck(event.store)


def _texts(watch: Watch, store: Path) -> list[EntryText]:
    texts = ((key, watch.raw(store, key)) for key in watch.keys(store))
    return [(key, text) for key, text in texts if text is not None]


def _summaries(texts: list[EntryText]) -> dict[str, EntrySummary]:
    return {key: summarise(key, text) for key, text in texts}
