"""Delivery since 2026.7.2-beta.7: one object, `delivery`, that replaces all the fields before it.

It is `{"kind": "none"}`, `{"kind": "internal"}` or `{"kind": "external", "route", "context", "origin"}`. OpenClaw reads
nothing else (`deliveryContextFromSession`, 2026.9.6): older fields beside it stay where they are and mean nothing.
"""

from __future__ import annotations

from typing import Final

from store.entry.route_forms import as_object, context_of, origin_with, route_object
from store.entry.routes import INTERNAL, Route, channel_id, route_of
from store.entry.schema import FIELDS
from store.js import JsonObject

STATE: Final = "delivery"
GUARDED: Final = ("delivery.kind", "delivery.context", "delivery.route")
OLDER: Final = tuple(known.name for known in FIELDS.values() if known.unit == "delivery" and known.name != STATE)
"""The fields that `delivery` replaced."""
NOWHERE: Final[JsonObject] = {"kind": "none"}


def state_of(entry: JsonObject) -> JsonObject | None:
    """The delivery object of an entry; None where the older fields decide."""
    state = entry.get(STATE)
    return state if isinstance(state, dict) and "kind" in state else None


def route_of_state(state: JsonObject) -> Route:
    """Where the next reply goes: the context of an external state, the web chat of an internal one."""
    if state.get("kind") == "internal":
        return Route("webchat")
    if state.get("kind") != "external":
        return Route()
    route, origin = route_of(state.get("context")), as_object(state.get("origin"))
    return route if route.channel else Route(channel_id(origin.get("provider")), route.to, route.account, route.thread)


def state_with(present: JsonObject, route: Route) -> JsonObject:
    """The delivery object that leads there; what it says of its origin beyond the address stays."""
    if route == route_of_state(present):
        return present
    if route.channel in INTERNAL:
        return {"kind": "internal"}
    return {
        "kind": "external",
        "route": route_object(present.get("route"), route),
        "context": context_of(route),
        "origin": origin_with(present.get("origin"), route),
    }


def inert(entry: JsonObject) -> tuple[str, ...]:
    """The delivery fields of an entry that no release reads any more because `delivery` is there."""
    return tuple(name for name in OLDER if name in entry) if state_of(entry) is not None else ()
