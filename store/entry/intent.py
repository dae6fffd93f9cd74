"""What the operator wants to hold, apart from the entry it is to hold for."""

from __future__ import annotations

from typing import Protocol

from store.entry.delivery import ClearDelivery, SetDelivery, delivery_as_in
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel, model_as_in
from store.entry.routes import route_of
from store.errors import UsageError
from store.js import ABSENT, JsonObject, Value


class Intent(Protocol):
    """One unit's wish: computed against any version of the entry, so a newer one is no obstacle."""

    @property
    def unit(self) -> str:
        """`model`, `delivery` or the name of a field."""

    def edits(self, entry: JsonObject) -> dict[str, Value]:
        """Top-level fields to change, what follows from them included; empty when it holds already."""

    def guarded(self, entry: JsonObject) -> dict[str, Value]:
        """By path, the values whose being unchanged is the precondition; never what only follows."""

    def describe(self) -> str:
        """What will hold afterwards."""

    def to_json(self) -> JsonObject:
        """A form that `from_json` reads back."""


def from_json(stored: JsonObject) -> Intent:
    """The intent that `to_json` described; UsageError when it is none."""
    match stored:
        case {"intent": "set-model", "provider": str(provider), "model": str(model), "source": str(source)}:
            profile, profile_source = stored.get("profile", ""), stored.get("profileSource", "")
            return SetModel(provider, model, source, str(profile), str(profile_source))
        case {"intent": "clear-model"}:
            return ClearModel()
        case {"intent": "set-delivery", "route": dict(members)}:
            return SetDelivery(route_of(members))
        case {"intent": "clear-delivery"}:
            return ClearDelivery()
        case {"intent": "set-field", "field": str(name), "value": value}:
            return SetField(name, value)
        case {"intent": "clear-field", "field": str(name)}:
            return SetField(name, ABSENT)
    raise UsageError(f"not an edit this release knows: {stored.get('intent')!r}")


def as_in(unit: str, entry: JsonObject) -> Intent:
    """The intent that brings a unit back to what it is in this entry: for undo, restore and a conflict's sides."""
    if unit == "model":
        return model_as_in(entry)
    if unit == "delivery":
        return delivery_as_in(entry)
    return SetField(unit, entry.get(unit, ABSENT))
