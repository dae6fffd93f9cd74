"""Pinning by hand: the test is the kernel's queue, so every interleaving is exact."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.events import Writer
from store.watching import probe as probe_module
from store.watching.arrivals import ArrivalQueue, Arrived, Gap, Notice, Pin, Unopened
from store.watching.probe import Probe
from tests.support.watching import replace

LOCK = Writer(7, "lock")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.json"
    path.write_bytes(b"0")
    return path


@pytest.fixture
def queue() -> Iterator[ArrivalQueue]:
    queue = ArrivalQueue(most_pins=50)
    yield queue
    queue.close()


@pytest.fixture
def probe(store: Path, queue: ArrivalQueue) -> Iterator[Probe]:
    probe = Probe(store, queue, lambda: 1.0)
    probe.begin()
    assert told(queue) == ["0 in place"]
    yield probe
    probe.close()


def told(queue: ArrivalQueue) -> list[str]:
    out = []
    while (notice := queue.get(0)) is not None:
        out.append(describe(notice))
        if isinstance(notice, Arrived):
            notice.let_go()
    return out


def describe(notice: Notice) -> str:
    match notice:
        case Arrived():
            text = os.pread(notice.pin.fd, 100, 0).decode() + (" in place" if notice.in_place else "")
            return text + (f" by {notice.writer.pid}" if notice.writer.pid else "")
        case Gap():
            return f"gap {notice.count}"
        case Unopened():
            return errno.errorcode[notice.errno]
    raise AssertionError(notice)


def handle(probe: Probe, *, more: bool = False, counted: bool = True) -> None:
    probe.renamed(probe.pin(), more=more, counted=counted, writer=LOCK)


def test_a_version_is_held_although_it_is_replaced_before_it_is_read(
    probe: Probe, queue: ArrivalQueue, store: Path
) -> None:
    replace(store, b"1")
    handle(probe)
    replace(store, b"2")
    handle(probe)
    assert told(queue) == ["1 by 7", "2 by 7"]


def test_a_version_replaced_before_it_could_be_pinned_is_counted_before_the_one_that_was(
    probe: Probe, queue: ArrivalQueue, store: Path
) -> None:
    for version in (b"1", b"2", b"3"):
        replace(store, version)
    handle(probe, more=True)
    handle(probe, more=True)
    handle(probe)
    assert told(queue) == ["gap 2", "3"]


def test_no_writer_is_named_while_the_file_may_belong_to_a_later_rename(
    probe: Probe, queue: ArrivalQueue, store: Path
) -> None:
    replace(store, b"1")
    handle(probe, more=True)
    replace(store, b"2")
    handle(probe)
    assert told(queue) == ["1", "2 by 7"]


def test_a_version_gone_before_it_could_be_opened_is_counted(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    replace(store, b"1")
    store.unlink()
    handle(probe)
    assert told(queue) == ["gap 1", "ENOENT"]


def test_events_the_kernel_may_have_merged_are_not_counted(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    replace(store, b"1")
    handle(probe, counted=False)
    assert told(queue) == ["gap None", "1 by 7"]


def test_a_version_put_back_by_an_exchange_is_a_version_again(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    original = store.with_name("original")
    os.link(store, original)
    replace(store, b"1")
    handle(probe)
    os.rename(original, store)
    handle(probe)
    assert told(queue) == ["1 by 7", "0 by 7"]


def test_leaving_is_believed_only_when_the_name_is_free(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    probe.left()
    assert told(queue) == []
    store.unlink()
    probe.left()
    assert told(queue) == ["ENOENT"]


def test_a_writer_in_place_is_read_when_it_closes_the_file(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    store.write_bytes(b"half")
    probe.written()
    store.write_bytes(b"whole")
    probe.closed(probe.pin())
    assert told(queue) == ["whole in place"]
    assert probe.due() is None


def test_a_writer_in_place_that_never_closes_is_read_after_a_while(
    probe: Probe, queue: ArrivalQueue, store: Path
) -> None:
    store.write_bytes(b"log")
    probe.written()
    assert probe.due() is not None
    assert told(queue) == []
    probe.closed(probe.pin())
    assert told(queue) == ["log in place"]


def test_closing_a_file_that_a_rename_put_there_is_left_to_that_rename(
    probe: Probe, queue: ArrivalQueue, store: Path
) -> None:
    replace(store, b"1")
    probe.closed(probe.pin())
    assert told(queue) == []
    handle(probe)
    assert told(queue) == ["1 by 7"]


def test_a_silent_change_is_found_by_looking_twice(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    assert not probe.check(trust_events=True)
    replace(store, b"silent")
    assert probe.check(trust_events=True)
    assert told(queue) == []
    assert not probe.check(trust_events=True)
    assert told(queue) == ["silent in place"]
    assert not probe.check(trust_events=True)


def test_an_event_that_was_only_late_is_no_silent_change(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    replace(store, b"1")
    assert probe.check(trust_events=True)
    handle(probe)
    assert not probe.check(trust_events=True)
    assert told(queue) == ["1 by 7"]


def test_polling_sees_a_permission_taken_away(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    store.chmod(0o000)
    probe.check(trust_events=False)
    assert len(told(queue)) == 1


def test_lost_events_make_the_count_unknown(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    replace(store, b"1")
    probe.start_over()
    assert told(queue) == ["gap None", "1 in place"]


def test_out_of_descriptors_a_waiting_version_is_given_up_and_counted(
    probe: Probe, queue: ArrivalQueue, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (b"1", b"2", b"3"):
        replace(store, version)
        handle(probe)
    replace(store, b"4")
    real, refusals = probe_module.pin_file, [errno.EMFILE]

    def scarce(path: Path) -> Pin:
        if refusals:
            raise OSError(refusals.pop(), "none left")
        return real(path)

    monkeypatch.setattr(probe_module, "pin_file", scarce)
    handle(probe)
    assert told(queue) == ["1 by 7", "gap 1", "3 by 7", "4 by 7"]


def test_a_fifo_in_the_stores_place_does_not_hang(probe: Probe, queue: ArrivalQueue, store: Path) -> None:
    store.unlink()
    os.mkfifo(store)
    assert not probe.check(trust_events=False)
    notice = queue.get(0)
    assert isinstance(notice, Arrived)
    notice.let_go()


def test_closing_gives_every_descriptor_back(store: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    queue = ArrivalQueue(most_pins=50)
    probe = Probe(store, queue, lambda: 1.0)
    probe.begin()
    replace(store, b"1")
    handle(probe, more=True)
    probe.close()
    queue.close()
    assert len(os.listdir("/proc/self/fd")) == before
