"""Changes of fields, older versions of entries, and the bound on both."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from store.events import UNKNOWN_WRITER, Changed, EntryChange, FileId, Loaded, Missed, Version
from store.history import History
from store.history.changes import remembered
from store.history.texts import parts_of
from store.js import ABSENT, Json, JsonObject, encode

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
    history = History(limit=20_000)
    history.record(loaded())
    for number in range(2, 60):
        key = f"key {number % 3}"
        history.record(changed(number, {"label": "x" * 20, "n": number}, {"label": "y", "n": number}, key))
    assert history.size <= 20_000
    kept = [copy.until.number for key in ("key 0", "key 1", "key 2") for copy in history.copies(key)]
    assert sorted(kept) == list(range(min(kept), 60))
    assert min(kept) > 2


def test_one_busy_entry_does_not_push_out_the_others() -> None:
    history = History()
    history.record(loaded())
    history.record(changed(2, {"label": "a"}, {"label": "b"}, "quiet"))
    for number in range(3, 1000):
        history.record(changed(number, {"outputTokens": number}, {"outputTokens": number + 1}))
    assert [copy.until.number for copy in history.copies("quiet")] == [2]
    assert len(history.copies(KEY)) == 500
    assert len(history.writes(KEY, every=True)) == 200


def report(number: int) -> JsonObject:
    """What an entry of 60 KB consists of: a few fields, and a report of hundreds of parts."""
    tools: list[Json] = [{"name": f"tool {n}", "summaryChars": 17 * n, "schema": f"{n}" * 60} for n in range(400)]
    return {"label": "x", "outputTokens": number, "systemPromptReport": {"generatedAt": number, "tools": tools}}


def test_texts_of_a_fat_entry_share_what_did_not_change() -> None:
    history = History(limit=2 << 20)
    history.record(loaded())
    for number in range(2, 202):
        history.record(changed(number, report(number), report(number + 1)))
    copies = history.copies(KEY)
    assert len(copies[0].raw) > 60_000
    assert len(copies) == 200, "2 MB would hold thirty whole texts"
    assert history.size <= 2 << 20
    assert [copy.raw for copy in copies[:3]] == [encode(report(number)).encode() for number in (201, 200, 199)]


@given(st.lists(st.text(), min_size=1), st.integers(0, 3))
def test_the_parts_of_a_text_are_the_text(lines: list[str], repeats: int) -> None:
    raw = ("\n".join(lines) * repeats).encode("utf-8", "surrogatepass")
    assert b"".join(parts_of(raw)) == raw


def test_a_fat_value_is_remembered_by_size_and_hash() -> None:
    history = History()
    history.record(loaded())
    (first,) = history.record(changed(2, {}, {"label": "x" * 60_000}))
    (second,) = history.record(changed(3, {"label": "x" * 60_000}, {"label": "y" * 60_000}))
    assert first.new == second.old
    assert str(second.old).startswith("60,000 characters, sha256 ")
    assert second.old != second.new
    deep: Json = "x"
    for _ in range(900):
        deep = [deep]
    assert remembered(deep) == "a value nested too deep to be kept"


def test_the_writes_of_an_entry_with_what_each_changed() -> None:
    history = History()
    history.record(loaded())
    history.record(changed(2, {"label": "a", "outputTokens": 1}, {"label": "b", "outputTokens": 2}))
    history.record(changed(3, {"label": "b", "outputTokens": 2}, {"label": "b", "outputTokens": 5, "status": "done"}))
    history.record(Missed(STORE, 1003.5, 1))
    history.record(changed(5, {"label": "b"}, None))
    history.record(changed(6, None, {"label": "c"}))
    assert [(write.version.number, write.did, write.noise, write.gap) for write in history.writes(KEY, every=True)] == [
        (6, "added", (), False),
        (5, "removed", (), True),
        (3, "changed", ("outputTokens", "status"), False),
        (2, "changed", ("outputTokens",), False),
    ]
    assert [write.version.number for write in history.writes(KEY)] == [6, 5, 2]


def test_the_texts_around_a_write() -> None:
    history = History()
    history.record(loaded())
    history.record(changed(2, {"label": "a"}, {"label": "b"}))
    history.record(changed(3, {"label": "b"}, {"label": "c"}))
    present = encode({"label": "c"}).encode()
    assert history.before(KEY, version(2)) == encode({"label": "a"}).encode()
    assert history.after(KEY, version(2), present) == encode({"label": "b"}).encode()
    assert history.after(KEY, version(3), present) == present
    assert history.before(KEY, version(1)) is None


def test_the_values_of_a_noise_field_come_from_the_older_texts() -> None:
    history = History()
    history.record(loaded())
    history.record(changed(2, {"status": "running", "label": "a"}, {"status": "done", "label": "a"}))
    history.record(changed(3, {"status": "done", "label": "a"}, {"status": "done", "label": "b"}))
    history.record(changed(4, {"status": "done", "label": "b"}, {"label": "b"}))
    present = encode({"label": "b"}).encode()
    assert [(one.old, one.new, one.version.number) for one in history.values(KEY, "status", present)] == [
        ("done", ABSENT, 4),
        ("running", "done", 2),
    ]
    assert history.values(KEY, "label", present) == history.changes(KEY, "label")


def test_blame_names_the_last_change_or_the_first_version() -> None:
    history = History()
    history.record(loaded())
    history.record(changed(2, {"label": "a"}, {"label": "b"}))
    blame = history.blame(KEY, "label")
    assert blame.change is not None
    assert (blame.change.old, blame.version.writer) == ("a", UNKNOWN_WRITER)
    assert history.blame(KEY, "sendPolicy").change is None
    assert history.blame(KEY, "sendPolicy").version == version(1)


def test_what_one_version_did_to_other_entries() -> None:
    history = History()
    history.record(loaded())
    texts = [(key, b'{"label": "a"}', b'{"label": "b"}') for key in ("one", "two", "three")]
    history.record(Changed(STORE, version(2), tuple(EntryChange(*text) for text in texts), 3))
    history.record(changed(3, {"label": "b"}, {"label": "c"}, "one"))
    (_, write) = history.writes("one")
    assert [other.key for other in history.beside(write)] == ["two", "three"]


def test_a_past_goes_before_what_was_seen_live() -> None:
    past, live = History(), History()
    old = Loaded(STORE, version(-2), 1)
    past.record(old)
    past.record(changed(-1, {"label": "a"}, {"label": "b"}))
    past.record(changed(1, {"label": "b"}, {"label": "c"}, "bridged"))
    live.record(loaded())
    live.record(changed(2, {"label": "b"}, {"label": "d"}))
    live.record(changed(3, {"label": "c"}, {"label": "d"}, "bridged"))
    past.followed_by(live, version(1))
    assert [(copy.since.number, copy.until.number) for copy in past.copies(KEY)] == [(-1, 2), (-2, -1)]
    assert [(copy.since.number, copy.until.number) for copy in past.copies("bridged")] == [(1, 3), (-2, 1)]
    assert [change.new for change in past.changes(KEY)] == ["d", "b"]
    assert (past.since(KEY), past.since("bridged"), past.since("another")) == (version(2), version(3), version(-2))
    assert past.first == version(-2)


def test_added_removed_and_invalid_entries_are_no_field_changes() -> None:
    history = History()
    history.record(loaded())
    assert history.record(changed(2, None, {"label": "a"})) == ()
    assert history.record(changed(3, {"label": "a"}, None)) == ()
    bad = Changed(STORE, version(4), (EntryChange(KEY, b"[1]", b"3"),), 1)
    assert history.record(bad) == ()
    assert history.changes(KEY) == []
