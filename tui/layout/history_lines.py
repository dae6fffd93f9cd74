"""The lines of a history: moments from the newest down, and below them what the selected one did, and who wrote it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from store.events import Version
from store.findings.finding import Finding
from store.history import FieldChange
from store.js import ABSENT, JsonObject, Value
from tui.look.figures import clock_time, counted, duration, stood
from tui.look.grades import ROLES, SIGNS
from tui.look.line import Line, Role, Span, cut_left, cut_right, fit, fit_right, line, pad, rule
from tui.look.printable import visible_key
from tui.look.values import apart, clock, keeps_end, value_text
from tui.look.who import known_by, who_at_length, written_by
from tui.timeline import Moment, changed_units

WHEN_AT, STOOD_END, VALUE_AT, BY_AT = 4, 26, 28, 54
LABEL_AT, TEXT_AT = 3, 14
DETAIL_ROWS: Final = 9
HINT: Final = "Space marks a version; d compares two marked ones, or one with now."
WIDE: Final = 120
_FIRST_NOISE: Final = ("status", "outputTokens", "inputTokens", "totalTokens", "compactionCount")
_OPENS: Final = {
    "model": ("modelOverride", "providerOverride"),
    "delivery": ("lastTo", "lastChannel", "deliveryContext"),
}


@dataclass(frozen=True, slots=True)
class HistoryView:
    """What is drawn: the history of one field, or with `field` blank the time line of an entry.

    `top` is the first moment shown, `at` the selected one; `now` is in wall-clock seconds.
    """

    key: str
    field: str
    moments: Sequence[Moment]
    at: int
    top: int
    marked: Collection[Version]
    findings: Sequence[Finding]
    now: float

    def finding(self, moment: Moment) -> Finding | None:
        """The surest finding about the version of this moment."""
        if moment.write is None:
            return None
        return next((one for one in self.findings if one.version == moment.version.number), None)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the selected moment beyond the history: the entry before and after it, and its writer.

    `command` is the writer's command line while it lives; `others` says how many entries the same version changed.
    """

    before: JsonObject | None = None
    after: JsonObject | None = None
    command: str = ""
    alive: bool = False
    others: int = 0


def scope_line(view: HistoryView, missed: str, cells: int, *, every: bool) -> Line:
    """Line 2: how many values or writes, since when, and what was missed."""
    name = view.field or ("all writes" if every else "writes that matter")
    count = sum(moment.write is not None or bool(view.field) for moment in view.moments)
    what = counted(count, "value", "values") if view.field else f"{count:,}"
    since = clock_time(view.moments[-1].version.at, view.now) if view.moments else "?"
    right = f"{what} since {since}{missed}"
    left = cut_right(f" history   {name}", max(10, cells - cell_len(right) - 2))
    gap = " " * max(1, cells - cell_len(left) - cell_len(right) - 1)
    return pad(line(Span(left, "strong"), gap, right), cells)


def list_rows(rows: int) -> int:
    """How many moments there is room for in a body of so many lines."""
    return max(1, min(rows - 2, max(3, rows - 2 - 1 - DETAIL_ROWS - 2)))


def history_lines(view: HistoryView, told: Told, cells: int, rows: int) -> tuple[list[Line], int | None]:
    """The body in this many rows, and which of its lines has the cursor."""
    above = f"{counted(view.top, 'newer one', 'newer ones')} above" if view.top else ""
    head = [rule(cells, visible_key(view.key), above, "faint"), _header(view, cells)]
    shown = list(enumerate(view.moments))[view.top : view.top + list_rows(rows)]
    lines = [_moment_line(view, moment, cells, selected=index == view.at) for index, moment in shown]
    cursor = len(head) + view.at - view.top if shown else None
    below = []
    if shown:
        below = [(), *_detail(view, view.moments[view.at], told, cells), (), line(f"   {HINT}")]
    return [pad(drawn, cells) for drawn in (*head, *lines, *below)][:rows], cursor


def version_name(version: Version) -> str:
    """`v1189`; `past` for one from before watching began, which its time tells from others."""
    return f"v{version.number}" if version.number > 0 else "past"


def _by_at(cells: int) -> int:
    return BY_AT + (cells - 80) // 2


def _header(view: HistoryView, cells: int) -> Line:
    what = "VALUE" if view.field else "CHANGED"
    left = f"{'':{WHEN_AT}}{'WHEN':{STOOD_END - WHEN_AT - 5}}STOOD  {what}"
    return line(Span(fit(left, _by_at(cells)) + "WRITTEN BY", "faint"))


