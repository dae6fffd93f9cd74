"""The one form for every field that is edited by itself: thinking level, send policy, label and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from store.entry.intent import Intent
from store.entry.levels import SetField, parse_value
from store.entry.schema import FIELDS, Field, field
from store.errors import UsageError
from store.js import ABSENT, JsonObject
from tui.editing.form_parts import BLANK, VALUE_AT, Choice, FormLine, Place, Typed, View, labelled, option, suggestion
from tui.look.line import Span
from tui.look.values import value_text

Do = Literal["set", "clear"]
ROWS: Final = 2


def level_fields() -> list[Field]:
    """The fields this form can edit, in the catalogue's order."""
    return [one for one in FIELDS.values() if one.unit == "level"]


class LevelForm:
    """One single field to set or clear for one entry."""

    unit = "level"
    title = "edit level"
    stops = ("field", "set to", "do")

    def __init__(self, name: str = "") -> None:
        """Begins at the value when the field is known already."""
        self._fields = level_fields()
        self._name = Typed(name)
        self._value = Typed()
        self._choice = Choice()
        self.do: Do = "set"
        self.stop = "set to" if name else "field"

    def text(self, stop: str) -> str | None:
        """The field's name or the value as typed."""
        return {"field": self._name.shown, "set to": self._value.shown}.get(stop)

    def type(self, stop: str, text: str) -> None:
        """Typing leaves the list of suggestions."""
        typed = {"field": self._name, "set to": self._value}.get(stop)
        if typed and text != typed.shown:
            typed.type(text)
            self._choice = Choice()
            if stop == "set to" and text:
                self.do = "set"

    def move(self, step: int) -> None:
        """The next suggestion, or set and clear in turn."""
        if self.stop == "do":
            self.do = "clear" if self.do == "set" else "set"
        else:
            self._choice.move(step, len(self._offered(self.stop)))

    def take(self) -> bool:
        """Put the suggestion the operator moved to in place of the text; from the field on to its value."""
        offered = self._offered(self.stop)
        if self._choice.at is None or self._choice.at >= len(offered):
            return False
        if self.stop == "field":
            self._name.set(offered[self._choice.at])
            self.stop = "set to"
        else:
            self._value.set(offered[self._choice.at])
        self._choice = Choice()
        return True

    def leave_list(self) -> bool:
        """Back from the suggestions to the text."""
        return self._choice.leave()

    def intents(self) -> tuple[Intent, ...]:
        """Set or clear the one field; a part of a name stands for the only field that has it."""
        name = self._field_name()
        if self.do == "clear":
            return (SetField(name, ABSENT),)
        text = self._value.value
        if not text:
            raise UsageError(f"No value is typed for {name} yet; choose clear to have none.")
        meant = self._offered("set to")
        return (SetField(name, parse_value(name, meant[0] if len(meant) == 1 else text)),)

    def guard(self) -> Intent | None:
        """The one field, once it is chosen."""
        known = self._known()
        return SetField(known.name, ABSENT) if known else None

    def texts(self) -> dict[str, str]:
        """The field, its value and what to do."""
        return {"field": self._name.value, "set to": self._value.value, "do": self.do}

    def restore(self, texts: Mapping[str, str]) -> None:
        """Take up a draft."""
        self._name.set(texts.get("field", self._name.value))
        self._value.set(texts.get("set to", ""))
        self.do = "clear" if texts.get("do") == "clear" else "set"
        self.stop = "set to" if self._name.value else "field"

    def lines(self, view: View) -> list[FormLine]:
        """The field and its value on disk, the new value with what is allowed, and what the field means."""
        known = self._known()
        on_disk = "choose a field first"
        if known:
            on_disk = f"{known.name}  {value_text(known.name, view.disk.get(known.name, ABSENT), view.now)}"
        wide = 38 + max(0, view.cells - 80)
        kind = Span(" " * (wide + 1) + (known.type if known else "a level, label or policy"), "faint")
        return [
            FormLine(labelled("on disk", on_disk)),
            BLANK,
            FormLine(labelled("field", marked=self.stop == "field"), Place("field", VALUE_AT, wide)),
            *self._suggestion_lines("field", view.disk, view.cells, view.now),
            FormLine(labelled("set to", kind, marked=self.stop == "set to"), Place("set to", VALUE_AT, wide)),
            *self._suggestion_lines("set to", view.disk, view.cells, view.now),
            FormLine(option("do", "set", "", chosen=self.do == "set")),
            FormLine(option("", "clear", "not set: the agent's default decides", chosen=self.do == "clear")),
            BLANK,
            FormLine(labelled("means", known.meaning), spare=True) if known else BLANK,
        ]

    def _field_name(self) -> str:
        known = self._known()
        if known:
            return known.name
        raise UsageError("Which field? Type part of its name and choose one with the down key.")

    def _known(self) -> Field | None:
        text = self._name.value
        if text in FIELDS and FIELDS[text].unit == "level":
            return field(text)
        found = self._offered("field")
        return FIELDS[found[0]] if text and len(found) == 1 else None

    def _offered(self, stop: str) -> Sequence[str]:
        if stop == "field":
            text = self._name.value.lower()
            return [one.name for one in self._fields if text in one.name.lower()]
        known = self._known()
        text = self._value.value.lower()
        allowed = known.allowed if known else ()
        return [value for value in allowed if value.startswith(text)] if text not in allowed else list(allowed)

    def _suggestion_lines(self, stop: str, disk: JsonObject, cells: int, now: float) -> list[FormLine]:
        if stop != self.stop:
            return [BLANK] * ROWS
        offered = self._offered(stop)
        lines = []
        for at in self._choice.window(len(offered), ROWS):
            note = value_text(offered[at], disk.get(offered[at], ABSENT), now) if stop == "field" else ""
            lines.append(FormLine(suggestion(offered[at], note, chosen=at == self._choice.at, cells=cells)))
        return lines + [BLANK] * (ROWS - len(lines))
