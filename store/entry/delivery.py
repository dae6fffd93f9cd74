"""Where replies go: seven fields that say it in three ways, read by the gateway's precedence, edited as one unit.

Since 2026.7.2-beta.7 it is one object instead (`store.entry.delivery_state`); what follows is about the seven.

`route` wins over `lastChannel/lastTo/lastAccountId/lastThreadId`, these over `deliveryContext`, and `channel` and
`origin` fill gaps (`deliveryContextFromSession`). Every save rewrites the losers from the winners, so an edit of fewer
than all of them is undone by the gateway's next write: 2026.1.29 brings a route back from `channel`, 2026.3 also a
thread from `origin`, 2026.5.22 everything from `route`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Protocol

from store.entry.delivery_state import GUARDED, NOWHERE, STATE, route_of_state, state_of, state_with
from store.entry.fields import differing, extracted, text
from store.entry.route_forms import as_object, context_of, origin_with, route_in, route_object
from store.entry.routes import CHANNELS, INTERNAL, Route, account_id, channel_id, parse_route, route_of, thread_id
from store.errors import UsageError
from store.js import ABSENT, Json, JsonObject, Value

__all__ = [
    "CHANNELS",
    "ClearDelivery",
    "Route",
    "SetDelivery",
    "agrees",
    "bare_address",
    "delivery_as_in",
    "key_route",
    "next_route",
    "parse_route",
    "thread_of",
    "torn_route",
    "wrong_route",
]

_GUARDED: Final = (
    *("deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId", "channel", "route"),
    *("origin.provider", "origin.to", "origin.accountId", "origin.threadId"),
)
_TARGET_WORDS: Final = frozenset(
    {"user", "channel", "group", "chat", "room", "conversation", "dm", "direct", "chat_id", "chat_guid"}
)
_DOMAINS: Final = ("@s.whatsapp.net", "@g.us", "@lid", "@c.us")


class NamesChat(Protocol):
    """A session key taken apart, as far as it names a chat."""

    @property
    def channel(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def thread(self) -> str: ...


def next_route(entry: JsonObject) -> Route:
    """Where the next reply goes, gaps filled field by field but never from another channel's address."""
    state = state_of(entry)
    if state is not None:
        return route_of_state(state)
    context, route = route_of(entry.get("deliveryContext")), route_in(entry.get("route"))
    last = _from_last(entry)
    # Since 2026.5.22 a web chat never takes a reply away from an address outside.
    session = _gaps_filled(context, last) if last.channel in INTERNAL and context.external else _over(last, context)
    if route.channel in INTERNAL and context.external:
        return _gaps_filled(context, _over(route, last))
    return _over(route, session)


def torn_route(entry: JsonObject) -> str:
    """Why `deliveryContext` and `last*` do not say the same, or blank; one of them missing is no contradiction."""
    if state_of(entry) is not None:
        return ""
    context, last = route_of(entry.get("deliveryContext")), _from_last(entry, gaps=False)
    for name, theirs, ours in (
        ("channel", context.channel, last.channel),
        ("address", context.to, last.to),
        ("account", context.account, last.account),
        ("thread", _plain(context.thread), _plain(last.thread)),
    ):
        if theirs and ours and theirs != ours:
            return f"deliveryContext and last* name two {name}{'es' if name == 'address' else 's'}: {theirs}, {ours}"
    return ""


def wrong_route(route: Route) -> str:
    """Why nobody can be reached this way, or blank."""
    if route.to.lower() == "heartbeat":
        return 'to "heartbeat", which is no address'
    if route.channel in INTERNAL - {"webchat"}:
        return f"channel {route.channel} delivers to nobody"
    if route.to and not route.channel:
        return f"address {route.to} without a channel"
    return ""


def key_route(key: NamesChat) -> Route | None:
    """The chat a session key itself names; None for keys that name none, such as main, cron and subagent ones."""
    if not key.peer:
        return None
    return Route(channel_id(key.channel), key.peer, account_id(key.account), key.thread or None)


def agrees(route: Route, key: Route) -> bool:
    """Whether a route leads to the chat a key names: prefixes and case aside, a thread only where the key has one."""
    if key.channel and route.channel != key.channel:
        return False
    if key.account and route.account and route.account != key.account:
        return False
    peer, thread = _peer(route.channel, route.to)
    named, named_thread = _peer(key.channel, key.to)
    if key.thread is not None:
        named_thread = _plain(key.thread)
    if route.thread is not None:
        thread = _plain(route.thread)
    return peer == named and (not named_thread or thread.lower() == named_thread.lower())


def bare_address(route: Route) -> str:
    """The id in a route's address, without the prefixes, case and topic that are spelled in several ways."""
    return _peer(route.channel, route.to)[0]


def thread_of(route: Route) -> str:
    """The thread or topic a route leads to, also one that is written into its address; blank for none."""
    return _plain(route.thread) or _peer(route.channel, route.to)[1]


