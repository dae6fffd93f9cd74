"""How long a recording keeps what: the oldest versions become part of the state that it begins with."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Final

from store.errors import UsageError
from store.recording.codec import Body, Text, next_text, numbers_in, numbers_of, pack, unpack
from store.recording.values import Values

DEFAULT_LIMIT: Final = 512 << 20
_FULL, _ROOM = 0.95, 0.85
"""A file that is so full is emptied down to this."""
_STEP: Final = 10
"""The share of the versions that is given up at once is one in so many."""
_AT_ONCE, _AT_ONCE_S = 1000, 0.2
"""Not more versions, and not for longer: whoever records waits meanwhile."""
_AGE_CHECKS: Final = 100
"""How often within the age that is kept it is looked for older ones."""
_VERSIONS: Final = "('loaded', 'changed')"
_LASTING: Final = "('watching', 'lock', 'rule', 'own')"
"""Kinds of which the newest one still holds after the versions that follow it are gone."""


class Retention:
    """Keeps one recording within its age and size, between two transactions."""

    def __init__(
        self, connection: sqlite3.Connection, values: Values, path: Path, keep_s: float | None, limit: int
    ) -> None:
        self._db = connection
        self._values = values
        self._path = path
        self._keep_s, self._limit = keep_s, limit
        self._next_age_check = 0.0
        self._emptying = False

    def keep(self, now: float) -> None:
        """Give up some of what is too old or too much; UsageError when the state alone is too much."""
        end = time.monotonic() + _AT_ONCE_S
        if self._keep_s is not None and now >= self._next_age_check:
            done = self._give_up_older_than(now - self._keep_s, end)
            self._next_age_check = now + min(60.0, self._keep_s / _AGE_CHECKS) if done else now
        self._emptying = self._emptying or self._used() > self._limit * _FULL
        while self._emptying and time.monotonic() < end:
            self._emptying = self._give_up_oldest() and self._used() > self._limit * _ROOM
            if not self._emptying and self._used() > self._limit:
                raise UsageError(
                    f"The state of the stores alone takes {self._used():,} bytes of {self._path}, more than --max-size "
                    "allows; recording ended. Start it with a larger --max-size."
                )
        if (over := self._pages() - self._limit // self._page_size) > 0:
            self._db.executescript(f"PRAGMA incremental_vacuum({over})")  # `execute` would free a single page

    def _give_up_older_than(self, at: float, end: float) -> bool:
        """Whether that was all; it stops after a while."""
        younger = "SELECT id FROM event WHERE store AND at >= ? ORDER BY id LIMIT 1"
        first = self._db.execute(younger, (at,)).fetchone()
        (newest,) = self._db.execute("SELECT max(id) FROM event").fetchone()
        until = int(newest or 0) if first is None else int(first[0]) - 1
        while time.monotonic() < end:
            next_one = self._version(len(self._stores()) + _AT_ONCE)
            if next_one is None or next_one >= until:
                self._fold(until)
                return True
            self._fold(next_one)
        return False

    def _give_up_oldest(self) -> bool:
        """A share of the versions; False when only the newest of each store is left."""
        stores = len(self._stores())
        (count,) = self._db.execute(f"SELECT count(*) FROM event WHERE kind IN {_VERSIONS}").fetchone()
        if count <= stores:
            return False
        # Of one version more than there are stores, two are of one store, and the older one can go.
        until = self._version(min(stores + min(count // _STEP, _AT_ONCE), count - 1))
        self._fold(until or 0)
        return True

    def _version(self, place: int) -> int | None:
        """The event that brought the version at this place, counted from 0 for the oldest."""
        query = f"SELECT id FROM event WHERE kind IN {_VERSIONS} ORDER BY id LIMIT 1 OFFSET ?"
        row = self._db.execute(query, (place,)).fetchone()
        return None if row is None else int(row[0])

    def _fold(self, until: int) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for store in self._stores():
            fold(self._db, self._values, store, until)
        self._values.settle()
        self._db.execute("COMMIT")

    def _stores(self) -> list[int]:
        return [number for (number,) in self._db.execute("SELECT id FROM store")]

    def _used(self) -> int:
        (free,) = self._db.execute("PRAGMA freelist_count").fetchone()
        return (self._pages() - int(free)) * self._page_size

    def _pages(self) -> int:
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        return int(pages)

    @property
    def _page_size(self) -> int:
        (size,) = self._db.execute("PRAGMA page_size").fetchone()
        return int(size)


def fold(db: sqlite3.Connection, values: Values, store: int, until: int) -> None:
    """Let the store's recording begin with its last version up to the event `until`, or with the run after that."""
    last = _last_version(db, store, until)
    first_query = "SELECT max(id) FROM event WHERE store = ? AND id <= ? AND kind = 'loaded'"
    (first,) = db.execute(first_query, (store, last)).fetchone()
    if first is None:
        return
    _drop_snapshots_before(db, values, store, first)
    (packed,) = db.execute("SELECT body FROM event WHERE id = ?", (first,)).fetchone()
    loaded: Body = unpack(packed)
    steps = "SELECT body FROM event WHERE store = ? AND id > ? AND id <= ? AND kind = 'changed' ORDER BY id"
    newest_body = loaded
    texts: dict[bytes, Text | None] = {}
    for (packed,) in db.execute(steps, (store, first, last)).fetchall():
        newest_body = unpack(packed)
        _apply(db, values, loaded["snapshot"], newest_body, texts)
    _write_back(db, values, loaded["snapshot"], texts)
    (at,) = db.execute("SELECT at FROM event WHERE id = ?", (last,)).fetchone()
    _forget_events(db, store, first, last)
    if first != last:
        body = {"v": newest_body["v"], "n": newest_body["n"], "snapshot": loaded["snapshot"]}
        db.execute(
            "INSERT INTO event (id, store, kind, at, body) VALUES (?, ?, 'loaded', ?, ?)", (last, store, at, pack(body))
        )


