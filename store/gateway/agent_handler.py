"""The gateway's `agent` method: it notes in the entry what a request says before the run begins.

Until 2026.2.22 it assigned an entry built from a cached read, field by field from a fixed list; until 2026.5.20 it laid
that over the fresh one (#5369, #52786). PR #19328 moved the reading into the store's mutator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from store.entry.fields import edited, text
from store.entry.routes import Route
from store.gateway.contexts import delivery_fields, over, saved_route
from store.gateway.gateway import Entries, Gateway, Moment, Think, merged, no_time
from store.gateway.rules import Rules
from store.js import ABSENT, JsonObject, Value

Form: TypeAlias = Literal["assigned", "merged"]
"""What a racy writer does with the entry it made from its copy."""

_COPIED: Final = (
    *("thinkingLevel", "verboseLevel", "reasoningLevel", "systemSent", "sendPolicy", "skillsSnapshot"),
    *("deliveryContext", "lastChannel", "lastTo", "lastAccountId", "modelOverride", "providerOverride"),
    *("label", "spawnedBy", "channel", "groupId", "groupChannel", "space"),
    *("cliSessionIds", "claudeCliSessionId"),
)
"""All that the handler of 2026.1.29 knows of an entry besides its id and time; 2026.3.2 adds `spawnDepth`."""


NOWHERE: Final = Route()


@dataclass(frozen=True, slots=True)
class Request:
    """What a request may say about the session; blank where it says nothing."""

    label: str = ""
    spawned_by: str = ""
    group_id: str = ""
    group_channel: str = ""
    space: str = ""
    route: Route = NOWHERE
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a request: the entry it goes on with, or None when the session's policy denies sending."""

    entry: JsonObject | None

    @property
    def denied(self) -> bool:
        """Nothing was written and nothing may be sent."""
        return self.entry is None


def handle(gateway: Gateway, key: str, request: Request, think: Think = no_time) -> Handled:
    """Note the request in the entry, made from the fresh one inside the lock; an entry that is missing is created."""
    moment = gateway.moment()
    think()
    return Handled(gateway.change(key, lambda fresh: next_entry(fresh, request, moment, gateway.rules)))


def next_entry(fresh: JsonObject | None, request: Request, moment: Moment, rules: Rules) -> JsonObject | None:
    """The entry after the request: what the request says over what is there, and everything else as it is.

    Only `channel` and the route never override what the entry has. None when the entry's send policy is `deny`.
    """
    if text(fresh or {}, "sendPolicy") == "deny":
        return None
    patch: dict[str, Value] = {**_said(request), "updatedAt": moment.now}
    if request.route:
        route = over(saved_route(fresh or {}, rules), request.route, rules)
        patch |= {name: value for name, value in delivery_fields(route, rules).items() if value is not ABSENT}
    if request.route.channel and not text(fresh or {}, "channel"):
        patch["channel"] = request.route.channel
    return merged(fresh, patch, moment)


def handle_racy(
    gateway: Gateway, key: str, request: Request, think: Think = no_time, form: Form = "assigned"
) -> Handled:
    """The same from a cached read: what is set while it thinks goes back, and `assigned` drops all it does not know."""
    moment = gateway.moment()
    copy = gateway.cached()
    known = copy.entries.get(key)
    entry = racy_entry(known, request, moment, gateway.rules)
    if text(known or {}, "sendPolicy") == "deny":
        return Handled(None)
    think()

    def mutate(entries: Entries) -> JsonObject:
        fresh = entries.get(key)
        entries[key] = written = _over_fresh(fresh, entry, moment) if form == "merged" else entry
        return written

    return Handled(gateway.write_back(copy, mutate))


def racy_entry(cached: JsonObject | None, request: Request, moment: Moment, rules: Rules) -> JsonObject:
    """The entry as the old handler built it: its list of fields from the copy, and what the request says."""
    known = cached or {}
    kept: dict[str, Value] = {name: known[name] for name in _COPIED if name in known}
    route = saved_route(known, rules)
    fields = delivery_fields(route, rules)
    kept |= {name: fields[name] for name in ("deliveryContext", "lastChannel", "lastTo", "lastAccountId")}
    if not text(known, "channel") and request.route.channel:
        kept["channel"] = request.route.channel
    identity: dict[str, Value] = {"sessionId": known.get("sessionId") or moment.new_id, "updatedAt": moment.now}
    return edited({}, {**identity, **kept, **_said(request)})


def _said(request: Request) -> dict[str, Value]:
    said: dict[str, Value] = {
        "sessionId": request.session_id,
        "label": request.label.strip(),
        "spawnedBy": request.spawned_by.strip(),
        "groupId": request.group_id,
        "groupChannel": request.group_channel,
        "space": request.space,
    }
    return {name: value for name, value in said.items() if value}


def _over_fresh(fresh: JsonObject | None, entry: JsonObject, moment: Moment) -> JsonObject:
    """What is listed and not in the copy was set to `undefined` there, and erases what the fresh entry has."""
    patch: dict[str, Value] = {**dict.fromkeys(_COPIED, ABSENT), **entry}
    return merged(fresh, patch, moment)
