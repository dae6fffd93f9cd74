"""Whatever the entries hold and in whatever order the events come, the detector answers and can be printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.events import (
    Broken,
    Changed,
    EntryChange,
    Event,
    FileId,
    Loaded,
    LockState,
    Missed,
    Recovered,
    Version,
    Watching,
    Writer,
)
from store.findings.detector import Detector
from store.findings.finding import GRADES, Finding
from store.findings.settings import MEMBERS, STICKY
from store.js import Json, JsonObject, encode
from store.summary import summarise
from tests.support.past import BASE, START, STORE
from tests.support.strategies import VALUES

KEYS = [
    *("agent:main:telegram:direct:1", "agent:main:main", "agent:main:cron:x", "agent:main:cron:x:run:1"),
    *("", "a\ud83d", "agent:ops:slack:channel:C1", "agent:ops:slack:channel:c1"),
]
FIELDS = sorted(
    {member for members in MEMBERS.values() for member in members}
    | {field for field in STICKY if field.islower() or field[0].islower()}
    | BASE.keys()
    | {"status", "totalTokens", "cacheRead", "endedAt", "skillsSnapshot", "lastHeartbeatText", "x", "", "a.b"}
)
ODD_ENTRIES = st.sampled_from(
    [
        *(b"null", b"7", b'"text"', b"[]", b"{}", b"", b"{", b"nonsense", b"\xff\xfe", b'{"updatedAt": NaN}'),
        *(b'{"updatedAt": 1e999, "sessionId": 1e999}', b'{"modelOverride": "\\ud83d", "providerOverride": "\\ude00"}'),
        *(b'{"label": ' + b"[" * 600 + b"]" * 600 + b"}", b'{"label": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        *(b'{"sessionId": "a", "sessionId": "b"}', b'{"updatedAt": 123456789012345678901234567890}'),
    ]
)
"""Texts that are no objects, no JSON, or more than a reader can take."""
CHOSEN: st.SearchStrategy[Json] = st.sampled_from(
    ["openai", "gpt-5.2", "telegram", "1", "low", "high", 20111, 1_790_000_000_900, 1_790_000_000_800, True, None]
)
"""So few that old values come back all the time."""
ENTRIES: st.SearchStrategy[bytes] = st.dictionaries(st.sampled_from(FIELDS), CHOSEN | VALUES, max_size=12).map(
    lambda fields: encode({**BASE, **fields}).encode("utf-8", "surrogatepass")
)
RAWS = ENTRIES | ENTRIES | ENTRIES | ODD_ENTRIES | st.none()
WRITERS = st.sampled_from([Writer(None, "unknown"), Writer(7, "you"), Writer(8, "lock"), Writer(None, "no lock")])
TIMES = st.floats(START - 10, START + 4000) | st.sampled_from([0.0, -1.0, START, 4e9])


@st.composite
def versions(draw: st.DrawFn) -> Version:
    number, at = draw(st.integers(0, 40)), draw(TIMES)
    file = FileId(1, draw(st.integers(0, 9)), 100, draw(st.integers(0, 2 * 10**18)))
    return Version(number, at, file, draw(WRITERS), draw(st.none() | TIMES), draw(st.integers(0, 50)))


def changes() -> st.SearchStrategy[tuple[EntryChange, ...]]:
    one = st.builds(EntryChange, st.sampled_from(KEYS), RAWS, RAWS)
    return st.lists(one, max_size=5).map(tuple)


STORES = st.sampled_from([STORE, STORE, STORE, Path("/other/sessions.json")])
EVENTS: st.SearchStrategy[Event] = st.one_of(
    *[st.builds(Changed, STORES, versions(), changes(), st.integers(0, 9))] * 5,
    st.builds(Loaded, STORES, versions(), st.integers(0, 9)),
    st.builds(Missed, STORES, TIMES, st.none() | st.integers(0, 9)),
    st.builds(
        Broken,
        STORES,
        TIMES,
        st.sampled_from(["unreadable", "empty", "shrank", "vanished", "denied"]),
        st.text(min_size=1, max_size=9),
        st.none() | versions(),
        st.integers(0, 9),
        st.none() | st.integers(0, 9),
    ),
    st.builds(Recovered, STORES, TIMES),
    st.builds(LockState, STORES, TIMES, st.none()),
    st.builds(Watching, STORES, st.sampled_from(["inotify", "watchfiles", "poll"]), st.just("")),
)


def sane(finding: Finding) -> None:
    """It can be shown, printed and told from others."""
    assert finding.grade in GRADES and finding.store == STORE and finding.because()
    assert finding.base_age_s is None or finding.base_age_s >= 0
    assert finding.stale_s is None or finding.stale_s >= 0
    assert len(finding.id) == 12 and int(finding.id, 16) >= 0
    assert json.dumps(finding.to_json())
    assert [witness.number for witness in finding.witness if witness.role == "write"] in ([], [finding.version])


def told(events: list[Event], learnt: JsonObject, memory: int) -> list[str]:
    """Every finding of a run, as JSON; a lock is the rule in it."""
    detector = Detector(STORE, lock_is_rule=lambda: True, memory=memory)
    printed = []
    for key, entry in learnt.items():
        detector.learn(summarise(key, encode(entry).encode("utf-8", "surrogatepass")))
    for event in events:
        for finding in detector.observe(event):
            sane(finding)
            printed.append(finding.id + json.dumps(finding.to_json()))
        assert 0 <= detector.past.size <= memory
    return printed


LEARNT = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3)
ARGUMENTS = {"events": st.lists(EVENTS, max_size=25), "learnt": LEARNT, "memory": st.sampled_from([0, 5000, 1 << 20])}


@given(**ARGUMENTS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_events_are_answered_the_same_every_time(events: list[Event], learnt: JsonObject, memory: int) -> None:
    assert told(events, learnt, memory) == told(events, learnt, memory)


@st.composite
def lives(draw: st.DrawFn) -> list[Event]:
    """Versions in order, each entry's texts handed on as a watch does."""
    texts: dict[str, bytes | None] = dict.fromkeys(KEYS[:4])
    events: list[Event] = [Loaded(STORE, draw(versions()), 4)]
    number = 1
    for _ in range(draw(st.integers(1, 30))):
        number += draw(st.sampled_from([1, 1, 1, 1, 2]))
        at = START + number + draw(st.sampled_from([0.0, 0.0, 0.0, -100.0, 3000.0]))
        after = draw(st.dictionaries(st.sampled_from(KEYS[:4]), RAWS, min_size=1, max_size=4))
        pairs = tuple(EntryChange(key, texts[key], raw) for key, raw in after.items())
        texts |= after
        file = FileId(1, number, 100, int(at * 1e9))
        version = Version(number, at, file, draw(WRITERS), None, draw(st.sampled_from([0, 0, 0, 1, 5])))
        events.append(Changed(STORE, version, pairs, 4))
    return events


@pytest.mark.heavy
@pytest.mark.timeout(600)
@given(events=lives() | st.lists(EVENTS, max_size=40), learnt=LEARNT, memory=ARGUMENTS["memory"])
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
def test_thousands_of_lives_are_answered(events: list[Event], learnt: JsonObject, memory: int) -> None:
    assert told(events, learnt, memory) == told(events, learnt, memory)
