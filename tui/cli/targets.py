"""Which entries an edit means: by their keys, or by a query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store.edit import RowEdit
from store.entry.delivery import SetDelivery
from store.entry.intent import Intent
from store.entry.levels import SetField
from store.errors import UsageError
from store.js import ABSENT, Value
from store.openclaw.paths import StorePath
from tui.cli.find import chosen_stores, read

if TYPE_CHECKING:
    from tui.cli.options import Options

_ASSIGNMENT: Final = re.compile(r"[\w.]+:?=")


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall hold, and what must."""

    intents: tuple[Intent, ...]
    expect: Mapping[str, Value]


def keys_and_fields(options: Options) -> tuple[list[str], list[str]]:
    """The words of `set` and `clear`, apart: the first is a key, and so is what has a colon and sets nothing.

    With `--where` there is no key among them. Raises UsageError.
    """
    words = list(options.words)
    count = 0 if options.where else 1
    while not options.where and count < len(words) and ":" in words[count] and not _ASSIGNMENT.match(words[count]):
        count += 1
    keys, fields = words[:count], words[count:]
    if options.where and fields and ":" in fields[0] and not _ASSIGNMENT.match(fields[0]):
        raise UsageError(f"{fields[0]} is a key: entries are named by their keys or by --where, not by both")
    if not fields:
        raise UsageError(f"nothing to {options.verb} is named; see clobberwatch {options.verb} --help")
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise UsageError(f"{twice} is named twice")
    return keys, fields


def check_for_many(intents: Iterable[Intent]) -> None:
    """UsageError for what belongs to one session and cannot be that of several."""
    for intent in intents:
        if isinstance(intent, SetField) and intent.field == "label" and intent.value is not ABSENT:
            raise UsageError("a label names one session: of several it can be cleared, not set")
        if isinstance(intent, SetDelivery):
            raise UsageError("a route belongs to one chat: of several it can be cleared, not set")


def asked_for(wish: Wish, options: Options) -> Iterator[tuple[StorePath, list[RowEdit]]]:
    """By store, the rows that `--where` asks for; each may only be written as the query saw it.

    Raises UsageError for a query that cannot be meant, Unreadable for a store of which nothing can be known.
    """
    from store.text.document import decode_object
    from tui.cli.listing import selected, wanted

    where = wanted(options.where)
    for store in chosen_stores(options):
        document = read(store)
        rows = [row for row in selected(document, store, options, where) if not row.invalid]
        yield store, [RowEdit(row.key, wish.intents, decode_object(document.raw(row.key)), wish.expect) for row in rows]
