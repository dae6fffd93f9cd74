"""Older copies and recordings as the past of a store that is being watched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from store.errors import StoreError, Unreadable, UsageError
from store.events import Event, FileId, Missed, Version, Writer
from store.history import History
from store.js import JsonObject, encode
from store.past.files import belongs_to, old_files
from store.past.first import first_texts
from store.past.read import read_past
from store.past.teller import differing
from tests.support.recorded import Feed, record, text

KEY, OTHER = "agent:main:main", "agent:main:cron:daily"
NOW = 1_790_100_000.0
FIRST = Version(1, NOW, FileId(9, 9, 9, 9))


def written(path: Path, at: float, entries: Mapping[str, JsonObject]) -> Path:
    """A store's file as it was at that time."""
    path.write_text(encode(dict(entries)))
    os.utime(path, (at, at))
    return path


def texts(entries: Mapping[str, JsonObject]) -> dict[str, bytes]:
    return {key: text(entry) for key, entry in entries.items()}


def test_what_lies_beside_a_store_oldest_first(tmp_path: Path) -> None:
    store = written(tmp_path / "sessions.json", NOW, {KEY: {}})
    written(tmp_path / "sessions.json.bak", NOW - 10, {KEY: {}})
    written(tmp_path / "sessions.json.bak.1790000000000", NOW - 99, {KEY: {}})
    written(tmp_path / "5b0c71e2.jsonl", NOW - 5, {})
    written(tmp_path / "notes.db", NOW - 5, {})
    (tmp_path / "sessions.json.bak.empty").touch()
    (tmp_path / "sessions.json.bak.d").mkdir()
    feed = Feed(store, now=NOW - 50)
    record(tmp_path / "incident.rec", [feed.loaded(texts({KEY: {}}))], feed)
    found = [(old.path.name, old.recording) for old in old_files(store)]
    assert found == [("sessions.json.bak.1790000000000", False), ("incident.rec", True), ("sessions.json.bak", False)]
    assert old_files(tmp_path / "nowhere" / "sessions.json") == []


