"""One store as the watching thread sees it: pins each version at its rename, counts those it came too late for."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from store.events import UNKNOWN_WRITER, Writer
from store.text.read import file_id
from store.watching.arrivals import ArrivalQueue, Arrived, Gap, Pin, Unopened, add
from store.watching.drafts import UNSEEN, Draft
from store.watching.writers import Evidence

STILL_OPEN_S = 0.05
"""How long a writer in place may keep the file open before it is read as it is."""

_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)

Stamp: TypeAlias = tuple[int, ...]
"""What a look at the name told: inode, size, times and mode, or only the error number."""


def pin_file(path: Path) -> Pin:
    """Open the file the name leads to now. Raises OSError; never waits, not even for a FIFO."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    return Pin(fd, file_id(os.fstat(fd)))


def stamp_of(path: Path) -> Stamp:
    """What tells two states of the name apart without opening it."""
    try:
        return _stamp(os.stat(path))
    except OSError as error:
        return (error.errno or errno.EIO,)


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, stat.S_IMODE(status.st_mode)


class Probe:
    """The watching thread's half of one store. Only that thread may call it; `evidence.sight` may be read elsewhere.

    missed = renames onto the name - versions pinned, where two pins are one version if device and inode are the same;
    the last version stays pinned until the next one is, or its inode's number could come back in between.
    """

    def __init__(self, store: Path, queue: ArrivalQueue, clock: Callable[[], float]) -> None:
        self.store = store
        self.evidence = Evidence(store)
        self._queue = queue
        self._clock = clock
        self._last: Pin | None = None
        self._held: Arrived | None = None
        self._gap: int | None = 0
        self._told: Stamp | None = None
        self._suspect: Stamp | None = None
        self._written_since: float | None = None

    def begin(self) -> None:
        """Announce what is there before any event."""
        self.evidence.start_over()
        self._announce(self.pin())

    def start_over(self) -> None:
        """Events may have been lost: announce the present, and that versions may be missing."""
        self.evidence.start_over()
        if self._last is not None:
            self._gap = None
        self._announce(self.pin())

    def pin(self) -> Pin | int:
        """The version on disk now, or the error number; out of descriptors, a waiting version is given up for it."""
        for _ in range(2):
            try:
                return pin_file(self.store)
            except OSError as error:
                number = error.errno or errno.EIO
                if number not in _NO_DESCRIPTOR or not self._queue.shed():
                    break
        return number

    def renamed(self, pin: Pin | int, *, more: bool, counted: bool, writer: Writer, draft: Draft = UNSEEN) -> None:
        """A file was renamed onto the store; `pin` was taken after that.

        `more`: another rename is queued already, so the pinned file may belong to it: the version is held back until
        that one is judged, and neither its writer is named nor its `draft`. `counted`: the kernel cannot have merged
        this event.
        """
        if not counted:
            self._gap = None
        if isinstance(pin, int) or self._is_last(pin):
            self._gap = add(self._gap, 1)
            if not isinstance(pin, int):
                pin.close()
        else:
            self._release()
            self._held = self._arrival(pin, UNKNOWN_WRITER if more else writer, UNSEEN if more else draft)
        if not more:
            self._release()
            if isinstance(pin, int):
                self._unopened(pin)

    def written(self) -> None:
        """The file under the store's name was made or written to; its writer may not have finished."""
        if self._written_since is None:
            self._written_since = time.monotonic()

    def closed(self, pin: Pin | int) -> None:
        """A writer closed the file, or kept it open for long enough; `pin` was taken after that.

        No rename may be queued: it would count the pinned version again.
        """
        written = self._written_since is not None
        if written or isinstance(pin, int) or self._is_last(pin):
            self._announce(pin, written=written)
        else:
            pin.close()

    def left(self) -> None:
        """The name was removed or renamed away; after an exchange something else has it already."""
        if stamp_of(self.store) == (errno.ENOENT,):
            self._release()
            self._unopened(errno.ENOENT)

    def due(self) -> float | None:
        """When, in monotonic seconds, a writer in place that has not closed the file is read all the same."""
        return None if self._written_since is None else self._written_since + STILL_OPEN_S

    def check(self, *, trust_events: bool) -> bool:
        """Compare the name's stamp with the last one announced; True asks for another check soon.

        An event may be on its way, so with `trust_events` a difference counts only when it is there twice. A store that
        is not there may come back in a directory that nobody watches yet.
        """
        stamp = stamp_of(self.store)
        if stamp == self._told:
            self._suspect = None
            return stamp == (errno.ENOENT,)
        if trust_events and stamp != self._suspect:
            self._suspect = stamp
            return True
        self._announce(self.pin())
        return False

    def close(self) -> None:
        """Let every descriptor go."""
        if self._held is not None:
            self._held.let_go()
        if self._last is not None:
            self._last.close()

    def _announce(self, pin: Pin | int, *, written: bool = True) -> None:
        """Hand on the file as it is now; how it came to be so was not seen."""
        self._written_since = self._suspect = None
        self._release()
        if isinstance(pin, int):
            self._unopened(pin)
        else:
            self._queue.put(self._arrival(pin, UNKNOWN_WRITER, in_place=True, written=written))

    def _unopened(self, number: int) -> None:
        self._told = stamp_of(self.store)
        self._queue.put(Unopened(self.store, self._clock(), number))

    def _is_last(self, pin: Pin) -> bool:
        return self._last is not None and self._last.inode == pin.inode

    def _release(self) -> None:
        """Hand on the version held back, after the gap before it."""
        if self._gap != 0:
            self._queue.put(Gap(self.store, self._clock(), self._gap))
            self._gap = 0
        if self._held is not None:
            self._queue.put(self._held)
            self._held = None

    def _arrival(
        self, pin: Pin, writer: Writer, draft: Draft = UNSEEN, *, in_place: bool = False, written: bool = False
    ) -> Arrived:
        outdated = self._last
        try:
            self._told = _stamp(os.fstat(pin.fd))
            self._last = Pin(os.dup(pin.fd), pin.file)
        except OSError:
            outdated = None
        return Arrived(self.store, self._clock(), pin, writer, in_place, written, draft, outdated)
