"""Reading a recording: the events that were recorded, in order, and the entries as they stood at each."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from store.errors import Damaged, Unreadable
from store.events import EntryChange, Event
from store.findings.own_edits import OwnEdit
from store.recording.beside import own_edits_from
from store.recording.codec import Body, Text, next_text, plain_event, raw_of, unpack, version_event
from store.recording.file import open_to_read, told
from store.recording.values import KeptValues

_DAMAGE: Final = (zlib.error, ValueError, KeyError, TypeError, IndexError, AttributeError, sqlite3.DatabaseError)
"""What unpacking a body raises that is not what was written; a reader waits for nobody, so SQLite means damage too."""


class Place(NamedTuple):
    """How everything stood after the event of that number: what it takes to go on from there. Never changed."""

    number: int
    run: int
    forms: Mapping[Path, Mapping[str, Text]]
    rules: Mapping[Path, bool]
    own: Mapping[Path, list[OwnEdit]]


class Recording:
    """One file as it was when it was opened, also while it is still being written. One iteration at a time.

    `raw`, `keys`, `lock_is_rule` and `own_edits` tell how things were at the event that was yielded last; the first
    two may be called from any thread. Everything raises Unreadable for a file that cannot be read, Damaged for one
    that was cut short.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_to_read(path)
        self._values = KeptValues(self._connection)
        try:
            with told(path):
                self._read_about()
            self._start_over()
        except BaseException:
            self._connection.close()
            raise

    def _read_about(self) -> None:
        db = self._connection
        rows = db.execute("SELECT id, path FROM store ORDER BY id").fetchall()
        self._paths = {number: Path(os.fsdecode(path)) for number, path in rows}
        self.stores = tuple(self._paths.values())
        count = "SELECT count(*) FROM event WHERE kind IN ('loaded', 'changed')"
        self.versions = int(db.execute(count).fetchone()[0])
        (self.runs,) = db.execute("SELECT count(*) FROM event WHERE kind = 'start'").fetchone()
        row = db.execute("SELECT at FROM event ORDER BY store = 0, id LIMIT 1").fetchone()
        if row is None:
            raise Unreadable(f"{self.path} holds nothing yet; try again once clobberwatch record has seen a store.")
        self.began = float(row[0])
        self.ended = float(db.execute("SELECT at FROM event ORDER BY id DESC LIMIT 1").fetchone()[0])

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def events(self, store: Path | None = None) -> Iterator[Event]:
        """Every event from the start, or those of one store."""
        for _at, take in self.steps():
            event = take()
            if event is not None and (store is None or event.store == store):
                yield event

    def steps(self, place: Place | None = None) -> Iterator[tuple[float, Callable[[], Event | None]]]:
        """When the next thing came, in wall-clock seconds, and how to get to it; None where it is no event.

        From the start, or from where `place` was taken.
        """
        if place is None:
            self._start_over()
        else:
            self._go_to(place)
        select = "SELECT id, store, kind, at, body FROM event WHERE id > ? ORDER BY id"
        with told(self.path):
            for row in self._connection.execute(select, (self.number,)):
                yield float(row[3]), partial(self._taken, *row)

    def place(self) -> Place:
        """How everything stands at the event that was yielded last."""
        forms = {store: dict(of_store) for store, of_store in self._forms.items()}
        return Place(self.number, self.run, forms, dict(self._rules), dict(self._own))

    def raw(self, store: Path, key: str) -> bytes | None:
        """The entry's JSON text; None when there is none."""
        return self._texts[store].get(key)

    def keys(self, store: Path) -> list[str]:
        """The keys of the store's entries, in file order; those that were added come last."""
        return list(self._texts[store])

    def lock_is_rule(self, store: Path) -> bool:
        """Whether every writer of the store takes the lock, as far as the recorder knew."""
        return self._rules[store]

    def own_edits(self, store: Path) -> list[OwnEdit]:
        """This user's edits from before the store's recording began, oldest first."""
        return self._own[store]

    def _start_over(self) -> None:
        self.run = 0
        """Which run of a recorder the iteration has reached; each begins with first versions of the stores."""
        self.number = 0
        """Which event the iteration has reached, in the order of the file."""
        self._texts: dict[Path, dict[str, bytes]] = {store: {} for store in self.stores}
        self._forms: dict[Path, dict[str, Text]] = {store: {} for store in self.stores}
        self._rules = dict.fromkeys(self.stores, False)
        self._own: dict[Path, list[OwnEdit]] = {store: [] for store in self.stores}

    def _go_to(self, place: Place) -> None:
        self.number, self.run = place.number, place.run
        self._rules, self._own = dict(place.rules), dict(place.own)
        for store, forms in place.forms.items():
            known, texts = self._forms[store], self._texts[store]
            self._texts[store] = {
                key: texts[key] if known.get(key) is form else raw_of(form, self._values) for key, form in forms.items()
            }
            self._forms[store] = dict(forms)

    def _taken(self, number: int, place: int, kind: str, at: float, packed: bytes) -> Event | None:
        self.number = number
        try:
            if place:
                return self._take(place, kind, at, unpack(packed))
        except _DAMAGE:
            raise Damaged(f"Damaged at event {number:,}, it plays up to there: {self.path}") from None
        self.run += 1
        return None

    def _take(self, place: int, kind: str, at: float, body: Any) -> Event | None:
        store = self._paths[place]
        match kind:
            case "rule":
                self._rules[store] = bool(body["locked"])
            case "own":
                self._own[store] = own_edits_from(store, body)
            case "loaded":
                forms = self._snapshot(body["snapshot"])
                self._texts[store] = {key: raw_of(form, self._values) for key, form in forms.items()}
                self._forms[store] = forms
                return version_event(kind, store, body, ())
            case "changed":
                changes = tuple(self._change(store, change) for change in body["c"])
                return version_event(kind, store, body, changes)
            case _:
                return plain_event(kind, store, at, body)
        return None

    def _snapshot(self, number: int) -> dict[str, Text]:
        rows = self._connection.execute("SELECT key, body FROM entry WHERE snapshot = ? ORDER BY id", (number,))
        return {key.decode("utf-8", "surrogatepass"): unpack(body) for key, body in rows}

    def _change(self, store: Path, body: Body) -> EntryChange:
        texts, forms, key = self._texts[store], self._forms[store], body["k"]
        before, form = texts.get(key), forms.get(key)
        if "b" in body:
            form = body["b"]
            before = None if form is None else raw_of(form, self._values)
        form = next_text(body, form)
        after = None if form is None else raw_of(form, self._values)
        if form is None or after is None:
            texts.pop(key, None)
            forms.pop(key, None)
        else:
            texts[key], forms[key] = after, form
        return EntryChange(key, before, after)
