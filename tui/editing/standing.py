"""Our own edits after they were written: does each still stand, and when is it no longer watched?

A stale copy in some writer's memory can undo even a perfectly locked edit when that writer's run ends. So an edit is
watched until a minute after the end of the next run, for at least two and at most fifteen minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from store.edit import EditResult
from store.entry.fields import edited
from store.entry.intent import Intent
from store.events import Changed
from store.findings import settings
from store.findings.own_edits import OwnEdit, edit_between
from store.js import JsonObject
from store.text.document import decode_object
from tui.look import sentences
from tui.look.values import unit_text
from tui.look.who import by

AFTER_RUN: Final = 60.0
AT_LEAST: Final = 120.0
AT_MOST: Final = 900.0
SAID_ONE_BY_ONE: Final = 3
"""Of more edits whose time is over at once, or that fall at once, only their number is said."""
_UNITS: Final = {"model": (settings.MODEL, settings.AUTH), "delivery": (settings.DELIVERY,)}
"""What a unit that is edited is called where it is judged; the profile counts where it alone was changed."""


@dataclass(slots=True)
class WatchedEdit:
    """One unit as we wrote it; times are wall-clock seconds."""

    store: Path
    key: str
    unit: str
    edit: OwnEdit
    wanted: str
    at: float
    running: bool
    writes: int = 0
    run_ended_at: float | None = None

    @property
    def until(self) -> float:
        """When it is no longer watched, as far as is known now."""
        if self.run_ended_at is None:
            return self.at + AT_MOST
        return min(max(self.run_ended_at + AFTER_RUN, self.at + AT_LEAST), self.at + AT_MOST)


class Watched(NamedTuple):
    """What is to be watched of one entry that was written, and the units that were meant."""

    store: Path
    key: str
    units: Collection[str]
    edits: Sequence[WatchedEdit]


class Standing:
    """The edits that are watched at present."""

    def __init__(self) -> None:
        self._of: dict[tuple[Path, str], list[WatchedEdit]] = {}

    @property
    def edits(self) -> list[WatchedEdit]:
        """All of them."""
        return [edit for edits in self._of.values() for edit in edits]

    def of(self, store: Path, key: str) -> Sequence[WatchedEdit]:
        """Those of one entry."""
        return self._of.get((store, key), ())

    def watch(self, result: EditResult, intents: Iterable[Intent], now: float) -> None:
        """Watch what this result wrote over the entry it found."""
        self.take([to_watch(result, tuple(intents), now)])

    def take(self, written: Iterable[Watched]) -> None:
        """Watch these. An older edit of the same unit gives way."""
        for one in written:
            older = [edit for edit in self.of(one.store, one.key) if edit.unit not in one.units]
            self._keep((one.store, one.key), [*older, *one.edits])

    def seen(self, event: Changed, now: float) -> list[str]:
        """What to say after a version came up; one of our own undoes nothing."""
        if event.version.writer.how == "you":
            return []
        fallen: list[str] = []
        undone_by = by(event.version.writer)
        for change in event.changes:
            if (event.store, change.key) in self._of:
                fallen += self.changed(event.store, change.key, decode_object(change.after), undone_by, now)
        return [sentences.stand_no_longer(len(fallen), undone_by)] if len(fallen) > SAID_ONE_BY_ONE else fallen

    def changed(self, store: Path, key: str, entry: JsonObject | None, undone_by: str, now: float) -> list[str]:
        """What to say after this entry became another; an edit that no longer stands is said once."""
        said: list[str] = []
        kept: list[WatchedEdit] = []
        for edit in self.of(store, key):
            edit.writes += 1
            if entry is None or not edit.edit.stands_in(entry):
                found = "gone with its entry" if entry is None else unit_text(edit.unit, entry, now)
                stood = now - edit.at
                said.append(sentences.no_longer_stands(key, edit.unit, edit.wanted, found, stood, undone_by))
                continue
            running = entry.get("status") == "running"
            if edit.running and not running:
                edit.run_ended_at = now
            edit.running = running
            kept.append(edit)
        self._keep((store, key), kept)
        return said

    def expired(self, now: float) -> list[str]:
        """What to say about edits whose time is over; they are watched no longer."""
        over = [edit for edit in self.edits if now >= edit.until]
        for edit in over:
            self._keep((edit.store, edit.key), [one for one in self.of(edit.store, edit.key) if one is not edit])
        if len(over) > SAID_ONE_BY_ONE:
            return [sentences.held_many(len(over))]
        return [sentences.held(edit.key, edit.unit, edit.writes, edit.run_ended_at is not None) for edit in over]

    def _keep(self, entry: tuple[Path, str], edits: list[WatchedEdit]) -> None:
        if edits:
            self._of[entry] = edits
        else:
            self._of.pop(entry, None)


def to_watch(result: EditResult, intents: Sequence[Intent], now: float) -> Watched:
    """What this result wrote over the entry it found, to be watched."""
    units = dict.fromkeys(intent.unit for intent in intents)
    return Watched(result.store, result.key, units, [*_watched(result, units, now)])


def _watched(result: EditResult, units: Iterable[str], now: float) -> Iterator[WatchedEdit]:
    if result.theirs is None or result.version is None:
        return
    entry = edited(result.theirs, {change.field: change.new for change in result.changes})
    whole = edit_between(result.store, result.key, result.version, result.theirs, entry)
    parts = whole.by_unit() if whole is not None else {}
    for unit in units:
        part = next((parts[name] for name in _UNITS.get(unit, (unit,)) if name in parts), None)
        if part is not None:
            wanted, running = unit_text(unit, entry, now), entry.get("status") == "running"
            yield WatchedEdit(result.store, result.key, unit, part, wanted, now, running)
