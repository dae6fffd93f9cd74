"""Settings of one field each, with the values OpenClaw accepts for them.

The spellings are those of the gateway's own commands, newest JSON release first: what `/think`, `/verbose` and
`sessions.patch` take, this takes, and the same canonical value is written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from store.entry.fields import differing, extracted
from store.entry.routes import numbered_thread
from store.entry.schema import FIELDS, field
from store.errors import UsageError
from store.js import ABSENT, Json, JsonObject, Value

LABEL_MAX: Final = 512
"""UTF-16 units, as OpenClaw counts; releases before 2026.4 refuse to set more than 64 themselves but keep them."""

_OFF: Final = "off false no 0"
_ON: Final = "on true yes 1"
_SPELLINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "thinkingLevel": {
        "off": "off",
        "minimal": "min minimal think",
        "low": "low on enable enabled thinkhard think-hard think_hard",
        "medium": "mid med medium thinkharder think-harder harder",
        "high": "high ultra ultrathink thinkhardest highest",
        "xhigh": "xhigh x-high x_high extrahigh extra-high",
        "adaptive": "adaptive auto",
        "max": "max",
    },
    "fastMode": {"off": f"{_OFF} disable disabled normal", "on": f"{_ON} enable enabled fast"},
    "verboseLevel": {"off": _OFF, "on": f"{_ON} minimal", "full": "full all everything"},
    "traceLevel": {"off": _OFF, "on": _ON, "raw": "raw unfiltered"},
    "reasoningLevel": {
        "off": f"{_OFF} hide hidden disable disabled",
        "on": f"{_ON} show visible enable enabled",
        "stream": "stream streaming draft live",
    },
    "elevatedLevel": {
        "off": _OFF,
        "on": _ON,
        "ask": "ask prompt approval approve",
        "full": "full auto auto-approve autoapprove",
    },
    "responseUsage": {
        "off": f"{_OFF} disable disabled",
        "tokens": f"{_ON} enable enabled tokens token tok minimal min",
        "full": "full session",
    },
    "queueMode": {
        "steer": "steer steering queue queued",
        "followup": "followup follow-ups followups",
        "collect": "collect coalesce",
        "interrupt": "interrupt interrupts abort",
        "steer-backlog": "steer-backlog steer+backlog steer_backlog",
    },
    "queueDrop": {"old": "old oldest", "new": "new newest", "summarize": "summarize summary"},
}
_MEANT: Final[Mapping[str, Mapping[str, str]]] = {
    name: {spelling: value for value, spellings in values.items() for spelling in spellings.split()}
    for name, values in _SPELLINGS.items()
}
_LEAST: Final = {"queueDebounceMs": 0, "queueCap": 1}


def editable_levels() -> tuple[str, ...]:
    """The names of the fields that `SetField` accepts."""
    return tuple(known.name for known in FIELDS.values() if known.unit == "level")


def parse_value(name: str, given: str) -> Value:
    """The value a text means for this field; a field this tool does not edit is read by its type."""
    known = field(name)
    if known.unit == "level":
        return _level(name, given)
    if known.type in ("number", "time"):
        return _number(name, given)
    if known.type == "thread":
        return numbered_thread(given)
    if known.type in ("boolean", "object", "array"):
        try:
            parsed: Json = json.loads(given)
        except ValueError as error:
            raise UsageError(f"{name} takes JSON of type {known.type}, not {given!r}") from error
        return parsed
    return given


def check_label(label: str, labels: Collection[str]) -> None:
    """UsageError when another session of the store has this label; `labels` are those of the others."""
    if label in labels:
        raise UsageError(f"label already in use: {label}")


@dataclass(frozen=True, slots=True)
class SetField:
    """Give one field this value; ABSENT clears it. The value is kept in the gateway's own spelling."""

    field: str
    value: Value

    def __post_init__(self) -> None:
        if field(self.field).unit != "level":
            raise UsageError(_not_editable(self.field))
        if self.value is not ABSENT:
            object.__setattr__(self, "value", _level(self.field, self.value))

    @property
    def unit(self) -> str:
        """The field's own name: it stands for itself."""
        return self.field

    def edits(self, entry: JsonObject) -> dict[str, Value]:
        """The one change, or none."""
        return differing(entry, {self.field: self.value})

    def guarded(self, entry: JsonObject) -> dict[str, Value]:
        """The value that must still be as it was seen."""
        return extracted(entry, (self.field,))

    def describe(self) -> str:
        """What will hold afterwards."""
        if self.value is ABSENT:
            return f"{self.field} is not set"
        return f"{self.field} is {self.value if isinstance(self.value, str) else json.dumps(self.value)}"

    def to_json(self) -> JsonObject:
        """For drafts and the journal."""
        if self.value is ABSENT:
            return {"intent": "clear-field", "field": self.field}
        return {"intent": "set-field", "field": self.field, "value": self.value}


def _level(name: str, given: Value) -> Value:
    if name == "label":
        return _label(given)
    if name in _LEAST:
        return _number(name, given, _LEAST[name])
    if isinstance(given, bool):
        given = "on" if given else "off"
    plain = given.strip() if isinstance(given, str) else ""
    if name == "execNode":
        if not plain or not plain.isprintable():
            raise UsageError("execNode is the name of a node")
        return plain
    return _choice(name, plain.lower(), given)


def _choice(name: str, plain: str, given: Value) -> Value:
    spellings = _MEANT.get(name)
    value = spellings.get(plain, "") if spellings else plain if plain in field(name).allowed else ""
    if not value:
        said = repr(given) if isinstance(given, str) else json.dumps(given)
        raise UsageError(f"{name} is one of {', '.join(field(name).allowed or ('on', 'off'))}, not {said}")
    if name == "fastMode":
        return value == "on"
    # OpenClaw keeps no "off" for this one: not set means off.
    return ABSENT if (name, value) == ("responseUsage", "off") else value


def _label(given: Value) -> str:
    label = given.strip() if isinstance(given, str) else ""
    if not label:
        raise UsageError("a label is some text; clear it to have none")
    if len(label.encode("utf-16-le", "surrogatepass")) // 2 > LABEL_MAX:
        raise UsageError(f"a label has at most {LABEL_MAX} characters")
    return label


def _number(name: str, given: Value, least: int | None = None) -> int | float:
    number: Value = given
    if isinstance(given, str):
        try:
            number = json.loads(given)
        except ValueError:
            number = None
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
        raise UsageError(f"{name} is a number, not {given!r}")
    if least is None:
        return number
    if number < least or number != int(number):
        raise UsageError(f"{name} is a whole number from {least} up, not {given!r}")
    return int(number)


def _not_editable(name: str) -> str:
    unit = field(name).unit
    if unit == "model":
        return f"{name} is set with the whole model: model=provider/model"
    if unit == "delivery":
        return f"{name} is set with the whole route: delivery=channel:to[:thread]"
    return f"{name} is not edited here; these are: {', '.join(('model', 'delivery', *editable_levels()))}"
