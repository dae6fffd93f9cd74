"""What the real gateway makes of an edited unit at its next saves, and whether we judge values as it does."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store.entry.delivery import ClearDelivery, SetDelivery, next_route, torn_route
from store.entry.fields import edited
from store.entry.intent import Intent
from store.entry.levels import SetField, editable_levels, parse_value
from store.entry.overrides import ClearModel, SetModel, model_override
from store.entry.routes import Route
from store.entry.schema import field
from store.errors import UsageError
from store.js import ABSENT, JsonObject, Value, encode, same
from tests.interop.openclaw import LOCKED, UNLOCKED, release

pytestmark = pytest.mark.heavy

RELEASES = (*LOCKED, UNLOCKED)
DRIVER = Path(__file__).with_name("units_driver.mjs")


class RealStore:
    """A store of this test in the hands of one real release."""

    def __init__(self, version: str, scratch: Path) -> None:
        self.release = release(version)
        self.scratch = scratch
        self.path = scratch / "sessions.json"

    def run(self, *steps: dict[str, Any]) -> list[Any]:
        results = self.scratch / "results.json"
        for step in steps:
            step.setdefault("store", str(self.path))
        with self.release.start(self.scratch, results, driver=DRIVER) as process:
            process.communicate(json.dumps(steps), timeout=300)
        assert process.returncode == 0
        answers: list[Any] = json.loads(results.read_text())
        return answers

    def call(self, name: str, args: list[list[Any]]) -> list[dict[str, Any]]:
        (answer,) = self.run({"op": "call", "name": name, "args": args})
        assert "missing" not in answer, f"{name} is not in {self.release.version}"
        results: list[dict[str, Any]] = answer["results"]
        return results

    def read(self) -> dict[str, JsonObject]:
        store: dict[str, JsonObject] = json.loads(self.path.read_text())
        return store

    def write(self, store: dict[str, JsonObject]) -> None:
        self.path.write_text(encode(dict(store)))


@pytest.fixture(params=RELEASES)
def real(request: pytest.FixtureRequest, tmp_path: Path) -> RealStore:
    return RealStore(request.param, tmp_path)


@pytest.fixture
def oldest(tmp_path: Path) -> RealStore:
    return RealStore(RELEASES[0], tmp_path)


@pytest.fixture
def newest(tmp_path: Path) -> RealStore:
    return RealStore(RELEASES[-1], tmp_path)


def _base() -> JsonObject:
    return {
        "sessionId": "11111111-1111-4111-8111-111111111111",
        "updatedAt": int(time.time() * 1000),
        "chatType": "direct",
        "displayName": "somebody",
    }


TELEGRAM: JsonObject = {
    "deliveryContext": {"channel": "telegram", "to": "telegram:1", "accountId": "work", "threadId": 7},
    "lastChannel": "telegram",
    "lastTo": "telegram:1",
    "lastAccountId": "work",
    "lastThreadId": 7,
}
SLACK: JsonObject = {"lastChannel": "slack", "lastTo": "channel:C1", "lastThreadId": "1771204418.334519"}
ORIGIN: JsonObject = {
    "origin": {
        "label": "Ann",
        "provider": "telegram",
        "surface": "telegram",
        "chatType": "direct",
        "from": "telegram:1",
        "to": "telegram:1",
        "accountId": "work",
        "threadId": 7,
    }
}
PINNED: JsonObject = {
    "providerOverride": "openai",
    "modelOverride": "gpt-5.2",
    "authProfileOverride": "openai:work",
    "authProfileOverrideSource": "user",
    "modelProvider": "openai",
    "model": "gpt-5.2",
    "contextTokens": 200000,
    "fallbackNoticeSelectedModel": "a",
    "fallbackNoticeActiveModel": "b",
    "fallbackNoticeReason": "c",
}
SHAPES: dict[str, JsonObject] = {
    "bare": {},
    "telegram": TELEGRAM,
    "telegram with origin": TELEGRAM | ORIGIN,
    "group": TELEGRAM | ORIGIN | {"channel": "telegram", "chatType": "group", "groupId": "-1001"},
    "slack thread": SLACK,
    "channel alone": {"channel": "discord"},
    "web chat": {"lastChannel": "webchat"},
    "pinned": PINNED | TELEGRAM,
    "fallback": PINNED | {"modelOverrideSource": "auto", "sessionStartedAt": 1771000000000},
}
ROUTES = (
    Route("telegram", "telegram:2"),
    Route("telegram", "telegram:1", "work"),
    Route("telegram", "-1001987654321", "home", 42),
    Route("slack", "channel:C2", "", "1771204418.334519"),
    Route("discord", "channel:118273645511228899", "default", "118273645511229904"),
    Route("webchat"),
)
OBSERVED: list[JsonObject] = [
    {},
    {"model": "gpt-5.1"},
    {"modelProvider": "anthropic", "model": "claude-opus-4-6"},
]
LEVELS: JsonObject = {
    "label": "Rot ⊕ 🔎",
    "execNode": "build-1",
    "queueDebounceMs": 1500,
    "queueCap": 3,
    "fastMode": True,
    **{name: field(name).allowed[-1] for name in editable_levels() if field(name).allowed},
    "responseUsage": "full",
}
INTENTS: list[Intent] = [
    SetModel("anthropic", "claude-opus-4-6"),
    SetModel("openai", "gpt-5.1"),
    SetModel("openrouter", "z-ai/glm-4.7", "auto"),
    SetModel("openai", "gpt-5.2", "old"),
    ClearModel(),
    *(SetDelivery(route) for route in ROUTES),
    ClearDelivery(),
]
LEVEL_INTENTS: list[Intent] = [
    *(SetField(name, value) for name, value in LEVELS.items()),
    *(SetField(name, ABSENT) for name in LEVELS),
]
ALL_LEVELS: JsonObject = {"thinkingLevel": "off", "label": "before", "sendPolicy": "deny", "execNode": "n"}


def _cases() -> Iterator[tuple[str, JsonObject, Intent]]:
    combined = [
        *itertools.product(SHAPES.items(), INTENTS),
        *(((f"levels {number}", ALL_LEVELS), intent) for number, intent in enumerate(LEVEL_INTENTS)),
    ]
    for number, ((shape, fields), intent) in enumerate(combined):
        yield f"agent:main:telegram:direct:{number:04d}", _base() | {"subject": shape} | fields, intent


def _assert_stands(saved: JsonObject, written: JsonObject, edits: dict[str, Value], what: str) -> None:
    for name, value in edits.items():
        assert same(saved.get(name, ABSENT), value), f"{what}: {name} became {saved.get(name, ABSENT)!r}"
    # 2026.5.22+ adds the route object to every entry that has a route; all else is as it was.
    others = (set(written) | set(saved)) - set(edits) - {"updatedAt", "displayName", "route"}
    for name in others:
        assert same(saved.get(name, ABSENT), written.get(name, ABSENT)), f"{what}: {name} moved"


def test_every_edited_unit_outlives_two_saves_of_the_gateway(real: RealStore) -> None:
    cases = {key: (shape, intent) for key, shape, intent in _cases()}
    real.run({"op": "save", "entries": {key: shape for key, (shape, _intent) in cases.items()}})
    store, expected = real.read(), {}
    assert len(store) == len(cases)
    for key, (_shape, intent) in cases.items():
        edits = intent.edits(store[key])
        store[key] = edited(store[key], edits)
        expected[key] = edits, store[key]
    real.write(store)
    for step in ({"op": "touch"}, {"op": "touchEntry"}):
        real.run(step | {"field": "displayName", "value": step["op"]})
        for key, saved in real.read().items():
            edits, written = expected[key]
            intent = cases[key][1]
            what = f"{intent.describe()} on {written['subject']}, {step['op']}"
            assert saved["displayName"] == step["op"]
            _assert_stands(saved, written, edits, what)
            assert intent.edits(saved) == {}, f"{what}: would have to be set again"
            assert torn_route(saved) == "", what
            if isinstance(intent, SetModel):
                override = model_override(saved)
                assert override is not None, what
                assert (override.provider, override.model) == (intent.provider, intent.model), what
            elif isinstance(intent, ClearModel):
                assert model_override(saved) is None, what
            elif isinstance(intent, SetDelivery):
                assert next_route(saved) == intent.route, what
            elif isinstance(intent, ClearDelivery):
                assert not next_route(saved), what


BRINGS_BACK = {
    "deliveryContext": {"2026.1.29", "2026.3.2", "2026.6.6"},
    "lastTo": {"2026.1.29", "2026.3.2", "2026.6.6"},
    "channel": {"2026.1.29", "2026.3.2", "2026.6.6"},
    "origin": {"2026.3.2", "2026.6.6"},
    "route": {"2026.6.6"},
}
"""Field of the unit -> the releases whose next save rebuilds a route, or its thread, from that field alone."""


@pytest.mark.parametrize("kept", BRINGS_BACK)
def test_a_route_cleared_but_for_one_field_is_rebuilt_from_it(real: RealStore, kept: str) -> None:
    route: JsonObject = {"channel": "telegram", "target": {"to": "telegram:1"}, "thread": {"id": 7}}
    entry = _base() | SHAPES["group"] | {"route": route}
    edits = ClearDelivery().edits(entry)
    assert kept in edits
    real.write({"agent:main:main": edited(entry, {name: value for name, value in edits.items() if name != kept})})
    real.run({"op": "touch", "field": "displayName", "value": "x"})
    saved = real.read()["agent:main:main"]
    assert ("deliveryContext" in saved) is (real.release.version in BRINGS_BACK[kept])


def test_changing_one_field_of_a_route_is_undone_by_the_next_save(real: RealStore) -> None:
    entry = _base() | SHAPES["group"]
    real.write({"agent:main:main": entry | {"deliveryContext": {"channel": "telegram", "to": "telegram:2"}}})
    real.run({"op": "touch", "field": "displayName", "value": "x"})
    assert real.read()["agent:main:main"]["deliveryContext"] == TELEGRAM["deliveryContext"]


def test_choosing_a_model_drops_what_the_newest_release_drops(newest: RealStore) -> None:
    chosen = [("anthropic", "claude-opus-4-6"), ("openai", "gpt-5.2"), ("openai", "gpt-5.1")]
    known: JsonObject = {
        "sessionStartedAt": 1,
        "modelOverrideFallbackOriginModel": "m",
        "contextBudgetStatus": {"used": 1},
    }
    entries: list[JsonObject] = [
        _base() | shape | extra | observed
        for shape in SHAPES.values()
        for extra in (known, known | {"authProfileOverrideCompactionCount": 2})
        for observed in OBSERVED
    ]
    cases = list(itertools.product(entries, chosen))
    calls = []
    for entry, (provider, model) in cases:
        fits = str(entry.get("authProfileOverride", "")).startswith(f"{provider}:")
        selection = {"provider": provider, "model": model, "isDefault": False}
        calls.append([{"entry": entry, "selection": selection, "markLiveSwitchPending": True}])
        calls[-1][0]["preserveAuthProfileOverride"] = fits
    for (entry, (provider, model)), answer in zip(
        cases, newest.call("applyModelOverrideToSessionEntry", calls), strict=True
    ):
        edits = SetModel(provider, model).edits(entry)
        theirs = answer["args"][0]["entry"] | {"updatedAt": entry["updatedAt"]}
        if edits:
            assert edited(entry, edits) == theirs, f"{provider}/{model} on {entry}"


def test_the_older_releases_drop_nothing_we_keep(real: RealStore) -> None:
    entry = _base() | SHAPES["pinned"]
    selection = {"provider": "anthropic", "model": "claude-opus-4-6", "isDefault": False}
    (answer,) = real.call("applyModelOverrideToSessionEntry", [[{"entry": entry, "selection": selection}]])
    ours = edited(entry, SetModel("anthropic", "claude-opus-4-6").edits(entry))
    theirs = answer["args"][0]["entry"]
    assert set(ours) - set(theirs) <= {"modelOverrideSource"}
    assert {name: ours[name] for name in ours if name not in ("updatedAt", "modelOverrideSource")} == {
        name: value
        for name, value in theirs.items()
        if name in ours and name not in ("updatedAt", "modelOverrideSource")
    }


def _some_route(draw: random.Random) -> JsonObject:
    parts: JsonObject = {
        "channel": draw.choice(["telegram", "Slack", "webchat", "cron", "discord", ""]),
        "to": draw.choice(["1", " 2 ", "channel:3", ""]),
        "accountId": draw.choice(["Work", "a b", "default", ""]),
        "threadId": draw.choice([7, 7.9, "7", " 8 ", "", None]),
    }
    return {name: value for name, value in parts.items() if draw.random() < 0.6}


def _some_delivery(draw: random.Random) -> JsonObject:
    entry: JsonObject = {}
    last = _some_route(draw)
    for name, member in (("lastChannel", "channel"), ("lastTo", "to"), ("lastAccountId", "accountId")):
        if member in last:
            entry[name] = last[member]
    if "threadId" in last:
        entry["lastThreadId"] = last["threadId"]
    for name in ("deliveryContext", "origin"):
        if draw.random() < 0.6:
            entry[name] = _some_route(draw)
    origin = entry.get("origin")
    if isinstance(origin, dict) and "channel" in origin:
        origin["provider"] = origin.pop("channel")
    if draw.random() < 0.3:
        entry["channel"] = draw.choice(["telegram", "slack"])
    if draw.random() < 0.4:
        parts = _some_route(draw)
        entry["route"] = {
            **{name: parts[name] for name in ("channel", "accountId") if name in parts},
            **({"target": {"to": parts["to"]}} if "to" in parts else {}),
            **({"thread": {"id": parts["threadId"]}} if "threadId" in parts else {}),
        }
    return entry


def test_the_next_route_is_the_one_the_newest_release_derives(newest: RealStore) -> None:
    draw = random.Random(20260606)
    entries = [_some_delivery(draw) for _ in range(3000)]
    answers = newest.call("deliveryContextFromSession", [[entry] for entry in entries])
    for entry, answer in zip(entries, answers, strict=True):
        theirs = answer.get("value") or {}
        route = next_route(entry)
        ours = (route.channel, route.to, route.account, route.thread)
        assert ours == (
            *(theirs.get(name) or "" for name in ("channel", "to", "accountId")),
            theirs.get("threadId"),
        ), entry


NORMALISERS = {
    "thinkingLevel": "normalizeThinkLevel",
    "verboseLevel": "normalizeVerboseLevel",
    "reasoningLevel": "normalizeReasoningLevel",
    "elevatedLevel": "normalizeElevatedLevel",
    "responseUsage": "normalizeUsageDisplay",
    "execSecurity": "normalizeExecSecurity",
    "execAsk": "normalizeExecAsk",
    "sendPolicy": "normalizeSendPolicy",
    "groupActivation": "normalizeGroupActivation",
    "traceLevel": "normalizeTraceLevel",
    "fastMode": "normalizeFastMode",
    "execHost": "normalizeExecTarget",
}
ALL_WORDS = """
off on full false true no yes 0 1 minimal min low medium mid med high xhigh x-high x_high extrahigh
adaptive auto max  ultra ultrathink highest think thinkhard think-hard thinkharder think-harder
harder thinkhardest enable enabled disable  disabled all everything raw unfiltered hide hidden show
visible stream streaming draft live ask prompt approval approve  auto-approve autoapprove tokens
token tok session normal fast steer steering followup follow-ups followups collect  coalesce
interrupt interrupts abort queue old oldest new newest summarize summary allow deny allowlist on-
miss always  mention sandbox gateway node nonsense FULL On
"""
WORDS = ALL_WORDS.split()


QUEUE_NORMALISERS = {"queueMode": "normalizeQueueMode", "queueDrop": "normalizeQueueDropPolicy"}


def _assert_same_meaning(real: RealStore, normalisers: dict[str, str]) -> None:
    calls = [
        {"op": "call", "name": normaliser, "args": [[word] for word in WORDS]} for normaliser in normalisers.values()
    ]
    for name, answer in zip(normalisers, real.run(*calls), strict=True):
        assert "missing" not in answer, name
        for word, result in zip(WORDS, answer["results"], strict=True):
            theirs = result.get("value")
            try:
                ours = parse_value(name, word)
            except UsageError:
                ours = None
            unset = (name, theirs) == ("responseUsage", "off")
            assert ours == (ABSENT if unset else theirs), f"{name}={word}"


def test_values_mean_what_they_mean_to_the_newest_release(newest: RealStore) -> None:
    _assert_same_meaning(newest, NORMALISERS)


def test_queue_values_mean_what_they_mean_to_the_oldest_release(oldest: RealStore) -> None:
    _assert_same_meaning(oldest, QUEUE_NORMALISERS)
