"""What is wrong with an entry as it stands, without knowing how it came to be so.

Each rule has been seen to harm somebody, and says nothing of what can be meant; what merely looks odd passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from store.entry.delivery import agrees, bare_address, next_route, thread_of, torn_route, wrong_route
from store.entry.delivery_state import inert
from store.entry.fields import text
from store.entry.keys import SessionKey
from store.entry.overrides import torn_model
from store.entry.routes import CHANNELS, INTERNAL, Route, channel_id
from store.js import Json, JsonObject

Rule: TypeAlias = Literal[
    "refused-row",
    "invalid",
    "poisoned-route",
    "other-channel",
    "other-chat",
    "other-thread",
    "other-account",
    "torn-route",
    "torn-model",
    "session-id",
    "updated-at",
    "stuck-delivery",
    "pending-repair",
    "inert-delivery",
    "unchecked-row",
]
UNCHECKED: Final = "waits for OpenClaw to check it, as it does at its next start"
"""What is said of a row that was written offline: no harm, but not read by OpenClaw yet."""

RULES: Final[Mapping[Rule, str]] = {
    "refused-row": "OpenClaw does not take the row that a database keeps the entry in",
    "invalid": "the entry cannot be read as an object",
    "poisoned-route": "nobody can be reached where replies go",
    "other-channel": "replies go to another channel than the key names",
    "other-chat": "replies go to another chat than the key names",
    "other-thread": "replies go to another thread or topic than the key names",
    "other-account": "replies go through another account than the key names",
    "torn-route": "the fields of the route contradict each other",
    "torn-model": "half a model override",
    "session-id": "no sessionId, or one that OpenClaw drops the entry for",
    "updated-at": "updatedAt in seconds, which expires the entry",
    "stuck-delivery": "a final reply that was tried again and again",
    "pending-repair": "a reply that is not in the transcript",
    "inert-delivery": "older delivery fields that nothing reads any more",
    "unchecked-row": "the row waits for OpenClaw to check it",
}
"""In this order a list of them is sorted: what loses a reply first."""

STUCK_FROM: Final = 10
"""Attempts; 570 were seen (openclaw issue #92082), and a retry that helps does so early."""
_SAFE_SESSION_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}", re.IGNORECASE | re.ASCII)
_SECONDS: Final = (1e9, 1e11)  # 2001 to 5138 in seconds; in milliseconds January 1970 to 1973
_LAST: Final = (
    ("channel", "lastChannel"),
    ("to", "lastTo"),
    ("accountId", "lastAccountId"),
    ("threadId", "lastThreadId"),
)
_NUMBER: Final = re.compile(r"(?:[a-z_]+:)*[+-]?(\d{5,})(?:@(?!lid)[a-z.]+)?(?::topic:\d+)?", re.IGNORECASE)
"""An address that is a number; a WhatsApp `@lid` is another name of a person, no other person."""
_SLACK_ID: Final = re.compile("[cdgu][a-z0-9]{7,}", re.IGNORECASE | re.ASCII)
"""A conversation or a user; what a key has of it is in lower case."""
_ONE_NUMBER_PER_PERSON: Final = frozenset({"telegram", "whatsapp"})
"""Elsewhere a direct chat has an id of its own beside the person's (Discord, Slack), or persons have two (Signal)."""


def rule_of_flaw(because: str) -> Rule:
    """The rule that a flawed row of a database breaks, by what is said of it."""
    return "unchecked-row" if because == UNCHECKED else "refused-row"


class Remark(NamedTuple):
    """A rule that an entry breaks, and how; the sentence has text of the entry in it."""

    rule: Rule
    because: str


def lint(entry: JsonObject, key: SessionKey, route: Route) -> tuple[Remark, ...]:
    """What is wrong with the entry; `route` is where its next reply goes, `store.entry.delivery.next_route`."""
    return tuple(_remarks(entry, key, route))


def _remarks(entry: JsonObject, key: SessionKey, route: Route) -> Iterator[Remark]:
    yield from _route_remarks(entry, key, route)
    if because := torn_model(entry):
        yield Remark("torn-model", because)
    if because := _session_id(entry.get("sessionId")):
        yield Remark("session-id", because)
    if because := _updated_at(entry.get("updatedAt")):
        yield Remark("updated-at", because)
    if "pendingFinalDelivery" in entry and (because := _stuck(entry)):
        yield Remark("stuck-delivery", because)
    if isinstance(waiting := entry.get("pendingTranscriptRepair"), list) and waiting:
        yield Remark("pending-repair", _unrepaired(len(waiting)))
    if "delivery" in entry and (names := inert(entry)):
        yield Remark(
            "inert-delivery", f"nothing reads these beside delivery (openclaw doctor --fix): {', '.join(names)}"
        )


