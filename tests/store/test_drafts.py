"""When a version's temp file was made, and which versions overtook it, by the order of the events."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.events import Changed, Event, Loaded
from store.watch import Watch
from store.watching import inotify
from store.watching.drafts import UNSEEN, Draft, Drafts
from store.watching.inotify import NameEvent
from tests.support.watching import content, replace, until

TEMP = b"sessions.json.4711.8c1d-22.tmp"
STORE = b"sessions.json"


class Directory:
    """Events in one directory, the clock standing still: only their order can tell."""

    def __init__(self) -> None:
        self.drafts = Drafts(lambda: 5.0)
        self.arrivals: deque[int] = deque(maxlen=64)
        self._cookie = 0

    def tell(self, mask: int, name: bytes) -> None:
        self.drafts.heed(NameEvent(1, mask, 0, name))

    def rename(self, name: bytes, *, paired: bool = True) -> Draft:
        self._cookie += 1
        if paired:
            self.drafts.heed(NameEvent(1, inotify.MOVED_FROM, self._cookie, name))
        self.drafts.heed(NameEvent(1, inotify.MOVED_TO, self._cookie, STORE))
        return self.drafts.renamed(self._cookie, self.arrivals)


@pytest.fixture
def directory() -> Directory:
    return Directory()


def test_every_version_that_came_in_between_is_counted(directory: Directory) -> None:
    directory.tell(inotify.CREATE, b"sessions.json.1.aa.tmp")
    assert directory.rename(b"sessions.json.1.aa.tmp") == Draft(5.0, 0)
    directory.tell(inotify.CREATE, TEMP)
    directory.rename(b"a")
    directory.rename(b"b")
    assert directory.rename(TEMP) == Draft(5.0, 2)
    assert directory.rename(TEMP) == UNSEEN


def test_a_temp_file_made_after_the_version_saw_it(directory: Directory) -> None:
    directory.rename(b"a")
    directory.tell(inotify.CREATE, TEMP)
    directory.tell(inotify.MODIFY, TEMP)
    assert directory.rename(TEMP) == Draft(5.0, 0)


def test_another_writers_output_is_as_old_as_its_last_byte(directory: Directory) -> None:
    for name, overtaken in ((b"out.json", 0), (TEMP, 1)):
        directory.tell(inotify.CREATE, name)
        directory.rename(b"a")
        directory.tell(inotify.MODIFY, name)
        assert directory.rename(name) == Draft(5.0, overtaken)
    directory.tell(inotify.CREATE, b"out.json")
    directory.tell(inotify.CLOSE_WRITE, b"out.json")
    directory.rename(b"a")
    assert directory.rename(b"out.json") == Draft(5.0, 1)


def test_our_own_exchange_proves_nothing(directory: Directory) -> None:
    ours = b"sessions.json.clobberwatch.me.7-9.1a-2b.tmp"
    directory.tell(inotify.CREATE, ours)
    directory.rename(b"a")
    assert directory.rename(ours) == UNSEEN


@pytest.mark.parametrize("lose", [Drafts.clear, lambda drafts: drafts.heed(NameEvent(1, inotify.DELETE, 0, TEMP))])
def test_what_was_not_seen_is_not_known(directory: Directory, lose: Callable[[Drafts], None]) -> None:
    directory.tell(inotify.CREATE, TEMP)
    assert directory.rename(TEMP, paired=False) == UNSEEN
    lose(directory.drafts)
    assert directory.rename(TEMP) == UNSEEN


def test_names_that_never_become_a_version_are_forgotten(directory: Directory) -> None:
    for number in range(1000):
        directory.tell(inotify.CREATE, b"sessions.json.%d.aa.tmp" % number)
    assert directory.rename(b"sessions.json.1.aa.tmp") == UNSEEN
    assert directory.rename(b"sessions.json.999.aa.tmp").created == 5.0


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[tuple[Path, Iterator[Event]]]:
    store = tmp_path / "sessions.json"
    store.write_bytes(content())
    events = Watch([store]).events(threading.Event())
    yield store, events
    events.close()  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform != "linux", reason="needs inotify")
def test_the_watch_tells_which_version_a_writer_cannot_have_seen(stream: tuple[Path, Iterator[Event]]) -> None:
    store, events = stream
    first, _ = until(events, Loaded)
    assert (first.version.temp_created, first.version.overtaken) == (None, 0)
    slow = store.with_name("sessions.json.8f2e.tmp")
    slow.write_bytes(content(label="stale"))
    replace(store, content(label="lost"), "sessions.json.77aa.tmp")
    between, _ = until(events, Changed)
    os.rename(slow, store)
    stale, _ = until(events, Changed)
    assert (between.version.overtaken, stale.version.overtaken) == (0, 1)
    assert between.version.temp_created is not None and stale.version.temp_created is not None
    assert stale.version.temp_created <= between.version.temp_created <= between.version.at
