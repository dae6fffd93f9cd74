"""Every field that can be asked for finds the same rows in a file and in a database."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from store.entry.routes import Route
from store.js import JsonObject
from tests.support.kinds import KINDS, Kept
from tests.support.stores import entry
from tui.__main__ import main
from tui.query.fields import FIELDS, LEVELS

MAIN = "agent:main:main"
CHAT = "agent:main:telegram:direct:12345"
TOPIC = "agent:ops:telegram:group:-1001:topic:42"
RUN = "agent:ops:cron:digest:run:5"
NOW_MS = int(time.time() * 1000)

VALUES: dict[str, str | bool] = {
    "thinkingLevel": "high",
    "verboseLevel": "full",
    "reasoningLevel": "stream",
    "elevatedLevel": "ask",
    "fastMode": True,
    "traceLevel": "on",
    "responseUsage": "tokens",
    "execHost": "node",
    "execSecurity": "deny",
    "execAsk": "always",
    "execNode": "mini",
    "groupActivation": "mention",
    "queueMode": "steer",
}
"""A value of each level that can be asked for."""
QUERIES = {
    "agent": ("agent:ops", {TOPIC, RUN}),
    "kind": ("kind:run", {RUN}),
    "key": ("key:topic", {TOPIC}),
    "label": ("label:release", {CHAT}),
    "model": ("model:opus", {CHAT, MAIN}),
    "provider": ("provider:zai", {TOPIC}),
    "source": ("source:auto", {TOPIC}),
    "override": ("override:yes", {CHAT, TOPIC}),
    "auto": ("auto:yes", {TOPIC}),
    "used": ("used:opus", {MAIN}),
    "send": ("send:deny", {TOPIC}),
    "reply": ("reply:elsewhere", {TOPIC}),
    "to": ("to:12345", {CHAT}),
    "channel": ("channel:slack", {TOPIC}),
    "account": ("account:work", {CHAT}),
    "thread": ("thread:42", {TOPIC}),
    "status": ("status:running", {RUN}),
    "session": ("session:beef", {RUN}),
    "updated": ("updated:<1h", {RUN}),
    "size": ("size:>3k", {MAIN}),
    "lint": ("lint:other-channel", {TOPIC}),
    "store": ("store:agents", {MAIN, CHAT, TOPIC, RUN}),
    **{
        word: (f"{word}:{'on' if VALUES[name] is True else VALUES[name]}", {CHAT if at % 2 else RUN})
        for at, (word, name) in enumerate(LEVELS.items())
    },
}


@pytest.fixture(params=list(KINDS))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    made = KINDS[request.param](tmp_path / "state")
    levels: dict[str, JsonObject] = {
        key: {name: VALUES[name] for name in list(LEVELS.values())[first::2]} for first, key in enumerate((RUN, CHAT))
    }
    opus: JsonObject = {"providerOverride": "anthropic", "modelOverride": "claude-opus-4-6"}
    glm: JsonObject = {"providerOverride": "zai", "modelOverride": "glm-4.7", "modelOverrideSource": "auto"}
    chat, slack = made.delivery(Route("telegram", "12345", "work")), made.delivery(Route("slack", "C1"))
    made.put_all(
        {
            MAIN: entry(modelProvider="anthropic", model="claude-opus-4-6", skillsSnapshot="x" * 4000),
            CHAT: entry(label="release train", **opus, **chat, **levels[CHAT]),
            TOPIC: entry(sendPolicy="deny", **glm, **slack),
            RUN: entry(status="running", sessionId="dead-beef", updatedAt=NOW_MS, **levels[RUN]),
        }
    )
    return made


def test_every_field_finds_the_same_rows(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for field, (query, _expected) in QUERIES.items():
        assert main(["list", "--json", "--where", query, "--store", str(kept.path)]) == 0
        found[field] = {row["key"] for row in json.loads(capsys.readouterr().out)}
    assert found == {field: expected for field, (_query, expected) in QUERIES.items()}


def test_every_field_is_asked_for() -> None:
    live = {"changed", "finding"}  # asked in tests/tui/test_both_kinds.py: one look at a store has no answer
    assert {*QUERIES, *live} == set(FIELDS)
