"""Every version of every watched store, in order, as one stream of events."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from store.events import Event, LockState, Watching
from store.newfile import write_new
from store.openclaw.databases import is_database
from store.watching.arrivals import ArrivalQueue, Arrived, Disposal, Failed, Gap, Notice, Recheck, Reread, Unopened
from store.watching.live import Live
from store.watching.watcher import Watcher
from store.watching.writers import Evidence, LockSight, Ours
from store.writing.holder import describe

if TYPE_CHECKING:
    from store.sqlite.follower import Follower
    from store.sqlite.live import DatabaseLive

TICK_S = 0.04
"""How often a quiet stream looks whether it should stop."""
LOCK_SHOWN_S = 0.05
"""A lock held for less is not reported."""
SWITCH_S = 0.001
"""The interpreter's switch interval while watching: at its default of 5 ms a busy reader delays the next pin."""


class StopEvent(Protocol):
    """Tells the stream to end; a `threading.Event` will do."""

    def is_set(self) -> bool:
        """Whether to stop."""


class _Thread(Protocol):
    """Notices what happens, in a thread of its own."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Watch:
    """Several stores, files and databases alike, one stream of events.

    `events` belongs to one thread; `raw`, `keys`, `seen`, `missed`, `save_good`, `accept` and `read_again` may be
    called from any. `ours` tells this program's own versions; it must know of a file before the rename.
    Without `checks`, the entries of a first version are not decoded before it is announced: for a caller who decodes
    every one of them anyway, and calls `recheck` when one is damaged.
    """

    def __init__(
        self,
        stores: Sequence[Path],
        *,
        clock: Callable[[], float] = time.time,
        ours: Ours | None = None,
        checks: bool = True,
    ) -> None:
        self._clock = clock
        self._live = {
            store: Live(store, clock=clock, ours=ours, checks=checks) for store in stores if not is_database(store)
        }
        self._databases = _databases([store for store in stores if is_database(store)], ours)
        self._follower: Follower | None = None
        self._queue = ArrivalQueue()
        self._queue.close()

    def events(self, stop: StopEvent) -> Iterator[Event]:
        """What happens from now on, beginning with what is there. Blocks; ends within 50 ms once `stop` is set."""
        queue = self._queue = ArrivalQueue()
        threads, locks = self._threads(queue)
        switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_S, switch_interval))
        disposal = Disposal()
        for thread in threads:
            thread.start()
        try:
            next_tick = 0.0
            while not stop.is_set():
                notice = queue.get(TICK_S)
                if notice is not None:
                    try:
                        events = self._told(notice)
                    finally:
                        disposal.put(notice)
                    yield from events
                if time.monotonic() >= next_tick:
                    yield from self._tick(locks, idle=notice is None)
                    next_tick = time.monotonic() + TICK_S
        finally:
            self._follower = None
            for thread in threads:
                thread.stop()
            queue.close()
            disposal.close()
            sys.setswitchinterval(switch_interval)

    def raw(self, store: Path, key: str) -> bytes | None:
        """The entry's JSON text in the store's last good version; None when it has none."""
        return self._of(store).raw(key)

    def keys(self, store: Path) -> list[str]:
        """The keys of the store's last good version, in file order."""
        return self._of(store).keys()

    def seen(self, store: Path) -> int:
        """How many versions were read, good or not."""
        return self._of(store).seen

    def missed(self, store: Path) -> int | None:
        """How many came and went unread; None where that cannot be known."""
        return self._of(store).missed

    def save_good(self, store: Path, target: Path) -> int:
        """Write the last good version to a new file, for its owner only; the number of bytes. Of a database: as JSON.

        Raises Missing when there is none, UsageError when the target exists, WriteFailed.
        """
        content = self._of(store).good_bytes()
        write_new(target, content)
        return len(content)

    def accept(self, store: Path) -> None:
        """Take the small version of a store that shrank as the truth; the events follow in the stream."""
        self._queue.put(Reread(store, self._clock(), accept=True))

    def read_again(self, store: Path) -> None:
        """Read the store now, whatever the watching says; what is new follows in the stream."""
        follower = self._follower
        if follower is not None and store in self._databases:
            follower.poke()
        self._queue.put(Reread(store, self._clock(), accept=False))

    def recheck(self, store: Path) -> None:
        """An entry of the version that is held cannot be decoded: judge the whole file; the events follow."""
        self._queue.put(Recheck(store, self._clock()))

    def flaws(self, store: Path) -> Mapping[str, str]:
        """The entries that OpenClaw itself would refuse to read, whatever their text, and why: rows of a database."""
        return self._databases[store].flaws() if store in self._databases else {}

    def _of(self, store: Path) -> Live | DatabaseLive:
        return self._databases.get(store) or self._live[store]

    def _threads(self, queue: ArrivalQueue) -> tuple[list[_Thread], list[_LockReports]]:
        threads: list[_Thread] = []
        locks: list[_LockReports] = []
        if self._live:
            watcher = Watcher(list(self._live), queue, self._clock)
            locks = [_LockReports(probe.store, probe.evidence) for probe in watcher.probes]
            threads.append(watcher)
        if self._databases:
            from store.sqlite.follower import Follower

            self._follower = Follower(list(self._databases), queue, self._clock)
            threads.append(self._follower)
        return threads, locks

    def _told(self, notice: Notice) -> list[Event]:
        if isinstance(notice, Failed):
            raise notice.error
        if notice.store in self._databases:
            return _told_of_database(self._databases[notice.store], notice)
        live = self._live[notice.store]
        match notice:
            case Arrived():
                return live.arrived(notice)
            case Unopened():
                return live.unopened(notice.at, notice.errno)
            case Gap():
                return live.gap(notice.at, notice.count)
            case Reread():
                return live.reread(accept=notice.accept)
            case Recheck():
                return live.recheck(notice.at)
            case Watching():
                return live.watching(notice)
            case _:
                return []

    def _tick(self, locks: list[_LockReports], *, idle: bool) -> Iterator[Event]:
        now = time.monotonic()
        for live in self._live.values() if idle else ():
            due = live.due()
            if due is not None and now >= due:
                yield from live.reread()
        for reports in locks:
            yield from reports.at(now, self._clock)


def _databases(stores: Sequence[Path], ours: Ours | None) -> dict[Path, DatabaseLive]:
    """Whoever has files only need not load SQLite."""
    if not stores:
        return {}
    from store.sqlite.live import DatabaseLive

    return {store: DatabaseLive(store, ours=ours) for store in stores}


def _told_of_database(live: DatabaseLive, notice: Notice) -> list[Event]:
    from store.sqlite.notices import RowsRead, RowsRefused

    match notice:
        case RowsRead():
            return live.read(notice)
        case RowsRefused():
            return live.refused(notice)
        case Reread(accept=True):
            return live.accept(notice.at)
        case Watching():
            return [notice]
        case _:
            return []


class _LockReports:
    """What is worth saying about one store's lock: a holder that stays, and that it went."""

    def __init__(self, store: Path, evidence: Evidence) -> None:
        self._store = store
        self._evidence = evidence
        self._said: LockSight | None = None

    def at(self, now: float, clock: Callable[[], float]) -> Iterator[Event]:
        """The events due at `now`, in monotonic seconds."""
        sight = self._evidence.sight
        if sight is not None and self._said is not None and sight.noticed == self._said.noticed:
            return
        if self._said is not None:
            self._said = None
            yield LockState(self._store, clock(), None)
        if sight is not None and sight.marker is not None and now - sight.noticed >= LOCK_SHOWN_S:
            self._said = sight
            yield LockState(self._store, clock(), describe(sight.marker))
