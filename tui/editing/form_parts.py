"""What every edit form is made of: lines with places for text, stops for Tab, and the text an operator typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.cells import cell_len

from store.entry.intent import Intent
from store.js import JsonObject
from tui.look.line import Line, Role, Span, cut_left, cut_right, fit, line
from tui.look.printable import printable

LABEL_AT = 3
VALUE_AT = 14


@dataclass(frozen=True, slots=True)
class Place:
    """Where the text of one stop is typed: the first cell, and how many."""

    stop: str
    at: int
    cells: int


@dataclass(frozen=True, slots=True)
class FormLine:
    """One line of a form; `place` where text is typed over it, `spare` lines go first when there is no room."""

    line: Line = ()
    place: Place | None = None
    spare: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What a form is drawn over: the entry as it is on disk now, the width, the time (wall-clock seconds).

    `several` says what is on disk where a form is for many entries; `disk` is empty then.
    """

    disk: JsonObject
    cells: int
    now: float
    several: str = ""


BLANK = FormLine(spare=True)


class Form(Protocol):
    """The state of one edit form: pure, so that it can be tested and kept without a screen."""

    stop: str

    @property
    def unit(self) -> str:
        """Which drafts are its own: model, delivery or level."""

    @property
    def title(self) -> str:
        """What it says of itself."""

    @property
    def stops(self) -> tuple[str, ...]:
        """Where Tab goes, in this order."""

    def text(self, stop: str) -> str | None:
        """What is typed at this stop; None for a stop with options instead of text."""

    def type(self, stop: str, text: str) -> None:
        """The text at this stop is this now."""

    def move(self, step: int) -> None:
        """Up or down: the next option or suggestion of the current stop."""

    def take(self) -> bool:
        """Take the suggestion the operator moved to; False when there is none to take."""

    def leave_list(self) -> bool:
        """Leave the list of suggestions; False when it was not entered."""

    def lines(self, view: View) -> list[FormLine]:
        """The form as drawn, before it is fitted to a height."""

    def intents(self) -> tuple[Intent, ...]:
        """What the form asks for; raises UsageError with the sentence that says what is missing."""

    def guard(self) -> Intent | None:
        """An intent that guards the fields this form is about; None while that is not chosen yet."""

    def texts(self) -> dict[str, str]:
        """All that was typed and chosen, for a draft."""

    def restore(self, texts: Mapping[str, str]) -> None:
        """Take up a draft."""


def labelled(label: str, *parts: str | Span, marked: bool = False) -> Line:
    """A faint label and what follows it at the value column; the marked one is where the operator is."""
    head = fit(label, VALUE_AT - LABEL_AT)
    return line(" " * LABEL_AT, Span(head, "accent" if marked else "faint"), *parts)


def option(label: str, name: str, meaning: str, *, chosen: bool, cells: int) -> Line:
    """One option of several, `›` before the chosen one; what it means loses clauses where there is no room."""
    mark = "› " if chosen else "  "
    start = fit(" " * LABEL_AT + label, VALUE_AT - 2)
    meaning = shortened(meaning, cells - VALUE_AT - 11)
    role: Role = "strong" if chosen else "text"
    return line(Span(start, "faint"), Span(mark, "accent"), Span(fit(name, 11), role), Span(meaning, "faint"))


def suggestion(name: str, note: str, *, chosen: bool, cells: int) -> Line:
    """One suggestion below a text, `›` before the one that Enter takes."""
    room = 30 + max(0, cells - 80)
    start = " " * (VALUE_AT - 2) + ("› " if chosen else "  ")
    role: Role = "strong" if chosen else "text"
    note = shortened(note, cells - VALUE_AT - room - 1)
    return line(Span(start, "accent"), Span(fit(cut_left(name, room), room + 1), role), Span(note, "faint"))


def shortened(text: str, cells: int) -> str:
    """The text without its last clauses, so that it fits; cut where the first clause alone does not."""
    kept = text
    while cell_len(kept) > cells:
        at = max(kept.rfind(", "), kept.rfind(": "))
        if at < 0:
            return cut_right(text, cells)
        kept = kept[:at]
    return kept


def fitted(lines: Sequence[FormLine], rows: int) -> list[FormLine]:
    """At most this many lines: blank ones go first, from the end, then other spare ones, then those without a place."""
    kept = list(lines)
    for may_go in (_is_blank, _is_spare, _has_no_place):
        for index in range(len(kept) - 1, -1, -1):
            if len(kept) > rows and may_go(kept[index]):
                del kept[index]
    return kept[:rows]


def _is_blank(form_line: FormLine) -> bool:
    return form_line.spare and not form_line.line


def _is_spare(form_line: FormLine) -> bool:
    return form_line.spare


def _has_no_place(form_line: FormLine) -> bool:
    return form_line.place is None


class Typed:
    """Text in a field that began as a value of the store: unchanged text stands for exactly that value.

    What a terminal would obey is shown as a visible sign, so the shown text is not always the value.
    """

    def __init__(self, value: str = "") -> None:
        self.set(value)

    def set(self, value: str) -> None:
        """Begin with this value."""
        self._value, self.shown = value, printable(value)

    def type(self, shown: str) -> None:
        """The operator made the text this."""
        if shown != self.shown:
            self._value, self.shown = shown, shown

    @property
    def value(self) -> str:
        """The value the text stands for, without blanks around what was typed."""
        return self._value if self._value != self.shown else self._value.strip()


@dataclass(slots=True)
class Choice:
    """A place in a list that Down enters and Up leaves; None is the text above the list."""

    at: int | None = None

    def move(self, step: int, length: int) -> None:
        """One step within a list of this length."""
        position = (-1 if self.at is None else self.at) + step
        self.at = None if position < 0 or length == 0 else min(position, length - 1)

    def leave(self) -> bool:
        """Back to the text above the list; whether that was not where it was."""
        entered, self.at = self.at is not None, None
        return entered

    def window(self, length: int, rows: int) -> range:
        """Which part of the list is shown in this many rows."""
        first = max(0, min((self.at or 0) - rows + 1, length - rows))
        return range(first, min(length, first + rows))
