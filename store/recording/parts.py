"""An entry's text as its fields, and the difference of two such texts; joined again it is the same to the byte.

Texts are bytes decoded as latin-1. Nothing here judges whether they are JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Generic, NamedTuple, TypeVar

from store.errors import NotStrict
from store.text.scan import whole_object

T = TypeVar("T")
_NAME = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)


class Layout(NamedTuple):
    """What stands before the first field, between two, and after the last."""

    opening: str
    separator: str
    closing: str


JAVASCRIPT: Final = Layout("{\n    ", ",\n    ", "\n  }")
"""An entry in the text of `JSON.stringify(store, null, 2)`: a field begins with newline, four blanks and a quote."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Each field's name as it is spelled, and the text from the quote after it to the end of its value."""

    layout: Layout
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Difference(Generic[T]):
    """Fields that are new or other, fields that are gone, and which fields stand last, where that does not follow.

    Without `tail`, the fields that stay keep their order and new ones come after them.
    """

    changed: Mapping[str, T]
    gone: Sequence[str]
    tail: Sequence[str] = ()


def split(text: str) -> Parts | None:
    """The fields of an entry; None where the text cannot be put together from them."""
    if text.startswith('{\n    "') and text.endswith("\n  }") and len(text) > 10:
        inner = text[len(JAVASCRIPT.opening) : -len(JAVASCRIPT.closing)]
        first, *rest = inner.split(',\n    "')
        return _parts(JAVASCRIPT, [first, *('"' + piece for piece in rest)])
    try:
        found, _ = whole_object(text, 0)
    except NotStrict:
        return None
    if not found:
        return None
    gaps = {text[one.end : other.key_start] for one, other in pairwise(found)}
    if len(gaps) > 1:
        return None
    layout = Layout(text[: found[0].key_start], gaps.pop() if gaps else ",", text[found[-1].end :])
    return _parts(layout, [text[member.key_start : member.end] for member in found])


def _parts(layout: Layout, pieces: Sequence[str]) -> Parts | None:
    fields: dict[str, str] = {}
    for piece in pieces:
        name = _NAME.match(piece)
        if name is None or name[1] in fields:
            return None
        fields[name[1]] = piece[name.end() :]
    return Parts(layout, fields)


def join(layout: Layout, fields: Mapping[str, str]) -> str:
    """The text these fields came from."""
    opening, separator, closing = layout
    return opening + separator.join(f'"{name}"{rest}' for name, rest in fields.items()) + closing


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Difference[str]:
    """What `applied` needs to make the fields after from those before, in their order."""
    changed = {name: rest for name, rest in after.items() if before.get(name) != rest}
    found = Difference(changed, [name for name in before if name not in after])
    order = list(after)
    if list(applied(before, found)) == order:
        return found
    places = {name: place for place, name in enumerate(before)}
    stay, last = 0, -1
    while stay < len(order) and places.get(order[stay], -1) > last:
        last = places[order[stay]]
        stay += 1
    return Difference(changed, found.gone, order[stay:])


def applied(fields: Mapping[str, T], step: Difference[T]) -> dict[str, T]:
    """The fields after the step."""
    after = {**fields, **step.changed}
    for name in step.gone:
        after.pop(name, None)
    for name in step.tail:
        after[name] = after.pop(name)
    return after
