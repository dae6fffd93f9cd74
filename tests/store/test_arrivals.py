from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from store.events import FileId
from store.watching.arrivals import ArrivalQueue, Arrived, Gap, Pin

A, B = Path("a"), Path("b")


def arrival(store: Path, number: int, size: int = 1, *, in_place: bool = False, written: bool = False) -> Arrived:
    pin = Pin(os.open(os.devnull, os.O_RDONLY), FileId(0, number, size, number))
    return Arrived(store, 0.0, pin, in_place=in_place, written=written)


def taken(queue: ArrivalQueue) -> list[tuple[Path, int | None] | tuple[Path, str, int | None]]:
    out: list[tuple[Path, int | None] | tuple[Path, str, int | None]] = []
    while (notice := queue.get(0)) is not None:
        if isinstance(notice, Arrived):
            out.append((notice.store, notice.pin.file.inode))
            notice.let_go()
        elif isinstance(notice, Gap):
            out.append((notice.store, "gap", notice.count))
    return out


def test_beyond_the_bound_the_newest_waiting_gives_way_and_is_counted() -> None:
    queue = ArrivalQueue(most_pins=2)
    for number in range(1, 6):
        queue.put(arrival(A, number))
    assert taken(queue) == [(A, 1), (A, "gap", 3), (A, 5)]


def test_bytes_are_bounded_too() -> None:
    queue = ArrivalQueue(most_pins=100, most_bytes=10)
    for number in range(1, 5):
        queue.put(arrival(A, number, size=4))
    assert taken(queue) == [(A, 1), (A, "gap", 2), (A, 4)]


def test_the_last_version_of_a_quiet_store_is_never_given_up_for_a_busy_one() -> None:
    queue = ArrivalQueue(most_pins=2)
    queue.put(arrival(B, 99))
    for number in range(1, 6):
        queue.put(arrival(A, number))
    assert (B, 99) in taken(queue)


def test_writes_in_place_that_nobody_read_are_one_look() -> None:
    queue = ArrivalQueue(most_pins=9)
    queue.put(arrival(A, 1, in_place=True))
    queue.put(arrival(A, 1, in_place=True, written=True))
    first = queue.get(0)
    assert isinstance(first, Arrived)
    assert first.written
    first.let_go()
    assert queue.get(0) is None


def test_shedding_frees_a_descriptor_but_keeps_the_newest() -> None:
    queue = ArrivalQueue(most_pins=9)
    for number in (1, 2, 3):
        queue.put(arrival(A, number))
    assert queue.shed()
    assert taken(queue) == [(A, 1), (A, "gap", 1), (A, 3)]
    assert not queue.shed()


def test_after_closing_nothing_stays_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    queue = ArrivalQueue(most_pins=9)
    queue.put(arrival(A, 1))
    queue.close()
    queue.put(arrival(A, 2))
    assert len(os.listdir("/proc/self/fd")) == before


@given(
    st.lists(st.tuples(st.sampled_from([A, B]), st.booleans()), max_size=60),
    st.integers(1, 5),
)
def test_delivered_and_missed_add_up_and_the_last_one_comes(steps: list[tuple[Path, bool]], most: int) -> None:
    queue = ArrivalQueue(most_pins=most)
    put: dict[Path, list[int]] = {A: [], B: []}
    got: dict[Path, list[int]] = {A: [], B: []}
    missed = {A: 0, B: 0}

    def note(entry: tuple[Path, int | None] | tuple[Path, str, int | None]) -> None:
        if len(entry) == 3:
            missed[entry[0]] += entry[2] or 0
        else:
            got[entry[0]].append(entry[1] or 0)

    for number, (store, read) in enumerate(steps, 1):
        queue.put(arrival(store, number))
        put[store].append(number)
        if read and (notice := queue.get(0)) is not None:
            if isinstance(notice, Arrived):
                note((notice.store, notice.pin.file.inode))
                notice.let_go()
            elif isinstance(notice, Gap):
                note((notice.store, "gap", notice.count))
    for entry in taken(queue):
        note(entry)
    for store in (A, B):
        assert got[store] == sorted(got[store])
        assert len(got[store]) + missed[store] == len(put[store])
        assert got[store][-1:] == put[store][-1:]