def _route_remarks(entry: JsonObject, key: SessionKey, route: Route) -> Iterator[Remark]:
    wrong = wrong_route(route)
    if wrong:
        yield Remark("poisoned-route", f"replies reach nobody: {wrong}")
    elif route and key.peer and key.channel in CHANNELS and key.channel not in INTERNAL:
        yield from _another_chat(key, route)
    # From 2026.7.2 on that is one object, and what is left of the other fields is inert.
    if isinstance(entry.get("delivery"), dict) or _agree_to_the_letter(entry):
        return
    if because := torn_route(entry) or _torn_from_route(entry):
        yield Remark("torn-route", because)


def _agree_to_the_letter(entry: JsonObject) -> bool:
    """The usual case, in a tenth of the time: no `route`, and the others say the very same where both say something."""
    context = entry.get("deliveryContext")
    if "route" in entry:
        return False
    if not isinstance(context, dict):
        return True
    for name, last in _LAST:
        value = context.get(name)
        if value is not None and entry.get(last, value) != value:
            return False
    return True


def _another_chat(key: SessionKey, route: Route) -> Iterator[Remark]:
    channel = channel_id(key.channel)
    if route.channel != channel:
        yield Remark("other-channel", f"the key names a chat on {channel}, replies go to {route.describe()}")
    elif key.account and route.account and key.account.lower() != route.account:
        yield Remark("other-account", f"the key names account {key.account}, replies go through {route.account}")
    elif because := _other_number(key, route) or _other_slack_chat(key, route):
        yield Remark("other-chat", because)
    elif because := _other_thread(key, route):
        yield Remark("other-thread", because)


def _other_number(key: SessionKey, route: Route) -> str:
    """Why the two numbers are two chats; empty where one of them is no number, or the key's is the route's thread."""
    if key.peer == route.to or (key.kind == "direct" and route.channel not in _ONE_NUMBER_PER_PERSON):
        return ""
    named, used = _NUMBER.fullmatch(key.peer), _NUMBER.fullmatch(route.to)
    if named is None or used is None or named[1] in (used[1], str(route.thread)):
        return ""
    return f"the key names {key.peer}, replies go to {route.describe()}"


def _other_slack_chat(key: SessionKey, route: Route) -> str:
    """Why the two ids of Slack are two conversations; a direct chat has one beside the person's."""
    used = bare_address(route)
    if route.channel != "slack" or key.kind == "direct" or key.peer.lower() == used:
        return ""
    if _SLACK_ID.fullmatch(key.peer) is None or _SLACK_ID.fullmatch(used) is None:
        return ""
    return f"the key names {key.peer}, replies go to {route.describe()}"


def _other_thread(key: SessionKey, route: Route) -> str:
    """Why the reply leaves the thread that the key names, in the very chat that it names.

    One without a thread does so on Telegram, where it goes to the topic General; elsewhere that may be wished.
    """
    if not key.thread or not agrees(route, Route(channel_id(key.channel), key.peer)):
        return ""
    used = thread_of(route)
    if used.lower() == key.thread.lower() or (not used and route.channel != "telegram"):
        return ""
    what = "topic" if route.channel == "telegram" else "thread"
    return f"the key names {what} {key.thread}, replies go to {f'{what} {used}' if used else 'none'} of that chat"


def _torn_from_route(entry: JsonObject) -> str:
    """Why `route`, which wins, and `last*` name two chats, or blank (releases 2026.5.22 to 2026.7.1)."""
    route = next_route({"route": entry.get("route")})
    channel, to = channel_id(entry.get("lastChannel")), text(entry, "lastTo")
    if not (route.channel and channel and route.external):
        return ""
    if route.channel != channel:
        return f"route and last* name two channels: {route.channel}, {channel}"
    return f"route and last* name two addresses: {route.to}, {to}" if to and to != route.to else ""


def _session_id(value: Json) -> str:
    if not isinstance(value, str) or not value.strip():
        return "it has no sessionId: the next message begins a new conversation"
    if _SAFE_SESSION_ID.fullmatch(value.strip()):
        return ""
    return f"OpenClaw takes no sessionId such as {value[:40]}; from 2026.5.18 on it drops the entry at its next save"


def _updated_at(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _SECONDS[0] <= value < _SECONDS[1]:
        return ""
    return f"updatedAt is {value}, which is in seconds: OpenClaw counts ms and expires the entry as from 1970"


def _stuck(entry: JsonObject) -> str:
    tries = entry.get("pendingFinalDeliveryAttemptCount")
    if not entry.get("pendingFinalDelivery") or isinstance(tries, bool) or not isinstance(tries, int):
        return ""
    return f"a final reply waits since {tries} attempts to deliver it" if tries >= STUCK_FROM else ""


def _unrepaired(replies: int) -> str:
    """`repairPendingAssistantTranscriptTurns` of 2026.9.6 has to put them there before another turn begins."""
    said = "a reply is" if replies == 1 else f"{replies} replies are"
    return f"{said} not in the transcript yet: until then no other message is taken"
