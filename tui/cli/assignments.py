"""An edit in the words of the command line: `FIELD=TEXT`, `FIELD:=JSON` and names to intents, and intents to a command.

`model` and `delivery` are whole units. A model is `model=PROVIDER/MODEL`, or its fields by name; its source and its
auth profile may stand beside it (`modelOverrideSource=auto`). A route with a channel or a thread that its text cannot
tell is `delivery:={"channel": ...}`. `FIELD:=null` clears, so that one command can set and clear.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.entry.delivery import ClearDelivery, SetDelivery, parse_route
from store.entry.intent import Intent
from store.entry.levels import SetField, parse_value
from store.entry.overrides import ClearModel, SetModel, parse_model
from store.entry.routes import Route, route_of
from store.errors import UsageError
from store.js import ABSENT, Value

_PAIR: Final = ("providerOverride", "modelOverride")
_BESIDE: Final = ("modelOverrideSource", "authProfileOverride", "authProfileOverrideSource")
"""Fields of the model unit, in the order of SetModel's own."""


def setting(assignments: Sequence[str]) -> list[Intent]:
    """The intents of `set`; typed by the catalogue. UsageError for what cannot be meant."""
    intents: list[Intent] = []
    model: dict[str, str] = {}
    for assignment in assignments:
        name, value = assigned(assignment)
        if value is None:
            intents += clearing([name])
        elif name == "model":
            _add(model, dict(zip(_PAIR, parse_model(_unit_text(name, value)), strict=True)))
        elif name in _PAIR + _BESIDE:
            _add(model, {name: value.text if isinstance(value, _Typed) else _text(name, value)})
        elif name == "delivery":
            intents.append(SetDelivery(_route(value)))
        else:
            intents.append(SetField(name, parse_value(name, value.text) if isinstance(value, _Typed) else value))
    return _one_each([*([_set_model(model)] if model else []), *intents])


def clearing(names: Sequence[str]) -> list[Intent]:
    """The intents of `clear`: the units and fields to remove."""
    units: dict[str, Intent] = {"model": ClearModel(), "delivery": ClearDelivery()}
    return _one_each([units.get(name) or SetField(name, ABSENT) for name in names])


def expectations(assignments: Sequence[str], absent: Sequence[str]) -> dict[str, Value]:
    """Top-level field -> the value it must have now; `model=provider/model` stands for its two fields."""
    expected: dict[str, Value] = {}
    for assignment in assignments:
        name, value = assigned(assignment)
        if name == "model":
            expected |= zip(_PAIR, parse_model(_unit_text(name, value)), strict=True)
        else:
            expected[_field(name)] = parse_value(name, value.text) if isinstance(value, _Typed) else value
    for name in absent:
        fields = _PAIR if name == "model" else (_field(name),)
        expected |= dict.fromkeys(fields, ABSENT)
    return expected


def command_line(intents: Sequence[Intent], key: str, store: Path, *, unsafe: bool = False) -> str:
    """One command that makes the same edit: `setting` or `clearing` reads these very intents out of it.

    `unsafe`: also where only a risk is left.
    """
    clears = [intent.unit for intent in intents if _clears(intent)]
    if len(clears) == len(intents):
        verb, words = "clear", clears
    else:
        verb, words = "set", [word for intent in intents for word in _words(intent)]
    options = [*(["--unsafe"] if unsafe else []), "--store", str(store)]
    # A key may begin like an option, and only what follows `--` is never one.
    return shlex.join(["clobberwatch", verb, *options, *(["--"] if key.startswith("-") else []), key, *words])


def _words(intent: Intent) -> list[str]:
    if _clears(intent):
        return [f"{intent.unit}:=null"]
    if isinstance(intent, SetModel):
        return _model_words(intent)
    if isinstance(intent, SetDelivery):
        return [_delivery_word(intent)]
    if isinstance(intent, SetField) and isinstance(intent.value, str):
        return [f"{intent.field}={intent.value}"]
    if isinstance(intent, SetField):
        return [f"{intent.field}:={json.dumps(intent.value)}"]
    raise UsageError(f"no command makes this edit: {intent.describe()}")


