"""The lines of the entry screen: its pages, its fields, and in words what the next reply will use."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from store.entry.delivery import Route, next_route
from store.entry.overrides import observed_model, torn
from store.js import ABSENT, JsonObject
from tui.layout.entry_fields import INERT, PAGES, FieldRow, Page
from tui.layout.grid import Cell, GridRow, Shape, grid_line, header_line
from tui.layout.marks import MARKS
from tui.look.figures import clock_time
from tui.look.line import Line, Role, Span, cut_right, first_fitting, line, pad, rule
from tui.look.routes import route_words, route_words_in_short
from tui.look.values import NOT_SET, keeps_end, unit_text, value_text
from tui.state import NOW_S, RECENT_S, Freshness

SHAPE: Final = Shape(1, 3, (27, 52, 62), fixed=2)
WITH_WAS: Final = Shape(1, 3, (27, 37, 52, 62), fixed=2)
WAS_FROM: Final = 120
"""From this width on what a field was has a column; below it stands under the field."""
NOTE_AT: Final = 5


@dataclass(frozen=True, slots=True)
class EntryView:
    """How the fields are drawn; `since` is when watching began, `cleared_at` when marks were last waved through."""

    cells: int
    now: float
    since: float
    cleared_at: float = 0.0
    old: bool = True


def scope_line(page: Page, others: int, right: str, as_of: str, cells: int) -> Line:
    """Line 2: the pages, the open one reversed; or which older version is shown."""
    if as_of:
        return line(" ", Span(f"entry as of {as_of}", "active"), f"  {right}")
    spans = [Span(" entry   ", "strong")]
    for number, name in enumerate(PAGES, start=1):
        title = f"{number}:{name}" + (f" {others}" if name == "other" and others else "")
        spans += [Span(title, "active" if name == page else "text"), Span("  ")]
    left = tuple(spans[:-1])
    used = sum(len(span.text) for span in left)
    return pad((*left, Span(" " * max(1, cells - used - len(right) - 1)), Span(right)), cells)


def field_lines(rows: Sequence[FieldRow], at: int, view: EntryView) -> tuple[list[Line], list[int]]:
    """Every field with its note, and for each field the number of its first line."""
    lines: list[Line] = []
    starts: list[int] = []
    for index, row in enumerate(rows):
        starts.append(len(lines))
        lines.append(_field_line(row, view, selected=index == at))
        if below := _below(row, view):
            lines.append(line(" " * NOTE_AT, Span(cut_right(below, view.cells - NOTE_AT - 1), "faint")))
    return lines, starts


def _below(row: FieldRow, view: EntryView) -> str:
    """What stands under a field: what it was, where that has no column, before what it means."""
    if not row.was or view.cells >= WAS_FROM:
        return row.note
    inert = f"{INERT}, " if row.note == INERT else ""
    return f"{inert}was {row.was}" if view.old else ""


def header(cells: int) -> Line:
    """The titles of the field columns."""
    if cells >= WAS_FROM:
        return header_line(WITH_WAS, ("FIELD", "VALUE", "WAS", "CHANGED", "BY"), cells)
    return header_line(SHAPE, ("FIELD", "VALUE", "CHANGED", "BY"), cells)


def not_set_lines(names: Sequence[str], cells: int) -> list[Line]:
    """The fields that are not set, as one faint paragraph."""
    if not names:
        return []
    wrapped = textwrap.wrap(", ".join(names), cells - 14, max_lines=2, placeholder=" …")
    return [line(Span(f"   {'not set' if at == 0 else '':10}{text}", "faint")) for at, text in enumerate(wrapped)]


def next_reply_lines(entry: JsonObject, cells: int, now: float, loss: Span | None = None) -> list[Line]:
    """In words: which model the next reply uses, where it goes, and what is wrong with the entry as it stands.

    `loss` is the sentence about what was lost here, which goes before what is merely wrong.
    """
    model, thinking = unit_text("model", entry, now), unit_text("thinkingLevel", entry, now)
    used = "/".join(filter(None, observed_model(entry)))
    uses = "the agent's default" if model == "not set" else model
    level = f", thinking {thinking}" if thinking != "not set" else ""
    last = f"   (last run used {used})" if used else ""
    route = next_route(entry)
    policy = value_text("sendPolicy", entry.get("sendPolicy", "allow"), now)
    allowed = {"allow": "allowed", "deny": "denied by sendPolicy"}.get(policy, policy)
    lines = [
        rule(cells, "what the next reply uses"),
        _said("model", f"{uses}{level}{last}", cells),
        _said("goes to", _goes(route, allowed, cells - 14), cells),
    ]
    if loss is not None:
        return [*lines, line("   ", Span(cut_right(loss.text, cells - 4), loss.role)), ()]
    wrong = torn(entry)
    return [*lines, line(Span(f"   ! {cut_right(wrong, cells - 6)}", "strong")) if wrong else (), ()]


def _goes(route: Route, allowed: str, cells: int) -> str:
    if not route:
        return f"nowhere until a message comes · {allowed}"
    brief = route_words_in_short(route)
    told = [f"{route_words(route)} · {allowed}", f"{brief} · {allowed}"]
    return first_fitting([*told, brief] if allowed == "allowed" else told, cells)


def _said(label: str, text: str, cells: int) -> Line:
    return line("   ", Span(f"{label:10}", "faint"), cut_right(text, cells - 14))


def _field_line(row: FieldRow, view: EntryView, *, selected: bool) -> Line:
    freshness = _freshness(row.changed_at, view)
    role: Role = "strong" if freshness in ("now", "recent") else "faint" if row.value is ABSENT else "text"
    if row.changed_at is None:
        changed, writer = NOT_SET, f"before {clock_time(view.since, view.now)[:-3]}"
    else:
        changed, writer = clock_time(row.changed_at, view.now)[-8:], row.by
    value = Cell(value_text(row.name, row.value, view.now), role, keeps_end(row.name))
    verdict = Cell(MARKS[freshness], "accent")
    wide = view.cells >= WAS_FROM
    was = (Cell(row.was if view.old else "", "faint"),) if wide else ()
    cells = (value, *was, Cell(changed), Cell(writer))
    return grid_line(
        WITH_WAS if wide else SHAPE, GridRow(verdict, Cell(row.name), cells), view.cells, selected=selected
    )


def _freshness(at: float | None, view: EntryView) -> Freshness:
    if at is None or at <= view.cleared_at:
        return ""
    age = view.now - at
    return "now" if age < NOW_S else "recent" if age < RECENT_S else "since"
