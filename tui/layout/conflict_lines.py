"""The lines of the conflict: what you saw, what you want, what is on disk now, and who was first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from store.js import JsonObject
from tui.editing.proposal import FieldSides, Proposal
from tui.editing.their_write import TheirWrite
from tui.layout.grid import Cell, GridRow, Shape, grid_line, header_line
from tui.look.figures import counted
from tui.look.line import Line, Role, Span, cut_right, line, rule
from tui.look.printable import visible_key
from tui.look.values import apart, keeps_end, unit_text

SHAPE: Final = Shape(1, 10, (31, 47, 64))
Decision = Literal["mine", "theirs"]
_SIDE_ROLE: Final[Mapping[str, Role]] = {"both": "strong", "theirs": "text", "mine": "text"}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A proposal that the disk ran away from: which units are to be decided, and what was decided so far."""

    proposal: Proposal
    disk: JsonObject
    units: tuple[str, ...]
    decided: Mapping[str, Decision]
    write: TheirWrite

    @property
    def open(self) -> tuple[str, ...]:
        """The units not decided yet."""
        return tuple(unit for unit in self.units if unit not in self.decided)


def scope_line(conflict: Conflict, cells: int) -> Line:
    """Line 2 of the conflict."""
    left = " conflict   not written; your change is kept"
    right = f"{counted(len(conflict.open), 'unit', 'units')} to decide"
    return line(Span(left, "strong"), " " * max(1, cells - len(left) - len(right) - 1), right)


def conflict_lines(conflict: Conflict, unit: str, cells: int, rows: int, now: float) -> tuple[list[Line], int]:
    """The body in this many rows, and which of its lines has the cursor: the one of the unit to decide."""
    grid, cursor = _grid(conflict, unit, cells, now)
    head = [
        rule(cells, visible_key(conflict.proposal.key)),
        line(" ", Span(cut_right(_first_words(conflict, unit), cells - 2), "strong")),
        (),
        header_line(SHAPE, ("", "BASE", "MINE", "THEIRS"), cells),
        header_line(SHAPE, ("", "when you began", "what you want", "on disk now"), cells),
    ]
    foot = [*_their_write(conflict.write, cells), *_choices(conflict, unit, cells, now)]
    room = max(2, rows - len(head) - len(foot))
    top = max(0, min(cursor - room // 2, len(grid) - room))
    body = [*head, *grid[top : top + room], *foot]
    return body[:rows], len(head) + cursor - top


def _first_words(conflict: Conflict, unit: str) -> str:
    if conflict.proposal.base.get("sessionId") != conflict.disk.get("sessionId"):
        return "The session was replaced under you (another sessionId): what you saw belongs to the one before."
    seen = ", ".join(filter(None, (conflict.write.when[:-4], conflict.write.short)))
    return f"The {unit} changed on disk under you{': ' if seen else ''}{seen}."


def _grid(conflict: Conflict, unit: str, cells: int, now: float) -> tuple[list[Line], int]:
    lines: list[Line] = []
    cursor = 0
    sides = conflict.proposal.sides(conflict.disk)
    for name in conflict.units:
        if name == unit:
            cursor = len(lines)
        word = conflict.decided.get(name, "decide")
        told = {"mine": "yours, as a whole", "theirs": "theirs, as a whole"}.get(word, "kept or taken as a whole")
        row = GridRow(Cell(word, "strong"), Cell(name, "strong"), (Cell(told),))
        lines.append(grid_line(SHAPE, row, cells, selected=name == unit))
        lines.extend(_side_line(side, cells, now) for side in sides if side.unit == name)
    beside = [side for side in sides if side.unit not in conflict.units]
    lines.extend(_side_line(side, cells, now) for side in beside)
    for name in dict.fromkeys(side.unit for side in beside):
        lines += [line(" " * 11, f"only you changed {name}: it is written whatever you decide")]
    return lines, cursor


def _side_line(side: FieldSides, cells: int, now: float) -> Line:
    texts = apart(side.field, (side.base, side.mine, side.theirs), now)
    keep = keeps_end(side.field)
    changed = (False, side.side != "theirs", side.side != "mine")
    values = tuple(Cell(text, "strong" if moved else "text", keep) for text, moved in zip(texts, changed, strict=True))
    return grid_line(SHAPE, GridRow(Cell(f"  {side.side}", _SIDE_ROLE[side.side]), Cell(side.field), values), cells)


def _their_write(write: TheirWrite, cells: int) -> list[Line]:
    lines = [rule(cells, "their write")]
    who = f"{write.by}   ({write.who})" if write.who else write.by or "not known by whom"
    lines.append(line("   ", Span(f"{write.when or 'not seen':15}"), cut_right(who, cells - 19)))
    if write.also:
        lines.append(_said("also changed", ", ".join(write.also), cells))
    if write.reads_as:
        lines.append(_said("this reads as", write.reads_as, cells))
    return [*lines, ()]


def _said(label: str, text: str, cells: int) -> Line:
    return line("   ", Span(f"{label:15}", "faint"), cut_right(text, cells - 19))


def _choices(conflict: Conflict, unit: str, cells: int, now: float) -> list[Line]:
    theirs, mine = (_short(unit, entry, now) for entry in (conflict.disk, conflict.proposal.written()))
    writes = f"clears {theirs}" if mine == "not set" else f"writes {mine} over {theirs}"
    others = [name for name in conflict.proposal.units if name not in conflict.units]
    still = f"; {', '.join(others)} {'is' if len(others) == 1 else 'are'} still written" if others else ""
    said = [
        ("m keep mine", f"{writes}, after a preview"),
        ("t take theirs", f"leaves the {unit} as it is{still}"),
        ("e edit mine", "back to the form, now based on what is on disk"),
    ]
    return [line("   ", Span(f"{label:16}", "strong"), cut_right(text, cells - 20)) for label, text in said]


def _short(unit: str, entry: JsonObject, now: float) -> str:
    text = unit_text(unit, entry, now)
    return text.partition("/")[2] or text if unit == "model" else text
