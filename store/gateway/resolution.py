"""Which session a message belongs to: the one its key has, or a new one, reserved before it is used.

Without the reservation two first messages of one key mint an id each; the transcripts fork, and the last writer's id
stays (#84575; PR #85404 serialised the resolution, in one process only).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from store.entry.fields import text
from store.gateway.gateway import Entries, Gateway, Moment, Think, merged, no_time
from store.js import ABSENT, JsonObject, Value

IsFresh: TypeAlias = Callable[[JsonObject], bool]
"""Whether an entry's session still goes on; the reset policy decides, by idle time or time of day."""

_OF_THE_SESSION: Final = (
    *("systemSent", "abortedLastRun", "inputTokens", "outputTokens", "totalTokens", "cacheRead", "cacheWrite"),
    *("status", "startedAt", "endedAt", "runtimeMs", "compactionCount", "sessionFile"),
)
"""What belongs to a session and not to its key."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The session of a key; `is_new` for the one caller that started it."""

    session_id: str
    is_new: bool


def goes_on(_entry: JsonObject) -> bool:
    """The policy that never resets a session."""
    return True


def resolve(
    gateway: Gateway,
    key: str,
    *,
    session_id: str = "",
    internal: bool = False,
    is_fresh: IsFresh = goes_on,
    think: Think = no_time,
) -> Resolved:
    """The key's session; a new one is in the store before anybody is told of it.

    All who resolve one key of one store at a time, threads or processes, get one id, and one of them `is_new`. A
    session that goes on is found without the lock. An explicit `session_id` is taken as it is; an internal hand-off
    gets an id of its own and leaves no row.
    """
    moment = gateway.moment()
    if session_id:
        return Resolved(session_id, is_new=False)
    if internal:
        return Resolved(moment.new_id, is_new=True)
    found = _session(gateway.fresh(key), is_fresh)
    if found:
        return Resolved(found, is_new=False)
    think()

    def reserve(entries: Entries) -> Resolved:
        entry = entries.get(key)
        present = _session(entry, is_fresh)
        if present:
            return Resolved(present, is_new=False)
        entries[key] = started(entry, moment)
        return Resolved(moment.new_id, is_new=True)

    return gateway.update(reserve)


def resolve_racy(gateway: Gateway, key: str, *, is_fresh: IsFresh = goes_on, think: Think = no_time) -> Resolved:
    """The same without the second look: what is minted is written, whoever minted another one meanwhile."""
    moment = gateway.moment()
    copy = gateway.cached()
    found = _session(copy.entries.get(key), is_fresh)
    if found:
        return Resolved(found, is_new=False)
    think()
    entry = started(copy.entries.get(key), moment)

    def persist(entries: Entries) -> Resolved:
        entries[key] = entry
        return Resolved(moment.new_id, is_new=True)

    return gateway.write_back(copy, persist)


def started(entry: JsonObject | None, moment: Moment) -> JsonObject:
    """The entry of a session that begins: what was set for the key stays, what belonged to the old session goes."""
    fields: dict[str, Value] = {**dict.fromkeys(_OF_THE_SESSION, ABSENT), "sessionId": moment.new_id}
    return merged(entry, fields, moment)


def _session(entry: JsonObject | None, is_fresh: IsFresh) -> str:
    session = text(entry or {}, "sessionId")
    return session if entry is not None and session and is_fresh(entry) else ""
