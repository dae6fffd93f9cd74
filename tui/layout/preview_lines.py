"""The lines of the preview: what will be written, on which condition, how, and what may come of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from store.edit import preview_edit
from store.entry.delivery import next_route
from store.entry.intent import Intent
from store.entry.overrides import SetModel
from store.js import ABSENT, JsonObject, Value, same
from store.writing.permit import Permit, Way
from tui.editing.proposal import Proposal
from tui.layout.grid import Cell, GridRow, Shape, grid_line
from tui.look.figures import counted
from tui.look.line import Line, Role, Span, cut_right, line, rule
from tui.look.printable import visible_key
from tui.look.routes import route_words_in_short
from tui.look.sentences import why_not
from tui.look.values import apart, keeps_end, unit_text

SHAPE: Final = Shape(3, 5, (32, 57))
MEANING_AT: Final = 14
_LEAST_CHANGE: Final = 5
_STEPS: Final[Mapping[Way, str]] = {
    "file": "lock file, fresh read, compare, replace",
    "database": "one transaction: fresh read, compare, write",
    "gateway": "asked of the gateway: fresh read, compare, patch, look again",
}
_NAMES: Final = {
    "providerOverride": "provider",
    "modelOverride": "model",
    "modelOverrideSource": "source",
    "authProfileOverride": "auth profile",
    "authProfileOverrideSource": "",
    "authProfileOverrideCompactionCount": "",
}


@dataclass(frozen=True, slots=True)
class PreviewFacts:
    """What a preview says besides the change; `held_s` is how long the lock was last held here, if it was."""

    permit: Permit
    held_s: float | None
    cautions: tuple[str, ...]
    outcome: str


def diff_lines(proposal: Proposal, cells: int, now: float) -> list[Line]:
    """Unit by unit: `-` the old value, `+` the new one, nothing before a guarded value that stays."""
    lines: list[Line] = []
    for intent in proposal.intents:
        lines.append(line("   ", Span(intent.unit, "strong")))
        lines.extend(_unit_lines(intent, proposal.base, cells, now))
    lines.append(line("   with every edit"))
    lines.append(grid_line(SHAPE, GridRow(Cell("~", "accent"), Cell("updatedAt"), (Cell("now"),)), cells))
    return lines


def preview_lines(
    proposal: Proposal, facts: PreviewFacts, cells: int, rows: int, top: int, now: float
) -> tuple[list[Line], int]:
    """The body in this many rows with the change scrolled by `top`, and the furthest it can be scrolled.

    Where there are few, the blank lines go first: above the change, at the end, before the last words, behind it;
    then what follows from the change, until some lines of that are seen.
    """
    change, said = diff_lines(proposal, cells, now), _facts(proposal, facts, cells, now)
    words = _last_words(facts, cells)
    enough = min(len(change), _LEAST_CHANGE)
    said = said[: max(1, rows - 1 - enough - len(words))]
    spare = rows - 1 - len(change) - len(said) - len(words)
    behind, between, end, above = ([()] * (spare > at) for at in range(4))
    behind += [()] * (spare > 4)
    room = max(1, len(change) + min(0, spare))
    furthest = len(change) - room
    top = min(top, furthest)
    more = f"{furthest - top} more below" if top < furthest else ""
    title = rule(cells, visible_key(proposal.key), more, "faint")
    return [title, *above, *change[top : top + room], *behind, *said, *between, *words, *end][:rows], furthest


def scope_line(proposal: Proposal, cells: int, state: str, purpose: str = "") -> Line:
    """Line 2 of the preview: whether it can be written, what it undoes, and how much it is.

    Where there is little room for what it undoes, it is called no preview.
    """
    fields = counted(len(proposal.changes()), "field", "fields")
    said = "   ".join(filter(None, (state, purpose)))
    forms = ((f"preview   {said}", f"1 entry, {fields}"), (said, f"1 entry, {fields}"), (said, fields))
    left, right = next((both for both in forms if sum(map(cell_len, both)) + 3 <= cells), forms[-1])
    left = cut_right(left, cells - len(right) - 3)
    return line(" ", Span(left, "strong"), " " * (cells - cell_len(left) - len(right) - 2), right)


def _facts(proposal: Proposal, facts: PreviewFacts, cells: int, now: float) -> list[Line]:
    guarded = [name for intent in proposal.intents for name in intent.guarded(proposal.base)]
    names = [name for name in dict.fromkeys(_NAMES.get(name, name) for name in guarded) if name]
    room = cells - MEANING_AT - 1
    condition = ", ".join(names)
    if len(condition) > room - len(" and sessionId are as above"):
        condition = f"these {len(names)} fields"
    said = [
        ("only if", f"{condition} and sessionId are as above"),
        ("how", _how(facts)),
        ("after", _after(proposal, now)),
    ]
    if facts.permit.kind != "read-only":
        said.append(("then", "these fields are watched until 1 min after the next run ends"))
    return [line("   ", Span(f"{label:11}", "faint"), cut_right(text, room)) for label, text in said]


def _how(facts: PreviewFacts) -> str:
    if facts.permit.kind != "allowed":
        return f"not from here: {why_not(facts.permit)}"
    steps = f"{'AT A RISK: ' if facts.permit.risked else ''}{_STEPS[facts.permit.way]}"
    if facts.held_s is None or facts.permit.way == "gateway":
        return steps
    return f"{steps}; lock held about {max(1, round(facts.held_s * 1000))} ms"


def _after(proposal: Proposal, now: float) -> str:
    entry = proposal.written()
    said = []
    for unit in proposal.units:
        if unit == "model":
            model = unit_text("model", entry, now)
            thinking = unit_text("thinkingLevel", entry, now)
            uses = "the agent's default" if model == "not set" else model
            said.append(f"next reply uses {uses}" + (f", thinking {thinking}" if thinking != "not set" else ""))
        elif unit == "delivery":
            said.append(f"next reply goes {_goes(entry)}")
        elif unit != "thinkingLevel" or "model" not in proposal.units:
            said.append(f"{unit} is {unit_text(unit, entry, now)}")
    return "; ".join(said)


def _goes(entry: JsonObject) -> str:
    route = next_route(entry)
    return f"to {route_words_in_short(route)}" if route else "nowhere until a message comes"


def _last_words(facts: PreviewFacts, cells: int) -> list[Line]:
    """The outcome of a write that did not happen, else the cautions: two lines, more where there are two cautions."""
    if facts.outcome:
        wrapped = textwrap.wrap(facts.outcome, cells - 4, max_lines=3, placeholder=" …")
        return [
            line(Span(" ! " if at == 0 else "   ", "strong"), Span(text, "strong")) for at, text in enumerate(wrapped)
        ]
    lines = []
    cautions = [caution for caution in (facts.permit.caveat, *facts.cautions) if caution]
    for caution in cautions[:2]:
        for at, text in enumerate(textwrap.wrap(caution, cells - 4)):
            lines.append(line(Span(" ! " if at == 0 else "   ", "strong"), text))
    return lines


def _unit_lines(intent: Intent, base: JsonObject, cells: int, now: float) -> Iterator[Line]:
    changed = [edit for edit in preview_edit(base, [intent]) if edit.field != "updatedAt"]
    names = {edit.field for edit in changed}
    stays = [name for name in intent.guarded(base) if name in base and name not in names]
    order = {name: at for at, name in enumerate([*intent.guarded(base), *base])}
    rows: list[tuple[str, Value, Value]] = [(edit.field, edit.old, edit.new) for edit in changed]
    rows += [(name, base[name], base[name]) for name in stays if intent.unit == "model"]
    for field, old, new in sorted(rows, key=lambda row: order.get(row[0], len(order))):
        for path, before, after in leaves(field, old, new):
            yield from _field_lines(path, before, after, _why(intent, field, after), cells, now)


def leaves(path: str, old: Value, new: Value) -> Iterator[tuple[str, Value, Value]]:
    """The innermost members that differ between two objects, by their path; a plain value is its own leaf."""
    if not isinstance(old, dict) and not isinstance(new, dict):
        yield path, old, new
        return
    if (old is not ABSENT and not isinstance(old, dict)) or (new is not ABSENT and not isinstance(new, dict)):
        yield path, old, new
        return
    before: JsonObject = old if isinstance(old, dict) else {}
    after: JsonObject = new if isinstance(new, dict) else {}
    if not before and not after:
        yield path, old, new
    for name in dict.fromkeys([*before, *after]):
        left, right = before.get(name, ABSENT), after.get(name, ABSENT)
        if not same(left, right):
            yield from leaves(f"{path}.{name}", left, right)


def _field_lines(path: str, old: Value, new: Value, why: str, cells: int, now: float) -> Iterator[Line]:
    before, after = apart(path, (old, new), now)
    if same(old, new):
        stays = GridRow(Cell(), Cell(path), (Cell(after, keep_end=keeps_end(path)), Cell("stays", "faint")))
        yield grid_line(SHAPE, stays, cells)
        return
    if old is not ABSENT:
        yield _signed("-", path, before, why if new is ABSENT else "", "text", cells)
    if new is not ABSENT:
        yield _signed("+", path, after, why, "strong", cells)


def _signed(sign: str, path: str, text: str, why: str, role: Role, cells: int) -> Line:
    values: Sequence[Cell] = (Cell(text, role, keep_end=keeps_end(path)),)
    if why:
        values = (*values, Cell(why, "faint"))
    return grid_line(SHAPE, GridRow(Cell(sign, "accent"), Cell(path, role), tuple(values)), cells)


def _why(intent: Intent, field: str, after: Value) -> str:
    if after is not ABSENT:
        return ""
    if field.startswith("authProfile"):
        return f"not for {intent.provider}" if isinstance(intent, SetModel) else "belongs to the override"
    if intent.unit == "model" and field not in _NAMES:
        return "no longer fits"
    return ""
