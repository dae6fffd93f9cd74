"""The incident that all drawings of the specification tell: an operator's model pin, clobbered 1.6 s later."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

from store.events import Writer
from tests.support.fake_watch import GATEWAY, FakeWatch

Entry = dict[str, Any]
YOU, NO_LOCK = Writer(1, "you"), Writer(None, "no lock")
PINNED = "agent:main:telegram:group:-1001987654321:topic:42"
CODER = "agent:coder:subagent:7f3a01c2-91d4-4b6e-a1f0-2c9b6f0e7a11"


def local(clock: str) -> float:
    """That time of the incident's day, in local time, as seconds."""
    return time.mktime(time.strptime(f"2026-02-16 {clock}", "%Y-%m-%d %H:%M:%S"))


NOW = local("14:03:00")


def entry(ago: float, **fields: Any) -> Entry:
    """An entry updated so many seconds before the present of the story."""
    return {"sessionId": "5b0c71e2-0000-4000-8000-000000000000", "updatedAt": round((NOW - ago) * 1000), **fields}


def override(provider: str, model: str, source: str = "") -> Entry:
    """The fields of a model override."""
    fields = {"providerOverride": provider, "modelOverride": model}
    return {**fields, "modelOverrideSource": source} if source else fields


def used(provider: str, model: str) -> Entry:
    """The model that the last run used."""
    return {"modelProvider": provider, "model": model}


def route(channel: str, to: str = "", thread: str | int | None = None, account: str = "default") -> Entry:
    """A delivery unit as the gateway stores it."""
    context: Entry = {"channel": channel, "accountId": account}
    fields: Entry = {"lastChannel": channel, "lastAccountId": account}
    if to:
        context["to"] = fields["lastTo"] = to
    if thread is not None:
        context["threadId"] = fields["lastThreadId"] = thread
    return {"deliveryContext": context, **fields}


OPUS, GPT, GLM = ("anthropic", "claude-opus-4-6"), ("openai", "gpt-5.2"), ("zai", "glm-4.7")
TOPIC = route("telegram", "-1001987654321", 42)
WHATSAPP = route("whatsapp", "+4915112345678")


def at_first() -> dict[str, Entry]:
    """The store as it was at 13:02, when watching began (ages as they will be at 14:03:00)."""
    return {
        CODER: entry(1, **override(*OPUS, "user"), **used(*OPUS), thinkingLevel="low"),
        "agent:main:main": entry(20, **used(*OPUS), **route("webchat")),
        PINNED: entry(50, **override(*GPT, "user"), **used(*GPT), thinkingLevel="medium", **TOPIC),
        "agent:main:signal:direct:+436601234567": entry(
            60, **used(*GPT), **route("signal", "+436601234567"), sendPolicy="allow"
        ),
        "agent:ops:cron:daily-digest": entry(
            121, **override(*GPT, "auto"), thinkingLevel="low", **route("slack", "c0a1b2c3d4")
        ),
        "agent:coder:slack:channel:c0a1b2c3ad:thread:1771204418.334519": entry(
            180,
            **override("google", "gemini-3-pro", "user"),
            **used(*GPT),
            thinkingLevel="high",
            **route("slack", "channel:C0A1B2C3AD", "1771204418.334519"),
        ),
        "agent:main:whatsapp:direct:+4915112345678": entry(
            240, **used(*GPT), **WHATSAPP, label="home", sendPolicy="allow", groupActivation="mention"
        ),
        "agent:main:discord:channel:118273645511228899": entry(
            420, **override(*GPT), **used(*GPT), **route("discord", "channel:118273645511228899")
        ),
        "agent:main:cron:morning-brief": entry(
            540, **used(*GLM), thinkingLevel="low", **route("telegram", "heartbeat")
        ),
        "agent:ops:cron:nightly-backup:run:5d2e6c14-91d4-4b6e-a1f0-2c9b6f0e7a11": entry(720, **used(*GLM)),
        "agent:main:telegram:direct:512388041": entry(
            1080, **used(*OPUS), thinkingLevel="medium", **route("telegram", "512388041")
        ),
        "agent:main:telegram:group:-1001987654321:topic:7": entry(
            1260, **used(*GPT), thinkingLevel="low", **route("telegram", "-1001987654321", 7)
        ),
        "agent:coder:acp:claude:4c1d9f30-91d4-4b6e-a1f0-2c9b6f0e7a11": entry(
            1560, **override(*OPUS, "auto"), **used(*GLM), thinkingLevel="off"
        ),
        "agent:main:subagent:b90e44d1-91d4-4b6e-a1f0-2c9b6f0e7a11": entry(1860, **used("ollama", "qwen3:32b")),
        "agent:ops:hook:0a7731fe-91d4-4b6e-a1f0-2c9b6f0e7a11": entry(2280, **used(*GLM)),
    }


def watch(path: Path) -> FakeWatch:
    """The whole story, from 13:02:11 to 14:02:58, as a stream of events."""
    entries = at_first()
    fake = FakeWatch(path, copy.deepcopy(entries), local("13:02:11"))

    def change(clock: str, key: str, writer: Writer = GATEWAY, gone: tuple[str, ...] = (), **fields: Any) -> None:
        entries[key].update(fields)
        for name in gone:
            del entries[key][name]
        fake.change(local(clock), {key: entries[key]}, writer)

    acp = "agent:coder:acp:claude:4c1d9f30-91d4-4b6e-a1f0-2c9b6f0e7a11"
    change("13:37:00", acp, **override(*GLM, "auto"))
    change("13:45:00", "agent:main:telegram:direct:512388041", **override(*OPUS, "user"))
    whatsapp = "agent:main:whatsapp:direct:+4915112345678"
    change("13:58:40", whatsapp, gone=("label", "groupActivation"))
    change("14:00:59", "agent:ops:cron:daily-digest", **override(*GLM, "auto"))
    change("14:01:51", PINNED, thinkingLevel="high", status="running")
    change("14:01:58", "agent:main:signal:direct:+436601234567", NO_LOCK, sendPolicy="deny")
    change("14:02:07", PINNED, YOU, **override(*OPUS, "user"))
    change("14:02:09", PINNED, **override(*GPT, "user"), thinkingLevel="medium", status="done")
    change("14:02:58", CODER, thinkingLevel="high")
    return fake
