"""Replies of one chat's entry that go to the chat of another entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from store.entry.delivery import Route, agrees, bare_address, key_route, next_route
from store.entry.keys import parse_key
from store.findings import settings, words
from store.findings.finding import Finding, Witness, values_lost, values_now
from store.findings.past import Write
from store.findings.reversals import lost_fields

_MEMBERS = frozenset(settings.MEMBERS[settings.DELIVERY])


class Addresses:
    """Which entries of a store belong to which chat, by their keys. Not thread-safe."""

    def __init__(self) -> None:
        self._chat: dict[str, Route | None] = {}
        self._keys: dict[str, set[str]] = {}

    def add(self, key: str, chat: Route | None) -> None:
        """The entry is there; its key names this chat, or none."""
        self._chat[key] = chat
        if chat is not None and chat.channel:
            self._keys.setdefault(bare_address(chat), set()).add(key)

    def update(self, key: str, *, present: bool) -> None:
        """The entry came, stayed or went."""
        if present and key not in self._chat:
            self.add(key, key_route(parse_key(key)))
        elif not present and (chat := self._chat.pop(key, None)) is not None:
            holders = self._keys.get(bare_address(chat), set())
            holders.discard(key)
            if not holders:
                self._keys.pop(bare_address(chat), None)

    def chat_of(self, key: str) -> Route | None:
        """The chat that a key names; None for one that names none, or no channel: such a person may write anywhere."""
        chat = self._chat.get(key)
        return chat if chat is not None and chat.channel else None

    def holder(self, route: Route) -> str:
        """An entry whose key names the chat this route leads to, blank where there is none."""
        found = [
            key
            for key in self._keys.get(bare_address(route), ())
            if (chat := self._chat[key]) is not None and agrees(route, chat)
        ]
        return min(found, default="")


def stray_delivery(store: Path, write: Write, addresses: Addresses) -> Iterator[Finding]:
    """An entry that replied to its own chat and from this write on replies to the chat of another entry (#70575).

    An entry without a chat in its key goes where it is told, and so does one whose key calls its chat by a name of
    its own: it never agreed.
    """
    chat, version = addresses.chat_of(write.key), write.step.version
    if chat is None or version.writer.compares or not _MEMBERS & write.step.turns.keys():
        return
    before, route = next_route(write.before), next_route(write.after)
    if not route.external or _same_chat(route, chat) or not _same_chat(before, chat):
        return
    holder = addresses.holder(route)
    if not holder:
        return
    fields = lost_fields(write, frozenset({settings.DELIVERY}))
    reasons = (
        f"Replies now go to {words.value(route.to)}, the address of another entry ({words.value(holder)}).",
        f"The key of this one names {words.value(chat.to)}.",
    )
    had = Witness.of("lost", write.step.since, values_lost(fields))
    witness = (had, Witness.of("write", version, values_now(fields)))
    yield Finding.of(version, "cross-session", "probable", store, write.key, reasons, witness, fields=fields)


def _same_chat(route: Route, chat: Route) -> bool:
    """Another thread of a chat, or another account that reaches it, is no other chat."""
    return bare_address(route) == bare_address(chat) and route.channel == chat.channel