def _last_version(db: sqlite3.Connection, store: int, until: int) -> int:
    versions = f"FROM event WHERE store = ? AND kind IN {_VERSIONS} AND id"
    following = db.execute(f"SELECT id, kind {versions} > ? ORDER BY id LIMIT 1", (store, until)).fetchone()
    if following is not None and following[1] == "loaded":
        return int(following[0])
    (last,) = db.execute(f"SELECT max(id) {versions} <= ?", (store, until)).fetchone()
    return int(last or 0)


def _drop_snapshots_before(db: sqlite3.Connection, values: Values, store: int, first: int) -> None:
    """What an earlier run of the recorder, or an earlier first version, began with; and the versions after that."""
    query = f"SELECT kind, body FROM event WHERE store = ? AND id < ? AND kind IN {_VERSIONS}"
    for kind, packed in db.execute(query, (store, first)).fetchall():
        body = unpack(packed)
        if kind == "loaded":
            for (text,) in db.execute("SELECT body FROM entry WHERE snapshot = ?", (body["snapshot"],)):
                values.uses.subtract(numbers_in(unpack(text)))
            db.execute("DELETE FROM entry WHERE snapshot = ?", (body["snapshot"],))
        else:
            _let_go(values, body)


def _apply(db: sqlite3.Connection, values: Values, snapshot: int, body: Body, texts: dict[bytes, Text | None]) -> None:
    for change in body["c"]:
        key = change["k"].encode("utf-8", "surrogatepass")
        if "b" in change:
            texts[key] = change["b"]
        elif key not in texts:
            texts[key] = _text(db, snapshot, key)
        texts[key] = next_text(change, texts[key])
    _let_go(values, body)


def _let_go(values: Values, body: Body) -> None:
    for change in body["c"]:
        values.uses.subtract(numbers_of(change))


def _text(db: sqlite3.Connection, snapshot: int, key: bytes) -> Text | None:
    row = db.execute("SELECT body FROM entry WHERE snapshot = ? AND key = ?", (snapshot, key)).fetchone()
    return None if row is None else unpack(row[0])


def _write_back(db: sqlite3.Connection, values: Values, snapshot: int, texts: dict[bytes, Text | None]) -> None:
    for key, text in texts.items():
        before = _text(db, snapshot, key)
        values.uses.subtract(Counter(numbers_in(before)))
        values.uses.update(numbers_in(text))
        place = (snapshot, key)
        if text is None:
            db.execute("DELETE FROM entry WHERE snapshot = ? AND key = ?", place)
        elif before is None:
            db.execute("INSERT INTO entry (snapshot, key, body) VALUES (?, ?, ?)", (*place, pack(text)))
        else:
            db.execute("UPDATE entry SET body = ? WHERE snapshot = ? AND key = ?", (pack(text), *place))


def _forget_events(db: sqlite3.Connection, store: int, first: int, last: int) -> None:
    """Those before the new first version, apart from what still holds; the first one too when it is replaced."""
    lasting = f"SELECT max(id) FROM event WHERE store = ? AND id < ? AND kind IN {_LASTING} GROUP BY kind"
    kept = [number for (number,) in db.execute(lasting, (store, last))]
    stay = ",".join("?" * len(kept))
    keeps_first = first == last
    db.execute(
        f"DELETE FROM event WHERE store = ? AND id < ? AND id NOT IN ({stay})",
        (store, last + (0 if keeps_first else 1), *kept),
    )
