"""What looks like a loss and is none; the rarer findings; any input; the bound on memory."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.events import Broken, Changed, EntryChange, Loaded, Missed, Recovered, Watching, Writer
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.findings.past import Past, Sight
from store.js import ABSENT, Edit, Json, JsonObject
from store.summary import summarise
from tests.support.past import BASE, KEY, LOCK, MODEL, NO_MODEL, RUN, START, STORE, YOU, Life, text, told, with_edit
from tests.support.strategies import ENTRIES, SCALARS

NO_LOCK = Writer(None, "no lock")
AUTO: Edit = {**MODEL, "modelOverrideSource": "auto", "fallbackNoticeActiveModel": "gpt-5.2"}
NOT_AUTO: Edit = dict.fromkeys(AUTO, ABSENT)


def alarms(findings: tuple[Finding, ...]) -> list[tuple[str, str, set[str]]]:
    return told(tuple(finding for finding in findings if finding.alarming))


LOOK_ALIKES: dict[str, list[Edit]] = {
    "patched to the default model, which clears what follows from it": [
        {**RUN, **MODEL, "authProfileOverride": "openai:a"},
        {**NO_MODEL, "authProfileOverride": ABSENT, "model": ABSENT, "modelProvider": ABSENT, "contextTokens": ABSENT},
    ],
    "a fallback, withdrawn by the run that succeeds": [AUTO, {**RUN, **NOT_AUTO}],
    "the model set back by hand, then a run": [{**RUN, **MODEL}, {**RUN, "outputTokens": 9}, NO_MODEL, RUN],
    "a rotated profile that returns with a run": [
        {"authProfileOverride": "openai:b", "authProfileOverrideSource": "auto"},
        {"authProfileOverride": "openai:c"},
        {**RUN, "authProfileOverride": "openai:b"},
    ],
    "compaction": [RUN, {"inputTokens": ABSENT, "outputTokens": ABSENT, "totalTokens": 4000, "compactionCount": 1}],
    "the same cached tokens and model in each run": [
        {**RUN, "cacheRead": 18432, "cacheWrite": 0},
        {**RUN, "inputTokens": 7, "outputTokens": 9, "cacheRead": 22016, "model": "gpt", "contextTokens": 400_000},
        {**RUN, "inputTokens": 8, "outputTokens": 10, "cacheRead": 18432, "cacheWrite": 512},
    ],
    "a pending delivery that comes and goes": [
        {"pendingFinalDelivery": True, "pendingFinalDeliveryText": "done", "pendingFinalDeliveryCreatedAt": 1},
        {"pendingFinalDelivery": ABSENT, "pendingFinalDeliveryText": ABSENT, "pendingFinalDeliveryCreatedAt": ABSENT},
    ],
    "a group renamed and renamed back": [
        {"subject": "war room of the release", "displayName": "war room of the release"},
        {"subject": "ops", "displayName": "ops"},
        {"subject": "war room of the release", "displayName": "war room of the release"},
    ],
    "the levels turned up and down": [
        {"thinkingLevel": "high", "verboseLevel": "on"},
        {"thinkingLevel": "low", "verboseLevel": ABSENT},
    ],
    "the same heartbeat text each time": [
        {"lastHeartbeatText": "HEARTBEAT_OK all is well", "lastHeartbeatSentAt": 1},
        {"lastHeartbeatText": "the disk is filling up", "lastHeartbeatSentAt": 2},
        {"lastHeartbeatText": "HEARTBEAT_OK all is well", "lastHeartbeatSentAt": 3},
    ],
}


@pytest.mark.parametrize("writes", LOOK_ALIKES.values(), ids=LOOK_ALIKES.keys())
def test_look_alikes_raise_no_alarm(writes: list[Edit]) -> None:
    life = Life()
    for edit in writes:
        assert alarms(life.wrote(edit)) == []


def test_a_wrong_time_put_right_is_no_fall() -> None:
    life = Life()
    life.wrote(MODEL, stamp=START + 86400)
    assert alarms(life.wrote(NO_MODEL)) == []
    life.wrote(MODEL)
    assert alarms(life.wrote(NO_MODEL, stamp=(START + 5) / 1000)) == []


def test_a_clock_set_back_is_no_fall() -> None:
    life = Life()
    life.wrote(MODEL, after=10)
    assert alarms(life.wrote(NO_MODEL, after=-8)) == []


def test_a_copy_from_too_long_ago_is_not_suspected() -> None:
    life = Life()
    life.wrote(MODEL)
    life.wrote({"label": "later"}, after=31 * 60)
    assert life.wrote({**RUN, **NO_MODEL}) == ()


def test_the_copy_may_be_of_a_text_that_stood_for_hours() -> None:
    life = Life()
    life.wrote(MODEL, after=3 * 3600)
    (finding,) = life.wrote(RUN, copy=0)
    assert (finding.grade, finding.base_age_s, finding.stale_s) == ("probable", 3 * 3600 + 1, 1.0)


def test_a_cleared_field_that_returns_is_resurrected() -> None:
    life = Life({**BASE, "label": "old name", "sendPolicy": "deny"})
    life.wrote({"label": ABSENT, "sendPolicy": ABSENT})
    (finding,) = life.wrote(RUN, copy=0)
    assert told((finding,)) == [("resurrected-field", "probable", {"label", "sendPolicy"})]
    assert "had been removed, came back" in finding.because()


def test_a_stale_write_that_costs_nothing_precious_is_told_as_such() -> None:
    life = Life()
    life.wrote({**RUN, "lastInteractionAt": 1_790_000_000_500})
    assert told(life.wrote({"heartbeatTaskState": {"mail": 1}}, copy=0)) == [
        ("stale-write-back", "confirmed", {"inputTokens", "outputTokens", "lastInteractionAt"} | set(RUN))
    ]


def test_a_handler_that_knows_few_fields_drops_the_rest() -> None:
    rest: JsonObject = {"displayName": "Alice", "elevatedLevel": "ask", "execHost": "node", "spawnedBy": "agent:x"}
    life = Life({**BASE, **rest})
    (finding,) = life.wrote(dict.fromkeys((*rest, "inputTokens"), ABSENT))
    assert told((finding,)) == [("dropped-field", "probable", {*rest, "inputTokens"})]


def test_what_one_patch_can_clear_is_possible_unless_it_is_proven() -> None:
    chosen: JsonObject = {"thinkingLevel": "high", "sendPolicy": "deny", "verboseLevel": "on", "label": "x"}
    for stamp, grade in ((None, "possible"), (START - 1, "confirmed")):
        life = Life(with_edit({**BASE, **chosen, "contextTokens": 5}, MODEL))
        gone: Edit = dict.fromkeys((*chosen, *MODEL, "contextTokens"), ABSENT)
        assert [found[:2] for found in told(life.wrote(gone, stamp=stamp))] == [("dropped-field", grade)]


def test_half_a_pair_is_torn() -> None:
    life = Life({**BASE, "providerOverride": "anthropic", "modelOverride": "opus"})
    life.wrote(MODEL)
    found = life.wrote({"providerOverride": "anthropic"})
    assert told(found) == [("torn-pair", "probable", {"providerOverride"})]
    assert alarms(life.wrote({**MODEL, "providerOverride": "openrouter"})) == []
    assert ("torn-pair", "probable", {"providerOverride"}) in told(life.wrote({"providerOverride": ABSENT}))


def test_a_route_in_two_spellings_is_torn() -> None:
    both: JsonObject = {**BASE, "deliveryContext": {"channel": "telegram", "to": "1"}}
    life = Life(both)
    assert told(life.wrote({"lastTo": "2"})) == [("torn-pair", "possible", {"lastTo"})]


def test_two_new_sessions_at_once_are_a_fork() -> None:
    life = Life()
    life.wrote({"sessionId": "22222222-bbbb-4bbb-8bbb-222222222222"})
    second: Edit = {"sessionId": "33333333-cccc-4ccc-8ccc-333333333333"}
    assert told(life.wrote(second, copy=0, stamp=life.now - 0.4, after=0.2)) == [
        ("forked-session", "confirmed", {"sessionId"})
    ]
    life = Life()
    life.wrote({"sessionId": "22222222-bbbb-4bbb-8bbb-222222222222"})
    assert alarms(life.wrote(second)) == []
    assert life.wrote({"sessionId": "44444444-cccc-4ccc-8ccc-333333333333"}, after=60) == ()


def test_two_entries_with_one_session() -> None:
    life = Life()
    life.detector.learn(summarise("agent:main:main", _raw({"sessionId": "shared"})))
    assert told(life.wrote({"sessionId": "shared"})) == [("cross-session", "probable", {"sessionId"})]


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("agent:main:cron:digest:run:5", "agent:main:cron:digest"),
        ("agent:main:cron:digest:run:6", "agent:main:cron:digest:run:5"),
        ("agent:main:main", "main"),
        ("agent:main:telegram:group:ABC", "agent:main:telegram:group:abc"),
    ],
)
def test_keys_that_share_a_session_by_design(key: str, other: str) -> None:
    life = Life(key=key)
    life.detector.learn(summarise(other, _raw({"sessionId": "shared"})))
    assert life.wrote({"sessionId": "shared"}) == ()


def test_an_entry_that_moves_to_another_key_shares_nothing() -> None:
    life = Life()
    life.detector.learn(summarise(KEY, _raw(BASE)))
    life.number, life.now = 2, life.now + 1
    moved = (EntryChange("agent:main:other", None, text(BASE)), EntryChange(KEY, text(BASE), None))
    assert life.tell(Changed(STORE, life.version(), moved, 1)) == ()


def test_a_whole_stale_store_is_one_more_finding() -> None:
    detector = Detector(STORE)
    entries: dict[str, JsonObject] = {f"agent:main:{n}": {**BASE, "label": f"{n}"} for n in range(3)}
    life = Life(detector=detector)
    later = {key: {**entry, **MODEL, "updatedAt": int(START * 1000) + 900} for key, entry in entries.items()}
    for before, after in ((entries, later), (later, entries)):
        life.number, life.now = life.number + 1, life.now + 1
        pairs = tuple(EntryChange(key, _raw(before[key]), _raw(after[key])) for key in entries)
        found = detector.observe(Changed(STORE, life.version(LOCK), pairs, 3))
    assert [(finding.kind, finding.grade, finding.key) for finding in found] == [
        *(("lost-update", "confirmed", key) for key in entries),
        ("store-write-back", "confirmed", ""),
    ]


def _raw(entry: object) -> bytes:
    return json.dumps(entry).encode()


def test_a_write_without_the_lock_counts_only_where_the_lock_is_the_rule() -> None:
    found: list[tuple[str, str, set[str]]] = [("unlocked-write", "probable", set())]
    for rule in (False, True):
        wanted = found if rule else []
        life = Life(detector=Detector(STORE, lock_is_rule=partial(bool, rule)))
        assert told(life.wrote({"label": "a"}, writer=NO_LOCK)) == wanted
        assert life.wrote({"label": "b"}, writer=NO_LOCK) == ()
        assert told(life.wrote({"label": "c"}, writer=NO_LOCK, after=61)) == wanted
        assert life.wrote({"label": "d"}, writer=LOCK) == ()


@pytest.mark.parametrize(
    ("kind", "finding", "grade"),
    [
        ("shrank", "store-truncated", "probable"),
        ("empty", "store-truncated", "confirmed"),
        ("unreadable", "store-unreadable", "confirmed"),
    ],
)
def test_a_broken_store_is_a_finding(kind: str, finding: str, grade: str) -> None:
    life = Life()
    event = Broken(STORE, START, kind, "from 412 entries to 3", life.version(), 412, 3)  # type: ignore[arg-type]
    (found,) = life.tell(event)
    assert (found.kind, found.grade, found.because()) == (finding, grade, "from 412 entries to 3")
    life.tell(Recovered(STORE, START))


def test_without_inotify_nothing_is_certain() -> None:
    life = Life()
    life.tell(Watching(STORE, "poll", "nfs does not tell"))
    life.wrote(MODEL)
    assert told(life.wrote({}, copy=0, stamp=life.now - 0.5))[0][:2] == ("lost-update", "probable")


def test_json_has_the_promised_shape() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    (finding,) = life.wrote({"label": "x"}, copy=0, stamp=life.now - 0.5, writer=LOCK)
    record = json.loads(json.dumps(finding.to_json()))
    assert {name: record[name] for name in ("finding", "grade", "key", "base_age_s", "stale_s", "writer")} == {
        "finding": "lost-update",
        "grade": "confirmed",
        "key": KEY,
        "base_age_s": 2.0,
        "stale_s": 1.0,
        "writer": {"pid": 48213, "how": "lock"},
    }
    assert record["fields"] == [
        {"field": "providerOverride", "lost": "openai", "now": None},
        {"field": "modelOverride", "lost": "gpt-5.2", "now": None},
    ]
    assert record["yours"] == ["providerOverride", "modelOverride"]
    assert record["witness"][1] == {
        "role": "lost",
        "version": 2,
        "at": 1_790_000_001_000,
        "writer": {"pid": 7, "how": "you"},
        "fields": {"providerOverride": "openai", "modelOverride": "gpt-5.2"},
    }


NUMBERS: st.SearchStrategy[Json] = st.sampled_from([0, -1, 10**400, 1.5, True, None, "x", [], int(START * 1000), 2**63])
FIELDS = st.sampled_from(
    ["updatedAt", "sessionId", "modelOverride", "providerOverride", "deliveryContext", "inputTokens"]
)
ANY_ENTRY: st.SearchStrategy[Json] = ENTRIES | SCALARS | st.dictionaries(FIELDS, NUMBERS | SCALARS, max_size=5)
ANY_TEXT = (
    st.none() | ANY_ENTRY.map(_raw) | st.binary(max_size=9) | st.sampled_from([b"[" * 3000, b'{"updatedAt": 1e400}'])
)


@settings(max_examples=150)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT, st.integers(0, 9), st.floats(-9, 9), st.booleans()), max_size=12))
def test_no_content_raises(writes: list[tuple[bytes | None, bytes | None, int, float, bool]]) -> None:
    detector = Detector(STORE, lock_is_rule=lambda: True)
    version = Life().version(NO_LOCK)
    for before, after, jump, seconds, gap in writes:
        version = replace(version, number=version.number + jump, at=version.at + seconds, overtaken=jump)
        if gap:
            detector.observe(Missed(STORE, version.at, None))
        changes = (EntryChange(KEY, before, after), EntryChange("k", after, before))
        for finding in detector.observe(Changed(STORE, version, changes, 2)):
            finding.because()
            finding.to_json()


def test_another_stores_events_are_not_its_own() -> None:
    life = Life()
    life.wrote(MODEL)
    other = Loaded(Path("/other/sessions.json"), life.version(), 1)
    assert life.tell(other) == ()
    assert told(life.wrote(RUN, copy=0)) != []


def test_memory_is_bounded() -> None:
    past = Past(limit=100_000)
    life = Life()
    first = life.version()
    for number in range(2, 3000):
        before, after = ({"label": f"{n}", "n": n} for n in (number, number + 1))
        version = replace(first, number=number)
        past.take(EntryChange(f"k{number % 7}", _raw(before), _raw(after)), version, Sight(first, False, True, 0))
        past.make_room()
    assert 50_000 < past.size <= past.limit
    alone = Past()
    for number in range(2, 5000):
        change = EntryChange("k", _raw({"n": number}), _raw({"n": number + 1}))
        write = alone.take(change, replace(first, number=number), Sight(first, False, True, 0))
        alone.make_room()
    assert write and len(write.older) == 300
    assert alone.size < 400_000 and len(alone._oldest) < 3000


def test_a_finding_keeps_its_id_and_another_has_another() -> None:
    ids = []
    for value in ("gpt-5.2", "gpt-5.2", "gpt-5.3\ud800"):
        life = Life()
        life.wrote({**MODEL, "modelOverride": value})
        (finding,) = life.wrote({}, copy=0, stamp=life.now - 0.5)
        ids.append(finding.id)
        assert len(finding.id) == 12 and finding.to_json()["id"] == finding.id
    assert ids[0] == ids[1] != ids[2]
