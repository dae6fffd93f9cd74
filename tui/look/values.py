"""The value of a field as one line of text, and a unit's values as the words an operator uses for them."""

from __future__ import annotations

import json
from typing import Final

from store.entry.delivery import next_route
from store.entry.overrides import model_override
from store.entry.schema import field as field_of
from store.js import ABSENT, JsonObject, Value
from tui.look.figures import clock_time, count
from tui.look.routes import route_words

NOT_SET: Final = "-"
_PLAUSIBLE_MS = (1e12, 1e13)  # 2001 to 2286: any other number in a time field is shown as the number it is


def value_text(field: str, value: Value, now: float) -> str:
    """One line for a value: `-` where it is not set, times as local clock times, containers as compact JSON."""
    if value is ABSENT:
        return NOT_SET
    if isinstance(value, str):
        return value if value and value != NOT_SET else json.dumps(value)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return _number(field, value, now)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def apart(field: str, values: tuple[Value, ...], now: float) -> tuple[str, ...]:
    """The values' texts; as JSON where two different values would read alike (42 and "42")."""
    texts = tuple(value_text(field, value, now) for value in values)
    distinct = {json.dumps(value) if value is not ABSENT else NOT_SET for value in values}
    if len(set(texts)) == len(distinct):
        return texts
    return tuple(NOT_SET if value is ABSENT else json.dumps(value, ensure_ascii=False) for value in values)


def keeps_end(field: str) -> bool:
    """Whether a long value of this field is told apart by its end, as model names are."""
    return field.lower().endswith("model") or field in {"modelOverride", "model"}


def clock(at: float, now: float, digits: int) -> str:
    """A local clock time with tenths or milliseconds, for where two writes are compared."""
    return f"{clock_time(at, now)}.{int(at * 1000) % 1000:03d}"[: digits - 3 or None]


def unit_text(unit: str, entry: JsonObject, now: float) -> str:
    """What a unit says now: `openai/gpt-5.2`, `telegram 42 · topic 7`, a level's value; `not set` without one."""
    if unit == "model":
        override = model_override(entry)
        return "/".join(filter(None, (override.provider, override.model))) if override else "not set"
    if unit == "delivery":
        route = next_route(entry)
        return route_words(route) if route else "not set"
    value = entry.get(unit, ABSENT)
    return "not set" if value is ABSENT else value_text(unit, value, now)


def whole_text(value: Value) -> str:
    """All of a value: a text as it is, anything else as JSON over several lines, `-` where it is not set."""
    return NOT_SET if value is ABSENT else value if isinstance(value, str) else json.dumps(value, indent=2)


def running_since(entry: JsonObject) -> float | None:
    """When the active run began, in wall-clock seconds; 0.0 when that is not known, None when no run is active."""
    if entry.get("status") != "running":
        return None
    started = entry.get("startedAt")
    return started / 1000 if isinstance(started, int | float) and not isinstance(started, bool) else 0.0


def _number(field: str, value: float, now: float) -> str:
    if field_of(field).type == "time" and _PLAUSIBLE_MS[0] <= value < _PLAUSIBLE_MS[1]:
        return clock(value / 1000, now, digits=3)
    if isinstance(value, int) and field_of(field).type == "number":
        return count(value)
    return json.dumps(value)
