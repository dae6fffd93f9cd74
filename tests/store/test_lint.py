from __future__ import annotations

import pytest
from hypothesis import given

from store.entry.delivery import Route, SetDelivery
from store.entry.fields import edited
from store.entry.keys import parse_key
from store.entry.lint import RULES
from store.entry.overrides import SetModel
from store.js import Json, JsonObject, encode
from store.summary import summarise
from tests.support.stores import entry
from tests.support.strategies import ENTRIES, KEYS

TOPIC = "agent:main:telegram:group:-1001987654321:topic:42"
DIRECT = "agent:main:whatsapp:direct:+4915112345678"
SLACK_THREAD = "agent:main:slack:channel:c0a1b2c3ad:thread:1771204418.334519"
CRON = "agent:main:cron:morning-brief"


def route(channel: str, to: str = "", **more: Json) -> JsonObject:
    context: JsonObject = {"channel": channel, **({"to": to} if to else {}), **more}
    last: JsonObject = {f"last{name[0].upper()}{name[1:]}": value for name, value in context.items()}
    return {"deliveryContext": context, **last}


def rules(key: str, value: Json) -> list[str]:
    return [remark.rule for remark in summarise(key, encode(value).encode()).lint]


def test_every_rule_says_what_it_is_about() -> None:
    assert all(RULES.values())


@pytest.mark.parametrize(
    ("key", "fields", "rule"),
    [
        (CRON, route("telegram", "heartbeat"), "poisoned-route"),
        (TOPIC, route("telegram", "HEARTBEAT"), "poisoned-route"),
        (CRON, route("heartbeat", "x"), "poisoned-route"),
        (CRON, {"lastTo": "123456"}, "poisoned-route"),
        (TOPIC, route("webchat"), "other-channel"),
        (DIRECT, route("slack", "C1"), "other-channel"),
        (TOPIC, route("telegram", "-1001222222222"), "other-chat"),
        (DIRECT, route("whatsapp", "+12065550142"), "other-chat"),
        ("agent:main:whatsapp:group:120363041987654321", route("whatsapp", "120363041987650000@g.us"), "other-chat"),
        ("agent:main:discord:channel:118273645511228899", route("discord", "channel:1182736455112277"), "other-chat"),
        ("agent:main:slack:channel:c0a1b2c3ad", route("slack", "channel:C0ZZZZZZZZ"), "other-chat"),
        (TOPIC, route("telegram", "-1001987654321"), "other-thread"),
        (TOPIC, route("telegram", "telegram:-1001987654321:topic:7"), "other-thread"),
        (SLACK_THREAD, route("slack", "channel:C0A1B2C3AD", threadId="1771300000.000100"), "other-thread"),
        ("agent:main:telegram:shop:direct:51238804", route("telegram", "51238804", accountId="home"), "other-account"),
        (CRON, {**route("telegram", "1"), "lastTo": "2"}, "torn-route"),
        (CRON, {**route("telegram", "1"), "lastChannel": "slack"}, "torn-route"),
        (CRON, route("slack", "C1") | {"route": {"channel": "slack", "target": {"to": "C2"}}}, "torn-route"),
        (CRON, {"modelOverride": "gpt-5.2"}, "torn-model"),
        (CRON, {"providerOverride": "openai"}, "torn-model"),
        (CRON, {"sessionId": ""}, "session-id"),
        (CRON, {"sessionId": "../../etc/passwd"}, "session-id"),
        (CRON, {"sessionId": None}, "session-id"),
        (CRON, {"updatedAt": 1_790_000_000}, "updated-at"),
        (CRON, {"pendingFinalDelivery": True, "pendingFinalDeliveryAttemptCount": 570}, "stuck-delivery"),
        (CRON, {"pendingTranscriptRepair": [{"id": "1", "text": "The build is green."}]}, "pending-repair"),
        (CRON, {"delivery": {"kind": "none"}, **route("telegram", "1"), "lastTo": "2"}, "inert-delivery"),
    ],
)
def test_what_is_wrong(key: str, fields: JsonObject, rule: str) -> None:
    assert rules(key, entry(**fields)) == [rule]


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("agent:main:main", {}),
        ("agent:main:main", route("webchat")),
        ("agent:main:main", route("telegram", "51238804")),
        (TOPIC, route("telegram", "telegram:-1001987654321:topic:42", threadId=42)),
        (TOPIC, route("telegram", "-1001987654321", threadId=42, accountId="default")),
        (SLACK_THREAD, route("slack", "channel:C0A1B2C3AD")),
        ("agent:main:slack:group:g0a1b2c3ad", route("slack", "user")),
        ("agent:main:matrix:channel:!Room:server", route("matrix", "#alias:server")),
        (DIRECT, route("whatsapp", "4915112345678@s.whatsapp.net")),
        (DIRECT, route("whatsapp", "23958612345678@lid")),
        ("agent:main:signal:direct:+436601234567", route("signal", "0d4b3f1e-0000-4000-8000-000000000000")),
        ("agent:main:signal:direct:+436601234567", route("signal", "+436609999999")),
        ("agent:main:discord:direct:99887766554", route("discord", "channel:118273645511228899")),
        ("agent:main:discord:channel:11827364551", route("discord", "channel:9999999999", threadId="11827364551")),
        ("agent:main:slack:direct:u123", route("slack", "channel:D999")),
        ("agent:main:direct:alice", route("telegram", "51238804")),
        ("agent:main:telegram:direct:alice", route("telegram", "51238804")),
        ("agent:main:someplugin:group:12345678", route("telegram", "51238804")),
        ("agent:main:webchat:direct:12345678", route("telegram", "51238804")),
        (CRON, {"modelOverrideSource": "default"}),
        (CRON, {"providerOverride": "openai", "modelOverride": "gpt-5.2"}),
        (CRON, {"updatedAt": 0}),
        (CRON, {"pendingFinalDelivery": True, "pendingFinalDeliveryAttemptCount": 2}),
        (CRON, {"pendingFinalDeliveryAttemptCount": 570}),
        (CRON, {"pendingTranscriptRepair": []}),
        (CRON, {**route("slack", "C1"), "route": {"channel": "webchat"}}),
    ],
)
def test_what_merely_looks_odd(key: str, fields: JsonObject) -> None:
    assert rules(key, entry(**fields)) == []


@pytest.mark.parametrize("text", [b"[]", b"7", b'{"a"', b"\xff"])
def test_what_is_no_object(text: bytes) -> None:
    (remark,) = summarise("agent:main:main", text).lint
    assert remark.rule == "invalid" and remark.because


@pytest.mark.parametrize("key", [TOPIC, DIRECT])
def test_what_this_tool_writes_is_right(key: str) -> None:
    parts = parse_key(key)
    wrong = {**entry(), **route("webchat"), "modelOverride": "x"}
    chosen = Route(parts.channel, parts.peer, "default", int(parts.thread) if parts.thread else None)
    for intent in (SetDelivery(chosen), SetModel("openai", "gpt-5.2")):
        wrong = edited(wrong, intent.edits(wrong))
    assert rules(key, wrong) == []


@given(KEYS, ENTRIES)
def test_nothing_is_raised_whatever_an_entry_holds(key: str, value: JsonObject) -> None:
    for remark in summarise(key, encode(value).encode()).lint:
        assert remark.rule in RULES and remark.because
