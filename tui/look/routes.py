"""A route in a few cells: where the next reply goes, against the chat the key names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rich.cells import cell_len

from store.entry.delivery import Route, agrees, wrong_route
from store.summary import EntrySummary
from tui.look.line import cut_left, cut_right

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


def short_route(route: Route, cells: int) -> str:
    """Two-letter channel, the end of the target, `#thread`, `@account` unless it is the default one."""
    channel = cut_right(short_channel(route.channel) or "?", cells // 2)
    thread = str(route.thread) if route.thread is not None else ""
    account = route.account if route.account != "default" else ""
    room = cells - cell_len(channel) - (1 if route.to else 0)
    tail = f" #{cut_left(thread, room // 3)}" if thread else ""
    tail += f" @{cut_right(account, room // 3)}" if account else ""
    if not route.to:
        return cut_right(channel + tail, cells)
    return cut_right(f"{channel} {cut_left(route.to, max(3, room - cell_len(tail)))}{tail}", cells)


def reply_text(summary: EntrySummary, cells: int) -> str:
    """The REPLY TO cell."""
    deny = "deny " if summary.send_policy == "deny" else ""
    route, sign = summary.route, route_sign(summary)
    room = cells - len(deny)
    if not route:
        return f"{deny}-"
    if sign == "=":
        return f"{deny}= key"
    if sign == "~":
        return f"{deny}~ {cut_left(route.to or route.channel, room - 2)}"
    return deny + (f"{sign} " if sign else "") + short_route(route, room - (2 if sign else 0))


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
