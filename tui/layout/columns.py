"""The table's columns: a row as a line of cells, each with the mark of its last change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from store.entry.keys import parse_key
from store.summary import EntrySummary
from tui.layout.last_change import last_change
from tui.layout.marks import MARKS
from tui.layout.widths import CHG_SLOT, GUTTER, Widths
from tui.look.figures import age, clock_time, short_clock, short_size, updated_age
from tui.look.grades import ROLES, SIGNS
from tui.look.keyforms import long_key, short_key
from tui.look.line import Line, Role, Span, cut_left, cut_right, first_fitting, fit, fit_right
from tui.look.routes import long_reply, reply_text
from tui.state import CellChange, ColumnId, Dashboard, Freshness, RowId

SortColumn: TypeAlias = Literal["agent", "key", "model", "think", "reply", "upd", "chg", "find", "lint", "size"]

SOURCE_LETTERS: Mapping[str, str] = {"user": "u", "auto": "a", "default": "d", "old": "o"}
THINKING: Mapping[str, str] = {"minimal": "min", "medium": "med", "xhigh": "xhi"}
STATUS: Mapping[str, str] = {"running": "run", "failed": "fail", "error": "fail"}
SHORT_REPLY, LONG_REPLY = 10, 23
"""Below the first width the title is cut short, from the other on the route has its whole channel."""
_FADING: Final[tuple[Freshness, ...]] = ("", "since", "recent", "now")


@dataclass(frozen=True, slots=True)
class RowView:
    """How rows are drawn now: `old` shows what was before in changed cells, `stale` draws all of it faint.

    `clock` shows times of day in place of ages.
    """

    widths: Widths
    now: float
    old: bool = False
    stale: bool = False
    clock: bool = False


def header(shape: Widths, sort: SortColumn, descending: bool) -> Line:
    """The titles, with an arrow directly before the one sorted by."""
    text, at = "", -1
    for column, title, cells in _titles(shape):
        if column == sort and title:
            at = len(text) + len(title) - len(title.lstrip()) - 1
        text += fit(title, cells)
    if at < 0:
        return (Span(text, "faint"),)
    return (Span(text[:at], "faint"), Span("↓" if descending else "↑", "accent"), Span(text[at + 1 :], "faint"))


def _titles(shape: Widths) -> list[tuple[str, str, int]]:
    """Every column with its slot in front: its name, its title there, its cells."""
    last = "LAST CHANGE   old → new" if shape.change > 24 else "LAST CHANGE"
    model, reply = ("OVERRIDE" if shape.source else "S MODEL"), _reply_title(shape)
    return [
        ("", "", GUTTER),
        ("agent", "AGENT", shape.agent),
        ("kind", "KIND", shape.kind),
        ("key", "KEY", shape.key),
        ("model", f" {model}", shape.model + 1),
        ("source", "SRC", shape.source),
        ("used", "  LAST RUN USED", shape.used),
        ("think", " THINK", shape.think + 1),
        ("reply", f" {reply}", shape.reply + 1),
        ("send", " SEND", shape.send + 1 if shape.send else 0),
        ("run", "RUN", shape.run),
        ("upd", fit_right("UPD", shape.upd), shape.upd),
        ("chg", fit_right("CHG", CHG_SLOT + shape.chg), CHG_SLOT + shape.chg),
        ("change", f" {last}", shape.change + 1 if shape.change else 0),
        ("size", "   SIZE", shape.size + 1 if shape.size else 0),
        ("session", " SESSION", shape.session + 1 if shape.session else 0),
        ("store", " STORE", shape.store + 1 if shape.store else 0),
    ]


def _reply_title(shape: Widths) -> str:
    if shape.reply < SHORT_REPLY:
        return "REPLY"
    return "REPLIES TO" if shape.reply >= LONG_REPLY else "REPLY TO"


def row_line(
    dashboard: Dashboard, row: RowId, view: RowView, on_cursor: bool, marked: bool = False, stray: bool = False
) -> Line:
    """One entry; `stray` says it is only there because the cursor is on it."""
    gutter = _gutter(dashboard, row, f"{'▌' if on_cursor else ' '}{'+' if marked else ' '}")
    summary = dashboard.rows.get(row)
    if summary is None:
        return _removed(dashboard, row, view, gutter)
    shape = view.widths
    freshness = {column: _freshness(dashboard, row, column, view) for column in _marked_columns(shape)}
    spans = [*gutter, Span(_names(row, summary.parts.kind, shape))]
    for column in _CELLS:
        room: int = getattr(shape, column)
        if not room:
            continue
        shown = _as_shown(dashboard, row, column, summary, view)
        differs = shown is summary and dashboard.used_another_model(row)
        text, role = _cell(column, shown, shape, differs=differs)
        if stray and column == "model":
            text, role = first_fitting(("no longer matches", "no match now", "no match"), room - 1), "faint"
        spans += _marked(freshness[column], text, role, room) if column in freshness else [Span(fit(text, room), role)]
    spans += _times(dashboard, row, summary, view, freshness)
    spans += _after(dashboard, row, summary, shape)
    return tuple(Span(span.text, "faint") for span in spans) if view.stale else tuple(spans)


_Cell: TypeAlias = Literal["model", "source", "used", "think", "reply", "send", "run"]
_CELLS: Final[tuple[_Cell, ...]] = ("model", "source", "used", "think", "reply", "send", "run")


def _marked_columns(shape: Widths) -> tuple[ColumnId, ...]:
    return ("model", "think", "reply", "send", "chg") if shape.send else ("model", "think", "reply", "chg")


def _parts(column: str, shape: Widths) -> tuple[ColumnId, ...]:
    """The columns of the state whose values a cell shows."""
    match column:
        case "reply":
            return ("reply",) if shape.send else ("reply", "send")
        case "source":
            return ("model",)
        case "model" | "think" | "send":
            return (column,)
        case _:
            return ()


def _freshness(dashboard: Dashboard, row: RowId, column: ColumnId, view: RowView) -> Freshness:
    parts = _parts(column, view.widths) or (column,)
    return max((dashboard.freshness(row, part, view.now) for part in parts), key=_FADING.index)


def _as_shown(dashboard: Dashboard, row: RowId, column: _Cell, summary: EntrySummary, view: RowView) -> EntrySummary:
    if not view.old:
        return summary
    changes = [dashboard.cell(row, part) for part in _parts(column, view.widths)]
    newest = max((change for change in changes if change is not None), key=_when, default=None)
    return newest.before if newest is not None and newest.before is not None else summary


def _when(change: CellChange) -> float:
    return change.at


def _names(row: RowId, kind: str, shape: Widths) -> str:
    """Agent, kind and key; the key carries the agent where there is no column for it."""
    if not shape.agent:
        return fit(short_key(row.key, shape.key - 1), shape.key)
    agent = fit(cut_right(parse_key(row.key).agent, shape.agent - 1), shape.agent)
    return agent + fit(kind, shape.kind) + fit(long_key(row.key, shape.key - 1), shape.key)


def _cell(column: _Cell, summary: EntrySummary, shape: Widths, *, differs: bool) -> tuple[str, Role]:
    """The text of a cell, at most its width less one; `differs`: the last run used another model than is set."""
    room: int = getattr(shape, column) - 1
    match column:
        case "model" if shape.source:
            return _override_text(summary, room)
        case "model":
            text, role = model_text(summary, room + 1)
            return (text[:1] + "≠" + text[2:] if differs else text), role
        case "source":
            source = summary.override.source if summary.override is not None else ""
            return "def" if source == "default" and room < len(source) else cut_right(source, room), "text"
        case "used":
            return f"{'≠' if differs else ' '} {cut_left(summary.used_model, room - 2) or '-'}", "text"
        case "think":
            level = summary.thinking
            level = level if len(level) <= room else THINKING.get(level, level)
            return (cut_right(level, room), "text") if level else ("-", "faint")
        case "send":
            return (cut_right(summary.send_policy, room), "text") if summary.send_policy else ("-", "faint")
        case "run":
            return cut_right(STATUS.get(summary.status, summary.status), room), "text"
        case _:
            text = _reply(summary, shape, room)
            return text, "faint" if text == "-" else "text"


def _reply(summary: EntrySummary, shape: Widths, room: int) -> str:
    if shape.reply >= LONG_REPLY:
        return long_reply(summary, room, with_policy=not shape.send)
    return reply_text(summary, room)


def _override_text(summary: EntrySummary, room: int) -> tuple[str, Role]:
    if summary.invalid:
        return cut_right(f"! {summary.invalid}", room), "strong"
    override = summary.override
    return (cut_left(override.model or override.provider, room), "text") if override is not None else ("-", "faint")


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
    changed_at = dashboard.changed_at(row)
    shown_change = "" if changed_at is None else age(view.now - changed_at)
    shown_update = updated_age(summary.updated_at, view.now)
    if view.clock:
        shown_change = shown_change and short_clock(changed_at or 0.0, view.now)
        shown_update = shown_update if shown_update == "?" else short_clock((summary.updated_at or 0) / 1000, view.now)
    updated, changed = fit_right(shown_update, view.widths.upd), fit_right(shown_change, view.widths.chg)
    if "now" in freshness.values():
        return [Span(f"{updated} "), Span(f"●{changed}", "now")]
    return [
        Span(f"{updated} "),
        Span(MARKS[freshness["chg"]], "accent"),
        Span(changed, "strong" if freshness["chg"] == "recent" else "text"),
    ]


def _after(dashboard: Dashboard, row: RowId, summary: EntrySummary, shape: Widths) -> list[Span]:
    """What stands behind the times: the last change, and the columns that were asked for."""
    text = ""
    if shape.change:
        text += " " + fit(last_change(dashboard, row, shape.change), shape.change)
    if shape.size:
        text += " " + fit_right(short_size(summary.size), shape.size)
    if shape.session:
        text += " " + fit(cut_right(summary.session_id[:8], shape.session), shape.session)
    if shape.store:
        text += " " + fit(cut_right(dashboard.store(row).name, shape.store), shape.store)
    return [Span(text)] if text else []


def _gutter(dashboard: Dashboard, row: RowId, marks: str) -> Line:
    worst = dashboard.findings.worst(row)
    if worst is None:
        summary = dashboard.rows.get(row)
        return (Span(f"{marks} ~ " if summary is not None and summary.lint else f"{marks}   "),)
    return (Span(marks), Span(SIGNS[worst], ROLES[worst]), Span(" "))


def _removed(dashboard: Dashboard, row: RowId, view: RowView, gutter: Line) -> Line:
    at = dashboard.removed.get(row)
    shape = view.widths
    said = f"removed {clock_time(at, view.now)}" if at is not None else "removed"
    said = said if shape.source else f"  {said}"
    text = f"{_names(row, parse_key(row.key).kind, shape)} {fit(said, shape.model + 1)}"
    return (*gutter, Span(fit(text, shape.taken - GUTTER), "faint"))