@dataclass(frozen=True, slots=True)
class SetDelivery:
    """Send replies there. The route is kept as the gateway would write it; channel and address are both needed."""

    route: Route

    unit: ClassVar[str] = "delivery"

    def __post_init__(self) -> None:
        given = self.route
        route = Route(channel_id(given.channel), given.to.strip(), account_id(given.account), thread_id(given.thread))
        if not route.channel:
            raise UsageError("a route needs a channel")
        if not route.to and route.channel not in INTERNAL:
            raise UsageError(f"a route on {route.channel} needs an address")
        if not (route.channel + route.to + _plain(route.thread)).isprintable():
            raise UsageError("a route has no control characters")
        object.__setattr__(self, "route", route)

    def edits(self, entry: JsonObject) -> dict[str, Value]:
        """The whole unit; `channel`, `origin` and `route` only where the entry has them, since gateways add them."""
        route, state = self._in_the_type_of(entry), state_of(entry)
        if state is not None:
            return differing(entry, {STATE: state_with(state, route)})
        context = context_of(route)
        wanted: dict[str, Value] = {
            "deliveryContext": context,
            "lastChannel": route.channel,
            "lastTo": route.to or ABSENT,
            "lastAccountId": route.account or ABSENT,
            "lastThreadId": ABSENT if route.thread is None else route.thread,
        }
        if "channel" in entry:
            wanted["channel"] = route.channel
        if isinstance(entry.get("origin"), dict):
            wanted["origin"] = origin_with(entry["origin"], route) or ABSENT
        if "route" in entry:
            wanted["route"] = route_object(entry["route"], route)
        return differing(entry, wanted)

    def _in_the_type_of(self, entry: JsonObject) -> Route:
        present = next_route(entry).thread
        if present is not None and _plain(present) == _plain(self.route.thread):
            return replace(self.route, thread=present)
        return self.route

    def guarded(self, entry: JsonObject) -> dict[str, Value]:
        """The values that must still be as they were seen."""
        return extracted(entry, _GUARDED if state_of(entry) is None else GUARDED)

    def describe(self) -> str:
        """What will hold afterwards."""
        return f"next reply goes to {self.route.describe()}"

    def to_json(self) -> JsonObject:
        """For drafts and the journal."""
        return {"intent": "set-delivery", "route": context_of(self.route)}


@dataclass(frozen=True, slots=True)
class ClearDelivery:
    """Forget where replies go; the next message sets it."""

    unit: ClassVar[str] = "delivery"

    def edits(self, entry: JsonObject) -> dict[str, Value]:
        """Removes every field from which a save would bring a route back; other facts in `origin` stay."""
        if state_of(entry) is not None:
            return differing(entry, {STATE: NOWHERE})
        wanted: dict[str, Value] = {path: ABSENT for path in _GUARDED if "." not in path}
        if isinstance(entry.get("origin"), dict):
            wanted["origin"] = origin_with(entry["origin"], Route()) or ABSENT
        return differing(entry, wanted)

    def guarded(self, entry: JsonObject) -> dict[str, Value]:
        """The values that must still be as they were seen."""
        return extracted(entry, _GUARDED if state_of(entry) is None else GUARDED)

    def describe(self) -> str:
        """What will hold afterwards."""
        return "next reply goes where the next message comes from"

    def to_json(self) -> JsonObject:
        """For drafts and the journal."""
        return {"intent": "clear-delivery"}


def delivery_as_in(entry: JsonObject) -> SetDelivery | ClearDelivery:
    """The intent that brings back where this entry sends replies; a route it has only in part is cleared."""
    route = next_route(entry)
    whole = route.channel and (route.to or route.channel in INTERNAL)
    return SetDelivery(route) if whole else ClearDelivery()


def _from_last(entry: JsonObject, *, gaps: bool = True) -> Route:
    channel, account, thread = entry.get("lastChannel"), entry.get("lastAccountId"), entry.get("lastThreadId")
    if gaps:
        origin, context = as_object(entry.get("origin")), as_object(entry.get("deliveryContext"))
        channel = _first(channel, entry.get("channel"), origin.get("provider"))
        account = _first(account, origin.get("accountId"))
        thread = _first(thread, context.get("threadId"), origin.get("threadId"))
    return Route(channel_id(channel), text(entry, "lastTo"), account_id(account), thread_id(thread))


def _first(*values: Json) -> Json:
    """JavaScript's `??`: a blank text counts as a value."""
    return next((value for value in values if value is not None), None)


def _over(winner: Route, other: Route) -> Route:
    if winner.channel and other.channel and winner.channel != other.channel:
        return winner
    return Route(
        winner.channel or other.channel,
        winner.to or other.to,
        winner.account or other.account,
        other.thread if winner.thread is None else winner.thread,
    )


def _gaps_filled(outside: Route, inside: Route) -> Route:
    thread = inside.thread if outside.thread is None else outside.thread
    return replace(outside, account=outside.account or inside.account, thread=thread)


def _peer(channel: str, to: str) -> tuple[str, str]:
    """The bare id in an address, and a topic written into it."""
    plain, _, topic = to.strip().lower().partition(":topic:")
    while ":" in plain:
        word, _, rest = plain.partition(":")
        if word not in _TARGET_WORDS and word != channel:
            break
        plain = rest
    for domain in _DOMAINS:
        plain = plain.removesuffix(domain)
    return plain.lstrip("+#@"), topic


def _plain(thread: str | int | None) -> str:
    return "" if thread is None else str(thread)
