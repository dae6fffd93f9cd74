"""The one form for every field that is edited by itself: thinking level, send policy, label and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from store.entry.intent import Intent
from store.entry.levels import SetField, parse_value
from store.entry.schema import FIELDS, Field, field
from store.errors import UsageError
from store.js import ABSENT
from tui.editing.form_parts import (
    BLANK,
    LABEL_AT,
    VALUE_AT,
    Choice,
    FormLine,
    Place,
    Typed,
    View,
    labelled,
    suggestion,
)
from tui.look.line import Line, Role, Span, cut_right, fit, line, width
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
            known = self._known() if self.stop == "field" and self.do == "set" else None
            if known is None:
                return False
            self._name.set(known.name)
            self.stop = "set to"
            return True
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
            there = view.several or value_text(known.name, view.disk.get(known.name, ABSENT), view.now)
            on_disk = f"{known.name}  {there}"
        return [
            FormLine(labelled("on disk", on_disk)),
            BLANK,
            self._text_line("field", self._field_hint(), view.cells),
            *self._field_lines(view),
            self._text_line("set to", _value_hint(known), view.cells),
            *self._value_lines(view.cells),
            FormLine(self._do_line()),
            BLANK,
            FormLine(labelled("means", cut_right(known.meaning, view.cells - VALUE_AT)), spare=True)
            if known
            else BLANK,
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
        allowed = _values(known) if known else ()
        return [value for value in allowed if value.startswith(text)] if text not in allowed else list(allowed)

    def _text_line(self, stop: str, hint: str, cells: int) -> FormLine:
        wide = 38 + cells - 80 if cells >= 80 else min(38, cells - VALUE_AT - 2 - len(hint))
        faint = Span(" " * (wide + 1) + hint, "faint")
        return FormLine(labelled(stop, faint, marked=self.stop == stop), Place(stop, VALUE_AT, wide))

    def _field_hint(self) -> str:
        if self.stop != "field" or self._name.value in FIELDS:
            return ""
        found = len(self._offered("field"))
        return f"{found} match, ↓ chooses" if found else "no such field"

    def _field_lines(self, view: View) -> list[FormLine]:
        if self.stop != "field":
            return [BLANK] * ROWS
        offered = self._offered("field")
        lines: list[FormLine] = []
        for at in self._choice.window(len(offered), ROWS):
            note = value_text(offered[at], view.disk.get(offered[at], ABSENT), view.now)
            chosen = at == self._choice.at
            lines.append(
                FormLine(
                    suggestion(offered[at], note, chosen=chosen, cells=view.cells), spare=bool(lines) and not chosen
                )
            )
        return lines + [BLANK] * (ROWS - len(lines))

    def _value_lines(self, cells: int) -> list[FormLine]:
        """Every allowed value side by side, `›` before the one that Enter takes."""
        here = self.stop == "set to"
        rows: list[list[Span]] = [[]]
        for at, value in enumerate(self._offered("set to")):
            chosen = here and at == self._choice.at
            if width((*rows[-1], Span(f"› {value}"))) > cells - VALUE_AT + 2:
                rows.append([])
            role: Role = "strong" if chosen else "text" if here else "faint"
            rows[-1] += [Span("› " if chosen else "  ", "accent"), Span(value, role)]
        lines = [FormLine(line(" " * (VALUE_AT - 2), *spans), spare=not here) for spans in rows if spans]
        return lines + [BLANK] * (ROWS - len(lines))

    def _do_line(self) -> Line:
        marks = ("› " if self.do == "set" else "  ", "› " if self.do == "clear" else "  ")
        label = Span(fit("do", VALUE_AT - LABEL_AT - 2), "accent" if self.stop == "do" else "faint")
        left, right = (Span(mark, "accent") for mark in marks)
        return line(
            " " * LABEL_AT, label, left, "set  ", right, "clear", Span(": the agent's default decides", "faint")
        )


def _values(known: Field) -> Sequence[str]:
    return ("off", "on") if known.type == "boolean" else known.allowed


def _value_hint(known: Field | None) -> str:
    if known is None:
        return ""
    if _values(known):
        return "one of these, ↓ chooses"
    return "a whole number" if known.type == "number" else "any text"
