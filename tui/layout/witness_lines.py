"""The lines of a finding with its witness: what happened, the versions that prove it side by side, and the reasons."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from store.entry.schema import FIELDS, is_noise
from store.findings.acknowledged import Mark
from store.js import ABSENT, JsonObject, Value, same
from tui.layout.grid import Cell, GridRow, Shape, grid_line, header_line
from tui.look.figures import age, ago, clock_time, count, counted
from tui.look.findings import at_length
from tui.look.grades import ROLES, SIGNS
from tui.look.keyforms import short_key
from tui.look.line import Line, Span, cut_middle, cut_right, fit, line, pad, rule
from tui.look.line import Role as Style
from tui.look.printable import printable, visible_key
from tui.look.values import apart, clock, keeps_end
from tui.look.who import who_at_length

if TYPE_CHECKING:
    from store.findings.finding import Finding, LostField, Role, Witness

Verdict = Literal["lost", "back", "old", "new", "kept", "same"]
"""`old`: what the copy held came back with it, a time for one; `new`: the writer's own; `kept`: as before the write."""
THREE: Final = Shape(1, 7, (27, 45, 63))
FOUR: Final = Shape(1, 7, (22, 37, 52, 66))
FOUR_FROM: Final = 120
"""From this width on a column shows what is on disk now."""
LABEL_CELLS: Final = 11
_MOST_BESIDE: Final = 3
_ORDER: Final = ("old", "new", "kept", "same")
_BESIDE_REASONS: Final = 2
"""Lines of the grid that stay where the reasons take the room: it can be scrolled to the rest."""
_PLACES: Final = {name: at for at, name in enumerate(FIELDS)}
"""Fields stand in the order of the entry screen."""


@dataclass(frozen=True, slots=True)
class Case:
    """A finding as it can be shown: `place` is its number, of how many, and of which kind of them.

    `texts` is the entry by number of version, `before` the text that the write replaced, as far as it is remembered,
    `disk` the entry now. `missed` counts the versions between the witnesses that nobody saw, None where it cannot be
    known; `beside` are the keys with findings of the same write.
    """

    finding: Finding
    place: tuple[int, int, str]
    texts: Mapping[int, JsonObject]
    before: JsonObject | None
    disk: JsonObject | None
    missed: int | None = 0
    mark: Mark | None = None
    beside: tuple[str, ...] = ()


