"""Gateways on a small store, and interleavings forced by what one of them does while another thinks."""

from __future__ import annotations

from pathlib import Path

from store.gateway.gateway import Gateway, Think
from store.gateway.rules import Rules
from store.gateway.sessions_patch import Models, patch_session
from store.js import Json, JsonObject
from tests.support.stores import ALLOWED, write_store

KEY, OTHER = "agent:main:telegram:direct:1", "agent:coder:telegram:direct:2"
MODELS = Models(default=("anthropic", "claude-opus-4-6"))
FULL: JsonObject = {
    "sessionId": "11111111-aaaa-4aaa-8aaa-111111111111",
    "updatedAt": 1_790_000_000_000,
    "thinkingLevel": "high",
    "verboseLevel": "on",
    "elevatedLevel": "ask",
    "sendPolicy": "allow",
    "providerOverride": "openai",
    "modelOverride": "gpt-5.2",
    "modelOverrideSource": "user",
    "authProfileOverride": "openai:work",
    "authProfileOverrideSource": "user",
    "chatType": "direct",
    "channel": "telegram",
    "deliveryContext": {"channel": "telegram", "to": "1", "accountId": "work"},
    "lastChannel": "telegram",
    "lastTo": "1",
    "lastAccountId": "work",
    "label": "standup notes",
    "spawnedBy": "agent:main:main",
    "groupId": "g1",
    "space": "s1",
    "cliSessionIds": {"codex-cli": "c-1"},
    "claudeCliSessionId": "c-2",
    "skillsSnapshot": {"version": 3},
    "queueMode": "collect",
    "somethingNew": {"nobody": ["knows", 1]},
}
"""An entry with a field of every kind."""


def gateway(path: Path | None, release: str = "2026.3.2", memory: dict[str, JsonObject] | None = None) -> Gateway:
    """A gateway process of its own, as far as the store can tell."""
    return Gateway(path, ALLOWED, Rules(release), memory={} if memory is None else memory)


def store_of(folder: Path, **entries: Json) -> Path:
    """A store with these entries besides the two that every test knows."""
    return write_store(folder / "sessions.json", {KEY: dict(FULL), OTHER: {**FULL, "sessionId": "2"}, **entries})


def patches(path: Path, key: str = KEY, **patch: Json) -> Think:
    """Another gateway patches the session meanwhile."""
    return lambda: void(patch_session(gateway(path), key, patch, MODELS))


def void(_: object) -> None:
    """Somebody else's result."""


def entry_of(path: Path, key: str = KEY) -> JsonObject:
    """The entry as it is on disk."""
    entry = gateway(path).fresh(key)
    assert entry is not None
    return entry
