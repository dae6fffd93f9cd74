"""What could stand where the cursor is: the fields, or the values that the rows have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from store.summary import EntrySummary
from tui.query.facts import Facts
from tui.query.fields import FIELDS, Field
from tui.query.language import ANYTHING, allowed, quote

_WORD: Final = re.compile(r'(-?)(?:([a-z]+):)?("?)([^\s"]*)$', re.IGNORECASE)
_AMOUNTS: Final = {"age": ("<5m", "<1h", "<1d", ">1d"), "size": (">10k", ">50k", ">1m")}
MOST: Final = 30


@dataclass(frozen=True, slots=True)
class Option:
    """A way to go on: `text` takes the place of what was typed from `Completion.start` on, `note` explains it."""

    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Completion:
    """The ways to go on at the cursor, the likeliest first; `start` is where the replaced part begins."""

    start: int
    options: tuple[Option, ...]


def complete(text: str, cursor: int, rows: Iterable[tuple[EntrySummary, Facts]] = ()) -> Completion:
    """What could be typed at the cursor; values of the field are counted in these rows."""
    word = _WORD.search(text[:cursor])
    if word is None or (text[:cursor].count('"') % 2 and not word[3]):
        return Completion(cursor, ())
    name = (word[2] or "").lower()
    if name in FIELDS:
        return Completion(word.start(3), _values(FIELDS[name], word[4], rows))
    if name or word[3]:
        return Completion(cursor, ())
    names = [known for known in FIELDS.values() if known.name.startswith(word[4].lower())]
    return Completion(word.start(4), tuple(Option(f"{known.name}:", known.meaning) for known in names))


def _values(known: Field, typed: str, rows: Iterable[tuple[EntrySummary, Facts]]) -> tuple[Option, ...]:
    if known.kind in ("age", "size"):
        return tuple(Option(amount, "") for amount in _AMOUNTS[known.kind] if amount.startswith(typed))
    counts = Counter(text for row, facts in rows for text in {*known.texts(row, facts)} if text)
    fixed = allowed(known) if known.kind == "choice" else (*known.values, *ANYTHING)
    spelt = {value: value if known.kind == "choice" else _spelt(value) for value, _count in counts.most_common()}
    found = [(text, counts[value]) for value, text in spelt.items()]
    found += [(value, counts[value]) for value in fixed if value not in spelt.values()]
    wanted = typed.casefold()
    begins = [pair for pair in found if pair[0].lstrip('"').casefold().startswith(wanted)]
    known_so_far = set(begins)
    within = [pair for pair in found if wanted in pair[0].casefold() and pair not in known_so_far]
    return tuple(Option(text, f"{count:,}") for text, count in (begins + within)[:MOST])


def _spelt(value: str) -> str:
    """The value as it must be typed to mean this text."""
    return quote(value) if re.search(r'[\s"]', value) or value[0] in "~<>" or value.lower() in ANYTHING else value