class CaseRow(NamedTuple):
    """One field: what became of it, and its value in each version; None where that is no longer known."""

    verdict: Verdict
    field: str
    values: tuple[Value | None, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    role: Role | Literal["now"]
    title: str
    below: str
    entry: JsonObject | None
    known: Mapping[str, Value]

    def value(self, field: str) -> Value | None:
        if self.entry is not None:
            return self.entry.get(field, ABSENT)
        return self.known.get(field)


def case_rows(case: Case, *, every: bool) -> list[CaseRow]:
    """What was lost first, then what else the write brought; with `every`, also what it left alone."""
    columns = _columns(case, 0.0)
    lost = {field.field: field for field in sorted(case.finding.fields, key=_in_catalogue)}
    rows = [
        CaseRow("back" if field.lost is ABSENT else "lost", name, tuple(column.value(name) for column in columns))
        for name, field in lost.items()
    ]
    return [*rows, *(row for row in _others(case, columns, lost) if every or row.verdict in ("old", "new"))]


def _in_catalogue(lost: LostField) -> int:
    return _PLACES.get(lost.field, len(_PLACES))


def hidden_rows(case: Case) -> int:
    """How many fields are only shown on demand."""
    return len(case_rows(case, every=True)) - len(case_rows(case, every=False))


def scope_line(case: Case, cells: int, now: float) -> Line:
    """Line 2."""
    finding, (number, of, kind) = case.finding, case.place
    left = f" finding {count(number)} of {count(of)}{f' {kind}' if kind else ''}   "
    graded = f"{SIGNS[finding.grade].strip()} {finding.grade}"
    right = f"{clock_time(finding.at, now)}, {ago(age(now - finding.at))}"
    room = cells - len(left) - len(graded) - len(right) - 4
    shown = line(Span(left), Span(graded, ROLES[finding.grade]), f"   {fit(finding.kind, max(0, room))}{right}")
    return pad(shown, cells)


def witness_lines(
    case: Case, cells: int, rows: int, now: float, *, every: bool, top: int, at: int | None
) -> tuple[list[Line], int, int | None]:
    """The body in this many rows, the grid scrolled by `top` or as far as the field numbered `at` needs.

    Also how far it is scrolled then, and which line has the cursor. The reasons are whole as long as all that was lost
    is shown beside them: what else the write brought can be scrolled to, the end of a reason cannot.
    """
    where = visible_key(case.finding.key) if case.finding.key else f"the store {case.finding.store}"
    head = [rule(cells, where), *_sentences(case, cells, now), ()]
    if not case.finding.fields:
        return [*head, *_reasons(case, cells, spare=rows)][:rows], 0, None
    shape = FOUR if cells >= FOUR_FROM else THREE
    columns = [column for column in _columns(case, now) if column.role != "now" or cells >= FOUR_FROM]
    head += [
        header_line(shape, ("", *(column.title for column in columns)), cells),
        header_line(shape, ("", *(column.below for column in columns)), cells),
    ]
    told = case_rows(case, every=every)
    grid = [_grid_line(shape, row, columns, cells, now, selected=n == at) for n, row in enumerate(told)]
    foot = [*_hidden(case, every), (), *_reasons(case, cells, spare=0)]
    lost = sum(row.verdict in ("lost", "back") for row in told)
    if (spare := rows - len(head) - len(foot) - max(_BESIDE_REASONS, lost)) > 0:
        foot = [*_hidden(case, every), (), *_reasons(case, cells, spare=spare)]
    room = max(_BESIDE_REASONS, rows - len(head) - len(foot))
    if at is not None:
        top = min(max(top, at + 1 - room), at)
    top = max(0, min(top, len(grid) - room))
    cursor = None if at is None else len(head) + at - top
    if (below := len(grid) - top - room) > 0:
        head[0] = rule(cells, cut_middle(where, cells - 24), f"{below} more below", "text")
    return [*head, *grid[top : top + room], *foot][:rows], top, cursor


def _hidden(case: Case, every: bool) -> list[Line]:
    hidden = 0 if every else hidden_rows(case)
    if not hidden:
        return []
    more = counted(hidden, "other field", "other fields")
    return [line(f"       {more} did not change with it. v shows {'it' if hidden == 1 else 'them'}.")]


def _others(case: Case, columns: list[_Column], lost: Mapping[str, object]) -> list[CaseRow]:
    write = next((column.entry for column in columns if column.role == "write"), None)
    before = case.before
    if write is None or before is None:
        return []
    seen = [column for column in columns if column.role != "now"]
    rows = []
    for name in {**write, **before}:
        values = tuple(column.value(name) for column in columns)
        if name not in lost:
            known = {column.role: value for column in seen if (value := column.value(name)) is not None}
            rows.append(CaseRow(_verdict(known, before.get(name, ABSENT), write.get(name, ABSENT)), name, values))
    return sorted(rows, key=lambda row: (_ORDER.index(row.verdict), row.field == "updatedAt", is_noise(row.field)))


def _verdict(known: Mapping[Role | Literal["now"], Value], before: Value, is_now: Value) -> Verdict:
    """What became of a field that was not lost; `known` are its values in the columns, as far as there are any."""
    if all(same(value, is_now) for value in known.values()) and (len(known) > 1 or same(before, is_now)):
        return "same"
    if same(before, is_now):
        return "kept"
    return "old" if is_now is not ABSENT and "base" in known and same(known["base"], is_now) else "new"


def _columns(case: Case, now: float) -> list[_Column]:
    finding = case.finding
    columns = [_column(case, witness, now) for witness in finding.witness]
    return [*columns, _Column("now", "NOW ON DISK", "", case.disk or {}, {})]


def _column(case: Case, witness: Witness, now: float) -> _Column:
    finding = case.finding
    brought = finding.kind in ("dropped-field", "torn-pair")
    lost_title = "BEFORE IT" if brought else "YOUR WRITE" if witness.writer.how == "you" else "THE LOST WRITE"
    unsure = finding.grade == "possible" or (finding.base is not None and finding.base.rival is not None)
    held_title = "IT MAY HAVE HELD" if unsure else "THE COPY IT HELD"
    title = {"base": held_title, "lost": lost_title, "write": "ITS WRITE"}[witness.role]
    known: dict[str, Value] = dict(witness.fields)
    for field in finding.fields if witness.role != "base" else ():
        known[field.field] = field.lost if witness.role == "lost" else field.now
    when = clock(witness.at, now, 1)[-10:]
    below = f"v{witness.number} {when}" if witness.number > 0 else when
    return _Column(witness.role, title, below, case.texts.get(witness.number), known)


def _grid_line(shape: Shape, row: CaseRow, columns: list[_Column], cells: int, now: float, *, selected: bool) -> Line:
    values = row.values[: len(columns)]
    texts = iter(apart(row.field, tuple(value for value in values if value is not None), now))
    gone = row.verdict in ("lost", "back")
    style: Style = "faint" if row.verdict in ("same", "kept") else "text"
    shown = tuple(
        Cell(
            "" if value is None else next(texts),
            "strong" if gone and column.role == "lost" else style,
            keeps_end(row.field),
        )
        for column, value in zip(columns, values, strict=True)
    )
    verdict = Cell(f"{row.verdict:>4}", "strong" if gone else style)
    return grid_line(shape, GridRow(verdict, Cell(row.field, style), shown), cells, selected=selected)


def _sentences(case: Case, cells: int, now: float) -> list[Line]:
    said = [text for part in at_length(case.finding, now) for text in _wrapped(part, cells - 2)]
    lines = [line(" ", Span(cut_right(text, cells - 2), "strong")) for text in said[:4]]
    if case.mark is not None:
        done = "Restored" if case.mark.restored else "Acknowledged"
        lines.append(line(f" {done} by {case.mark.by}, {clock_time(case.mark.at, now)}."))
    return lines


def _reasons(case: Case, cells: int, *, spare: int) -> list[Line]:
    """Each reason in one line, cut; the first of them go on in this many more."""
    finding = case.finding
    lines: list[Line] = []
    because: list[str] = []
    for reason in finding.reasons[1:]:
        wrapped = _wrapped(_untimed(reason, finding), cells - LABEL_CELLS)
        further = min(spare, len(wrapped) - 1)
        because += [*wrapped[:further], " ".join(wrapped[further:])]
        spare -= further
    lines += [_labelled("because" if at == 0 else "", text, cells) for at, text in enumerate(because)]
    lines.append(_labelled("writer", who_at_length(finding.writer), cells))
    if case.beside:
        shown = [short_key(key, 24) for key in case.beside[:_MOST_BESIDE]]
        more = f" and {len(case.beside) - _MOST_BESIDE} more" if len(case.beside) > _MOST_BESIDE else ""
        lines.append(_labelled("with it", f"the same write: {', '.join(shown)}{more}", cells))
    return [*lines, _labelled("seen", _seen(case), cells)]


def _untimed(reason: str, finding: Finding) -> str:
    """The reason without the times of the versions that stand above it as columns."""
    numbers = "|".join(str(witness.number) for witness in finding.witness if witness.number > 0)
    return re.sub(rf"\b(v(?:{numbers})) \(\d\d:\d\d:\d\d\)", r"\1", reason) if numbers else reason


def _seen(case: Case) -> str:
    numbers = [witness.number for witness in case.finding.witness]
    if not numbers or len(numbers) == 1:
        return f"v{numbers[0]}, as it came" if numbers and numbers[0] > 0 else "the file itself"
    first, last = min(numbers), max(numbers)
    if first <= 0:
        return "! what was written before watching began was not seen"
    between = f"v{first} {'to' if case.missed == 0 else 'and'} v{last}"
    if case.missed == 0:
        return f"all {count(last - first + 1)} versions from {between}; 0 missed"
    unseen = "an unknown number of versions" if case.missed is None else counted(case.missed, "version", "versions")
    were = "was" if case.missed == 1 else "were"
    return f"! {unseen} between {between} {were} not seen"


def _labelled(label: str, text: str, cells: int) -> Line:
    return line(" ", Span(f"{label:{LABEL_CELLS - 1}}", "faint"), cut_right(text, cells - LABEL_CELLS))


def _wrapped(text: str, cells: int) -> list[str]:
    return textwrap.wrap(printable(text), max(20, cells)) if text else []
