"""The sentences of the reasons."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from store.events import Version
from store.findings.finding import LostField
from store.js import ABSENT, Json, Value, encode

_NAMED = 3
_OF_A_MODEL = frozenset({"providerOverride", "modelOverrideSource"})
VALUE_LENGTH = 40


def what_went_back(fields: Sequence[LostField], after_s: float | None, yours: Collection[str] = ()) -> str:
    """`Your model gpt-5.2 went back to claude-opus-4-6 after 1.6 s.`; `yours` are the fields this user had set."""
    names = {field.field for field in fields}
    shown = [field for field in fields if not (field.field in _OF_A_MODEL and "modelOverride" in names)]
    turns = [_turn(field, "your " if field.field in yours else "") for field in shown[:_NAMED]]
    more = len(shown) - len(turns)
    when = "" if after_s is None else f" after {age(after_s)}"
    return opening(f"{listed(turns, more)}{when}.")


def _turn(field: LostField, whose: str) -> str:
    lost, now = value(field.lost), value(field.now)
    name = whose + ("model" if field.field == "modelOverride" else field.field)
    if field.lost is ABSENT:
        return f"{name}, which had been removed, came back as {now}"
    return f"{name} {lost} is gone" if field.now is ABSENT else f"{name} {lost} went back to {now}"


def listed(names: Sequence[str], more: int = 0) -> str:
    """`a, b and c`, or `a, b, c and 4 more`."""
    if more:
        return f"{', '.join(names)} and {more} more"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def value(given: Value) -> str:
    """A value in a few characters."""
    if given is ABSENT:
        return "nothing"
    text = given if isinstance(given, str) and given else _named(given)
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 1]}…"


def _named(given: Json) -> str:
    return "an object" if isinstance(given, dict) else "a list" if isinstance(given, list) else encode(given)


def age(seconds: float) -> str:
    """`12 ms`, `1.6 s`, `41 s`, `6 min`, `2 h`."""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def version(of: Version) -> str:
    """`v1141 (14:01:28)`; one from before the first that was seen has no number: `the version of 14:01:28`."""
    return f"v{of.number} ({clock(of.at)})" if of.number > 0 else f"the version of {clock(of.at)}"


def opening(sentence: str) -> str:
    """It with a capital, unless it opens with a name such as `v1141` or `lastTo`."""
    return sentence[:1].upper() + sentence[1:] if sentence.startswith(("your ", "the ")) else sentence


def clock(at: float) -> str:
    """The local time of day, `14:01:28`."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def count(number: int, one: str, many: str) -> str:
    """`1 field`, `4 fields`."""
    return f"{number:,} {one if number == 1 else many}"
