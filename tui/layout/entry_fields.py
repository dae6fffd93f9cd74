"""The fields of one entry, group by group, each with what it was before, when that changed and who changed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from store.entry.delivery_state import OLDER, STATE, inert, state_of
from store.entry.schema import FIELDS, Group, field
from store.history import FieldChange
from store.js import ABSENT, JsonObject, Value
from tui.look.figures import duration
from tui.look.values import value_text
from tui.look.who import by, who

Page = Literal["override", "delivery", "levels", "run", "other", "raw"]
PAGES: Final[tuple[Page, ...]] = ("override", "delivery", "levels", "run", "other", "raw")
_GROUPS_OF: Final[dict[Page, tuple[Group, ...]]] = {
    "override": ("override", "levels"),
    "delivery": ("delivery",),
    "levels": ("levels",),
    "run": ("run",),
    "other": ("other",),
    "raw": (),
}

INERT: Final = "inert: nothing reads it any more, delivery has taken its place"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its value, its last change as far as it was seen, and what it was before that; blank where not seen.

    `note` says what the value means, where that is not plain.
    """

    name: str
    value: Value
    changed_at: float | None
    by: str
    was: str
    note: str


def rows_of(
    entry: JsonObject, page: Page, changes: Callable[[str], Sequence[FieldChange]], now: float, *, every: bool
) -> list[FieldRow]:
    """The fields of a page that are set, in the catalogue's order; with `every`, also those that are not."""
    names = [name for name in FIELDS if field(name).group in _GROUPS_OF[page]]
    if page == "other":
        names += [name for name in entry if name not in FIELDS]
    return [_row(name, entry, changes(name), now) for name in names if name in entry or every or _gone(changes(name))]


def not_set(entry: JsonObject, page: Page) -> list[str]:
    """The fields an operator could set on this page and that are not set; a profile comes and goes with its model."""
    replaced = OLDER if state_of(entry) is not None else (STATE,)
    return [
        name
        for name, known in FIELDS.items()
        if known.unit and known.group in _GROUPS_OF[page] and name not in (*entry, *replaced)
        if not name.startswith("authProfile")
    ]


def unit_of(name: str) -> str:
    """What is edited when this field is: "model", "delivery", the level's own name, or '' where nothing may be."""
    unit = field(name).unit
    return name if unit == "level" else unit


def _gone(changes: Sequence[FieldChange]) -> bool:
    return bool(changes) and changes[0].new is ABSENT


def _row(name: str, entry: JsonObject, changes: Sequence[FieldChange], now: float) -> FieldRow:
    value = entry.get(name, ABSENT)
    meaning = INERT if name in inert(entry) else _meaning(name, value)
    if not changes:
        return FieldRow(name, value, None, "", "", meaning)
    last = changes[0]
    earlier = changes[1] if len(changes) > 1 else None
    was = ["not set" if last.old is ABSENT else value_text(name, last.old, now)]
    if earlier is not None:
        was += [by(earlier.version.writer), f"for {duration(last.version.at - earlier.version.at)}"]
    return FieldRow(name, value, last.version.at, who(last.version.writer), ", ".join(filter(None, was)), meaning)


def _meaning(name: str, value: Value) -> str:
    if name == "modelOverrideSource":
        return {
            "user": "strict: no fallback, survives /new, until it is cleared",
            "auto": "a fallback: the gateway may probe and clear it",
            "default": "the agent's default was chosen by hand",
        }.get(value if isinstance(value, str) else "", "")
    return ""
