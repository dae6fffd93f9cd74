"""Generated traffic of a gateway with ground truth: clean writers of every kind, and those that write stale copies.

What each writer does follows OpenClaw's own write paths; values repeat as they do in life (models, chats, levels,
cached tokens). One seed gives one history.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from store.events import UNKNOWN_WRITER, Changed, EntryChange, Event, FileId, Loaded, Version, Writer
from store.findings import settings
from store.findings.units import compared, members, unit_of
from store.js import ABSENT, Json, JsonObject, encode, same
from tests.support.past import START, STORE

MODELS = (("openai", "gpt-5.2"), ("anthropic", "opus-4-6"), ("google", "gemini-3"))
CONTEXT = {"gpt-5.2": 400_000, "opus-4-6": 200_000, "gemini-3": 1_048_576}
CHATS = (("telegram", "811", "Alice"), ("slack", "c1", "#ops"), ("webchat", "", "web"), ("telegram", "822", "Bob"))
HANDLER_KEEPS = (
    *("thinkingLevel", "verboseLevel", "reasoningLevel", "systemSent", "sendPolicy", "skillsSnapshot"),
    *("deliveryContext", "lastChannel", "lastTo", "lastAccountId", "modelOverride", "providerOverride", "label"),
    *("spawnedBy", "channel", "groupId", "groupChannel", "space", "cliSessionIds", "claudeCliSessionId"),
)
"""What the agent handler of 2026.1.29 knows of an entry; it drops the rest."""
_RESIDUE = ("model", "modelProvider", "contextTokens", "fallbackNoticeSelectedModel", "fallbackNoticeActiveModel")
_USAGE = ("inputTokens", "outputTokens", "cacheRead", "cacheWrite")

Entry = JsonObject


@dataclass(frozen=True, slots=True)
class Loss:
    """What a stale write cost an entry: the units, and whether an honest writer could have written the same."""

    key: str
    units: frozenset[str]
    twin: bool
    base: int
    path: str


@dataclass(frozen=True, slots=True)
class Told:
    """The next event, what was lost in it, and whether an old copy was written at all."""

    event: Event
    losses: tuple[Loss, ...] = ()
    stale: bool = False


@dataclass
class _Texts:
    """The versions an entry had, each with the number that brought it and its time."""

    versions: list[tuple[int, float, Entry]] = field(default_factory=list)

    @property
    def now(self) -> Entry:
        return self.versions[-1][2]

    def at(self, when: float) -> tuple[int, Entry] | None:
        """The text that was the truth then."""
        return next(((number, entry) for number, since, entry in reversed(self.versions) if since <= when), None)


class Traffic:
    """Writes to a few entries; `stale` is the share of them made from an old copy."""

    def __init__(self, seed: int, *, entries: int = 6, stale: float = 0.0) -> None:
        self.rng = random.Random(seed)
        self.stale = stale
        self.now, self.number = START, 1
        self.texts = {f"agent:main:telegram:direct:{n}": _Texts() for n in range(entries)}
        for texts in self.texts.values():
            texts.versions.append((1, self.now, self._new_entry()))

    def told(self, writes: int) -> Iterator[Told]:
        """So many writes that change something, after the first version."""
        yield Told(Loaded(STORE, self._version(), len(self.texts)))
        while writes:
            self.now += self.rng.choice((0.03, 0.3, 3.0, 20.0))
            stale = self.rng.random() < self.stale
            path = self.rng.choice(STALE if stale else CLEAN)
            lost: list[Loss] = []
            before = {key: texts.now for key, texts in self.texts.items()}
            after = path(self, lost)
            changes = [key for key, entry in after.items() if not same(entry, before[key])]
            if not changes:
                continue
            self.number += 1
            for key in changes:
                self.texts[key].versions.append((self.number, self.now, after[key]))
            pairs = tuple(EntryChange(key, _raw(before[key]), _raw(after[key])) for key in changes)
            losses = tuple(loss for loss in lost if loss.key in changes)
            yield Told(Changed(STORE, self._version(), pairs, len(self.texts)), losses, stale)
            writes -= 1

    def _version(self) -> Version:
        file = FileId(1, self.number, 1000, int(self.now * 1e9))
        return Version(self.number, self.now, file, self.rng.choice((UNKNOWN_WRITER, Writer(11, "lock"))))

    def _new_entry(self) -> Entry:
        entry: Entry = {"sessionId": self.uuid(), "updatedAt": self.ms, "thinkingLevel": "low", "chatType": "direct"}
        _message(self, entry)
        self.run_result(entry)
        return entry

    def uuid(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    @property
    def ms(self) -> int:
        return int(self.now * 1000)

    def pick(self) -> str:
        """One of the entries."""
        return self.rng.choice(list(self.texts))

    def edited(self, key: str) -> Entry:
        """A copy of an entry as it is, stamped."""
        return {**self.texts[key].now, "updatedAt": self.ms}

    def run_result(self, entry: Entry) -> None:
        """What the end of a run leaves."""
        rng = self.rng
        provider, model = rng.choice(MODELS)
        override = entry.get("modelOverride")
        if isinstance(override, str) and override in CONTEXT:
            provider, model = str(entry.get("providerOverride")), override
        entry |= {
            "inputTokens": rng.choice((rng.randint(1, 40), rng.randint(1000, 190_000))),
            "outputTokens": rng.randint(20, 9000),
            "totalTokens": rng.randint(1000, 190_000),
            "cacheRead": rng.choice((0, 18_432, 22_016)),
            "cacheWrite": rng.choice((0, 512, 2048)),
            "model": model,
            "modelProvider": provider,
            "contextTokens": CONTEXT.get(model, 128_000),
            "abortedLastRun": False,
            "status": "done",
            "endedAt": self.ms,
            "systemPromptReport": {"generatedAt": self.ms, "chars": 20_000},
        }

    def old(self, key: str) -> tuple[int, Entry]:
        """A copy of an entry as it was a while ago, with the version that had brought it."""
        when = self.now - self.rng.choice((0.2, 2.0, 15.0, 60.0, 300.0))
        return self.texts[key].at(when) or (1, self.texts[key].versions[0][2])

    def loss(self, key: str, base: tuple[int, Entry], after: Entry, path: str) -> Iterator[Loss]:
        """The ground truth of one stale write."""
        number, copy = base
        now = self.texts[key].now
        changed = {
            unit_of(name)
            for name in {**now, **after}
            if compared(name) and not same(now.get(name, ABSENT), after.get(name, ABSENT))
        }
        lost = {unit for unit in changed & settings.STICKY if _went_back(unit, copy, now, after)}
        if lost:
            stamp = after.get("updatedAt"), now.get("updatedAt")
            falls = isinstance(stamp[0], int) and isinstance(stamp[1], int) and stamp[0] < stamp[1]
            twin = not falls and could_be_meant(lost, changed, (copy, now), after)
            yield Loss(key, frozenset(lost), twin, number, path)


def _went_back(unit: str, copy: Entry, now: Entry, after: Entry) -> bool:
    names = [name for name in members(unit) if not same(copy.get(name, ABSENT), now.get(name, ABSENT))]
    names = [name for name in names if name not in settings.SOFT]
    return bool(names) and all(same(after.get(name, ABSENT), copy.get(name, ABSENT)) for name in names)


def could_be_meant(lost: set[str], changed: set[str], olds: tuple[Entry, Entry], after: Entry) -> bool:
    """Whether the same bytes could come from a person, a message or a fallback."""
    copy, now = olds
    others = changed - lost
    returned = {name for name in others if name in copy and same(copy[name], after.get(name, ABSENT))}
    if lost == {settings.DELIVERY}:
        return not returned
    sources = [
        entry.get(name) for entry in (copy, now) for name in ("modelOverrideSource", "authProfileOverrideSource")
    ]
    automatic = lost <= {settings.MODEL, settings.AUTH} and "auto" in sources
    patched = changed <= settings.LEVELS | {settings.MODEL, settings.AUTH, settings.RUN_MODEL, settings.FALLBACK}
    return patched or (automatic and not returned)


def _raw(entry: Entry) -> bytes:
    return encode(entry).encode()


Path = Callable[[Traffic, list[Loss]], dict[str, Entry]]


def _clean(change: Callable[[Traffic, Entry], None]) -> Path:
    def write(traffic: Traffic, _lost: list[Loss]) -> dict[str, Entry]:
        key = traffic.pick()
        entry = traffic.edited(key)
        change(traffic, entry)
        return {key: entry}

    return write


def _run(traffic: Traffic, entry: Entry) -> None:
    traffic.run_result(entry)
    if entry.get("modelOverrideSource") == "auto" and traffic.rng.random() < 0.3:
        _drop(entry, "providerOverride", "modelOverride", "modelOverrideSource")
    if entry.get("authProfileOverrideSource") == "auto" and traffic.rng.random() < 0.3:
        entry["authProfileOverride"] = traffic.rng.choice(("openai:a", "openai:b"))


def _message(traffic: Traffic, entry: Entry) -> None:
    channel, to, name = traffic.rng.choice(CHATS)
    context: dict[str, Json] = {"channel": channel, "to": to}
    entry |= {"lastChannel": channel, "lastTo": to, "deliveryContext": context, "lastInteractionAt": traffic.ms}
    entry |= {"displayName": name, "origin": {"label": name, "provider": channel}}


def _set_model(traffic: Traffic, entry: Entry) -> None:
    entry["providerOverride"], entry["modelOverride"] = traffic.rng.choice(MODELS)
    entry["modelOverrideSource"] = "user"
    _drop(entry, *_RESIDUE)
    entry["liveModelSwitchPending"] = True


def _default_model(traffic: Traffic, entry: Entry) -> None:
    _drop(entry, "providerOverride", "modelOverride", "modelOverrideSource", *_RESIDUE)
    _drop(entry, "authProfileOverride", "authProfileOverrideSource")


def _fall_back(traffic: Traffic, entry: Entry) -> None:
    entry["providerOverride"], entry["modelOverride"] = traffic.rng.choice(MODELS)
    entry |= {"modelOverrideSource": "auto", "fallbackNoticeSelectedModel": "x", "fallbackNoticeActiveModel": "y"}


def _profile(traffic: Traffic, entry: Entry) -> None:
    entry |= {"authProfileOverride": traffic.rng.choice(("openai:a", "openai:b")), "authProfileOverrideSource": "auto"}


def _level(traffic: Traffic, entry: Entry) -> None:
    name, values = traffic.rng.choice(
        (
            ("thinkingLevel", ("low", "high")),
            ("verboseLevel", ("on", "off")),
            ("sendPolicy", ("allow", "deny")),
            ("label", ("a", "release train", "standup notes 2026")),
        )
    )
    entry[name] = traffic.rng.choice(values)
    if name != "thinkingLevel" and traffic.rng.random() < 0.3:
        _drop(entry, name)


def _two_levels(traffic: Traffic, entry: Entry) -> None:
    _level(traffic, entry)
    _level(traffic, entry)


def _reset(traffic: Traffic, entry: Entry) -> None:
    entry |= {"sessionId": traffic.uuid(), "systemSent": False, "abortedLastRun": False}
    _drop(entry, *_USAGE, "totalTokens", "status", "endedAt")
    if traffic.rng.random() < 0.5:
        _drop(entry, "providerOverride", "modelOverride", "modelOverrideSource", "label")


def _compact(traffic: Traffic, entry: Entry) -> None:
    count = entry.get("compactionCount")
    entry["compactionCount"] = (count if isinstance(count, int) else 0) + 1
    entry["totalTokens"] = traffic.rng.randint(1000, 9000)
    _drop(entry, *_USAGE)


def _status(traffic: Traffic, entry: Entry) -> None:
    entry["status"] = traffic.rng.choice(("running", "done", "failed"))
    entry["abortedLastRun"] = traffic.rng.random() < 0.5
    if entry["status"] == "running":
        _drop(entry, "endedAt")


def _pending(traffic: Traffic, entry: Entry) -> None:
    names = [f"pendingFinalDelivery{part}" for part in ("CreatedAt", "LastAttemptAt", "Text", "IntentId")]
    if "pendingFinalDeliveryText" in entry:
        _drop(entry, "pendingFinalDelivery", *names)
    else:
        values = (traffic.ms, traffic.ms, "The build is green.", traffic.uuid())
        entry |= {"pendingFinalDelivery": True, **dict(zip(names, values, strict=True))}


def _heartbeat(traffic: Traffic, entry: Entry) -> None:
    entry |= {"lastHeartbeatText": "HEARTBEAT_OK all is well", "lastHeartbeatSentAt": traffic.ms}


def _jq(traffic: Traffic, entry: Entry) -> None:
    """A person edits the file by hand and leaves the time alone, or puts a wrong one right."""
    was = entry["updatedAt"]
    entry["sendPolicy"] = traffic.rng.choice(("allow", "deny"))
    entry["updatedAt"] = traffic.rng.choice((was, traffic.ms, traffic.ms // 1000))


def _drop(entry: Entry, *names: str) -> None:
    for name in names:
        entry.pop(name, None)


def _migrate(traffic: Traffic, _lost: list[Loss]) -> dict[str, Entry]:
    names = traffic.rng.sample(("displayName", "label", "origin", "sendPolicy", "verboseLevel"), 4)
    after = {key: dict(texts.now) for key, texts in traffic.texts.items()}
    for entry in after.values():
        _drop(entry, *names)
    return after if sum(names[0] in texts.now for texts in traffic.texts.values()) >= 3 else {}


def _handler_whole(traffic: Traffic, lost: list[Loss]) -> dict[str, Entry]:
    """2026.1.29: only the fields the handler knows, all from its old copy, stamped when it began."""
    key = traffic.pick()
    base = traffic.old(key)
    entry = {name: value for name, value in base[1].items() if name in HANDLER_KEEPS}
    waited = traffic.rng.choice((5, 500, 5000))
    entry |= {"sessionId": base[1]["sessionId"], "updatedAt": traffic.ms - waited}
    lost += traffic.loss(key, base, entry, "handler, whole")
    return {key: entry}


def _handler_merged(traffic: Traffic, lost: list[Loss]) -> dict[str, Entry]:
    """2026.2.26 on: the same fields laid over the fresh entry; what the copy did not have is removed."""
    key = traffic.pick()
    base = traffic.old(key)
    entry = {name: value for name, value in traffic.edited(key).items() if name not in HANDLER_KEEPS}
    entry |= {name: value for name, value in base[1].items() if name in HANDLER_KEEPS}
    entry["sessionId"] = base[1]["sessionId"]
    lost += traffic.loss(key, base, entry, "handler, merged")
    return {key: entry}


def _after_run_whole(traffic: Traffic, lost: list[Loss]) -> dict[str, Entry]:
    key = traffic.pick()
    base = traffic.old(key)
    entry = dict(base[1])
    traffic.run_result(entry)
    entry["updatedAt"] = traffic.ms
    lost += traffic.loss(key, base, entry, "after run, whole")
    return {key: entry}


def _after_run_merged(traffic: Traffic, lost: list[Loss]) -> dict[str, Entry]:
    key = traffic.pick()
    base = traffic.old(key)
    entry = {**traffic.texts[key].now, **base[1]}
    traffic.run_result(entry)
    entry["updatedAt"] = traffic.ms
    lost += traffic.loss(key, base, entry, "after run, merged")
    return {key: entry}


def _cached_route(traffic: Traffic, lost: list[Loss]) -> dict[str, Entry]:
    """`updateLastRoute` on a cached entry: all of it from the copy, but for the route."""
    key = traffic.pick()
    base = traffic.old(key)
    entry = dict(base[1])
    _message(traffic, entry)
    entry["updatedAt"] = traffic.ms
    lost += traffic.loss(key, base, entry, "route from the cache")
    return {key: entry}


def _whole_store(traffic: Traffic, lost: list[Loss]) -> dict[str, Entry]:
    """The heartbeat of 2026.1.29 to 4.29: the whole store as it was, with one entry's heartbeat."""
    when = traffic.now - traffic.rng.choice((0.2, 2.0, 15.0, 60.0))
    own = traffic.pick()
    after: dict[str, Entry] = {}
    for key, texts in traffic.texts.items():
        base = texts.at(when) or (1, texts.versions[0][2])
        after[key] = dict(base[1])
        if key == own:
            _heartbeat(traffic, after[key])
        lost += traffic.loss(key, base, after[key], "heartbeat, whole store")
    return after


CLEAN: tuple[Path, ...] = (
    *(_clean(_run),) * 3,
    *(_clean(_message),) * 3,
    *map(_clean, (_set_model, _default_model, _fall_back, _profile, _level, _level, _two_levels, _reset, _compact)),
    *map(_clean, (_status, _status, _pending, _heartbeat, _jq)),
    _migrate,
)
STALE: tuple[Path, ...] = (
    _handler_whole,
    _handler_merged,
    _after_run_whole,
    _after_run_merged,
    _cached_route,
    _whole_store,
)
