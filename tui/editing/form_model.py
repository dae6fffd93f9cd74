"""The form of the model unit: provider, model and source, always as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from rich.cells import cell_len

from store.entry.intent import Intent
from store.entry.overrides import ClearModel, SetModel, model_override, observed_model, parse_model
from store.errors import UsageError
from store.js import ABSENT, JsonObject
from tui.editing.form_parts import (
    BLANK,
    VALUE_AT,
    Choice,
    FormLine,
    Place,
    Typed,
    View,
    labelled,
    option,
    shortened,
    suggestion,
)
from tui.editing.known_models import KnownModel, matching
from tui.look.figures import age, ago, clock_time
from tui.look.line import Line, Span
from tui.look.values import running_since, unit_text, value_text

Source = Literal["user", "auto", "clear"]
SOURCES: Final[Mapping[Source, str]] = {
    "user": "strict: no fallback, survives /new, until it is cleared",
    "auto": "a fallback: the gateway may probe and clear it",
    "clear": "no override: the agent's default decides",
}
SUGGESTED_ROWS: Final = 2


class ModelForm:
    """A model to set or clear for one entry."""

    unit = "model"
    title = "edit model"
    stops = ("set to", "source")

    def __init__(self, known: Sequence[KnownModel]) -> None:
        self.stop = "set to"
        self.source: Source = "user"
        self._typed = Typed()
        self._known = known
        self._choice = Choice()

    def text(self, stop: str) -> str | None:
        """The model as typed."""
        return self._typed.shown if stop == "set to" else None

    def type(self, stop: str, text: str) -> None:
        """Typing leaves the list, and asks for an override again if none was wanted."""
        if stop == "set to" and text != self._typed.shown:
            self._typed.type(text)
            self._choice = Choice()
            if self.source == "clear" and text:
                self.source = "user"

    def move(self, step: int) -> None:
        """The next suggestion, or the next source."""
        if self.stop == "set to":
            self._choice.move(step, len(self._suggestions()))
            return
        names = list(SOURCES)
        self.source = names[(names.index(self.source) + step) % len(names)]

    def take(self) -> bool:
        """Put the suggestion the operator moved to in place of the text."""
        found = self._suggestions()
        if self._choice.at is None or self._choice.at >= len(found):
            return False
        self._typed.set(found[self._choice.at].name)
        self._choice = Choice()
        return True

    def leave_list(self) -> bool:
        """Back from the suggestions to the text."""
        return self._choice.leave()

    def intents(self) -> tuple[Intent, ...]:
        """Set or clear; a word without a slash stands for the first suggestion that has it."""
        if self.source == "clear":
            return (ClearModel(),)
        provider, model = parse_model(self._wanted())
        return (SetModel(provider, model, self.source),)

    def guard(self) -> Intent | None:
        """The fields of the model unit."""
        return ClearModel()

    def texts(self) -> dict[str, str]:
        """The model as typed and the source."""
        return {"set to": self._typed.value, "source": self.source}

    def restore(self, texts: Mapping[str, str]) -> None:
        """Take up a draft."""
        self._typed.set(texts.get("set to", ""))
        self.source = next((name for name in SOURCES if name == texts.get("source")), "user")

    def lines(self, view: View) -> list[FormLine]:
        """The form as drawn: the disk, the text with its suggestions, the sources, what goes with it."""
        return [
            FormLine(labelled("on disk", view.several) if view.several else _on_disk(view.disk, view.now, view.cells)),
            BLANK,
            self._text_line(view.cells),
            *self._suggestion_lines(view.cells, view.now),
            *self._source_lines(view.cells),
            BLANK,
            FormLine(self._with_it(view), spare=True),
            FormLine(_running(view.disk, view.now, view.cells), spare=True),
            BLANK,
        ]

    def _wanted(self) -> str:
        text = self._typed.value
        if "/" in text:
            return text
        if not text:
            raise UsageError("No model is typed yet: give provider/model, choose one with the down key, or clear.")
        found = matching(self._known, text)
        return found[0].name if found else text

    def _suggestions(self) -> list[KnownModel]:
        return matching(self._known, self._typed.value)

    def _text_line(self, cells: int) -> FormLine:
        wide = 38 + cells - 80 if cells >= 80 else cells - VALUE_AT - 16
        place = Place("set to", VALUE_AT, wide)
        hint = " " * (place.cells + 1) + "provider/model"
        return FormLine(labelled("set to", Span(hint, "faint"), marked=self.stop == "set to"), place)

    def _suggestion_lines(self, cells: int, now: float) -> list[FormLine]:
        found = self._suggestions()
        shown = self._choice.window(len(found), SUGGESTED_ROWS)
        lines = [
            FormLine(
                suggestion(found[at].name, _use(found[at], now), chosen=at == self._choice.at, cells=cells),
                spare=at != (shown[0] if self._choice.at is None else self._choice.at),
            )
            for at in shown
        ]
        return lines + [BLANK] * (SUGGESTED_ROWS - len(lines))

    def _source_lines(self, cells: int) -> list[FormLine]:
        labels = ("source", "", "")
        lines = [
            FormLine(option(label, name, meaning, chosen=name == self.source, cells=cells))
            for label, (name, meaning) in zip(labels, SOURCES.items(), strict=True)
        ]
        if self.stop == "source":
            first = lines[0].line
            lines[0] = FormLine((Span(first[0].text, "accent"), *first[1:]))
        return lines

    def _with_it(self, view: View) -> Line:
        disk, now = view.disk, view.now
        try:
            intents = self.intents()
        except UsageError:
            return ()
        also = [
            (field, value)
            for intent in intents
            for field, value in intent.edits(disk).items()
            if field not in {"providerOverride", "modelOverride", "modelOverrideSource"}
            and value is ABSENT
            and field in disk
        ]
        if not also:
            return ()
        field = next((field for field, _value in also if field == "authProfileOverride"), also[0][0])
        more = f" and {len(also) - 1} more" if len(also) > 1 else ""
        why = f": not for {intents[0].provider}" if isinstance(intents[0], SetModel) and "auth" in field else ""
        verb = "are" if more else "is"
        said = f"{field} {value_text(field, disk[field], now)}{more} {verb} cleared{why}"
        return labelled("with it", shortened(said, view.cells - VALUE_AT))


def _on_disk(disk: JsonObject, now: float, cells: int) -> Line:
    override = model_override(disk)
    source = f" · {override.source}" if override else ""
    used = "/".join(filter(None, observed_model(disk)))
    ended = disk.get("endedAt")
    when = f", {_ago(ended / 1000, now)}" if isinstance(ended, int | float) and used else ""
    text = f"{unit_text('model', disk, now)}{source}"
    gap = " " * max(2, 30 - cell_len(text))
    if VALUE_AT + cell_len(text + gap + "last run  " + used + when) > cells:
        used = "the same" if used == unit_text("model", disk, now) else used.rpartition("/")[2]
    if VALUE_AT + cell_len(f"{text}  last run  {used}{when}") > cells:
        when = ""
    free = cells - VALUE_AT - cell_len(f"{text}last run  {used}{when}")
    gap = " " * max(2, min(len(gap), free))
    return labelled("on disk", text, gap, Span("last run  ", "faint"), f"{used or '-'}{when}")


def _ago(at: float, now: float) -> str:
    return ago(age(now - at))


def _use(model: KnownModel, now: float) -> str:
    entries = f"{model.entries:3d} {'entry' if model.entries == 1 else 'entries'}"
    return f"{entries}, last used {_ago(model.used_at / 1000, now)}" if model.used_at else entries


def _running(disk: JsonObject, now: float, cells: int) -> Line:
    since = running_since(disk)
    if since is None:
        return ()
    start = f" since {clock_time(since, now)}" if since else ""
    said = f"a run is active{start}: it may undo this when it ends"
    return labelled("running", shortened(said, cells - VALUE_AT))
