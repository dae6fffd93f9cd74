"""The table's columns and their widths, and a row as a line of cells, each with the mark of its last change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from store.summary import EntrySummary
from tui.look.figures import age, clock_time, updated_age
from tui.look.grades import ROLES, SIGNS
from tui.look.keyforms import short_key
from tui.look.line import Line, Role, Span, cut_left, cut_right, fit, fit_right
from tui.look.routes import reply_text
from tui.state import ColumnId, Dashboard, Freshness, RowId

SortColumn: TypeAlias = Literal["agent", "key", "model", "think", "reply", "upd", "chg", "find", "lint", "size"]

MARKS: Mapping[Freshness, str] = {"": " ", "since": "·", "recent": "•", "now": "●"}
SOURCE_LETTERS: Mapping[str, str] = {"user": "u", "auto": "a", "default": "d", "old": "o"}
THINKING: Mapping[str, str] = {"minimal": "min", "medium": "med", "xhigh": "xhi"}
GUTTER, UPD, CHG, CHG_SLOT = 5, 3, 3, 2


@dataclass(frozen=True, slots=True)
class Widths:
    """How the cells of a line are shared out; one cell for a mark lies before model, think and reply."""

    key: int
    model: int
    think: int
    reply: int


@dataclass(frozen=True, slots=True)
class RowView:
    """How rows are drawn now: `old` shows what was before in changed cells, `stale` draws all of it faint."""

    widths: Widths
    now: float
    old: bool = False
    stale: bool = False


def widths(cells: int) -> Widths:
    """80 cells as specified; what is more goes to all, most to the key; what is less comes from key, reply, model."""
    extra, short = max(0, cells - 80), max(0, 80 - cells)
    reply = 15 + min(8, extra // 3) - min(6, max(0, short - 10))
    think = 7 if extra >= 20 else 5
    model = 18 + min(8, extra // 6) - min(4, max(0, short - 16))
    taken = GUTTER + 1 + model + 1 + think + 1 + reply + UPD + CHG_SLOT + CHG
    return Widths(max(1, cells - taken), model, think, reply)


_TITLES: Mapping[SortColumn, str] = {
    "key": "KEY",
    "model": "S MODEL",
    "think": "THINK",
    "reply": "REPLY TO",
    "upd": "UPD",
    "chg": "CHG",
}


def header(shape: Widths, sort: SortColumn, descending: bool) -> Line:
    """The titles, with an arrow directly before the one sorted by."""
    text = (
        " " * GUTTER
        + fit("KEY", shape.key)
        + " "
        + fit("S MODEL", shape.model)
        + " "
        + fit("THINK", shape.think)
        + " "
        + fit("REPLY TO", shape.reply)
        + "UPD"
        + " " * CHG_SLOT
        + "CHG"
    )
    at = text.find(_TITLES.get(sort, "\0")) - 1
    if at < 0:
        return (Span(text, "faint"),)
    return (Span(text[:at], "faint"), Span("↓" if descending else "↑", "accent"), Span(text[at + 1 :], "faint"))


def row_line(
    dashboard: Dashboard, row: RowId, view: RowView, on_cursor: bool, marked: bool = False, stray: bool = False
) -> Line:
    """One entry; `stray` says it is only there because the cursor is on it."""
    gutter = _gutter(dashboard, row, f"{'▌' if on_cursor else ' '}{'+' if marked else ' '}")
    summary = dashboard.rows.get(row)
    if summary is None:
        return _removed(dashboard, row, view, gutter)
    freshness = {column: dashboard.freshness(row, column, view.now) for column in _COLUMNS}
    spans = [*gutter, Span(fit(short_key(row.key, view.widths.key - 1), view.widths.key))]
    role: Role
    for column in _CELLS:
        shown = _as_shown(dashboard, row, column, summary, view)
        room = _room(view.widths, column)
        text, role = _cell(column, shown, room)
        if stray and column == "model":
            text, role = "  no longer matches", "faint"
        if column == "model" and not stray and shown is summary and dashboard.used_another_model(row):
            text = text[:1] + "≠" + text[2:]
        spans += _marked(freshness[column], text, role, room)
    spans += _times(dashboard, row, summary, view, freshness)
    return tuple(Span(span.text, "faint") for span in spans) if view.stale else tuple(spans)


_CELLS: tuple[ColumnId, ...] = ("model", "think", "reply")
_COLUMNS: tuple[ColumnId, ...] = (*_CELLS, "chg")


def _room(shape: Widths, column: str) -> int:
    return {"model": shape.model, "think": shape.think, "reply": shape.reply}[column]


def _as_shown(dashboard: Dashboard, row: RowId, column: ColumnId, summary: EntrySummary, view: RowView) -> EntrySummary:
    change = dashboard.cell(row, column) if view.old else None
    return change.before if change is not None and change.before is not None else summary


def _cell(column: ColumnId, summary: EntrySummary, room: int) -> tuple[str, Role]:
    match column:
        case "model":
            return model_text(summary, room)
        case "think":
            level = cut_right(THINKING.get(summary.thinking, summary.thinking), room - 1)
            return (level, "text") if level else ("-", "faint")
        case _:
            text = reply_text(summary, room - 1)
            return text, "faint" if text == "-" else "text"


def model_text(summary: EntrySummary, room: int) -> tuple[str, Role]:
    """Source letter, blank, and the model that is intended; the one last used in parentheses where none is."""
    if summary.invalid:
        return cut_right(f"! {summary.invalid}", room - 1), "strong"
    if summary.override is not None:
        name = summary.override.model or summary.override.provider
        return f"{SOURCE_LETTERS.get(summary.override.source, ' ')} {cut_left(name, room - 3)}", "text"
    if summary.used_model:
        return f" ({cut_left(summary.used_model, room - 3)})", "faint"
    return "  -", "faint"


def _marked(freshness: Freshness, text: str, role: Role, room: int) -> list[Span]:
    cell = fit(text, room)
    body = cell.rstrip(" ")
    padding, mark = cell[len(body) :], MARKS[freshness]
    if freshness == "now":
        return [Span(mark + body, "now"), Span(padding)]
    return [Span(mark, "accent"), Span(body, "strong" if freshness == "recent" else role), Span(padding)]


def _times(
    dashboard: Dashboard, row: RowId, summary: EntrySummary, view: RowView, freshness: Mapping[ColumnId, Freshness]
) -> list[Span]:
    updated = fit_right(updated_age(summary.updated_at, view.now), UPD)
    changed_at = dashboard.changed_at(row)
    changed = fit_right(age(view.now - changed_at) if changed_at is not None else "", CHG)
    if "now" in freshness.values():
        return [Span(f"{updated} "), Span(f"●{changed}", "now")]
    return [
        Span(f"{updated} "),
        Span(MARKS[freshness["chg"]], "accent"),
        Span(changed, "strong" if freshness["chg"] == "recent" else "text"),
    ]


def _gutter(dashboard: Dashboard, row: RowId, marks: str) -> Line:
    worst = dashboard.findings.worst(row)
    if worst is None:
        summary = dashboard.rows.get(row)
        return (Span(f"{marks} ~ " if summary is not None and summary.lint else f"{marks}   "),)
    return (Span(marks), Span(SIGNS[worst], ROLES[worst]), Span(" "))


def _removed(dashboard: Dashboard, row: RowId, view: RowView, gutter: Line) -> Line:
    at = dashboard.removed.get(row)
    shape = view.widths
    said = f"  removed {clock_time(at, view.now)}" if at is not None else "  removed"
    text = fit(short_key(row.key, shape.key - 1), shape.key) + " " + fit(said, shape.model + 1)
    rest = " " * (shape.think + 1 + shape.reply + UPD + CHG_SLOT + CHG)
    return (*gutter, Span(text + rest, "faint"))
