"""Databases in the stream of events."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import ANY

import pytest

from store.events import Broken, Changed, EntryChange, Event, FileId, Loaded, Missed, Recovered, Watching
from store.sqlite import follower, reader
from store.sqlite.database import Database
from store.sqlite.live import row_version
from store.watch import Watch
from store.watching import inotify
from tests.support.databases import MAIN, entry, make_database, opened, put, text
from tests.support.watching import content, replace, until

OTHER = "agent:main:cron:x"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path / "agent" / "openclaw-agent.sqlite", {MAIN: entry(label="one"), OTHER: entry()})


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


class Stream:
    """The events of a watch, closed at the end of the test."""

    def __init__(self, watch: Watch, stop: threading.Event) -> None:
        self.watch = watch
        self.events: Iterator[Event] = watch.events(stop)


@pytest.fixture
def stream(database: Path, stop: threading.Event) -> Iterator[Stream]:
    stream = Stream(Watch([database]), stop)
    yield stream
    stop.set()
    assert list(stream.events) == []


def test_it_says_how_it_watches_and_what_it_cannot_see(stream: Stream, database: Path) -> None:
    watching, loaded = next(stream.events), next(stream.events)
    assert isinstance(watching, Watching) and watching.how == "sqlite"
    assert "commits between two looks are seen as one" in watching.why
    assert isinstance(loaded, Loaded) and loaded.entries == 2 and loaded.version.number == 1
    assert stream.watch.keys(database) == [MAIN, OTHER]
    assert stream.watch.raw(database, MAIN) == text(entry(label="one")).encode()
    assert stream.watch.missed(database) is None and stream.watch.seen(database) == 1


def test_a_commit_is_a_version_with_its_changes(stream: Stream, database: Path) -> None:
    until(stream.events, Loaded)
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="two"), "agent:main:new": entry(), OTHER: None})
        changed, _ = until(stream.events, Changed)
    assert changed.version.number == 2 and changed.entries == 2
    assert changed.changes == (
        EntryChange(MAIN, text(entry(label="one")).encode(), text(entry(label="two")).encode()),
        EntryChange("agent:main:new", None, text(entry()).encode()),
        EntryChange(OTHER, text(entry()).encode(), None),
    )
    assert stream.watch.keys(database) == [MAIN, "agent:main:new"]
    assert stream.watch.raw(database, OTHER) is None


def test_commits_that_touch_no_session_are_no_versions(stream: Stream, database: Path) -> None:
    until(stream.events, Loaded)
    with opened(database) as gateway:
        for number in range(20):
            gateway.execute("INSERT INTO transcript_events VALUES ('s', ?, 'said')", (number,))
        put(gateway, {MAIN: entry(label="two")})
        changed, before = until(stream.events, Changed)
    assert before == [] and changed.version.number == 2


def test_in_a_big_database_too_a_change_that_leaves_its_time_alone_is_told(
    stream: Stream, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "GLANCE_FROM", 0)
    until(stream.events, Loaded)
    with opened(database) as gateway:
        for label in ("two", "three", "four"):
            put(gateway, {MAIN: entry(label=label)})
            changed, _ = until(stream.events, Changed)
            assert [change.after for change in changed.changes] == [text(entry(label=label)).encode()]


def test_raw_stays_with_the_stream(stream: Stream, database: Path) -> None:
    """What is asked between two events belongs to the event last told, not to the database."""
    until(stream.events, Loaded)
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="two")})
        with opened(database) as reader:
            assert reader.execute("SELECT count(*) FROM session_nodes").fetchone() == (2,)
        assert stream.watch.raw(database, MAIN) == text(entry(label="one")).encode()
        until(stream.events, Changed)
    assert stream.watch.raw(database, MAIN) == text(entry(label="two")).encode()


def test_files_and_databases_share_one_stream(tmp_path: Path, database: Path, stop: threading.Event) -> None:
    file = tmp_path / "sessions.json"
    replace(file, content())
    watch = Watch([file, database])
    events = watch.events(stop)
    loaded = {until(events, Loaded)[0].store for _ in range(2)}
    assert loaded == {file, database}
    replace(file, content(label="x"))
    assert until(events, Changed)[0].store == file
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="two")})
    assert until(events, Changed)[0].store == database
    stop.set()
    list(events)


def test_without_inotify_it_looks_all_the_time(
    database: Path, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "none left")

    monkeypatch.setattr(follower, "Inotify", refuse)
    events = Watch([database]).events(stop)
    watching, _ = until(events, Watching)
    assert "50 times a second" in watching.why
    until(events, Loaded)
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="two")})
        until(events, Changed)
    stop.set()
    list(events)


def test_a_directory_made_anew_is_watched_again(stream: Stream, database: Path, tmp_path: Path) -> None:
    until(stream.events, Loaded)
    away = tmp_path / "away"
    os.rename(database.parent, away)
    broken, _ = until(stream.events, Broken)
    assert broken.kind == "vanished"
    make_database(tmp_path / "new" / database.name, {MAIN: entry(label="restored"), OTHER: entry()})
    os.rename(tmp_path / "new", database.parent)
    _, before = until(stream.events, Recovered)
    assert [event for event in before if isinstance(event, Missed)] == [Missed(database, ANY, None)]
    until(stream.events, Changed)
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="again")})
        until(stream.events, Changed)


def test_a_database_replaced_is_read_anew_and_the_gap_is_said(stream: Stream, database: Path, tmp_path: Path) -> None:
    until(stream.events, Loaded)
    other = make_database(tmp_path / "other.sqlite", {MAIN: entry(label="from a backup"), OTHER: entry()})
    os.rename(other, database)
    changed, before = until(stream.events, Changed)
    assert [change.key for change in changed.changes] == [MAIN]
    assert [type(event) for event in before] == [Missed]
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="three")})
        changed, before = until(stream.events, Changed)
    assert before == [] and changed.version.number == 3


def test_a_database_overwritten_in_place_is_read_anew(stream: Stream, database: Path, tmp_path: Path) -> None:
    """`cp backup database`."""
    with opened(database) as gateway:
        put(gateway, {f"agent:main:{n}": entry(label="x" * 2000) for n in range(30)})
        gateway.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    until(stream.events, Loaded)
    other = make_database(tmp_path / "other.sqlite", {f"agent:main:{n}": entry() for n in range(30)})
    with open(database, "r+b") as file:
        file.truncate(0)
        file.write(other.read_bytes())
    stream.watch.read_again(database)
    changed, _ = until(stream.events, Changed)
    assert changed.entries == 30


def test_a_database_that_vanished_keeps_its_last_rows(stream: Stream, database: Path) -> None:
    until(stream.events, Loaded)
    os.rename(database, database.with_suffix(".away"))
    broken, _ = until(stream.events, Broken)
    assert (broken.kind, broken.entries_before) == ("vanished", 2)
    assert stream.watch.keys(database) == [MAIN, OTHER]
    os.rename(database.with_suffix(".away"), database)
    until(stream.events, Recovered)


def test_a_migration_that_takes_the_tables_away_is_told_and_survived(stream: Stream, database: Path) -> None:
    until(stream.events, Loaded)
    with opened(database) as doctor:
        doctor.execute("ALTER TABLE session_nodes RENAME TO session_nodes_old")
        broken, _ = until(stream.events, Broken)
        assert broken.kind == "unreadable"
        doctor.execute("ALTER TABLE session_nodes_old RENAME TO session_nodes")
        until(stream.events, Recovered)


def test_trying_what_cannot_be_read_is_no_reason_to_try_again(
    stream: Stream, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens: list[Path] = []

    class Counted(Database):
        def __init__(self, path: Path, *, patience: float) -> None:
            opens.append(path)
            super().__init__(path, patience=patience)

    monkeypatch.setattr(follower, "RETRY_S", 3600.0)
    monkeypatch.setattr(follower, "Database", Counted)
    until(stream.events, Loaded)
    with opened(database) as doctor:
        doctor.execute("ALTER TABLE session_nodes RENAME TO session_nodes_old")
    until(stream.events, Broken)
    tried = len(opens)
    for name in ("one", "two", "session_nodes"):
        with opened(database) as doctor:
            doctor.execute(f"ALTER TABLE session_nodes_old RENAME TO {name}")
            doctor.execute(f"ALTER TABLE {name} RENAME TO session_nodes_old" if name != "session_nodes" else "SELECT 1")
    stream.watch.read_again(database)
    until(stream.events, Recovered)
    assert len(opens) == tried + 1


def test_a_database_kept_locked_is_told_after_a_while(
    stream: Stream, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "BUSY_S", 0.01)
    monkeypatch.setattr(follower, "OCCUPIED_S", 0.1)
    until(stream.events, Loaded)
    other = make_database(tmp_path / "other.sqlite", {MAIN: entry(label="mended"), OTHER: entry()})
    with opened(other) as repair:
        repair.execute("PRAGMA journal_mode = delete")
        repair.execute("BEGIN EXCLUSIVE")
        os.rename(other, database)
        broken, _ = until(stream.events, Broken)
        assert broken.kind == "unreadable" and "keeps the whole database locked" in broken.detail
        repair.execute("ROLLBACK")
        until(stream.events, Recovered)
        changed, _ = until(stream.events, Changed)
    assert changed.changes[0].after == text(entry(label="mended")).encode()


def test_a_database_that_shrank_is_doubted(stream: Stream, database: Path) -> None:
    until(stream.events, Loaded)
    with opened(database) as gateway:
        put(gateway, {f"agent:main:{n}": entry() for n in range(40)})
        until(stream.events, Changed)
        put(gateway, {key: None for key in stream.watch.keys(database) if key != MAIN})
        broken, _ = until(stream.events, Broken)
        assert (broken.kind, broken.entries_before, broken.entries_now) == ("shrank", 42, 1)
        assert len(stream.watch.keys(database)) == 42
        put(gateway, {MAIN: entry(label="meanwhile")})
        stream.watch.accept(database)
        until(stream.events, Recovered)
        changed, _ = until(stream.events, Changed)
    assert changed.entries == 1
    assert stream.watch.keys(database) == [MAIN]


def test_a_database_that_shrank_and_grew_again_recovers_by_itself(stream: Stream, database: Path) -> None:
    until(stream.events, Loaded)
    entries = {f"agent:main:{n}": entry() for n in range(40)}
    with opened(database) as gateway:
        put(gateway, entries)
        until(stream.events, Changed)
        put(gateway, dict.fromkeys([MAIN, OTHER, *entries]))
        until(stream.events, Broken)
        put(gateway, {MAIN: entry(label="two"), **entries})
        until(stream.events, Recovered)
        changed, _ = until(stream.events, Changed)
    assert {change.key for change in changed.changes} == {MAIN, OTHER}


def test_the_last_good_rows_can_be_saved_as_json(stream: Stream, database: Path, tmp_path: Path) -> None:
    until(stream.events, Loaded)
    target = tmp_path / "saved.json"
    size = stream.watch.save_good(database, target)
    assert target.stat().st_size == size
    assert json.loads(target.read_bytes()) == {MAIN: entry(label="one"), OTHER: entry()}


def test_flawed_rows_are_known(stream: Stream, database: Path) -> None:
    until(stream.events, Loaded)
    assert stream.watch.flaws(database) == {}
    with opened(database) as editor:
        editor.execute("UPDATE session_nodes SET entry_json = ? WHERE session_key = ?", (text(entry(x=1)), MAIN))
        until(stream.events, Changed)
    assert list(stream.watch.flaws(database)) == [MAIN]


def test_a_commit_of_ours_is_known_by_its_rows(database: Path, stop: threading.Event) -> None:
    status = database.stat()
    ours = row_version(status.st_dev, status.st_ino, [(MAIN, text(entry(label="ours")).encode())])
    asked: list[FileId] = []

    def wrote(_store: Path, file: FileId, _at: float, changes: Sequence[EntryChange]) -> bool:
        asked.append(file)
        return file == ours and [change.key for change in changes] == [MAIN]

    events = Watch([database], ours=wrote).events(stop)
    until(events, Loaded)
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="theirs")})
        assert until(events, Changed)[0].version.writer.how == "unknown"
        put(gateway, {MAIN: entry(label="ours")})
        changed, _ = until(events, Changed)
    assert changed.version.writer.how == "you" and changed.version.file == ours
    assert changed.version.file.mtime_ns // 1_000_000 == entry()["updatedAt"]
    stop.set()
    list(events)


def test_nothing_of_a_database_is_left_open(database: Path, stop: threading.Event) -> None:
    before = set(os.listdir("/proc/self/fd"))
    events = Watch([database]).events(stop)
    until(events, Loaded)
    stop.set()
    list(events)
    assert set(os.listdir("/proc/self/fd")) == before


def test_inotify_names_are_those_of_the_database(database: Path) -> None:
    """The wake-up this all rests on: a commit writes to the -wal in the database's own directory."""
    watcher = inotify.Inotify()
    with opened(database) as gateway:
        gateway.execute("PRAGMA journal_mode = wal")
        watcher.add(str(database.parent))
        put(gateway, {MAIN: entry(label="two")})
        names = {event.name for event in watcher.read()}
    watcher.close()
    assert os.fsencode(database.name) + b"-wal" in names
