"""A route in a few cells: where the next reply goes, against the chat the key names."""

from __future__ import annotations

from rich.cells import cell_len

from store.entry.delivery import Route, wrong_route
from store.summary import EntrySummary
from tui.look.forms import TWO_LETTERS, RouteSign, route_sign, route_words, route_words_in_short, short_channel
from tui.look.line import cut_left, cut_right

__all__ = [
    "TWO_LETTERS",
    "RouteSign",
    "reply_text",
    "route_sign",
    "route_words",
    "route_words_in_short",
    "short_channel",
    "short_route",
]

_THREAD_CELLS = 5
_KINDS = ("channel", "user", "group", "room", "dm")


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
    return cut_right(f"{channel} {_target(route.to, max(3, room - cell_len(tail)))}{tail}", cells)


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


def long_reply(summary: EntrySummary, cells: int, *, with_policy: bool = True) -> str:
    """The REPLIES TO cell: a sign or two blanks, the whole channel, the end of the target, `#thread`, `@account`."""
    deny = "deny " if with_policy and summary.send_policy == "deny" else ""
    route, sign = summary.route, route_sign(summary)
    if not route:
        return f"{deny}-"
    lead = deny + (f"{sign} " if sign else "" if deny else "  ")
    room = cells - len(lead)
    said = wrong_route(route).partition(",")[0] if sign == "~" else _long_route(route, room)
    return lead + cut_right(said, room)


def _long_route(route: Route, cells: int) -> str:
    channel = cut_right(route.channel or "?", cells // 2)
    thread = str(route.thread) if route.thread is not None else ""
    account = route.account if route.account != "default" else ""
    room = cells - cell_len(channel) - (1 if route.to else 0)
    tail = f" #{cut_left(thread, max(_THREAD_CELLS, room // 3))}" if thread else ""
    tail += f" @{cut_right(account, room // 3)}" if account else ""
    target = _target(route.to, max(3, room - cell_len(tail)))
    return f"{channel} {target}{tail}" if target else channel + tail


def _target(to: str, cells: int) -> str:
    """The end of an address; before any of it goes, the word for its kind does: `channel:C07F1E9D2B`."""
    kind, _, address = to.partition(":")
    return cut_left(address if cell_len(to) > cells and kind in _KINDS and address else to, cells)
