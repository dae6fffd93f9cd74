"""What the watching thread hands on: versions held by a descriptor, in order, in a queue that is bounded.

A pinned version that was replaced keeps its disk space until it is read, so the bound is one of descriptors and bytes.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from typing import TypeAlias

from store.events import UNKNOWN_WRITER, FileId, Watching, Writer
from store.sqlite.notices import RowsRead, RowsRefused
from store.watching.drafts import UNSEEN, Draft

MOST_PINS = 1024
MOST_BYTES = 512 << 20
_MOST_DISPOSALS = 16


class Pin:
    """A descriptor that holds one version's content, whatever its name leads to by now. Close it once read."""

    __slots__ = ("fd", "file")

    def __init__(self, fd: int, file: FileId) -> None:
        self.fd = fd
        self.file = file

    @property
    def inode(self) -> tuple[int, int]:
        """Which file: unambiguous while the pin holds."""
        return self.file.dev, self.file.inode

    def close(self) -> None:
        """Let go; closing twice is fine."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@dataclass(frozen=True, slots=True)
class Arrived:
    """A version to read. `in_place`: the file was written, not replaced, so that states in between were never held."""

    store: Path
    at: float
    pin: Pin
    writer: Writer = UNKNOWN_WRITER
    in_place: bool = False
    written: bool = False
    """Known to have been written to: compare its bytes even if size and time are the same."""
    draft: Draft = UNSEEN
    outdated: Pin | None = None
    """The version before, held so far; see `Disposal` for why it is not closed on the spot."""

    def let_go(self) -> None:
        """Close the pins."""
        self.pin.close()
        if self.outdated is not None:
            self.outdated.close()


@dataclass(frozen=True, slots=True)
class Unopened:
    """The store's name could not be opened; `errno` says why (ENOENT: it is gone)."""

    store: Path
    at: float
    errno: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Versions that were replaced before they could be held; None where their number cannot be known."""

    store: Path
    at: float
    count: int | None


@dataclass(frozen=True, slots=True)
class Reread:
    """Somebody asked for the file to be read now; `accept`: and to be believed though it shrank."""

    store: Path
    at: float
    accept: bool


@dataclass(frozen=True, slots=True)
class Recheck:
    """Somebody could not decode an entry of the version that is held."""

    store: Path
    at: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The watching thread ended on an error of its own."""

    error: BaseException


Notice: TypeAlias = Arrived | Unopened | Gap | Reread | Recheck | Watching | Failed | RowsRead | RowsRefused


def add(left: int | None, right: int | None) -> int | None:
    """The sum of two counts, unknown if one is."""
    return None if left is None or right is None else left + right


class ArrivalQueue:
    """From the watching thread to the reader. Beyond the bound the newest version waiting gives way to a newer one.

    So the reader goes on in order from where it is, then jumps to the present; each one dropped becomes a `Gap`.
    """

    def __init__(self, most_pins: int | None = None, most_bytes: int = MOST_BYTES) -> None:
        self._most_pins = _affordable_pins() if most_pins is None else most_pins
        self._most_bytes = most_bytes
        self._notices: deque[Notice] = deque()
        self._pins = 0
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, notice: Notice) -> None:
        """Add a notice, merging it with the last one where that loses nothing."""
        with self._changed:
            if self._closed:
                let_go(notice)
            elif not self._merged(notice):
                if isinstance(notice, Arrived):
                    self._make_room(notice)
                    self._count(notice, 1)
                self._notices.append(notice)
                self._changed.notify()

    def get(self, timeout: float) -> Notice | None:
        """The next notice, or None after `timeout` seconds; the caller lets go of what it gets."""
        with self._changed:
            if not self._notices and timeout > 0:
                self._changed.wait(timeout)
            if not self._notices:
                return None
            notice = self._notices.popleft()
            if isinstance(notice, Arrived):
                self._count(notice, -1)
            return notice

    def shed(self) -> bool:
        """Give up one waiting version to free its descriptor; False when none can be spared."""
        with self._changed:
            stores = {notice.store for notice in self._notices if isinstance(notice, Arrived)}
            return any(self._drop_newest(store, spare=1) for store in stores)

    def close(self) -> None:
        """Let every version go, and those that still come."""
        with self._changed:
            self._closed = True
            while self._notices:
                let_go(self._notices.pop())

    def _merged(self, notice: Notice) -> bool:
        last = self._notices[-1] if self._notices else None
        if isinstance(notice, Gap) and isinstance(last, Gap) and notice.store == last.store:
            self._notices[-1] = Gap(last.store, last.at, add(last.count, notice.count))
            return True
        if not (isinstance(notice, Arrived) and isinstance(last, Arrived) and notice.in_place):
            return False
        if notice.store != last.store or notice.pin.inode != last.pin.inode or not last.in_place:
            return False
        notice.let_go()
        if notice.written and not last.written:
            self._notices[-1] = replace(last, written=True)
        return True

    def _make_room(self, coming: Arrived) -> None:
        if self._pins >= self._most_pins or self._bytes + coming.pin.file.size > self._most_bytes:
            self._drop_newest(coming.store, spare=0)

    def _drop_newest(self, store: Path, spare: int) -> bool:
        """Turn the newest waiting version of the store, after `spare` newer ones, into a gap."""
        for at in range(len(self._notices) - 1, -1, -1):
            notice = self._notices[at]
            if isinstance(notice, Arrived) and notice.store == store:
                if spare:
                    spare -= 1
                    continue
                self._count(notice, -1)
                notice.let_go()
                self._become_gap(at, notice)
                return True
        return False

    def _become_gap(self, at: int, dropped: Arrived) -> None:
        count = None if dropped.in_place else 1
        before = self._notices[at - 1] if at else None
        if isinstance(before, Gap) and before.store == dropped.store:
            self._notices[at - 1] = Gap(before.store, before.at, add(before.count, count))
            del self._notices[at]
        else:
            self._notices[at] = Gap(dropped.store, dropped.at, count)

    def _count(self, arrived: Arrived, sign: int) -> None:
        self._pins += sign
        self._bytes += sign * arrived.pin.file.size


def let_go(notice: Notice) -> None:
    """Close what a notice holds open."""
    if isinstance(notice, Arrived):
        notice.let_go()


class Disposal:
    """Lets notices go in a thread of its own.

    Closing the last descriptor of a replaced file waits until the disk has written it: 27 ms for 56 MB, measured.
    """

    def __init__(self) -> None:
        self._waiting: Queue[Notice | None] = Queue(_MOST_DISPOSALS)
        self._thread = threading.Thread(target=self._run, name="store-disposal", daemon=True)
        self._thread.start()

    def put(self, notice: Notice) -> None:
        """Let this go soon; waits only when the disk is far behind."""
        if isinstance(notice, Arrived):
            self._waiting.put(notice)

    def close(self) -> None:
        """Let the rest go and end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (notice := self._waiting.get()) is not None:
            let_go(notice)


def _affordable_pins() -> int:
    """A quarter of the descriptors this process may have."""
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_PINS if soft == resource.RLIM_INFINITY else max(4, min(MOST_PINS, soft // 4))
