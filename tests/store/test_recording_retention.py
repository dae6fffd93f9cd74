"""A recording stays within the age and size it is given; what it still has is as it was."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import UsageError
from store.events import Changed, Event, Loaded, LockState, Missed, Watching
from store.js import JsonObject
from store.recording.recorder import Recorder
from store.recording.recording import Recording
from store.recording.retention import fold
from store.recording.values import Values
from tests.support.past import STORE
from tests.support.recorded import Feed, replayed, text
from tests.support.strategies import ENTRIES, KEYS, SCALARS

KEY = "agent:main:main"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.rec"


def counts(file: Path) -> tuple[int, int]:
    """How often fat pieces are said to be used, and how many of them there are."""
    with sqlite3.connect(file) as database:
        row = database.execute("SELECT coalesce(sum(uses), 0), count(*) FROM value").fetchone()
    database.close()
    return int(row[0]), int(row[1])


def test_what_is_too_old_becomes_the_state_it_begins_with(file: Path) -> None:
    feed = Feed()
    recorder = Recorder(file, [STORE], keep_s=10.0, clock=lambda: feed.now)
    recorder.take(Watching(STORE, "inotify", ""), feed)
    recorder.take(feed.loaded({KEY: text({"n": 0}), "other": text({"fat": "x" * 5000})}), feed)
    changes = []
    for number in range(1, 40):
        changes.append(feed.changed({KEY: text({"n": number, "fat": f"{number}" * 2000}), f"new {number}": b"{}"}))
        recorder.take(changes[-1], feed)
        recorder.tidy()
    recorder.close()
    kept = replayed(file)
    assert kept[0] == Watching(STORE, "inotify", "")
    first, *rest = kept[1:]
    assert isinstance(first, Loaded) and first.version == changes[-len(rest) - 1].version
    assert rest == changes[-len(rest) :] and 9 <= len(rest) <= 11
    assert first.entries == 2 + len(changes) - len(rest)
    assert counts(file) == (len(rest) + 2, len(rest) + 2)


def test_a_file_stays_below_its_size_however_long_it_runs(file: Path) -> None:
    random = Random(1)
    feed = Feed()
    recorder = Recorder(file, [STORE], limit=400_000)
    recorder.take(feed.loaded({f"k{n}": text({"n": n}) for n in range(20)}), feed)
    sizes = []
    events: list[Event] = []
    for _ in range(30):
        for _ in range(20):
            events.append(feed.changed({f"k{random.randrange(20)}": text({"r": random.randbytes(600).hex()})}))
            recorder.take(events[-1], feed)
        recorder.tidy()
        sizes.append(file.stat().st_size)
    recorder.close()
    assert max(sizes) < 440_000
    kept = replayed(file)
    assert len(kept) > 100 and kept[1:] == events[1 - len(kept) :]


def test_a_store_that_does_not_fit_ends_the_recording_in_words(file: Path) -> None:
    feed = Feed()
    recorder = Recorder(file, [STORE], limit=200_000)
    recorder.take(feed.loaded({f"k{n}": text({"r": Random(n).randbytes(900).hex()}) for n in range(500)}), feed)
    recorder.tidy()
    with pytest.raises(UsageError, match="larger --max-size"):
        recorder.close()


def test_a_smaller_size_makes_a_file_smaller(file: Path) -> None:
    feed = Feed()
    recorder = Recorder(file, [STORE])
    recorder.take(feed.loaded({}), feed)
    for number in range(300):
        recorder.take(feed.changed({KEY: text({"r": Random(number).randbytes(900).hex()})}), feed)
    recorder.close()
    before = file.stat().st_size
    recorder = Recorder(file, [STORE], limit=200_000)
    for _ in range(3):
        recorder.tidy()
    recorder.close()
    assert file.stat().st_size < 210_000 < before


def test_earlier_runs_go_first(file: Path) -> None:
    for run in range(3):
        feed = Feed(now=1000.0 * run)
        recorder = Recorder(file, [STORE], keep_s=500.0, clock=partial(getattr, feed, "now"))
        recorder.take(loaded := feed.loaded({KEY: text({"run": run, "fat": f"{run}" * 2000})}), feed)
        recorder.take(changed := feed.changed({KEY: text({"run": run, "n": 1, "fat": f"{run}" * 2000})}), feed)
        recorder.tidy()
        recorder.close()
    assert replayed(file) == [loaded, changed]
    assert counts(file) == (1, 1)


def test_what_still_holds_is_kept(file: Path) -> None:
    feed = Feed()
    recorder = Recorder(file, [STORE], lock_is_rule=lambda _store: True)
    states: list[Event] = [Watching(STORE, "poll", "why"), LockState(STORE, 1.0, None)]
    recorder.take(feed.loaded({KEY: b"1"}), feed)
    for event in (*states, Missed(STORE, 1.0, 4)):
        recorder.take(event, feed)
    recorder.take(changed := feed.changed({KEY: b"2"}), feed)
    recorder.tidy()
    folded(recorder, 10**6)
    recorder.close()
    recording = Recording(file)
    assert list(recording.events()) == [*states, Loaded(STORE, changed.version, 1)]
    assert recording.lock_is_rule(STORE)
    recording.close()


def folded(recorder: Recorder, until: int) -> None:
    database, values = recorder._connection, Values(recorder._connection)
    database.execute("BEGIN")
    fold(database, values, 1, until)
    values.settle()
    database.execute("COMMIT")


STEPS = st.lists(
    st.dictionaries(KEYS, st.none() | ENTRIES | SCALARS.filter(lambda x: x is not None), max_size=3), max_size=8
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, ENTRIES | SCALARS, max_size=5), STEPS, st.integers(1, 14))
def test_the_rest_plays_as_if_nothing_had_been_given_up(
    tmp_path: Path, first: JsonObject, steps: list[dict[str, JsonObject | None]], until: int
) -> None:
    file = tmp_path / "any.rec"
    file.unlink(missing_ok=True)
    feed = Feed()
    recorder = Recorder(file, [STORE])
    events: list[Changed] = []
    recorder.take(feed.loaded({key: text(value) for key, value in first.items()}), feed)
    for step in steps:
        events.append(feed.changed({key: None if value is None else text(value) for key, value in step.items()}))
        recorder.take(events[-1], feed)
    recorder.tidy()
    folded(recorder, until)
    recorder.close()
    recording = Recording(file)
    begin, *rest = recording.events()
    assert isinstance(begin, Loaded)
    assert rest == events[len(events) - len(rest) :]
    assert {key: recording.raw(STORE, key) for key in recording.keys(STORE)} == feed.texts
    recording.close()


def test_a_quiet_store_beside_a_busy_one_costs_it_nothing_but_its_past(file: Path) -> None:
    quiet, busy = Feed(store=Path("/quiet.json")), Feed()
    recorder = Recorder(file, [quiet.store, busy.store], limit=400_000)
    recorder.take(first := quiet.loaded({KEY: text({"n": 1})}), quiet)
    recorder.take(busy.loaded({}), busy)
    events: list[Event] = []
    for round_ in range(20):
        for number in range(30):
            value = {"r": Random(30 * round_ + number).randbytes(600).hex()}
            events.append(busy.changed({f"k{number % 10}": text({**value})}))
            recorder.take(events[-1], busy)
        recorder.tidy()
    recorder.close()
    kept = replayed(file)
    assert kept[0] == first
    assert len(kept) > 100 and kept[2:] == events[2 - len(kept) :]
