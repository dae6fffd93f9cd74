"""Reading single fields of an entry, and working out what an edit changes."""

from __future__ import annotations

from collections.abc import Mapping

from store.js import ABSENT, Edit, Json, JsonObject, Value, same


def text(holder: Json | None, name: str) -> str:
    """The field as trimmed text; blank when it is missing or no text."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value.strip() if isinstance(value, str) else ""


def differing(entry: JsonObject, wanted: Mapping[str, Value]) -> dict[str, Value]:
    """The wanted values that the entry does not have yet."""
    return {name: value for name, value in wanted.items() if not same(entry.get(name, ABSENT), value)}


def edited(entry: JsonObject, edit: Edit) -> JsonObject:
    """A copy of the entry with the edit made: present fields keep their place, new ones are appended."""
    merged: dict[str, Value] = {**entry, **edit}
    return {name: value for name, value in merged.items() if value is not ABSENT}


def extracted(entry: JsonObject, paths: tuple[str, ...]) -> dict[str, Value]:
    """The values at these paths, `field` or `field.member`; ABSENT where there is none."""
    found: dict[str, Value] = {}
    for path in paths:
        name, _, member = path.partition(".")
        value: Value = entry.get(name, ABSENT)
        if member:
            value = value.get(member, ABSENT) if isinstance(value, dict) else ABSENT
        found[path] = value
    return found
