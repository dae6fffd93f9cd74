"""Changes of fields, older versions of entries, and the bound on both."""

from __future__ import annotations

from pathlib import Path

from store.events import Changed, EntryChange, FileId, Loaded, Version
from store.history import History
from store.js import ABSENT, JsonObject, encode

STORE = Path("sessions.json")
KEY = "agent:main:main"


def version(number: int) -> Version:
    return Version(number, 1000.0 + number, FileId(1, number, 10, number))


def changed(number: int, before: JsonObject | None, after: JsonObject | None, key: str = KEY) -> Changed:
    texts = [None if entry is None else encode(entry).encode() for entry in (before, after)]
    return Changed(STORE, version(number), (EntryChange(key, *texts),), 1)


def loaded() -> Loaded:
    return Loaded(STORE, version(1), 1)


def test_only_fields_that_are_no_noise_are_changes() -> None:
    history = History()
    history.record(loaded())
    before: JsonObject = {"modelOverride": "a", "outputTokens": 1, "updatedAt": 1}
    after: JsonObject = {"outputTokens": 2, "updatedAt": 2, "label": "x"}
    found = history.record(changed(2, before, after))
    assert [(change.field, change.old, change.new) for change in found] == [
        ("modelOverride", "a", ABSENT),
        ("label", ABSENT, "x"),
    ]
    assert history.last_change(KEY) == found[-1]
    assert history.changes(KEY, "modelOverride") == [found[0]]
    assert history.recent(1) == [found[1]]


def test_a_copy_knows_from_when_to_when_it_was_the_truth() -> None:
    history = History()
    history.record(loaded())
    history.record(changed(2, {"label": "a"}, {"label": "b"}))
    history.record(changed(5, {"label": "b"}, {"label": "c"}))
    assert [(copy.raw, copy.since.number, copy.until.number) for copy in history.copies(KEY)] == [
        (b'{\n  "label": "b"\n}', 2, 5),
        (b'{\n  "label": "a"\n}', 1, 2),
    ]
    assert history.since(KEY) == version(5)
    assert history.since("another key") == version(1)


def test_old_texts_go_first_when_the_bytes_run_out() -> None:
    history = History(limit=100)
    history.record(loaded())
    for number in range(2, 20):
        history.record(
            changed(number, {"label": "x" * 20, "n": number}, {"label": "y", "n": number}, f"key {number % 3}")
        )
    assert history.size <= 100
    kept = [copy.since.number for key in ("key 0", "key 1", "key 2") for copy in history.copies(key)]
    assert kept
    assert max(copy.until.number for copy in history.copies("key 1")) == 19


def test_added_removed_and_invalid_entries_are_no_field_changes() -> None:
    history = History()
    history.record(loaded())
    assert history.record(changed(2, None, {"label": "a"})) == ()
    assert history.record(changed(3, {"label": "a"}, None)) == ()
    bad = Changed(STORE, version(4), (EntryChange(KEY, b"[1]", b"3"),), 1)
    assert history.record(bad) == ()
    assert history.changes(KEY) == []
