"""What the gateway's writers do in a scenario: each act is a path with what it is asked, right and racy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

from store.commit import update_store
from store.entry.delivery import key_route
from store.entry.fields import text
from store.entry.keys import parse_key
from store.entry.routes import Route, thread_id
from store.errors import UsageError
from store.gateway import (
    after_run,
    agent_handler,
    delivery_patch,
    entry_update,
    heartbeat,
    last_route,
    resolution,
    sessions_patch,
)
from store.gateway.gateway import Entries, Gateway, Moment, Put, Think
from store.gateway.rules import Rules
from store.gateway.scenarios.sessions import MODELS
from store.gateway.scenarios.unlocked import put_without_lock
from store.js import Json, JsonObject

DEFAULT_MODELS: Final = sessions_patch.Models(default=MODELS["gpt"])
_CHATS: Final = (
    Route("telegram", "512388041", "default"),
    Route("whatsapp", "+4915112345678", "default"),
    Route("slack", "channel:c07f1e9d2b", "ops"),
    Route("discord", "channel:118273645511228899", "default"),
)
_TOPICS: Final = ("release train", "standup", "invoices", "the Lisbon trip", "backup alarms", "house move")
Intended: TypeAlias = Callable[[JsonObject | None, Moment, Rules], JsonObject | None]


@dataclass(frozen=True, slots=True)
class Act:
    """One path about to be walked for one session; without `racy` it has no other form.

    `intended` is what the right form makes of an entry. `put` is how its racy form writes.
    """

    path: str
    key: str
    right: Callable[[Gateway, Think], object]
    racy: Callable[[Gateway, Think], object] | None
    intended: Intended
    put: Put = update_store


@dataclass(frozen=True, slots=True)
class Scene:
    """What an act is made from: chance, the session, and the entry it has when the act begins.

    `whole`: racy runs save the snapshot of all sessions, as agents did that share a store.
    """

    random: Random
    key: str
    entry: JsonObject
    whole: bool = False


def handler(scene: Scene) -> Act:
    """The agent method is called, now and then with a label."""
    random, key = scene.random, scene.key
    label = _label(random) if random.random() < 0.2 else ""
    request = agent_handler.Request(label=label)
    forms: tuple[agent_handler.Form, ...] = ("assigned", "merged")
    form = random.choice(forms)
    return Act(
        "agent-handler",
        key,
        lambda gateway, think: agent_handler.handle(gateway, key, request, think),
        lambda gateway, think: agent_handler.handle_racy(gateway, key, request, think, form),
        lambda fresh, moment, rules: agent_handler.next_entry(fresh, request, moment, rules),
    )


def run(scene: Scene) -> Act:
    """A run ends."""
    random, key = scene.random, scene.key
    provider, model = text(scene.entry, "providerOverride"), text(scene.entry, "modelOverride")
    if not model:
        provider, model = DEFAULT_MODELS.default
    usage = after_run.Usage(random.randint(900, 60_000), random.randint(40, 4000), random.choice((0, 18_432, 22_016)))
    result = after_run.RunResult(provider, model, 200_000, usage)
    forms: tuple[after_run.Form, ...] = ("assigned", "merged")
    form = "store" if scene.whole else random.choice(forms)
    return Act(
        "after-run",
        key,
        lambda gateway, think: after_run.record(gateway, key, result, think),
        lambda gateway, think: after_run.record_racy(gateway, key, result, think, form),
        lambda fresh, moment, rules: after_run.next_entry(fresh, result, moment, rules),
    )


def delivery(scene: Scene) -> Act:
    """A reply was delivered, along the route of the session or one that the run defined in part."""
    key = scene.key
    known = text(scene.entry, "lastTo")
    reply = Route(to=known) if known and scene.random.random() < 0.5 else Route()
    return Act(
        "delivery-patch",
        key,
        lambda gateway, think: delivery_patch.record(gateway, key, reply, think),
        lambda gateway, think: delivery_patch.record_racy(gateway, key, reply, think),
        lambda fresh, moment, rules: delivery_patch.next_entry(fresh, reply, moment, rules),
    )


def message(scene: Scene) -> Act:
    """A message comes in: of the chat that the key names, in some thread; where it names none, of another chat."""
    key = scene.key
    route = _thread_of_chat(scene) or scene.random.choice(
        [chat for chat in _CHATS if chat.to != text(scene.entry, "lastTo")]
    )
    return Act(
        "last-route",
        key,
        lambda gateway, think: last_route.note_route(gateway, key, route, think),
        lambda gateway, think: last_route.note_route_racy(gateway, key, route, think),
        lambda fresh, moment, rules: last_route.next_entry(fresh, route, moment, rules),
    )


def update(scene: Scene) -> Act:
    """Something about the session is noted: that it runs, or what the skills are."""
    random, key = scene.random, scene.key
    notes: tuple[JsonObject, ...] = (
        {"status": random.choice(("running", "done", "failed"))},
        {"skillsSnapshot": {"version": random.randint(1, 999_999), "names": ["browser", "calendar"]}},
        {"compactionCount": random.randint(1, 40)},
    )
    patch = random.choice(notes)
    return Act(
        "entry-update",
        key,
        lambda gateway, think: entry_update.update_entry(gateway, key, patch, think),
        lambda gateway, think: entry_update.update_entry_racy(gateway, key, patch, think),
        lambda fresh, moment, _rules: entry_update.next_entry(fresh, patch, moment),
    )


def beat(scene: Scene) -> Act:
    """The heartbeat says that all is well."""
    key = scene.key
    said = f"HEARTBEAT_OK {scene.random.randint(0, 9)} tasks wait"
    return Act(
        "heartbeat",
        key,
        lambda gateway, think: heartbeat.beat(gateway, key, said, think),
        lambda gateway, think: heartbeat.beat_racy(gateway, key, said, think),
        lambda fresh, moment, _rules: heartbeat.next_entry(fresh, said, moment),
    )


def model(scene: Scene) -> Act:
    """Somebody chooses another model, rarely the default."""
    present = text(scene.entry, "providerOverride"), text(scene.entry, "modelOverride")
    others = [pair for pair in MODELS.values() if pair not in (present, DEFAULT_MODELS.default)]
    clears = bool(present[1]) and scene.random.random() < 0.2
    return _patch(scene, {"model": None if clears else "/".join(scene.random.choice(others))})


def level(scene: Scene) -> Act:
    """Somebody sets two levels, one of them to another value than it has."""
    levels = [value for value in ("low", "medium", "high") if value != scene.entry.get("thinkingLevel")]
    patch: dict[str, Json] = {"thinkingLevel": scene.random.choice(levels)}
    return _patch(scene, patch | {"verboseLevel": scene.random.choice(("on", "full", "off"))})


def label(scene: Scene) -> Act:
    """Somebody names the session."""
    return _patch(scene, {"label": _label(scene.random)})


def new_session(scene: Scene) -> Act:
    """A message finds the session over, and starts a new one."""
    key, old = scene.key, scene.entry.get("sessionId")

    def is_fresh(entry: JsonObject) -> bool:
        return entry.get("sessionId") != old

    def intended(fresh: JsonObject | None, moment: Moment, _rules: Rules) -> JsonObject:
        return fresh if fresh and is_fresh(fresh) else resolution.started(fresh, moment)

    return Act(
        "new-session",
        key,
        lambda gateway, think: resolution.resolve(gateway, key, is_fresh=is_fresh, think=think),
        lambda gateway, think: resolution.resolve_racy(gateway, key, is_fresh=is_fresh, think=think),
        intended,
    )


def editor(scene: Scene) -> Act:
    """A tool beside the gateway changes one field of the file; its racy form takes no lock."""
    key = scene.key
    patch: JsonObject = {"responseUsage": scene.random.choice(("tokens", "full"))}

    def without_lock(gateway: Gateway, think: Think) -> None:
        copy = gateway.load()
        think()
        moment = gateway.moment()
        entry = entry_update.next_entry(copy.entries.get(key), patch, moment)

        def mutate(entries: Entries) -> None:
            after_run.put_whole(copy, entries)
            if entry is not None:
                entries[key] = entry

        gateway.write_back(copy, mutate)

    return Act(
        "unlocked-editor",
        key,
        lambda gateway, think: entry_update.update_entry(gateway, key, patch, think),
        without_lock,
        lambda fresh, moment, _rules: entry_update.next_entry(fresh, patch, moment),
        put_without_lock,
    )


Make: TypeAlias = Callable[[Scene], Act]
SETTINGS: Final[tuple[Make, ...]] = (model, level, label)
"""What a person sets, and a stale write takes back."""
RIVALS: Final[Mapping[Make, tuple[Make, ...]]] = {delivery: (message,), new_session: (new_session,)}
"""What happens to the same session while a path thinks, where that is not a setting."""


def _patch(scene: Scene, patch: dict[str, Json]) -> Act:
    key = scene.key

    def apply(gateway: Gateway, think: Think) -> None:
        think()
        with suppress(UsageError):  # another session has that label
            sessions_patch.patch_session(gateway, key, patch, DEFAULT_MODELS)

    def intended(fresh: JsonObject | None, moment: Moment, rules: Rules) -> JsonObject:
        return sessions_patch.next_entry(fresh, key, patch, DEFAULT_MODELS, moment, rules)

    return Act("sessions.patch", key, apply, None, intended)


def _thread_of_chat(scene: Scene) -> Route:
    chat = key_route(parse_key(scene.key))
    if chat is None or not chat.channel:
        return Route()
    present = scene.entry.get("lastThreadId")
    threads = [thread for thread in (None, "1771188021.771904", "1771188090.104233") if thread != present]
    thread = thread_id(present) if chat.thread else scene.random.choice(threads)
    return Route(chat.channel, text(scene.entry, "lastTo") or chat.to, chat.account, thread)


def _label(random: Random) -> str:
    return f"{random.choice(_TOPICS)} {random.randint(1, 9999)}"