def _moment_line(view: HistoryView, moment: Moment, cells: int, *, selected: bool) -> Line:
    finding = view.finding(moment)
    sign = SIGNS[finding.grade] if finding is not None else "  "
    mark = "+" if moment.version in view.marked else " "
    held = "" if moment.forgotten else stood(moment.stood(view.now))
    when = _when(moment, view.now)
    room = _by_at(cells) - VALUE_AT - 1
    value, role = _value(view, moment, room)
    spans = (
        Span("▌" if selected else " "),
        Span(sign, ROLES[finding.grade] if finding is not None else "text"),
        Span(mark, "accent"),
        Span(fit(when, 15)),
        Span(fit_right(held, STOOD_END - WHEN_AT - 15) + "  "),
        Span(fit(cut_left(value, room) if keeps_end(view.field) else value, room) + " ", role),
        Span(_written_by(moment, cells)),
    )
    return pad(spans, cells)


def _when(moment: Moment, now: float) -> str:
    text = clock_time(moment.version.at, now)
    if len(text) > 8:
        return text[5:]
    return text if moment.write is None else clock(moment.version.at, now, digits=3)


def _value(view: HistoryView, moment: Moment, room: int) -> tuple[str, Role]:
    if view.field:
        return value_text(view.field, moment.value, view.now), "faint" if moment.value is ABSENT else "text"
    write = moment.write
    if write is None:
        return ("older writes are forgotten" if moment.forgotten else "the entry as first seen"), "faint"
    if write.did != "changed":
        return f"entry {write.did}", "text"
    if not write.changes:
        return ", ".join(write.noise) or "its text only", "faint"
    groups = changed_units(write.changes)
    turns = [_turn(name, changes, view.now) for name, changes in groups.items()]
    for told in (" · ".join(f"{name} {old} → {new}" for name, old, new in turns), *_new_alone(turns)):
        if cell_len(told) <= room:
            return told, "text"
    names = list(groups)
    short = next((text for most in (len(names), 2, 1) if cell_len(text := _names(names, most)) <= room), names[0])
    return short, "text"


def _names(names: Sequence[str], most: int) -> str:
    return ", ".join(names[:most]) + (f" +{len(names) - most}" if len(names) > most else "")


def _new_alone(turns: Sequence[tuple[str, str, str]]) -> list[str]:
    """`model → gpt-5.2`, of one unit."""
    return [f"{name} → {new}" for name, _, new in turns] if len(turns) == 1 else []


def _turn(name: str, changes: Sequence[FieldChange], now: float) -> tuple[str, str, str]:
    """`model`, `claude-opus-4-6`, `gpt-5.2`: a unit is said by the field that tells most."""
    by_field = {change.field: change for change in changes}
    first = next((by_field[field] for field in _OPENS.get(name, ()) if field in by_field), changes[0])
    old, new = apart(first.field, (first.old, first.new), now)
    return name if first.field in _OPENS.get(name, ()) else first.field, old, new


def _written_by(moment: Moment, cells: int) -> str:
    if moment.write is None:
        return "no longer in memory" if moment.forgotten else "first seen; set before"
    return who_at_length(moment.version.writer) if cells >= WIDE else written_by(moment.version.writer)


def _detail(view: HistoryView, moment: Moment, told: Told, cells: int) -> list[Line]:
    finding = view.finding(moment)
    write = moment.write
    if write is None:
        return _first_seen(view, moment, cells)
    grade = f"{SIGNS[finding.grade].strip()} {finding.kind}, {finding.grade}" if finding is not None else ""
    when = clock(moment.version.at, view.now, digits=3)
    role: Role = ROLES[finding.grade] if finding is not None else "strong"
    said = [*_did(view, moment), *_with_it(view, moment, told, finding, cells)]
    said += _writer(moment, told)
    said += _base(finding, view.now)
    if write.gap:
        said.append(("seen", "! versions before it were not seen: it may be several writes in one"))
    title = rule(cells, f"{version_name(moment.version)}, {when}", grade, role)
    return [title, *(_labelled(label, text, cells) for label, text in said)][:DETAIL_ROWS]


def _base(finding: Finding | None, now: float) -> list[tuple[str, str]]:
    """The copy the writer held, and the other one that it may have been instead."""
    if finding is None or finding.base is None:
        return []
    base, rival = finding.base.version, finding.base.rival
    by = f", by {counted(len(finding.fields), 'matching field', 'matching fields')}"
    copies = [("base", base, by), *([("or", rival.version, "")] if rival is not None else [])]
    return [
        (label, f"{version_name(copy)}, {clock(copy.at, now, 3)} ({duration(max(0.0, finding.at - copy.at))} old){by}")
        for label, copy, by in copies
    ]