def _clears(intent: Intent) -> bool:
    cleared = isinstance(intent, SetField) and intent.value is ABSENT
    return cleared or isinstance(intent, ClearModel | ClearDelivery)


def _model_words(intent: SetModel) -> list[str]:
    words = [f"model={intent.provider}/{intent.model}"]
    if "/" in intent.provider:
        words = [f"{name}={value}" for name, value in zip(_PAIR, (intent.provider, intent.model), strict=True)]
    beside = ("" if intent.source == "user" else intent.source, intent.profile, intent.profile_source)
    return words + [f"{name}={value}" for name, value in zip(_BESIDE, beside, strict=True) if value]


def _delivery_word(intent: SetDelivery) -> str:
    route = intent.route
    account = f"@{route.account}" if route.account else ""
    thread = f":thread:{route.thread}" if route.thread is not None else ""
    text = f"{route.channel}{account}:{route.to}{thread}"
    try:
        if SetDelivery(parse_route(text)) == intent:
            return f"delivery={text}"
    except UsageError:
        pass  # a plugin's channel, or an address that reads as another one
    members = {"channel": route.channel, "to": route.to, "accountId": route.account, "threadId": route.thread}
    return "delivery:=" + json.dumps({name: value for name, value in members.items() if value})


@dataclass(frozen=True, slots=True)
class _Typed:
    """Text whose type the catalogue knows."""

    text: str


def assigned(assignment: str) -> tuple[str, _Typed | Value]:
    """Name and value of `FIELD=TEXT` or `FIELD:=JSON`; UsageError when it is neither."""
    left, equals, right = assignment.partition("=")
    if not equals or not left.rstrip(":"):
        if os.path.exists(assignment):
            raise UsageError(f"{assignment!r} sets nothing; a store is named with --store {assignment}")
        raise UsageError(f"{assignment!r} sets nothing; write FIELD=TEXT or FIELD:=JSON")
    if not left.endswith(":"):
        return left, _Typed(right)
    try:
        value: Value = json.loads(right)
    except (ValueError, RecursionError):
        raise UsageError(f"what follows := in {assignment!r} is no JSON; write text as FIELD=TEXT") from None
    return left[:-1], value


def _add(model: dict[str, str], parts: Mapping[str, str]) -> None:
    if twice := model.keys() & parts.keys():
        raise UsageError(f"{min(twice)} is given twice; name each field once")
    model |= parts


def _set_model(parts: Mapping[str, str]) -> SetModel:
    if missing := [name for name in _PAIR if name not in parts]:
        raise UsageError(f"{min(parts)} is set with the whole model: model=provider/model ({missing[0]} is missing)")
    source, profile, profile_source = (parts.get(name, "") for name in _BESIDE)
    if profile_source and not profile:
        raise UsageError("authProfileOverrideSource is set with its profile: authProfileOverride=PROFILE")
    return SetModel(parts[_PAIR[0]], parts[_PAIR[1]], source or "user", profile, profile_source)


def _route(value: _Typed | Value) -> Route:
    if isinstance(value, _Typed):
        return parse_route(value.text)
    if isinstance(value, dict):
        return route_of(value)
    raise UsageError("delivery is a unit of several fields; write delivery=TEXT or delivery:={...}")


def _unit_text(name: str, value: _Typed | Value) -> str:
    if not isinstance(value, _Typed):
        raise UsageError(f"{name} is a unit of several fields; write {name}=TEXT")
    return value.text


def _text(name: str, value: Value) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} is text; write {name}=TEXT")
    return value


def _field(name: str) -> str:
    if name == "delivery" or "." in name:
        raise UsageError(f"{name} is no field of its own; name the one that must hold, such as lastTo=TEXT")
    return name


def _one_each(intents: list[Intent]) -> list[Intent]:
    units = [intent.unit for intent in intents]
    twice = next((unit for unit in units if units.count(unit) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is given twice; name each field once")
    return intents
