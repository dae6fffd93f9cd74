"""Many rows as a table of what was, what is to be or became, and why: the preview and the outcome of one edit."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from tui.editing.many import ASK_ABOVE, ManyPlan, RowPlan
from tui.editing.many_outcome import TROUBLE, ManyOutcome, RowOutcome
from tui.look.figures import clock_time, count, counted
from tui.look.keyforms import short_key
from tui.look.line import Line, Role, Span, cut_left, cut_right, fit, line, pad, rule

FACT_ROWS = 6
"""What stands below the table, its rule included."""
_STATE, _NOTE, _LONGEST_KEY = 10, 16, 52


class Columns(NamedTuple):
    """The cells of each column, the blank behind it included."""

    key: int
    was: int
    is_now: int


def columns(cells: int, texts: Sequence[str]) -> Columns:
    """What is left goes to the key, on a wide screen to the note too; the new values have what the longest needs."""
    extra = max(0, cells - 80)
    was = 18 + min(10, extra // 4)
    is_now = max(8, min(14 + min(12, extra // 3), max(map(len, texts), default=0) + 1))
    return Columns(max(8, min(_LONGEST_KEY, cells - 1 - _STATE - was - is_now - _NOTE - extra // 4)), was, is_now)


def head_line(shape: Columns, first: str, after: str, cells: int) -> Line:
    """The titles."""
    text = f" {fit(first, _STATE)}{fit('KEY', shape.key)}{fit('WAS', shape.was)}{fit(after, shape.is_now)}NOTE"
    return (Span(fit(text, cells), "faint"),)


def plan_line(plan: RowPlan, shape: Columns, cells: int, *, on_cursor: bool) -> Line:
    """One row of the preview."""
    going = plan.state == "write"
    texts = (plan.state, plan.was, plan.will, plan.note)
    return _row(plan, texts, shape, cells, on_cursor=on_cursor, first="text" if going else "strong", plain=going)


def outcome_line(row: RowOutcome, shape: Columns, cells: int, *, on_cursor: bool) -> Line:
    """One row of the outcome."""
    trouble = row.result.outcome in TROUBLE
    texts = (row.result.outcome, row.was_text, row.is_text, row.note)
    first: Role = "strong" if trouble else "text"
    return _row(row.plan, texts, shape, cells, on_cursor=on_cursor, first=first, plain=row.written)


def _row(
    plan: RowPlan,
    texts: tuple[str, str, str, str],
    shape: Columns,
    cells: int,
    *,
    on_cursor: bool,
    first: Role,
    plain: bool,
) -> Line:
    state, was, is_now, note = texts
    model = len(plan.intents) == 1 and plan.intents[0].unit == "model"
    before: Role = "faint" if was.startswith("(") or not plain else "text"
    spans = (
        Span("▌" if on_cursor else " "),
        Span(fit(state, _STATE), first),
        Span(fit(short_key(plan.row.key, shape.key - 1), shape.key)),
        Span(_cut(was, shape.was - 1, model=model) + " ", before),
        Span(_cut(is_now, shape.is_now - 1, model=model) + " ", "strong" if plain else "faint"),
        Span(note),
    )
    return pad(line(*spans), cells)


def _cut(text: str, cells: int, *, model: bool) -> str:
    """Models are told apart by their ends."""
    if not model:
        return fit(text, cells)
    head = text[:2] if text[1:2] == " " else text[:1] if text.startswith("(") else ""
    return fit(head + cut_left(text[len(head) :], cells - len(head)), cells)


def plan_scope(plan: ManyPlan, cells: int, said: str) -> Line:
    """Line 2 of the preview: what it is of, whether it can be written, and how much of it."""
    right = f"{counted(len(plan.rows), 'entry', 'entries')}, {count(plan.going)} to write "
    left = cut_right(f" {plan.title}", cells - len(said) - len(right) - 5)
    return pad(
        line(Span(f"{left}   {said}", "strong"), " " * (cells - len(left) - 3 - len(said) - len(right)), right), cells
    )


def outcome_scope(outcome: ManyOutcome, cells: int) -> Line:
    """Line 2 of the outcome."""
    right = f"{outcome.counts()} "
    entries = f"   {counted(len(outcome.rows), 'entry', 'entries')}"
    left = cut_right(f" {outcome.title}", cells - len(entries) - len(right) - 2) + entries
    return pad(line(Span(left, "strong"), " " * max(1, cells - len(left) - len(right)), right), cells)


def plan_facts(plan: ManyPlan, how: str, typed: str, said: str, cells: int) -> list[Line]:
    """Below the preview: on which condition and how it is written, and what stands in the way."""
    lines = [rule(cells, "how")]
    units = ", ".join(plan.units)
    lines.append(_fact("only if", f"{units} and sessionId of a row are as above; else it is left out", cells))
    lines.append(_fact("how", how, cells))
    if said:
        return [*lines, *_caution(said, cells)]
    if plan.going > ASK_ABOVE:
        shown = typed or "-"
        lines += _caution(f"{count(plan.going)} rows: type their number, then w writes. Typed: {shown}", cells)
    if plan.running:
        runs = counted(plan.running, "run is active", "runs are active")
        lines += _caution(f"{runs}: when one ends, the gateway may undo this in its row. You will be told.", cells)
    elif any(intent.to_json().get("source") == "user" for intent in plan.intents):
        lines += _caution("This pins the model strictly: while its provider is down, these get no fallback.", cells)
    return lines[:FACT_ROWS]


def outcome_facts(outcome: ManyOutcome, row: RowOutcome | None, now: float, cells: int) -> list[Line]:
    """Below the outcome: how it was written, and at length what there is to say of the row under the cursor."""
    lines = [rule(cells, "how")]
    if outcome.written:
        held = f"; lock held {max(1, round(outcome.held_s * 1000))} ms" if outcome.held_s else ""
        lines.append(line(cut_right(f"   {outcome.how}, {clock_time(outcome.at, now)}{held}", cells)))
        lines.append(line(cut_right("   u undoes what was written, the same way, after a preview", cells)))
    else:
        lines.append(line("   nothing was written"))
    if row is not None and row.result.told:
        lines += _caution(row.result.told, cells)
    return lines[:FACT_ROWS]


def _fact(label: str, text: str, cells: int) -> Line:
    return line("   ", Span(f"{label:11}", "faint"), cut_right(text, cells - 15))


def _caution(text: str, cells: int) -> list[Line]:
    wrapped = textwrap.wrap(text, cells - 4, max_lines=2, placeholder=" …")
    return [line(Span(" ! " if at == 0 else "   ", "strong"), Span(part, "strong")) for at, part in enumerate(wrapped)]
