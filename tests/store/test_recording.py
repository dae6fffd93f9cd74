"""A recording gives back what was recorded: events, texts, what was known beside them; and says what is wrong."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import (
    Busy,
    Damaged,
    Missing,
    NotARecording,
    OtherFormat,
    StoreError,
    Unreadable,
    UsageError,
    WriteFailed,
)
from store.events import (
    Broken,
    Changed,
    EntryChange,
    Event,
    FileId,
    Loaded,
    LockHolder,
    LockState,
    Missed,
    Recovered,
    Version,
    Watching,
    Writer,
)
from store.findings.own_edits import OwnEdit
from store.js import ABSENT, JsonObject
from store.recording import recorder as recorder_module
from store.recording.recorder import Recorder
from store.recording.recording import Recording
from tests.support.past import STORE
from tests.support.recorded import Feed, record, replayed, text
from tests.support.strategies import ENTRIES, KEYS, SCALARS

KEY = "agent:main:main"
VERSION = Version(9, 1_790_000_000.123456, FileId(2, 2**63, 3, 1_790_000_000_123_456_789), Writer(7, "you"), 12.5, 3)
PLAIN: list[Event] = [
    Watching(STORE, "poll", "no inotify watch left"),
    Missed(STORE, 5.5, 3),
    Missed(STORE, 5.5, None),
    Broken(STORE, 6.0, "shrank", "from 412 entries to 3", VERSION, 412, 3),
    Broken(STORE, 6.0, "vanished", "gone \ud83d", None, 0, None),
    Recovered(STORE, 7.0),
    LockState(STORE, 8.0, LockHolder(48213, 7.5, True, "node openclaw \udcff")),
    LockState(STORE, 8.0, LockHolder(None, 7.5, False, "")),
    LockState(STORE, 9.0, None),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "incident.rec"


def test_every_kind_of_event_comes_back_as_it_was(file: Path) -> None:
    feed = Feed()
    loaded = feed.loaded({KEY: text({"a": 1})})
    changed = feed.changed({KEY: text({"a": 2})})
    whole = [PLAIN[0], loaded, changed, *PLAIN[1:]]
    record(file, [PLAIN[0], feed.loaded({KEY: text({"a": 1})})], feed)
    file.unlink()
    again = Feed()
    events = [PLAIN[0], again.loaded({KEY: text({"a": 1})})]
    recorder = Recorder(file, [STORE])
    for event in events:
        recorder.take(event, again)
    for event in whole[2:]:
        recorder.take(event, again)
    recorder.close()
    assert replayed(file) == whole


def test_a_version_keeps_its_writer_and_times(file: Path) -> None:
    record(file, [Loaded(STORE, VERSION, 0)])
    assert replayed(file) == [Loaded(STORE, VERSION, 0)]


STEPS = st.lists(st.dictionaries(KEYS, st.none() | ENTRIES | SCALARS.filter(lambda x: x is not None), max_size=4))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, ENTRIES | SCALARS, max_size=6), STEPS)
def test_any_history_comes_back_to_the_byte(
    tmp_path: Path, first: JsonObject, steps: list[dict[str, JsonObject | None]]
) -> None:
    file = tmp_path / "any.rec"
    file.unlink(missing_ok=True)
    feed = Feed()
    recorder = Recorder(file, [STORE])
    events: list[Event] = [feed.loaded({key: text(value) for key, value in first.items()})]
    recorder.take(events[0], feed)
    for step in steps:
        events.append(feed.changed({key: None if value is None else text(value) for key, value in step.items()}))
        recorder.take(events[-1], feed)
    recorder.close()
    recording = Recording(file)
    assert list(recording.events()) == events
    assert {key: recording.raw(STORE, key) for key in recording.keys(STORE)} == feed.texts
    recording.close()


def test_a_text_that_changed_without_an_event_is_taken_as_the_writer_found_it(file: Path) -> None:
    """A file laid out anew brings no change of an entry; the next one starts from the new layout."""
    feed = Feed()
    recorder = Recorder(file, [STORE])
    events: list[Event] = [feed.loaded({KEY: text({"a": 1, "b": 2}), "gone": b"1"})]
    recorder.take(events[0], feed)
    feed.texts = {KEY: b'{"b":2,"a":1}'}
    for change in (b'{"b":3,"a":1}', b'{"b":4,"a":1}'):
        events.append(feed.changed({KEY: change}))
        recorder.take(events[-1], feed)
    events.append(feed.changed({"gone": b"2"}))
    recorder.take(events[-1], feed)
    recorder.close()
    assert replayed(file) == events
    assert isinstance(events[-1], Changed) and events[-1].changes == (EntryChange("gone", None, b"2"),)


def test_the_state_follows_the_iteration(file: Path) -> None:
    feed = Feed()
    first, second = feed.loaded({KEY: text({"a": 1}), "b": b"{}"}), feed.changed({KEY: text({"a": 2}), "b": None})
    recorder = Recorder(file, [STORE])
    feed.texts = {KEY: text({"a": 1}), "b": b"{}"}
    recorder.take(first, feed)
    recorder.take(second, feed)
    recorder.close()
    recording = Recording(file)
    for _ in range(2):
        assert recording.keys(STORE) == [] or recording.keys(STORE) == [KEY]
        events = recording.events(STORE)
        next(events)
        assert (recording.raw(STORE, KEY), recording.keys(STORE)) == (text({"a": 1}), [KEY, "b"])
        next(events)
        assert (recording.raw(STORE, KEY), recording.keys(STORE)) == (text({"a": 2}), [KEY])
        assert recording.raw(STORE, "b") is None
    assert (recording.stores, recording.versions) == ((STORE,), 2)
    assert recording.ended == second.version.at
    recording.close()


def test_what_was_known_beside_the_events(file: Path) -> None:
    edit = OwnEdit(STORE, KEY, 12.5, FileId(1, 2, 3, 4), {"label": (ABSENT, "x"), "origin.threadId": (7, ABSENT)})
    rule = {"locked": False}
    feed = Feed()
    recorder = Recorder(
        file, [STORE], lock_is_rule=lambda _store: rule["locked"], own_edits=lambda _store: [edit], clock=lambda: 3.0
    )
    recorder.take(feed.loaded({}), feed)
    rule["locked"] = True
    recorder._rules.clear()
    unlocked = feed.changed({})
    recorder.take(type(unlocked)(STORE, Version(2, 4.0, FileId(1, 2, 3, 4), Writer(None, "no lock")), (), 0), feed)
    recorder.close()
    recording = Recording(file)
    events = recording.events()
    next(events)
    assert (recording.lock_is_rule(STORE), recording.own_edits(STORE)) == (False, [edit])
    next(events)
    assert recording.lock_is_rule(STORE)
    recording.close()


def test_a_recording_goes_on_where_it_ended(file: Path) -> None:
    feed = Feed()
    first = feed.loaded({KEY: text({"a": 1})})
    record(file, [first], feed)
    later = Feed(now=feed.now + 100)
    second = later.loaded({KEY: text({"a": 5}), "other": b"3"})
    record(file, [second], later)
    recording = Recording(file)
    assert list(recording.events()) == [first, second]
    assert recording.keys(STORE) == [KEY, "other"]
    recording.close()


def test_the_file_is_its_owners(file: Path) -> None:
    record(file, [Feed().loaded({})])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == [file.name]


def test_a_reader_sees_what_was_there_while_the_recorder_goes_on(file: Path) -> None:
    feed = Feed()
    recorder = Recorder(file, [STORE])
    events: list[Event] = [feed.loaded({KEY: text({"a": 0})})]
    recorder.take(events[0], feed)
    recorder.tidy()
    recording = Recording(file)
    for number in range(1, 300):
        events.append(feed.changed({KEY: text({"a": number})}))
        recorder.take(events[-1], feed)
    recorder.tidy()
    assert list(recording.events()) == events[:1]
    assert replayed(file) == events
    recorder.close()
    assert list(recording.events()) == events[:1]
    recording.close()


def test_what_was_not_written_down_is_lost_and_nothing_else(file: Path, tmp_path: Path) -> None:
    """The files as they are at any moment, as after kill -9."""
    feed = Feed()
    recorder = Recorder(file, [STORE])
    events: list[Event] = [feed.loaded({KEY: text({"a": 0})}), feed.changed({KEY: text({"a": 1})})]
    feed.texts = {KEY: text({"a": 0})}
    for event in events:
        recorder.take(event, feed)
    recorder.tidy()
    recorder.take(feed.changed({KEY: text({"a": 2})}), feed)
    copy = tmp_path / "copy" / file.name
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        copy.with_name(copy.name + suffix).write_bytes(file.with_name(file.name + suffix).read_bytes())
    recorder.close()
    assert replayed(copy) == events
    later = Feed()
    record(copy, [after := later.loaded({})], later)
    assert replayed(copy) == [*events, after]


# Refused


def test_another_recorder_is_refused(file: Path) -> None:
    recorder = Recorder(file, [STORE])
    with pytest.raises(Busy, match="Another clobberwatch"):
        Recorder(file, [STORE])
    recorder.close()
    Recorder(file, [STORE]).close()


def test_a_recording_of_other_stores_is_refused(file: Path) -> None:
    Recorder(file, [STORE]).close()
    with pytest.raises(UsageError, match=str(STORE)):
        Recorder(file, [Path("/other.json")])


def as_store(path: Path) -> Path:
    path.write_text("{}")
    return path


def as_text(path: Path) -> Path:
    path.write_text("something of somebody's " * 20)
    return path


def as_link(path: Path) -> Path:
    path.symlink_to(path.with_name("target"))
    return path


def as_directory(path: Path) -> Path:
    path.mkdir()
    return path


def as_database(path: Path) -> Path:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    return path


def as_other_format(path: Path) -> Path:
    record(path, [Feed().loaded({})])
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("PRAGMA user_version = 99")
    database.close()
    return path


@pytest.mark.parametrize(
    ("made", "error", "words"),
    [
        (as_text, NotARecording, "not a recording"),
        (as_link, UsageError, "cannot be recorded into"),
        (as_directory, UsageError, "cannot be recorded into"),
        (as_database, NotARecording, "another program"),
        (as_other_format, OtherFormat, "format 99"),
    ],
)
def test_no_other_file_is_recorded_into(
    tmp_path: Path, made: Callable[[Path], Path], error: type[StoreError], words: str
) -> None:
    path = made(tmp_path / "file")
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(error, match=words):
        Recorder(path, [STORE])
    assert (path.read_bytes() if path.is_file() else b"") == before


@pytest.mark.parametrize("name", ["sessions.json", "sessions.json.lock"])
def test_the_store_itself_is_not_recorded_into(tmp_path: Path, name: str) -> None:
    store = as_store(tmp_path / "sessions.json")
    with pytest.raises(UsageError, match="store itself"):
        Recorder(tmp_path / name, [store])
    assert os.listdir(tmp_path) == ["sessions.json"]


@pytest.mark.parametrize(
    ("made", "error", "words"),
    [
        (lambda path: path, Missing, "no recording"),
        (as_text, NotARecording, "not a recording"),
        (as_directory, Unreadable, "cannot be read"),
        (as_database, NotARecording, "another program"),
        (as_other_format, OtherFormat, "format 99"),
    ],
)
def test_what_is_no_recording_is_said(
    tmp_path: Path, made: Callable[[Path], Path], error: type[Unreadable], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        Recording(made(tmp_path / "file"))
    assert caught.value.exit_code == 6


@pytest.fixture
def long(file: Path) -> Path:
    feed = Feed()
    recorder = Recorder(file, [STORE])
    recorder.take(feed.loaded({KEY: text({"fat": "x" * 9000})}), feed)
    for number in range(500):
        recorder.take(feed.changed({KEY: text({"fat": os.urandom(900).hex(), "n": number})}), feed)
    recorder.close()
    return file


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_recording_that_was_cut_short_plays_up_to_there(long: Path, share: float) -> None:
    os.truncate(long, int(long.stat().st_size * share))
    with pytest.raises(Damaged, match="amaged"):
        replayed(long)


def test_a_recording_that_was_written_over_is_damaged(long: Path) -> None:
    with long.open("r+b") as damaged:
        damaged.seek(4096 * 20)
        damaged.write(b"\xa5" * 4096 * 40)
    with pytest.raises(Damaged, match="amaged"):
        replayed(long)


def test_a_recording_that_somebody_has_locked(long: Path) -> None:
    database = sqlite3.connect(long, isolation_level=None)
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unreadable, match="locked by another"):
        Recording(long)
    database.close()


def test_an_empty_recording_says_so(file: Path) -> None:
    Recorder(file, [STORE]).close()
    with sqlite3.connect(file) as database:
        database.execute("DELETE FROM event")
    database.close()
    with pytest.raises(Unreadable, match="nothing yet"):
        Recording(file)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_recording_is_read_where_nothing_can_be_written(long: Path) -> None:
    events = replayed(long)
    long.parent.chmod(0o500)
    try:
        assert replayed(long) == events
    finally:
        long.parent.chmod(0o700)


# Trouble while recording


def test_a_full_disk_ends_the_recording_in_words(file: Path) -> None:
    feed = Feed()
    recorder = Recorder(file, [STORE])
    recorder.take(kept := feed.loaded({KEY: text({"a": 1})}), feed)
    recorder.tidy()
    (pages,) = recorder._connection.execute("PRAGMA page_count").fetchone()
    recorder._connection.execute(f"PRAGMA max_page_count = {pages + 4}").fetchone()
    for _ in range(50):
        recorder.take(feed.changed({KEY: text({"a": os.urandom(4000).hex()})}), feed)
    assert isinstance(recorder.trouble, WriteFailed)
    with pytest.raises(WriteFailed, match=r"is full.*What was recorded is kept"):
        recorder.close()
    assert replayed(file) == [kept]
    record(file, [again := Feed().loaded({})])
    assert replayed(file) == [kept, again]


def test_a_file_that_went_ends_the_recording(file: Path) -> None:
    recorder = Recorder(file, [STORE])
    file.rename(file.with_name("elsewhere"))
    recorder.tidy()
    with pytest.raises(WriteFailed, match="moved or removed"):
        recorder.close()


def test_what_was_taken_is_written_down_by_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "COMMIT_S", 0.01)
    feed = Feed()
    recorder = Recorder(file, [STORE])
    recorder.take(event := feed.loaded({}), feed)
    while replayed(file) != [event]:
        pass
    recorder.close()
