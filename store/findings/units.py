"""What is remembered of a value: enough to know it again, and how surprising it would be to see it return."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import orjson

from store.entry.schema import is_noise
from store.errors import StoreError
from store.findings import settings
from store.js import ABSENT, Json, JsonObject, Value, encode

_TOKEN_BYTES: Final = 32
_DATED: Final = re.compile(rb"1[5-9]\d{11}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-")
_ID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*|[0-9a-f]{16,}")


class Trace(NamedTuple):
    """A value as it is remembered: its text, by hash where that is long, and its weight."""

    token: bytes
    weight: int


def trace(field: str, value: Value) -> Trace | None:
    """The trace of a field's value; None where it is not set."""
    if value is ABSENT:
        return None
    text = canonical(value)
    if len(text) > _TOKEN_BYTES:
        token = hashlib.blake2b(text, digest_size=_TOKEN_BYTES - 1).digest()
    else:
        token = bytes(memoryview(text))  # a copy: what orjson 3.13.0 gives holds 4 KB
    return Trace(token, _weight(field, value, text))


def unit_of(field: str) -> str:
    """The unit a field is compared with; itself for most."""
    return settings.UNIT_OF.get(field, field)


def members(unit: str) -> tuple[str, ...]:
    """The fields of a unit."""
    return settings.MEMBERS.get(unit, (unit,))


def compared(field: str) -> bool:
    """Whether a field says anything about who read what."""
    return field != "updatedAt" and field not in settings.CYCLING


def unit_weight(unit: str, traces: Iterator[Trace | None]) -> int:
    """How surprising it is to restore a unit to these values; little where it was not set at all."""
    fixed = settings.FIXED_WEIGHTS.get(unit)
    known = [found.weight for found in traces if found is not None]
    if not known:
        return fixed if fixed is not None and unit in settings.STICKY else settings.ABSENT_WEIGHT
    return fixed if fixed is not None else max(known)


def automatic(unit: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> bool:
    """Whether the gateway itself switches this unit to and fro: a fallback model, a rotated profile."""
    source = {settings.MODEL: "modelOverrideSource", settings.AUTH: "authProfileOverrideSource"}.get(unit)
    return source is not None and "auto" in (before.get(source), after.get(source))


def vanished_units(fields: Iterable[str]) -> set[str]:
    """What these fields are when they vanish together: a model that is cleared takes its profile and notices along."""
    units = {_vanished_unit(field) for field in fields}
    units.discard("")
    return units


def _vanished_unit(field: str) -> str:
    for name, together in settings.VANISH_TOGETHER.items():
        if field in together:
            return name
    return "" if is_noise(field) else unit_of(field)


def number(entry: JsonObject, field: str) -> int | float | None:
    """The value of a field that should be a number, if it is one."""
    value = entry.get(field)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def canonical(value: Json) -> bytes:
    """One text for values that JavaScript would call the same; what cannot be written has the text `?`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, RecursionError):
        pass
    try:
        return encode(value, None).encode("utf-8", "surrogatepass")
    except StoreError:
        return b"?"


def _weight(field: str, value: Json, text: bytes) -> int:
    if isinstance(value, bool) or value is None:
        return settings.ONE_OF_FEW
    if isinstance(value, (int, float)):
        return _number_weight(field, value)
    if isinstance(value, str):
        if field == "sessionId" or field.endswith(("At", "Hash")) or _ID.fullmatch(value):
            return settings.UNIQUE
        return settings.LONG_TEXT if len(value) > settings.LONG_TEXT_OVER else settings.ONE_OF_FEW
    if _DATED.search(text):
        return settings.UNIQUE
    return settings.LONG_TEXT if len(text) > settings.LONG_TEXT_OVER else settings.ONE_OF_FEW


def _number_weight(field: str, value: float) -> int:
    if field.endswith("At") and value >= settings.MILLISECONDS_FROM:
        return settings.UNIQUE
    whole = isinstance(value, int) or value.is_integer()
    return settings.SMALL_NUMBER if whole and abs(value) < settings.LARGE_FROM else settings.LARGE_NUMBER
