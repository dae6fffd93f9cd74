"""Where the last message came from (`updateLastRoute`); the racy form, up to 2026.4.29, is that of #10331."""

from __future__ import annotations

from store.entry.fields import edited
from store.entry.routes import Route
from store.gateway.contexts import delivery_fields, known_route, over
from store.gateway.entry_update import write_from_cache
from store.gateway.gateway import Gateway, Moment, Think, merged, no_time, stamp_of
from store.gateway.rules import Rules
from store.js import JsonObject, Value


def note_route(
    gateway: Gateway, key: str, route: Route, think: Think = no_time, *, expected: str = ""
) -> JsonObject | None:
    """Note the route in the fresh entry inside the lock; a missing entry is created."""
    moment = gateway.moment()
    think()
    return gateway.change(key, lambda fresh: next_entry(fresh, route, moment, gateway.rules), expected=expected)


def next_entry(fresh: JsonObject | None, route: Route, moment: Moment, rules: Rules) -> JsonObject:
    """The entry with this route; what the route leaves open is what was known, except for another place's thread."""
    before = known_route(fresh, rules)
    if rules.forgets_thread and (route.channel or route.to) and route.thread is None:
        before = Route(before.channel, before.to, before.account)
    patch: dict[str, Value] = {**delivery_fields(over(route, before, rules), rules)}
    entry = merged(fresh, patch, moment)
    stamp = stamp_of(fresh or {})
    if rules.keeps_activity and stamp is not None and stamp >= 0:
        return edited(entry, {"updatedAt": min(stamp, moment.now)})
    return entry


def note_route_racy(gateway: Gateway, key: str, route: Route, think: Think = no_time) -> JsonObject | None:
    """The same on the cached store."""
    moment = gateway.moment()
    return write_from_cache(gateway, key, lambda cached: next_entry(cached, route, moment, gateway.rules), think)
