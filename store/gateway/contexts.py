"""Where a reply goes, as the releases derive it from an entry, merge it and write it back (`delivery-context`)."""

from __future__ import annotations

from store.entry.delivery import next_route
from store.entry.fields import edited, text
from store.entry.routes import Route, account_id, channel_id, route_of, thread_id
from store.gateway.rules import Rules
from store.js import ABSENT, Json, JsonObject, Value


def over(winner: Route, other: Route, rules: Rules) -> Route:
    """`mergeDeliveryContext`: gaps of one route filled from another; from 2026.3.7 never from another channel."""
    if rules.keeps_channels_apart and winner.channel and other.channel and winner.channel != other.channel:
        return winner
    return Route(
        winner.channel or other.channel,
        winner.to or other.to,
        winner.account or other.account,
        other.thread if winner.thread is None else winner.thread,
    )


def known_route(entry: JsonObject | None, rules: Rules) -> Route:
    """`deliveryContextFromSession`: where the entry says replies go, with everything that may fill a gap."""
    if entry is None:
        return Route()
    if rules.writes_route:
        return next_route(entry)
    route, context = saved_route(entry, rules), entry.get("deliveryContext")
    if not rules.finds_thread or entry.get("lastThreadId") is not None:
        return route
    origin = entry.get("origin")
    found = route_of(context).thread
    if found is None and isinstance(origin, dict):
        found = thread_id(origin.get("threadId"))
    return Route(route.channel, route.to, route.account, found)


def saved_route(entry: JsonObject, rules: Rules) -> Route:
    """`normalizeSessionDeliveryFields`: the route that a save makes every delivery field of the entry agree on."""
    if rules.writes_route:
        return next_route({name: value for name, value in entry.items() if name != "origin"})
    last = Route(
        channel_id(entry["lastChannel"] if entry.get("lastChannel") is not None else entry.get("channel")),
        text(entry, "lastTo"),
        account_id(entry.get("lastAccountId")),
        thread_id(entry.get("lastThreadId")),
    )
    return over(last, route_of(entry.get("deliveryContext")), rules)


def delivery_fields(route: Route, rules: Rules) -> dict[str, Value]:
    """The fields that say this route; ABSENT for what it does not have."""
    fields: dict[str, Value] = {
        "deliveryContext": context_of(route) or ABSENT,
        "lastChannel": route.channel or ABSENT,
        "lastTo": route.to or ABSENT,
        "lastAccountId": route.account or ABSENT,
        "lastThreadId": ABSENT if route.thread is None else route.thread,
    }
    if rules.writes_route:
        fields = {"route": route_object(route) or ABSENT, **fields}
    return fields


def normalised(entry: JsonObject, rules: Rules) -> JsonObject:
    """The entry as a save leaves it: all its delivery fields say the same."""
    return edited(entry, delivery_fields(saved_route(entry, rules), rules))


def context_of(route: Route) -> dict[str, Json]:
    """The value of `deliveryContext` for a route."""
    context: dict[str, Json] = {"channel": route.channel, "to": route.to, "accountId": route.account}
    context = {name: value for name, value in context.items() if value}
    return context if route.thread is None else {**context, "threadId": route.thread}


def route_object(route: Route) -> dict[str, Json]:
    """The value of `route` for a route, from 2026.5.22 on."""
    parts: dict[str, Json] = {"channel": route.channel} if route.channel else {}
    if route.account:
        parts["accountId"] = route.account
    if route.to:
        parts["target"] = {"to": route.to}
    if route.thread is not None:
        parts["thread"] = {"id": route.thread}
    return parts
