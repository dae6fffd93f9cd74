"""The thread that notices commits in databases and reads what they changed.

A wake-up is a write to the `-wal` file, which inotify tells; it mostly comes before the commit can be seen, so the
database is then asked for its `data_version` again and again for a moment. Beside that it is asked slowly, always.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from store.errors import Missing, Unreadable
from store.events import Watching
from store.sqlite.database import Database
from store.sqlite.notices import RowsRead, RowsRefused
from store.sqlite.reader import RowReader
from store.sqlite.trouble import Occupied
from store.watching.arrivals import ArrivalQueue, Failed
from store.watching.inotify import Inotify
from store.watching.mounts import remote_type

HOT_S: Final = 0.02
"""A commit can be seen 0.1 to 4 ms after the write to the `-wal` that announces it (median and maximum of 60)."""
HOT_LOOK_S: Final = 0.001
WARM_S: Final = 0.25
"""It takes longer where the writer has to wait for a processor in between."""
WARM_LOOK_S: Final = 0.01
LOOK_S: Final = 0.25
POLL_S: Final = 0.02
"""Where nothing wakes this thread."""
PATH_LOOK_S: Final = 1.0
BUSY_S: Final = 0.2
SETTLE_S: Final = 0.1
"""What may be between a removal and its replacement is looked at again after this long."""
OCCUPIED_S: Final = 2.0
RETRY_S: Final = 0.25
"""What cannot be read is not tried sooner: to open it makes and removes the `-wal`, which would wake this thread."""
UNSEEN: Final = "a database shows what stands in it: commits between two looks are seen as one"
UNTOLD: Final = f"{UNSEEN}; nothing tells of its changes here, it is looked at 50 times a second"


@dataclass
class _Post:
    """One database, its rows as they were read last, and when it is looked at next (monotonic seconds)."""

    path: Path
    clock: Callable[[], float]
    database: Database | None = None
    version: int | None = None
    """None: whatever it is, read."""
    reader: RowReader = field(default_factory=RowReader)
    flaws: Mapping[str, str] = field(default_factory=dict)
    known: bool = False
    """Rows were read at least once."""
    refused: bool = False
    doubted_until: float | None = None
    hot_until: float = 0.0
    next_look: float = 0.0
    rested: float = 0.0
    next_path_look: float = 0.0
    how: str = ""

    def due(self) -> float:
        """When to look."""
        due, slice_due = max(self.next_look, self.rested), self.reader.slice_due
        return due if slice_due is None or self.database is None else min(due, slice_due)

    def pace(self, *, told: bool, now: float) -> float:
        """In how many seconds to look again; `told` of its changes or not."""
        if now < self.hot_until:
            return HOT_LOOK_S
        if now < self.hot_until + WARM_S:
            return WARM_LOOK_S
        return LOOK_S if told else POLL_S

    def look(self, queue: ArrivalQueue, now: float) -> None:
        """Read when something was committed; tell what came of it."""
        try:
            displaced = self._is_displaced(now)
            if displaced:
                self.close()
            database = self.database or Database(self.path, patience=BUSY_S)
            fresh, self.database = self.database is None, database
            self._read(database, queue, now, fresh=fresh, gap=fresh and displaced and self.known)
        except Unreadable as error:
            self.close()
            self._refuse(queue, error, now)

    def close(self) -> None:
        """Let go of the database."""
        if self.database is not None:
            self.database.close()
            self.database = None

    def _is_displaced(self, now: float) -> bool:
        """Whether the path leads elsewhere by now; asked at times, and after every trouble."""
        if self.database is None:
            return True
        if now < self.next_path_look:
            return False
        self.next_path_look = now + PATH_LOOK_S
        return self.database.is_displaced()

    def _read(self, database: Database, queue: ArrivalQueue, now: float, *, fresh: bool, gap: bool) -> None:
        """Look at a new commit, else go on with the texts; tell what is new."""
        at, version, slice_due = self.clock(), database.data_version(), self.reader.slice_due
        if fresh or version != self.version:
            reading = self.reader.read(database, anew=fresh or self.version is None)
            self.version, self.rested = version, self.reader.rested
        elif slice_due is not None and now >= slice_due:
            reading = self.reader.read_slice(database)
        else:
            return
        news = not self.known or gap or self.refused or bool(reading.changes) or reading.flaws != self.flaws
        self.known, self.refused, self.doubted_until, self.flaws = True, False, None, reading.flaws
        if news:
            file = database.status.st_dev, database.status.st_ino
            queue.put(RowsRead(self.path, at, file, reading, gap))

    def _refuse(self, queue: ArrivalQueue, error: Unreadable, now: float) -> None:
        """Tell that it cannot be read, unless that may pass: a database being replaced, or locked for a moment."""
        if self.known and isinstance(error, (Missing, Occupied)):
            patience = OCCUPIED_S if isinstance(error, Occupied) else SETTLE_S
            self.doubted_until = self.doubted_until or now + patience
            if now < self.doubted_until:
                self.rested = now + SETTLE_S / 2
                return
        self.refused, self.rested = True, now + RETRY_S
        queue.put(RowsRefused(self.path, self.clock(), error))


class Follower:
    """Runs in a thread of its own from `start` to `stop`; what it reads goes into the queue."""

    def __init__(self, stores: Sequence[Path], queue: ArrivalQueue, clock: Callable[[], float]) -> None:
        self._posts = [_Post(store, clock) for store in stores]
        self._queue = queue
        self._inotify: Inotify | None = None
        self._watches: dict[str, int] = {}
        self._stopping = False
        self._poking = threading.Lock()
        self._wake_out, self._wake_in = os.pipe()
        self._thread = threading.Thread(target=self._run, name="database-follower", daemon=True)

    def start(self) -> None:
        """Read what is there, then follow it."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close what it has open."""
        self._stopping = True
        self.poke()
        self._thread.join()
        with self._poking:
            os.close(self._wake_out)
            os.close(self._wake_in)
            self._wake_in = -1

    def poke(self) -> None:
        """Read every database now, whatever its version says; from any thread."""
        with self._poking:
            if self._wake_in >= 0:
                os.write(self._wake_in, b"!")

    def _run(self) -> None:
        try:
            poller = select.poll()
            poller.register(self._wake_out, select.POLLIN)
            try:
                self._inotify = Inotify()
                poller.register(self._inotify.fileno(), select.POLLIN)
            except OSError:
                self._inotify = None
            while not self._stopping:
                for fd, _ in poller.poll(self._patience_ms()):
                    if fd == self._wake_out:
                        os.read(self._wake_out, 4096)
                        self._read_all()
                self._heed()
                self._look()
        except BaseException as error:  # a thread's traceback would land in the middle of the screen
            self._queue.put(Failed(error))
        finally:
            for post in self._posts:
                post.close()
            if self._inotify is not None:
                self._inotify.close()

    def _patience_ms(self) -> float:
        due = min(post.due() for post in self._posts)
        return max(0.0, (due - time.monotonic()) * 1000)

    def _read_all(self) -> None:
        for post in self._posts:
            post.version, post.rested = None, 0.0
        self._wake(self._posts)

    def _wake(self, posts: Sequence[_Post]) -> None:
        now = time.monotonic()
        for post in posts:
            if now >= post.hot_until:
                post.next_look = min(post.next_look, now)
            post.hot_until = now + HOT_S
            post.next_path_look = now

    def _heed(self) -> None:
        """What inotify has to say about the directories."""
        if self._inotify is None:
            return
        names = {(event.watch, event.name) for event in self._inotify.read()}
        gone = {watch for watch, name in names if not name}
        for watch in gone:
            self._inotify.remove(watch)
        self._watches = {folder: watch for folder, watch in self._watches.items() if watch not in gone}
        for post in self._posts:
            watch = self._watches.get(str(post.path.parent), -1)
            own = (os.fsencode(post.path.name), os.fsencode(f"{post.path.name}-wal"))
            if any((watch, name) in names for name in own):
                self._wake([post])

    def _look(self) -> None:
        for post in self._posts:
            now = time.monotonic()
            if now < post.due():
                continue
            told = self._is_told(post)
            post.next_look = now + post.pace(told=told, now=now)
            self._say(post, UNSEEN if told else UNTOLD)
            post.look(self._queue, now)

    def _is_told(self, post: _Post) -> bool:
        """Whether inotify tells of this database's directory; watches it if it can."""
        folder = str(post.path.parent)
        if self._inotify is None or remote_type(folder):
            return False
        try:
            if folder in self._watches:
                return True
            self._watches[folder] = self._inotify.add(folder)
        except OSError:
            return False
        return True

    def _say(self, post: _Post, why: str) -> None:
        if why != post.how:
            post.how = why
            self._queue.put(Watching(post.path, "sqlite", why))