def _first_seen(view: HistoryView, moment: Moment, cells: int) -> list[Line]:
    when = clock_time(moment.version.at, view.now)
    if moment.forgotten:
        said = "older writes of this entry are no longer in memory; a recording would have them (record)"
        return [rule(cells, f"before the oldest write in memory, watched since {when}"), _labelled("seen", said, cells)]
    lines = [rule(cells, f"first seen, {when}")]
    if view.field:
        lines.append(_labelled("value", value_text(view.field, moment.value, view.now), cells))
    return [*lines, _labelled("by", "set before that; by whom cannot be seen", cells)]


def _did(view: HistoryView, moment: Moment) -> list[tuple[str, str]]:
    """What it changed, a line for each unit; in a field's history the unit of that field alone."""
    write = moment.write
    if write is None:
        return []
    if write.did != "changed":
        return [("entry", write.did)]
    groups = changed_units(write.changes)
    if view.field:
        own = [name for name, changes in groups.items() if any(change.field == view.field for change in changes)]
        groups = {name: groups[name] for name in own}
    shown = list(groups.items())[:3]
    told = [(name, *_turn(name, changes, view.now)[1:]) for name, changes in shown]
    return [(name.removesuffix("Level"), f"{old} → {new}") for name, old, new in told]


def _with_it(
    view: HistoryView, moment: Moment, told: Told, finding: Finding | None, cells: int
) -> list[tuple[str, str]]:
    write = moment.write
    if write is None:
        return []
    told_of = [name for name, _ in _did(view, moment)]
    shown = {field for name in told_of for field in (name, f"{name}Level", *_OPENS.get(name, ())[:1])}
    names = [change.field for change in write.changes if change.field not in shown | {view.field}]
    lost = {field.field.partition(".")[0] for field in finding.fields} if finding is not None else set()
    back = [name for name in names if name in lost]
    rest = [name for name in names if name not in lost]
    said = [f"{', '.join(back)} went back"] if back else []
    said += [f"{', '.join(rest)} changed too" if not back else ", ".join(rest)] if rest else []
    said += [text] if (text := _noise(write.noise, told, view, cells - TEXT_AT - 1)) else []
    said += [f"{counted(told.others, 'other entry', 'other entries')} in the same write"] if told.others else []
    return [("with it" if at == 0 else "", text) for at, text in enumerate(said[:3])]


def _noise(names: Sequence[str], told: Told, view: HistoryView, room: int) -> str:
    """`status running → done, outputTokens 1,102 → 2,306`: as many as fit, with their values while these are known."""
    telling = [name for name in _FIRST_NOISE if name in names and name != view.field]
    telling += [name for name in names if name not in (*_FIRST_NOISE, "updatedAt", view.field)]
    if told.before is None or told.after is None:
        return ", ".join(telling)
    text = ""
    for at, name in enumerate(telling):
        values: tuple[Value, Value] = (told.before.get(name, ABSENT), told.after.get(name, ABSENT))
        fat = any(isinstance(value, dict | list) for value in values)
        old, new = apart(name, values, view.now) if not fat else ("", "")
        more = f"{', ' if text else ''}{name}{'' if fat else f' {old} → {new}'}"
        if cell_len(text + more) > room - 8:
            return f"{text}, +{len(telling) - at}" if text else cut_right(more, room)
        text += more
    return text


def _writer(moment: Moment, told: Told) -> list[tuple[str, str]]:
    writer = moment.version.writer
    pid = f"pid {writer.pid}" if writer.pid is not None else ""
    if writer.how == "you":
        return [("writer", "you" + (f", {pid}" if pid else "")), ("known by", known_by(writer))]
    if writer.how == "clobberwatch":
        return [("writer", f"{writer.user}, {pid}"), ("known by", known_by(writer))]
    if not pid:
        return [("writer", f"{writer.how}   ({known_by(writer)})" if writer.how != "unknown" else "not known")]
    alive = f"{told.command}   alive" if told.alive else "no longer running"
    return [("writer", f"{pid}   {alive}"), ("known by", known_by(writer))]


def _labelled(label: str, text: str, cells: int) -> Line:
    room = cells - TEXT_AT - 1
    if cell_len(label) > TEXT_AT - LABEL_AT - 1:
        return line("   ", Span(f"{label}  ", "faint"), cut_right(text, cells - LABEL_AT - cell_len(label) - 3))
    return line("   ", Span(fit(label, TEXT_AT - LABEL_AT), "faint"), cut_right(text, room))
