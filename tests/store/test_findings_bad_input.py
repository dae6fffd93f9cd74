"""Clocks that jump, times that are none, entries of any size, very many of them, and the same again and again."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from store.events import Changed, EntryChange, Event, Version
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.js import ABSENT, Edit, JsonObject, Value
from tests.support.past import BASE, KEY, MODEL, NO_MODEL, RUN, START, STORE, YOU, Life, text, told, with_edit
from tests.support.traffic import Told, Traffic

HOUR = 3600.0
PAIR = {"providerOverride", "modelOverride"}
FIRST: Edit = {"sessionId": "22222222-bbbb-4bbb-8bbb-222222222222"}
SECOND: Edit = {"sessionId": "33333333-cccc-4ccc-8ccc-333333333333"}


def jumping(traffic: Traffic, writes: int, jumps: dict[int, float]) -> list[tuple[Told, tuple[Finding, ...]]]:
    """Traffic whose clock is set after some writes, in seconds."""
    detector, found = Detector(STORE), []
    for number, one in enumerate(traffic.told(writes)):
        found.append((one, detector.observe(one.event)))
        traffic.now += jumps.get(number, 0.0)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_clock_that_jumps_raises_no_alarm(seed: int) -> None:
    jumps = {60: -HOUR, 130: HOUR, 190: -HOUR, 250: 24 * HOUR, 300: -24 * HOUR}
    found = [finding for _, findings in jumping(Traffic(seed), 350, jumps) for finding in findings]
    assert [f"{one.kind} {one.because()}" for one in found if one.alarming] == []


def test_ages_are_never_negative_and_losses_go_on_being_found() -> None:
    lost = hit = 0
    for one, findings in jumping(Traffic(5, stale=0.1), 400, {100: -HOUR, 200: -HOUR, 300: 2 * HOUR}):
        for finding in findings:
            assert (finding.base_age_s or 0.0) >= 0 and (finding.stale_s or 0.0) >= 0
            assert " -" not in finding.because()
        for loss in one.losses:
            lost += not loss.twin
            hit += not loss.twin and any(finding.key == loss.key and finding.alarming for finding in findings)
    assert lost > 10 and hit >= 0.8 * lost


def test_two_resets_with_a_clock_set_back_in_between_are_no_fork() -> None:
    life = Life()
    life.wrote(FIRST)
    assert life.wrote(SECOND, after=-HOUR) == ()


def test_our_edit_is_judged_whatever_the_clock() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    found = life.wrote(NO_MODEL, after=-HOUR)
    assert [finding.grade for finding in found if set(finding.yours) == PAIR] == ["possible"]
    assert all("after 0 ms" in finding.because() for finding in found)


TIMES: dict[str, Callable[[float], Value]] = {
    "in seconds": int,
    "a day ahead": lambda at: int((at + 24 * HOUR) * 1000),
    "missing": lambda _: ABSENT,
    "a text": lambda at: f"{at}",
    "an object": lambda at: {"at": at},
    "negative": lambda at: -int(at),
    "huge": lambda at: 10**400,
}


@pytest.mark.parametrize("stamp", TIMES.values(), ids=TIMES.keys())
def test_with_any_updated_at_clean_writes_are_clean_and_a_loss_is_found(stamp: Callable[[float], Value]) -> None:
    life = Life(with_edit(BASE, {"updatedAt": stamp(START)}))
    for edit in (MODEL, {"thinkingLevel": "high"}, RUN, NO_MODEL, {"thinkingLevel": "low"}):
        found = life.wrote({**edit, "updatedAt": stamp(life.now + 1)})
        assert [finding for finding in found if finding.alarming] == []
    life.wrote({**MODEL, "updatedAt": stamp(life.now + 1)})
    found = life.wrote({**RUN, "inputTokens": 4, "outputTokens": 7, "updatedAt": stamp(life.now + 1)}, copy=-2)
    assert ("lost-update", "probable", PAIR) in told(found)


def test_an_updated_at_that_is_put_right_is_no_fall() -> None:
    for wrong in TIMES.values():
        life = Life()
        life.wrote({**MODEL, "updatedAt": wrong(life.now + 1)})
        assert [finding for finding in life.wrote(NO_MODEL) if finding.alarming] == []


def test_an_entry_of_a_megabyte_is_judged_and_takes_no_room() -> None:
    life = Life()
    tracemalloc.start()
    for number in range(20):
        life.texts = life.texts[-1:]
        life.wrote({"systemPromptReport": {"generatedAt": number, "text": f"{number}" * 500_000}})
    life.texts[:0] = [{}]
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 8_000_000
    life.wrote(MODEL)
    assert ("lost-update", "confirmed", PAIR) in told(life.wrote({}, copy=-2, stamp=life.now - 0.5))


def stale_store(count: int, memory: int = 1 << 30) -> tuple[Detector, Event]:
    """A detector that has seen `count` entries change, and the event that puts them all back."""
    detector = Detector(STORE, memory=memory)
    life = Life(detector=detector)
    was: dict[str, JsonObject] = {
        f"agent:main:telegram:direct:{n}": {**BASE, "label": f"release {n}", "updatedAt": n} for n in range(count)
    }
    now = {key: with_edit(entry, {"label": "x", "updatedAt": -1}) for key, entry in was.items()}
    # Half of them to the very text; of the rest no more can be told than that a label is as it was.
    back: dict[str, JsonObject] = {
        key: entry if number % 2 else with_edit(entry, {"updatedAt": -2})
        for number, (key, entry) in enumerate(was.items())
    }
    life.number, life.now = 2, START + 1
    detector.observe(_change(life.version(), was, now))
    life.number, life.now = 3, START + 2
    return detector, _change(life.version(), now, back)


def _change(version: Version, before: dict[str, JsonObject], after: dict[str, JsonObject]) -> Changed:
    changes = tuple(EntryChange(key, text(before[key]), text(after[key])) for key in before)
    return Changed(STORE, version, changes, len(changes))


def _seconds(count: int, runs: int) -> float:
    best = 1e9
    for _ in range(runs):
        detector, event = stale_store(count)
        began = time.process_time()
        found = detector.observe(event)
        best = min(best, time.process_time() - began)
        assert len(found) == count + 1 and {finding.grade for finding in found} == {"probable"}
    return best


def test_ten_thousand_entries_in_one_write_take_ten_times_as_long_as_a_thousand() -> None:
    assert _seconds(10_000, runs=1) < 25 * _seconds(1_000, runs=3)


def test_a_stale_store_of_more_entries_than_are_remembered_is_told() -> None:
    room_for_some = 400_000
    detector, event = stale_store(1_000, memory=room_for_some)
    found = detector.observe(event)
    assert ("store-write-back", "") in [(finding.kind, finding.key) for finding in found]
    assert 100 < len(found) < 1_000
    assert detector.past.size <= room_for_some


def test_the_same_content_again_and_again_is_nothing() -> None:
    life = Life()
    life.wrote(MODEL)
    spaced = text(life.texts[-1])
    assert spaced is not None
    plain = spaced.replace(b"\n", b"").replace(b"  ", b"")
    size = life.detector.past.size
    for number in range(1000):
        life.number, life.now = life.number + 1, life.now + 1
        texts = (spaced, plain) if number % 2 else (plain, spaced)
        changes = (EntryChange(KEY, *texts),) if number % 3 else ()
        assert life.tell(Changed(STORE, life.version(), changes, 1)) == ()
    assert life.detector.past.size == size
    (finding,) = life.wrote(RUN, copy=0)
    assert (finding.grade, finding.base and finding.base.version.number) == ("probable", 1)
