"""What is read of a database that was written: first the rows whose time moved, then all of them by their bytes.

Nearly every write of a gateway moves `updated_at`, and an index tells at once whose did. To find the others all texts
must be read, which takes long in a big database; and a gateway commits every line of a transcript.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from store.events import EntryChange
from store.sqlite.database import Database
from store.sqlite.notices import Reading, apply

GLANCE_FROM: Final = 8 << 20
"""Bytes of texts. Fewer are read in some 3 ms, so their times are not asked, and one commit always is one version."""
LOOKED_UP: Final = 200
"""If more rows have moved, reading all texts in one go is quicker than looking up each."""
REST: Final = 9
"""After all texts were read they are not read again for so many times the processor time it took."""


class RowReader:
    """The rows of one database as they were read last; for one thread."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}
        self.flaws: dict[str, str] = {}
        self.whole_due: float | None = None
        """When all texts are to be read, for only times were looked at since (monotonic seconds); None: they were."""
        self._times: dict[str, int] = {}
        self._rested = 0.0

    def read(self, database: Database, *, anew: bool) -> Iterator[Reading]:
        """What differs from what is known, in one state of the database; `anew` trusts no time. Raises Unreadable."""
        with database.one_state():
            if self._times and not anew:
                glance = self._glance(database)
                if glance is not None:
                    self.whole_due = self._rested
                    yield glance
                    if time.monotonic() < self._rested:
                        return
            yield from self._whole(database)

    def _whole(self, database: Database) -> Iterator[Reading]:
        began = time.thread_time()
        reading = database.compared(self.rows)
        apply(self.rows, reading.changes)
        self.flaws = dict(reading.flaws)
        yield reading
        big = database.layout.timed and sum(map(len, self.rows.values())) >= GLANCE_FROM
        self._times = database.times() if big else {}
        self._rested = time.monotonic() + (time.thread_time() - began) * REST
        self.whole_due = None

    def _glance(self, database: Database) -> Reading | None:
        """The rows that came, went, or have another time; None where only all texts can tell."""
        times, known = database.times(), self._times
        moved = [key for key, at in times.items() if known.get(key) != at]
        if len(moved) > LOOKED_UP:
            return None
        texts = {key: database.row(key) for key in moved}
        if None in texts.values():  # a key that is no UTF-8 is not found by what is shown of it
            return None
        texts |= dict.fromkeys(key for key in known if key not in times)
        changes = [EntryChange(key, self.rows.get(key), text) for key, text in texts.items()]
        reading = Reading(tuple(change for change in changes if change.before != change.after), len(times), self.flaws)
        apply(self.rows, reading.changes)
        self._times = times
        return reading
