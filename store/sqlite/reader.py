"""What is read of a database that was written: first the rows whose time moved, then all of them by their bytes.

Nearly every write of a gateway moves `updated_at`, and an index tells at once whose did. To find the others all texts
must be read, which takes long in a big database; and a gateway commits every line of a transcript. So that is done in
slices, between which a new commit has its turn.
"""

from __future__ import annotations

import time
from typing import Final

from store.events import EntryChange
from store.sqlite.database import Database, tally_of
from store.sqlite.notices import Reading, apply

GLANCE_FROM: Final = 8 << 20
"""Bytes of texts. Fewer are read in some 3 ms, so their times are not asked, and one commit always is one version."""
LOOKED_UP: Final = 200
"""If more rows have moved, reading all texts in one go is quicker than looking up each."""
SLICE: Final = 500
"""Rows; 2 or 3 ms in a database of 56 MB."""
HEAD_START_S: Final = 0.05
"""What has moved is on the screen before all texts are read, which would share the interpreter with it."""
REST: Final = 9
"""After all texts were read they are not read again for so many times the processor time it took."""
DUTY: Final = 4
"""The same of what is read at every commit."""


class RowReader:
    """The rows of one database as they were read last; for one thread.

    `slice_due` is when `read_slice` is to be called, for not all texts were read since the last commit; None: they
    were. `rested` is when a new commit is to be looked at. Both in monotonic seconds.
    """

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}
        self.flaws: dict[str, str] = {}
        self.slice_due: float | None = None
        self.rested = 0.0
        self._times: dict[str, int] = {}
        self._cursor, self._left = 0, 0
        self._read, self._spent_s = 0, 0.0
        self._slices_rested = 0.0

    def read(self, database: Database, *, anew: bool) -> Reading:
        """What a commit changed, as far as can be seen at once; `anew` trusts no time. Raises Unreadable."""
        began = time.thread_time()
        with database.one_state():
            reading = self._glance(database) if self._times and not anew else None
            if reading is None:
                reading = self._whole(database, began)
        took = time.thread_time() - began
        self.rested = time.monotonic() + took * DUTY
        return reading

    def read_slice(self, database: Database) -> Reading:
        """What differs in the next slice of the texts; raises Unreadable."""
        began = time.thread_time()
        with database.one_state():
            rows, known = database.slice(self._cursor, SLICE), self.rows.get
            changes = [EntryChange(key, known(key), text) for _, key, text in rows if known(key) != text]
            self._left = self._left - len(rows) if rows or self._cursor else 0
            self._cursor = rows[-1][0] if len(rows) == SLICE else 0
            if self._left <= 0:
                self._times, self.flaws = database.times(), database.flaws()
                changes += [EntryChange(key, known(key), None) for key in self.rows.keys() - self._times.keys()]
            apply(self.rows, changes)
        self._account(len(rows), time.thread_time() - began)
        self.slice_due = None if self._left <= 0 else self._slices_rested
        return Reading(tuple(changes), len(self.rows), self.flaws)

    def _account(self, rows: int, took_s: float) -> None:
        """Once as many rows were read as there are, the reading of slices rests."""
        self._read, self._spent_s = self._read + rows, self._spent_s + took_s
        if self._read >= len(self.rows):
            self._slices_rested = time.monotonic() + self._spent_s * REST
            self._read, self._spent_s = 0, 0.0

    def _whole(self, database: Database, began: float) -> Reading:
        reading = database.compared(self.rows)
        apply(self.rows, reading.changes)
        self.flaws = dict(reading.flaws)
        big = database.layout.timed and sum(map(len, self.rows.values())) >= GLANCE_FROM
        self._times = database.times() if big else {}
        self._account(len(self.rows), time.thread_time() - began)
        self.slice_due = None
        return reading

    def _glance(self, database: Database) -> Reading | None:
        """The rows that came, went, or have another time; None where only all texts can tell.

        What has moved is nearly always newer than all before. If it is not, the sum of all times tells, as a rule.
        """
        known, newest = self._times, max(self._times.values())
        recent = database.times(newest)
        times = known | recent
        if database.tally() != tally_of(times):
            recent = times = database.times()
        moved = [key for key, at in recent.items() if at >= newest or known.get(key) != at]
        if len(moved) > LOOKED_UP:
            return None
        texts = {key: database.row(key) for key in moved}
        if None in texts.values():  # a key that is no UTF-8 is not found by what is shown of it
            return None
        texts |= dict.fromkeys(known.keys() - times.keys())
        found = [EntryChange(key, self.rows.get(key), text) for key, text in texts.items()]
        changes = tuple(change for change in found if change.before != change.after)
        apply(self.rows, changes)
        self._times, self._left = times, len(times)
        self.slice_due = max(self._slices_rested, time.monotonic() + (HEAD_START_S if changes else 0.0))
        return Reading(changes, len(times), self.flaws)
