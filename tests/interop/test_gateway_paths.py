"""The right forms here and those of the real releases, on the same entries with the same requests.

Differences that are meant: times are of the moment; ids of new sessions are minted; 2026.6.6 notes in a run when the
session started. 2026.3.2 exports no function for the end of a run. Whether a model can think as it is told is not
judged here.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from store.entry.routes import Route
from store.gateway import after_run, agent_handler, delivery_patch, entry_update, last_route, sessions_patch
from store.gateway.gateway import Gateway
from store.js import ABSENT, Json, JsonObject
from tests.interop.openclaw import UNLOCKED, release
from tests.support.gateways import FULL, gateway
from tests.support.stores import write_store

pytestmark = pytest.mark.heavy

DRIVER = Path(__file__).with_name("gateway_driver.mjs")
DEFAULT = "openai/gpt-5.2"
MODELS = sessions_patch.Models(default=("openai", "gpt-5.2"))
MOMENTARY = frozenset({"updatedAt", "sessionStartedAt", "lastInteractionAt"})
CASES = 60
NOW_MS = int(time.time() * 1000) - 60_000
"""Recent: saves of 2026.6.6 remove what is older than 30 days."""
LAST = (("lastChannel", "channel"), ("lastTo", "to"), ("lastAccountId", "accountId"), ("lastThreadId", "threadId"))
Ours = Callable[[Gateway, str], object]


def driven(version: str, scratch: Path, store: Path, steps: list[dict[str, Any]]) -> dict[str, str]:
    """Let a real release take these steps; what failed, by key."""
    with release(version).start(scratch, store, driver=DRIVER) as process:
        printed, _ = process.communicate(json.dumps(steps), timeout=300)
    assert process.returncode == 0, printed
    failed: dict[str, str] = json.loads(printed.splitlines()[-1])["failed"]
    return failed


def some_route(rng: random.Random) -> JsonObject:
    route: JsonObject = {
        "channel": rng.choice(["telegram", "slack", "discord"]),
        "to": rng.choice(["1", "channel:3", "77"]),
        "accountId": rng.choice(["work", "home"]),
        "threadId": rng.choice([7, "1771.2"]),
    }
    kept = {name: value for name, value in route.items() if name in ("channel", "to") or rng.random() < 0.5}
    return kept if rng.random() < 0.8 else {}


def some_entry(rng: random.Random, number: int) -> JsonObject:
    entry: JsonObject = {name: value for name, value in FULL.items() if rng.random() < 0.7}
    for name in ("channel", "deliveryContext", "lastChannel", "lastTo", "lastAccountId", "skillsSnapshot"):
        entry.pop(name, None)
    if rng.random() < 0.7:
        entry |= {"model": rng.choice(["gpt-5.2", "opus"]), "modelProvider": "openai", "contextTokens": 400_000}
    context = some_route(rng)
    if context:
        entry |= {"deliveryContext": context} | {name: context[part] for name, part in LAST if part in context}
        if rng.random() < 0.5:
            entry["channel"] = context["channel"]
    pair = ("providerOverride", "modelOverride", "modelOverrideSource")
    if not {*pair} <= entry.keys():
        entry = {name: value for name, value in entry.items() if name not in pair}
    label: JsonObject = {"label": f"chat {number}"} if "label" in entry else {}
    stamp = NOW_MS - 1000 * number
    return entry | label | {"sessionId": f"{number:08x}-aaaa-4aaa-8aaa-111111111111", "updatedAt": stamp}


def entries_of(seed: int) -> dict[str, JsonObject]:
    rng = random.Random(seed)
    return {f"agent:main:telegram:direct:{number}": some_entry(rng, number) for number in range(CASES)}


Saved = Callable[[str], bytes]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """The entries as a release saves them; it is asked once."""

    @cache
    def by(version: str) -> bytes:
        store = write_store(tmp_path_factory.mktemp("saved") / "sessions.json", {})
        driven(version, store.parent, store, [{"do": "put", "entries": entries_of(1)}])
        return store.read_bytes()

    return by


def compare(
    version: str,
    before: bytes,
    tmp_path: Path,
    asked: Mapping[str, dict[str, Any]],
    ours: Callable[[Gateway, str], object],
) -> None:
    """Walk a path for each key, here and there; each entry must come out the same."""
    store, mine = tmp_path / "theirs" / "sessions.json", tmp_path / "sessions.json"
    store.parent.mkdir()
    for path in (store, mine):
        path.write_bytes(before)
        path.chmod(0o600)
    steps = [{"key": key, **step} for key, step in asked.items()]
    failed = driven(version, tmp_path / "walk", store, steps)
    assert failed == {}
    one = gateway(mine, version)
    for key in asked:
        ours(one, key)
    theirs, written = json.loads(store.read_text()), json.loads(mine.read_text())
    for key, step in asked.items():
        assert told(written[key]) == told(theirs[key]), f"{step} on {entries_of(1).get(key)}"


def told(entry: JsonObject) -> JsonObject:
    return {name: value for name, value in entry.items() if name not in MOMENTARY}


@pytest.mark.parametrize("version", ["2026.1.29", "2026.3.2", UNLOCKED])
def test_a_message_moves_the_route_the_same_way(version: str, saved: Saved, tmp_path: Path) -> None:
    rng = random.Random(2)
    routes = {key: some_route(rng) or {"channel": "slack", "to": "c"} for key in entries_of(1)}

    def ours(one: Gateway, key: str) -> object:
        return last_route.note_route(one, key, route_of(routes[key]))

    compare(
        version, saved(version), tmp_path, {key: {"do": "route", "route": route} for key, route in routes.items()}, ours
    )


def route_of(route: Mapping[str, Any]) -> Route:
    return Route(route.get("channel", ""), route.get("to", ""), route.get("accountId", ""), route.get("threadId"))


@pytest.mark.parametrize("version", ["2026.1.29", "2026.3.2", UNLOCKED])
def test_an_update_sets_the_same_fields(version: str, saved: Saved, tmp_path: Path) -> None:
    patch: dict[str, Json] = {"displayName": "Ann", "thinkingLevel": None, "verboseLevel": "full"}
    asked = {key: {"do": "entry", "patch": patch} for key in entries_of(1)}
    edit = {name: ABSENT if value is None else value for name, value in patch.items()}
    compare(version, saved(version), tmp_path, asked, lambda one, key: entry_update.update_entry(one, key, edit))


@pytest.mark.parametrize("version", ["2026.1.29", "2026.3.2", UNLOCKED])
def test_delivery_fields_are_brought_to_agree_the_same_way(version: str, saved: Saved, tmp_path: Path) -> None:
    patch = {"lastTo": "99"} | ({"route": None} if version == UNLOCKED else {})  # which would win over lastTo
    asked = {key: {"do": "entry", "patch": patch} for key in entries_of(1)}
    compare(version, saved(version), tmp_path, asked, lambda one, key: delivery_patch.record(one, key, Route(to="99")))


@pytest.mark.parametrize("version", ["2026.1.29", UNLOCKED])
def test_a_run_leaves_the_same_figures(version: str, saved: Saved, tmp_path: Path) -> None:
    usage = {"input": 1200, "output": 340, "cacheRead": 800, "cacheWrite": 20}
    result = {"provider": "google", "model": "gemini-3", "contextTokens": 1_000_000, "aborted": False, "usage": usage}
    ran = after_run.RunResult("google", "gemini-3", 1_000_000, after_run.Usage(1200, 340, 800, 20))
    asked = {key: {"do": "afterRun", "result": result} for key in entries_of(1)}
    compare(version, saved(version), tmp_path, asked, lambda one, key: after_run.record(one, key, ran))


def test_a_request_is_noted_the_same_way(saved: Saved, tmp_path: Path) -> None:
    rng = random.Random(4)
    routes = {key: some_route(rng) for key in [*entries_of(1), "agent:main:main"]}
    asked = {key: {"do": "handler", "request": {"label": f" l{key} ", "route": route}} for key, route in routes.items()}
    asked.pop("agent:main:main")

    def ours(one: Gateway, key: str) -> object:
        return agent_handler.handle(one, key, agent_handler.Request(label=f"l{key}", route=route_of(routes[key])))

    compare(UNLOCKED, saved(UNLOCKED), tmp_path, asked, ours)


PATCHES: tuple[dict[str, Json], ...] = (
    {"thinkingLevel": "low", "verboseLevel": None, "elevatedLevel": "full"},
    {"thinkingLevel": "off", "reasoningLevel": "stream", "fastMode": True},
    {"responseUsage": "tokens", "sendPolicy": "deny", "groupActivation": "always", "traceLevel": "on"},
    {"responseUsage": "off", "sendPolicy": None, "label": None},
    {"execHost": "gateway", "execSecurity": "allowlist", "execAsk": "on-miss", "execNode": " n1 "},
    {"model": "openai/gpt-5.2"},
    {"model": "anthropic/claude-opus-4-6"},
    {"model": "anthropic/claude-opus-4-6@anthropic:work"},
    {"model": None},
)


def test_a_patch_makes_the_same_entry(saved: Saved, tmp_path: Path) -> None:
    patches = {key: PATCHES[number % len(PATCHES)] for number, key in enumerate(entries_of(1))}

    def ours(one: Gateway, key: str) -> object:
        return sessions_patch.patch_session(one, key, patches[key], MODELS)

    asked = {key: {"do": "patch", "patch": patch, "model": DEFAULT} for key, patch in patches.items()}
    compare(UNLOCKED, saved(UNLOCKED), tmp_path, asked, ours)