def test_copies_become_versions_with_gaps_between_them(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    first = written(tmp_path / "sessions.json.bak.1", NOW - 100, {KEY: {"label": "a"}, OTHER: {"label": "x"}})
    second = written(tmp_path / "sessions.json.bak", NOW - 50, {KEY: {"label": "b"}, OTHER: {"label": "x"}})
    past = read_past([second, first], store, FIRST, texts({KEY: {"label": "c"}, OTHER: {"label": "x"}}))
    assert (past.since, past.versions, past.files) == (NOW - 100, 2, 2)
    changes = past.history.changes(KEY)
    assert [(change.old, change.new, change.version.at) for change in changes] == [
        ("b", "c", NOW),
        ("a", "b", NOW - 50),
    ]
    assert [change.version.number for change in changes] == [1, 0]
    assert all(write.gap for write in past.history.writes(KEY))
    assert past.history.changes(OTHER) == []
    assert past.history.since(OTHER).number == -1


def test_nothing_in_the_gap_between_copies_is_called_confirmed(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    old: JsonObject = {"sessionId": "1", "modelOverride": "a", "lastInteractionAt": 1790000000111, "updatedAt": 10}
    new: JsonObject = {"sessionId": "1", "modelOverride": "b", "lastInteractionAt": 1790000000222, "updatedAt": 20}
    copies = [written(tmp_path / f"{n}", NOW - 90 + n, {KEY: entry}) for n, entry in enumerate((old, new, old))]
    past = read_past(copies, store, FIRST, texts({KEY: old}))
    assert {finding.grade for finding in past.findings} <= {"unknown", "possible"}


def test_the_past_and_what_was_seen_live_are_one_history(tmp_path: Path) -> None:
    copy = written(tmp_path / "old", NOW - 100, {KEY: {"label": "a"}})
    feed = Feed(tmp_path / "sessions.json", now=NOW)
    live = History()
    loaded = feed.loaded(texts({KEY: {"label": "b"}}))
    live.record(loaded)
    live.record(feed.changed(texts({KEY: {"label": "c"}})))
    past = read_past([copy], feed.store, loaded.version, texts({KEY: {"label": "b"}})).history
    past.followed_by(live, loaded.version)
    assert [change.new for change in past.changes(KEY)] == ["c", "b"]
    assert [copy.raw for copy in past.copies(KEY)] == [text({"label": "b"}), encode({"label": "a"}, "\n  ").encode()]


def test_the_texts_of_the_first_watched_version_are_found_again(tmp_path: Path) -> None:
    feed = Feed(tmp_path / "sessions.json", now=NOW)
    live = History()
    loaded = feed.loaded(texts({KEY: {"label": "b"}, OTHER: {}, "gone": {"n": 1}}))
    live.record(loaded)
    live.record(feed.changed(texts({KEY: {"label": "c"}, "new": {}})))
    live.record(feed.changed({"gone": None}))
    live.record(feed.changed(texts({KEY: {"label": "d"}})))
    first = first_texts(live, loaded.version)
    assert first.absent == {"new"}
    assert not first.unknown
    assert first.all_of(list(feed.texts), feed.texts.get) == texts({KEY: {"label": "b"}, OTHER: {}, "gone": {"n": 1}})


def test_an_entry_whose_first_text_was_forgotten_is_left_out(tmp_path: Path) -> None:
    feed = Feed(tmp_path / "sessions.json", now=NOW)
    live = History(limit=20_000)
    loaded = feed.loaded(texts({KEY: {"label": "0"}}))
    live.record(loaded)
    for number in range(1, 60):
        live.record(feed.changed(texts({KEY: {"label": f"{number}"}})))
    first = first_texts(live, loaded.version)
    assert first.unknown == {KEY}
    copy = written(tmp_path / "old", NOW - 100, {KEY: {"label": "a"}})
    known = first.all_of(list(feed.texts), feed.texts.get)
    past = read_past([copy], feed.store, loaded.version, known, first.unknown).history
    assert past.writes(KEY) == []
    past.followed_by(live, loaded.version)
    assert [write.did for write in past.writes(KEY)] == ["changed"] * len(live.writes(KEY))


def recorded(path: Path, store: Path, values: list[str], now: float) -> Feed:
    """A recording of one entry whose label had these values, a second apart."""
    feed = Feed(store, now=now)

    def events() -> Iterator[Event]:
        yield feed.loaded(texts({KEY: {"label": values[0]}}))
        for value in values[1:]:
            yield feed.changed(texts({KEY: {"label": value}}))

    record(path, events(), feed)
    return feed


def test_a_recording_keeps_every_version_and_who_wrote_it(tmp_path: Path) -> None:
    store, file = tmp_path / "sessions.json", tmp_path / "rec"
    recorded(file, store, ["a", "b", "c"], NOW - 60)
    past = read_past([file], store, FIRST, texts({KEY: {"label": "d"}}))
    found = [(change.new, change.version.number) for change in past.history.changes(KEY)]
    assert found == [("d", 1), ("c", -1), ("b", -2)]
    assert [write.gap for write in past.history.writes(KEY)] == [True, False, False]


def test_a_recording_that_goes_on_knows_the_first_watched_version(tmp_path: Path) -> None:
    store, file = tmp_path / "sessions.json", tmp_path / "rec"
    feed = recorded(file, store, ["a", "b", "c", "d"], NOW - 60)
    first = Version(1, NOW, FileId(1, feed.number - 1, 100, int((feed.now - 1) * 1e9)))
    past = read_past([file], store, first, texts({KEY: {"label": "c"}}))
    assert [change.new for change in past.history.changes(KEY)] == ["c", "b"]
    assert not any(write.gap for write in past.history.writes(KEY))


def test_copies_within_a_recording_add_nothing(tmp_path: Path) -> None:
    store, file = tmp_path / "sessions.json", tmp_path / "rec"
    recorded(file, store, ["a", "b", "c"], NOW - 60)
    inside = written(tmp_path / "sessions.json.bak", NOW - 58, {KEY: {"label": "nonsense"}})
    before = written(tmp_path / "sessions.json.bak.1", NOW - 80, {KEY: {"label": "0"}})
    past = read_past([file, inside, before], store, FIRST, texts({KEY: {"label": "c"}}))
    assert [change.new for change in past.history.changes(KEY)] == ["c", "b", "a"]


def test_which_store_a_file_is_of(tmp_path: Path) -> None:
    main, ops = tmp_path / "main" / "sessions.json", tmp_path / "ops" / "sessions.json"
    main.parent.mkdir()
    stores = {main: [KEY], ops: [OTHER, "b"]}
    beside = written(tmp_path / "main" / "sessions.json.bak", NOW, {"other": {}})
    assert belongs_to(beside, stores) == main
    assert belongs_to(written(tmp_path / "copy.json", NOW, {OTHER: {}}), stores) == ops
    recorded(tmp_path / "rec", ops, ["a"], NOW)
    assert belongs_to(tmp_path / "rec", stores) == ops
    recorded(tmp_path / "moved", tmp_path / "gone" / "sessions.json", ["a"], NOW)
    assert belongs_to(tmp_path / "moved", stores) == main
    with pytest.raises(UsageError, match="no session in common"):
        belongs_to(written(tmp_path / "package.json", NOW, {"name": {}}), stores)


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b'{"a": ', b"[1]", b"SQLite format 3\0" + b"\0" * 200])
def test_a_damaged_or_foreign_file_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "damaged"
    file.write_bytes(content)
    for attempt in (lambda: belongs_to(file, {tmp_path: [KEY]}), lambda: read_past([file], tmp_path, FIRST, {})):
        with pytest.raises(StoreError, match="damaged"):
            attempt()
    with pytest.raises(Unreadable, match="cannot be read"):
        belongs_to(tmp_path / "missing", {tmp_path: [KEY]})


def test_a_file_from_after_watching_began_is_no_past(tmp_path: Path) -> None:
    copy = written(tmp_path / "new", NOW + 5, {KEY: {}})
    with pytest.raises(UsageError, match="nothing from before"):
        read_past([copy], tmp_path / "sessions.json", FIRST, texts({KEY: {}}))


def test_what_differs_is_judged_by_value() -> None:
    before = {"a": b'{"x":1}', "b": b"{}", "gone": b"{}", "broken": b"{"}
    after = {"a": b'{ "x": 1.0 }', "b": b'{"y":2}', "new": b"{}", "broken": b"{{"}
    assert [change.key for change in differing(before, after)] == ["b", "new", "broken", "gone"]


def test_missed_versions_of_a_recording_stay_missed(tmp_path: Path) -> None:
    store, file = tmp_path / "sessions.json", tmp_path / "rec"
    feed = Feed(store, now=NOW - 60)
    events: list[Event] = [feed.loaded(texts({KEY: {"label": "a"}})), Missed(store, NOW - 58, 3)]
    record(file, [*events, feed.changed(texts({KEY: {"label": "b"}}))], feed)
    past = read_past([file], store, FIRST, texts({KEY: {"label": "b"}}))
    assert [write.gap for write in past.history.writes(KEY)] == [True]
    assert Writer(None, "unknown") == past.history.writes(KEY)[0].version.writer
