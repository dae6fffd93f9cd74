"""The short forms of keys, channels and routes as plain text; no library of the screen is needed for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from store.entry.delivery import Route, agrees, wrong_route
from store.summary import EntrySummary
from tui.look.printable import printable, visible_key

RouteSign: TypeAlias = Literal["", "=", "≠", "~"]

TWO_LETTERS: Mapping[str, str] = {
    "telegram": "tg",
    "whatsapp": "wa",
    "slack": "sl",
    "discord": "dc",
    "signal": "sg",
    "webchat": "wc",
    "imessage": "im",
    "matrix": "mx",
    "msteams": "ms",
}
_UUID = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_UUID_LENGTH = 36
_TYPES = {"direct", "dm", "group", "channel", "thread"}


def short_form(key: str) -> str:
    """The key as it is shown where there is room for all of it: without `agent:`, its channel in two letters.

    A uuid becomes its first eight digits; the type word after a channel goes, and `thread` before a thread's id.
    """
    return ":".join(short_parts(key))


def short_parts(key: str) -> list[str]:
    """The short form, taken apart at its colons."""
    agent, parts = _apart(key)
    if agent is not None and parts[0] in TWO_LETTERS:
        parts = [TWO_LETTERS[parts[0]], *_untyped(parts[1:])]
    return parts if agent is None else [agent, *parts]


def long_parts(key: str) -> list[str]:
    """The form where the agent stands elsewhere and the channel has its whole name, taken apart at its colons."""
    agent, parts = _apart(key)
    return [parts[0], *_untyped(parts[1:])] if agent is not None and parts[0] in TWO_LETTERS else parts


def _apart(key: str) -> tuple[str | None, list[str]]:
    """The agent, None where the key names none, and the rest with short uuids."""
    text = printable(visible_key(key))
    parts = (_UUID.sub(r"\1…", text) if len(text) >= _UUID_LENGTH else text).split(":")
    return (parts[1], parts[2:]) if len(parts) > 2 and parts[0] == "agent" else (None, parts)


def _untyped(parts: list[str]) -> list[str]:
    return [part for part in parts if part not in _TYPES]


def short_channel(channel: str) -> str:
    """The channel in two letters where it has such a name."""
    return TWO_LETTERS.get(channel, channel)


def route_sign(summary: EntrySummary) -> RouteSign:
    """`=` the key's own chat, `≠` another one, `~` cannot be right; nothing where the key names no chat."""
    route = summary.route
    if not route:
        return ""
    if wrong_route(route):
        return "~"
    if summary.key_route is None:
        return ""
    return "=" if agrees(route, summary.key_route) else "≠"


def route_words_in_short(route: Route) -> str:
    """The same without the account where that is the default one."""
    return route_words(replace(route, account="") if route.account == "default" else route)


def route_words(route: Route) -> str:
    """The whole route, in words: `telegram -1001987654321 · topic 42 · account default`."""
    if not route:
        return "no route"
    parts = [f"{route.channel or '?'} {route.to}".rstrip()]
    if route.thread is not None:
        parts.append(f"{'topic' if route.channel == 'telegram' else 'thread'} {route.thread}")
    if route.account:
        parts.append(f"account {route.account}")
    return " · ".join(parts)
