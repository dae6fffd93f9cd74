"""The form of the delivery unit: channel, target, account and thread, always as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from store.entry.delivery import ClearDelivery, Route, SetDelivery, agrees, next_route, wrong_route
from store.entry.delivery_state import state_of
from store.entry.fields import text
from store.entry.intent import Intent
from store.entry.routes import CHANNELS, numbered_thread
from store.errors import UsageError
from store.js import JsonObject
from tui.editing.form_parts import BLANK, LABEL_AT, VALUE_AT, FormLine, Place, Typed, View, labelled
from tui.look.line import Line, Span, cut_right, fit, line
from tui.look.routes import route_words
from tui.look.values import NOT_SET

Do = Literal["set", "clear"]
WISH_AT: Final = 46
_FIELDS: Final = ("channel", "to", "account", "thread")
_WRITTEN: Final = (
    "deliveryContext, lastChannel, lastTo, lastAccountId, lastThreadId,",
    "channel, origin.provider/to/accountId/threadId: all or none",
)

_WRITTEN_OF_STATE: Final = (
    "delivery: its kind, route, context and origin, all or none;",
    "the fields it replaced are left as they are: nothing reads them",
)
"""Since 2026.7.2."""


class DeliveryForm:
    """A route to set or clear for one entry."""

    unit = "delivery"
    title = "edit delivery"
    stops = (*_FIELDS, "do")

    def __init__(self, disk: JsonObject, key_route: Route | None) -> None:
        """Begins with the route on disk, or with the key's own where the two do not agree or there is none.

        A route that reaches nobody, of a key that names no chat, is proposed to be cleared.
        """
        self.stop = "channel"
        self.do: Do = "set"
        self.note = ""
        self._key_route = key_route
        self._began = wish = next_route(disk)
        self._own = _own_chat(disk, key_route) if key_route else None
        if self._own and key_route and not (wish and agrees(wish, key_route)):
            wish = self._own
            self.note = "proposed: the chat that the key itself names"
        elif not self._own and wrong_route(wish):
            self.do, self.stop = "clear", "do"
            self.note = "proposed: clear, as nobody is there and the key names no chat"
        self._typed = {name: Typed(text) for name, text in _parts(wish).items()}

    def text(self, stop: str) -> str | None:
        """One part of the route as typed; `do` has options instead."""
        return self._typed[stop].shown if stop in self._typed else None

    def type(self, stop: str, text: str) -> None:
        """Another channel empties thread and account: they belong to the channel they came with."""
        if stop not in self._typed or text == self._typed[stop].shown:
            return
        self._typed[stop].type(text)
        self.note = ""
        if stop == "channel" and (self._typed["account"].value or self._typed["thread"].value):
            self._typed["account"].set("")
            self._typed["thread"].set("")
            self.note = "another channel: account and thread emptied"

    def move(self, step: int) -> None:
        """Set or clear; in a text: what the key says, what is on disk, nothing."""
        if self.stop == "do":
            self.do = "clear" if self.do == "set" else "set"
            return
        offered = list(dict.fromkeys(_parts(route)[self.stop] for route in (self._own, self._began) if route))
        typed = self._typed[self.stop]
        at = offered.index(typed.value) + step if typed.value in offered else 0 if step > 0 else len(offered) - 1
        if offered:
            value = Typed(offered[at % len(offered)])
            if self.stop == "channel":
                self.type("channel", value.shown)
            typed.set(value.value)

    def take(self) -> bool:
        """Suggestions stand in the text itself: there is no list to take one from."""
        return False

    def leave_list(self) -> bool:
        """There is no list to leave."""
        return False

    def intents(self) -> tuple[Intent, ...]:
        """Set the whole route or clear the whole route."""
        if self.do == "clear":
            return (ClearDelivery(),)
        try:
            return (SetDelivery(self._wish()),)
        except UsageError as error:
            raise UsageError(f"{error.reason}; choose clear to have none.") from error

    def guard(self) -> Intent | None:
        """The fields of the delivery unit."""
        return ClearDelivery()

    def texts(self) -> dict[str, str]:
        """The four parts and what to do."""
        return {name: typed.value for name, typed in self._typed.items()} | {"do": self.do}

    def restore(self, texts: Mapping[str, str]) -> None:
        """Take up a draft."""
        for name, typed in self._typed.items():
            typed.set(texts.get(name, typed.value))
        self.do = "clear" if texts.get("do") == "clear" else "set"
        self.note = ""

    def lines(self, view: View) -> list[FormLine]:
        """Two columns, disk and wish, and below each what it means."""
        route = next_route(view.disk)
        wish = self._wish() if self.do == "set" else Route()
        on_disk = _parts(route)
        at = _wish_at(view.cells)
        written = _WRITTEN if state_of(view.disk) is None else _WRITTEN_OF_STATE
        return [
            FormLine(line(" " * VALUE_AT, Span(fit("ON DISK", at - VALUE_AT) + "SET TO", "faint")), spare=True),
            *(self._part_line(name, on_disk[name], view.cells) for name in _FIELDS),
            FormLine(self._do_line(at)),
            FormLine(_two("next reply", _target(route), self._next(wish), view.cells)),
            FormLine(_two("key says", self._key_says(route), self._key_says(wish), view.cells)),
            FormLine(labelled("note", note)) if (note := self.note or self._stranger()) else BLANK,
            FormLine(labelled("writes", written[0]), spare=True),
            FormLine(line(" " * VALUE_AT, written[1]), spare=True),
            BLANK,
        ]

    def _part_line(self, name: str, on_disk: str, cells: int) -> FormLine:
        at = _wish_at(cells)
        place = Place(name, at, cells - at - 1)
        wish = "" if self.do == "set" else NOT_SET
        return FormLine(_two(name, on_disk or NOT_SET, wish, cells, marked=self.stop == name), place)

    def _do_line(self, at: int) -> Line:
        marks = ("› " if self.do == "set" else "  ", "› " if self.do == "clear" else "  ")
        label = Span(fit("do", VALUE_AT - LABEL_AT), "accent" if self.stop == "do" else "faint")
        gap = " " * (at - VALUE_AT - 2)
        meaning = Span(": next message sets it" if at == WISH_AT else "", "faint")
        left, right = (Span(mark, "accent") for mark in marks)
        return line(" " * LABEL_AT, label, gap, left, "set", right, "clear", meaning)

    def _next(self, wish: Route) -> str:
        if wish:
            return _target(wish)
        return "nowhere, until a message comes" if self.do == "clear" else NOT_SET

    def _key_says(self, route: Route) -> str:
        if not self._key_route:
            return "the key names no chat"
        if not route:
            return NOT_SET
        return "= this key's own chat" if agrees(route, self._key_route) else "≠ another chat"

    def _stranger(self) -> str:
        """What to say of a channel that only a plugin could bring."""
        channel = self._typed["channel"].value
        strange = self.do == "set" and channel not in {"", self._began.channel, *CHANNELS}
        return f"OpenClaw itself has no channel {channel}" if strange else ""

    def _wish(self) -> Route:
        values = {name: typed.value for name, typed in self._typed.items()}
        numbered = values["channel"] == "telegram"
        thread = numbered_thread(values["thread"]) if numbered else values["thread"] or None
        return Route(values["channel"], values["to"], values["account"], thread)


def _own_chat(disk: JsonObject, key: Route) -> Route:
    """The chat a key names, addressed as the entry itself addresses it where it does: keys are in lower case."""
    last = next_route(disk)
    channel = key.channel or last.channel
    origin = disk.get("origin")
    known = [last.to, text(origin, "to"), text(origin, "from"), text(disk.get("deliveryContext"), "to")]
    to = next(
        (address for address in known if address and agrees(Route(channel, address), replace(key, thread=None))), key.to
    )
    account = key.account or (last.account if last.channel == channel else "")
    return Route(channel, to, account, key.thread)


def _parts(route: Route) -> dict[str, str]:
    thread = "" if route.thread is None else str(route.thread)
    return {"channel": route.channel, "to": route.to, "account": route.account, "thread": thread}


def _target(route: Route) -> str:
    return route_words(replace(route, account="")) if route else NOT_SET


def _two(label: str, left: str, right: str, cells: int, *, marked: bool = False) -> Line:
    at = _wish_at(cells)
    return labelled(label, fit(left, at - VALUE_AT - 1) + " ", cut_right(right, max(1, cells - at)), marked=marked)


def _wish_at(cells: int) -> int:
    """Where the wish begins; on a narrow screen it has as much room as what is on disk."""
    return WISH_AT if cells >= 80 else VALUE_AT + (cells - VALUE_AT) // 2
