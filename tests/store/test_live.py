"""What each arrival makes of the last good version; arrivals are made by hand, time too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import Missing
from store.events import (
    UNKNOWN_WRITER,
    Broken,
    Changed,
    Event,
    FileId,
    Loaded,
    Missed,
    Recovered,
    Watching,
    Writer,
)
from store.js import JsonObject
from store.watching import live as live_module
from store.watching.arrivals import Arrived
from store.watching.live import SETTLE_S, Live, has_shrunk
from store.watching.probe import pin_file
from store.watching.writers import Ours
from tests.support.strategies import STORES, store_text
from tests.support.watching import content, replace


class Hand:
    """A `Live` with somebody who hands it versions."""

    def __init__(self, store: Path, ours: Ours | None = None, *, checks: bool = True) -> None:
        self.store = store
        self.now = 100.0
        self.live = Live(store, clock=lambda: 5.0, ours=ours, checks=checks, monotonic=lambda: self.now)

    def renamed(self, data: bytes, writer: Writer = UNKNOWN_WRITER) -> list[Event]:
        replace(self.store, data)
        return self.arrive(writer=writer)

    def written(self, data: bytes) -> list[Event]:
        with self.store.open("r+b") as file:
            file.truncate(0)
            file.write(data)
        return self.arrive(in_place=True)

    def arrive(self, *, in_place: bool = False, writer: Writer = UNKNOWN_WRITER) -> list[Event]:
        arrival = Arrived(self.store, 5.0, pin_file(self.store), writer, in_place, in_place)
        try:
            return self.live.arrived(arrival)
        finally:
            arrival.let_go()

    def later(self, seconds: float = SETTLE_S) -> list[Event]:
        self.now += seconds
        due = self.live.due()
        return self.live.reread() if due is not None and self.now >= due else []


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    yield Hand(tmp_path / "sessions.json")


def only(events: list[Event], *kinds: type[Event]) -> list[Event]:
    assert [type(event) for event in events] == list(kinds)
    return events


def test_first_loaded_then_the_differences(hand: Hand) -> None:
    [loaded] = only(hand.renamed(content(3)), Loaded)
    assert isinstance(loaded, Loaded)
    assert (loaded.entries, loaded.version.number, loaded.version.at) == (3, 1, 5.0)
    [changed] = only(hand.renamed(content(3, "new")), Changed)
    assert isinstance(changed, Changed)
    assert [change.key for change in changed.changes] == ["agent:main:0"]
    assert changed.version.number == 2
    assert hand.live.raw("agent:main:0") == changed.changes[0].after
    assert hand.live.raw("nobody") is None
    assert hand.live.keys() == [f"agent:main:{n}" for n in range(3)]


def test_a_new_file_with_the_same_entries_is_a_version_without_changes(hand: Hand) -> None:
    hand.renamed(content(3))
    [changed] = only(hand.renamed(content(3)), Changed)
    assert isinstance(changed, Changed)
    assert changed.changes == ()


def test_the_same_file_twice_is_one_version(hand: Hand) -> None:
    hand.renamed(content(3))
    assert hand.arrive() == []
    assert hand.arrive(in_place=True) == []
    assert hand.live.seen == 1


@pytest.mark.parametrize(
    ("data", "kind", "detail"),
    [
        (content(3)[:-15], "unreadable", "the file ends in the middle of an entry (byte "),
        (b"", "empty", "The file is empty."),
        (b"\x00\xff\x01", "unreadable", "no JSON"),
        (b"[1, 2]", "unreadable", "no object"),
        (b"{}", "shrank", "from 3 entries to 0"),
    ],
)
def test_a_bad_version_leaves_the_last_good_one(hand: Hand, data: bytes, kind: str, detail: str) -> None:
    hand.renamed(content(3, "good"))
    good = hand.live.raw("agent:main:0")
    [broken] = only(hand.renamed(data), Broken)
    assert isinstance(broken, Broken)
    assert broken.kind == kind
    assert detail in broken.detail
    assert broken.last_good is not None
    assert (broken.last_good.number, broken.entries_before) == (1, 3)
    assert hand.live.raw("agent:main:0") == good
    assert hand.live.good_bytes() == content(3, "good")
    assert hand.renamed(data) == []
    _, changed = only(hand.renamed(content(4, "good")), Recovered, Changed)
    assert isinstance(changed, Changed)
    assert [change.key for change in changed.changes] == ["agent:main:3"]
    assert changed.version.number == 4


def test_two_bad_versions_in_a_row_do_not_reach_the_good_buffer(hand: Hand) -> None:
    hand.renamed(content(30))
    for size in (700, 500, 300):
        hand.renamed(content(30)[:size])
    assert hand.live.good_bytes() == content(30)


def test_a_store_that_shrank_waits_for_a_person(hand: Hand) -> None:
    hand.renamed(content(40))
    [broken] = only(hand.renamed(content(4)), Broken)
    assert isinstance(broken, Broken)
    assert (broken.kind, broken.entries_before, broken.entries_now) == ("shrank", 40, 4)
    assert hand.renamed(content(3)) == []
    assert len(hand.live.keys()) == 40
    _, changed = only(hand.live.reread(accept=True), Recovered, Changed)
    assert isinstance(changed, Changed)
    assert changed.entries == 3
    assert sum(change.after is None for change in changed.changes) == 37
    assert hand.live.missed == 0


def test_a_store_that_grows_again_is_believed(hand: Hand) -> None:
    hand.renamed(content(40))
    hand.renamed(content(4))
    only(hand.renamed(content(39)), Recovered, Changed)


@pytest.mark.parametrize(
    ("before", "now", "shrank"),
    [(100, 10, True), (100, 11, False), (11, 1, True), (10, 1, False), (9, 0, True), (0, 0, False), (10, 0, True)],
)
def test_shrinking_is_by_nine_tenths_and_by_ten(before: int, now: int, shrank: bool) -> None:
    assert has_shrunk(before, now) is shrank


def test_half_of_a_write_in_place_is_never_shown(hand: Hand) -> None:
    hand.renamed(content(3))
    assert hand.written(content(3, "x")[:50]) == []
    assert hand.written(b"") == []
    missed, _ = only(hand.written(content(3, "x")), Missed, Changed)
    assert isinstance(missed, Missed)
    assert missed.count is None
    assert hand.live.missed is None
    assert hand.later() == []


def test_damage_in_place_that_stays_is_shown(hand: Hand) -> None:
    hand.renamed(content(3))
    assert hand.written(content(3)[:50]) == []
    assert hand.later(SETTLE_S / 2) == []
    [broken] = only(hand.later(), Broken)
    assert isinstance(broken, Broken)
    assert broken.kind == "unreadable"
    assert hand.live.due() is None


def test_a_file_that_is_never_whole_is_shown_as_broken_at_last(hand: Hand) -> None:
    hand.renamed(content(3))
    events: list[Event] = []
    for step in range(60):
        events += hand.written(b"{" + b" " * step)
        events += hand.later()
    assert isinstance(events[0], Broken)


def test_a_read_that_tears_is_tried_again(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.renamed(content(3))
    real = os.preadv

    def torn(fd: int, buffers: list[memoryview], offset: int) -> int:
        monkeypatch.setattr(os, "preadv", real)
        done = real(fd, buffers, offset)
        hand.store.write_bytes(content(3, "second writer"))
        return done

    monkeypatch.setattr(os, "preadv", torn)
    assert hand.renamed(content(3, "first writer")) == []
    _, changed = only(hand.later(), Missed, Changed)
    assert isinstance(changed, Changed)
    assert b"second writer" in (changed.changes[0].after or b"")


def test_a_removed_store_that_comes_back_at_once_never_vanished(hand: Hand) -> None:
    hand.renamed(content(3))
    hand.store.unlink()
    assert hand.live.unopened(5.0, 2) == []
    only(hand.renamed(content(3, "back")), Changed)
    assert hand.later() == []


def test_a_removed_store_that_stays_away_vanished(hand: Hand) -> None:
    hand.renamed(content(3))
    hand.store.unlink()
    hand.live.unopened(5.0, 2)
    [broken] = only(hand.later(), Broken)
    assert isinstance(broken, Broken)
    assert broken.kind == "vanished"
    assert hand.live.raw("agent:main:0") is not None
    only(hand.renamed(content(3, "back")), Recovered, Changed)


def test_a_file_moved_away_and_back_is_no_new_version(hand: Hand) -> None:
    hand.renamed(content(3))
    away = hand.store.with_name("away")
    os.rename(hand.store, away)
    hand.live.unopened(5.0, 2)
    only(hand.later(), Broken)
    os.rename(away, hand.store)
    only(hand.arrive(), Recovered)
    assert hand.live.seen == 1


def test_a_store_that_is_not_there_yet(hand: Hand) -> None:
    [broken] = only(hand.live.unopened(5.0, 2), Broken)
    assert isinstance(broken, Broken)
    assert (broken.kind, broken.last_good, broken.entries_before) == ("vanished", None, 0)
    with pytest.raises(Missing):
        hand.live.good_bytes()
    only(hand.renamed(content(3)), Recovered, Loaded)


def test_a_store_that_may_not_be_read(hand: Hand) -> None:
    hand.renamed(content(3))
    [broken] = only(hand.live.unopened(5.0, 13), Broken)
    assert isinstance(broken, Broken)
    assert broken.kind == "denied"
    assert "It is your own: chmod" in broken.detail
    only(hand.arrive(), Recovered)


def test_counted_gaps_move_the_version_numbers_on(hand: Hand) -> None:
    hand.renamed(content(3))
    only(hand.live.gap(5.0, 4), Missed)
    [changed] = only(hand.renamed(content(3, "x")), Changed)
    assert isinstance(changed, Changed)
    assert changed.version.number == 6
    assert (hand.live.seen, hand.live.missed) == (2, 4)


def test_without_inotify_the_missed_ones_are_unknown_and_said_once(hand: Hand) -> None:
    hand.live.watching(Watching(hand.store, "poll", "nfs"))
    only(hand.renamed(content(3)), Loaded)
    only(hand.renamed(content(3, "a")), Missed, Changed)
    only(hand.renamed(content(3, "b")), Changed)
    assert hand.live.missed is None


def test_what_we_wrote_is_ours_and_what_slips_in_under_our_lock_is_not(tmp_path: Path) -> None:
    our_files: list[FileId] = []
    hand = Hand(tmp_path / "sessions.json", ours=lambda _store, file, _at, _changes: file in our_files)
    mine = Writer(os.getpid(), "lock")
    hand.renamed(content(3))
    replace(hand.store, content(3, "ours"))
    with pin_file_of(hand.store) as file:
        our_files.append(file)
        [ours] = hand.arrive(writer=mine)
    [theirs] = hand.renamed(content(3, "theirs"), writer=mine)
    assert isinstance(ours, Changed)
    assert isinstance(theirs, Changed)
    assert ours.version.writer == Writer(os.getpid(), "you")
    assert theirs.version.writer == Writer(None, "no lock")


class pin_file_of:  # noqa: N801 - reads as a function
    def __init__(self, store: Path) -> None:
        self.pin = pin_file(store)

    def __enter__(self) -> FileId:
        return self.pin.file

    def __exit__(self, *_: object) -> None:
        self.pin.close()


def test_changes_are_copies_that_later_reads_leave_alone(hand: Hand) -> None:
    hand.renamed(content(3))
    [first] = hand.renamed(content(3, "first"))
    for label in ("2nd", "3rd", "4th"):
        hand.renamed(content(3, label))
    assert isinstance(first, Changed)
    assert b'"first"' in (first.changes[0].after or b"")


@given(st.lists(st.one_of(STORES, st.integers(0, 30)), min_size=1, max_size=8))
def test_events_rebuild_the_store_whatever_comes_between(
    tmp_path_factory: pytest.TempPathFactory, versions: list[JsonObject | int]
) -> None:
    hand = Hand(tmp_path_factory.mktemp("live") / "sessions.json")
    known: dict[str, bytes | None] = {}
    loaded = False
    for version in versions:
        data = store_text(version) if isinstance(version, dict) else content(30)[: version * 20]
        for event in hand.renamed(data):
            if isinstance(event, Loaded):
                known, loaded = {key: hand.live.raw(key) for key in hand.live.keys()}, True
            elif isinstance(event, Changed):
                for change in event.changes:
                    assert known.pop(change.key, None) == change.before
                    if change.after is not None:
                        known[change.key] = change.after
        if loaded:
            assert known == {key: hand.live.raw(key) for key in hand.live.keys()}


def test_the_clock_of_the_module_is_the_wall_clock(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    store.write_bytes(content(1))
    [loaded] = live_module.Live(store).reread()
    assert isinstance(loaded, Loaded)
    assert loaded.version.at > 1_600_000_000


DAMAGED_INSIDE = b'{\n  "a": {\n    "x": \n  },\n  "b": {}\n}'


def test_an_unchecked_first_version_that_is_damaged_inside_was_never_a_good_one(tmp_path: Path) -> None:
    hand = Hand(tmp_path / "sessions.json", checks=False)
    assert len(only(hand.renamed(DAMAGED_INSIDE), Loaded)) == 1
    [broken] = hand.live.recheck(6.0)
    assert isinstance(broken, Broken) and broken.kind == "unreadable"
    assert broken.last_good is None and hand.live.raw("b") is None
    with pytest.raises(Missing):
        hand.live.good_bytes()
    [recovered, loaded] = hand.renamed(store_text({"a": {}}))
    assert isinstance(recovered, Recovered) and isinstance(loaded, Loaded)


def test_a_recheck_that_finds_another_layout_tells_what_differs(tmp_path: Path) -> None:
    """An entry at the wrong indent: by its marks there are two entries, by its braces there is one."""
    hand = Hand(tmp_path / "sessions.json", checks=False)
    hand.renamed(b'{\n  "outer": {\n    "x": {\n  },\n  "inner": {}\n  }\n}')
    [changed] = hand.live.recheck(6.0)
    assert isinstance(changed, Changed)
    assert {change.key: change.after is None for change in changed.changes} == {"outer": False, "inner": True}
    assert hand.live.keys() == ["outer"]


def test_a_recheck_of_a_good_version_says_nothing(tmp_path: Path) -> None:
    hand = Hand(tmp_path / "sessions.json", checks=False)
    hand.renamed(store_text({"a": {"x": 1}}))
    assert hand.live.recheck(6.0) == []
    assert hand.live.keys() == ["a"] and hand.live.raw("a") is not None
