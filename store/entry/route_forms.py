"""The forms in which an entry holds a route: as a context, in what is known of its origin, as a route object."""

from __future__ import annotations

from store.entry.fields import text
from store.entry.routes import Route, account_id, channel_id, thread_id
from store.js import Json


def as_object(value: Json) -> dict[str, Json]:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def context_of(route: Route) -> dict[str, Json]:
    """`channel`, `to`, `accountId` and `threadId`, as far as the route has them."""
    members: dict[str, Json] = {"channel": route.channel}
    if route.to:
        members["to"] = route.to
    if route.account:
        members["accountId"] = route.account
    if route.thread is not None:
        members["threadId"] = route.thread
    return members


def origin_with(present: Json, route: Route) -> dict[str, Json]:
    """`origin` with the address of the route; its other facts stay."""
    wanted: dict[str, Json] = {
        "provider": route.channel or None,
        "to": route.to or None,
        "accountId": route.account or None,
        "threadId": route.thread,
    }
    merged = as_object(present) | wanted
    return {name: value for name, value in merged.items() if name not in wanted or value is not None}


def route_object(present: Json, route: Route) -> dict[str, Json]:
    """`route` rewritten; what it says beyond the unit stays where it is about the same address or thread."""
    before = as_object(present)
    rewritten: dict[str, Json] = {"channel": route.channel}
    if route.account:
        rewritten["accountId"] = route.account
    if route.to:
        rewritten["target"] = _kept(before.get("target"), "to", route.to, before.get("channel") == route.channel)
    if route.thread is not None:
        rewritten["thread"] = _kept(before.get("thread"), "id", route.thread, before.get("channel") == route.channel)
    return rewritten


def _kept(present: Json, name: str, value: str | int, same_channel: bool) -> dict[str, Json]:
    if same_channel and isinstance(present, dict) and present.get(name) == value:
        return dict(present)
    return {name: value}


def route_in(value: Json) -> Route:
    """The route a route object says; an empty one for anything else."""
    route = as_object(value)
    thread = route.get("thread")
    return Route(
        channel_id(route.get("channel")),
        text(route.get("target"), "to"),
        account_id(route.get("accountId")),
        thread_id(thread.get("id")) if isinstance(thread, dict) else None,
    )
