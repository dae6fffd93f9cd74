"""Two versions of an entry in the comparison grid: what differs, noise last and marked, then what is equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from store.cache import FieldDifference, differences
from store.entry.schema import field, is_noise
from store.js import ABSENT, JsonObject, same
from tui.layout.grid import Cell, GridRow, Shape, grid_line
from tui.look.figures import counted
from tui.look.line import Line, Role, line
from tui.look.values import apart, keeps_end, value_text

Show = Literal["differing", "unit", "all"]
SHOWS: Final[tuple[Show, ...]] = ("differing", "unit", "all")
SHAPE: Final = Shape(1, 3, (27, 53))


@dataclass(frozen=True, slots=True)
class Pair:
    """An older version of an entry and a newer one."""

    older: JsonObject
    newer: JsonObject

    def having(self, words: Sequence[str]) -> Pair:
        """The same two with only the fields that have all of these in their name; words without regard to case."""
        if not words:
            return self
        names = {name for name in (*self.older, *self.newer) if all(word in name.casefold() for word in words)}
        older, newer = ({name: side[name] for name in side if name in names} for side in (self.older, self.newer))
        return Pair(older, newer)

    def differences(self) -> list[FieldDifference]:
        """What differs, noise last."""
        return differences(self.older, self.newer)

    def fields(self) -> int:
        """How many fields either of the two has."""
        return len({*self.newer, *self.older})

    def names(self, show: Show) -> list[str]:
        """The fields that differ, noise last; with "unit" all editable ones after them, with "all" every field."""
        names = [difference.field for difference in self.differences()]
        if show != "differing":
            names += [name for name in self.newer if name not in names and (show == "all" or field(name).unit)]
        return names

    def says(self) -> str:
        """`3 of 74 fields differ`."""
        return f"{len(self.differences())} of {counted(self.fields(), 'field differs', 'fields differ')}"


def pair_lines(pair: Pair, show: Show, cells: int, now: float, at: int | None = None) -> list[Line]:
    """The rows of those fields, the one numbered `at` with the cursor; below them how many are equal."""
    names = pair.names(show)
    lines = [_row(name, pair, cells, now, selected=index == at) for index, name in enumerate(names)]
    hidden = pair.fields() - len(names)
    if hidden:
        equal = counted(hidden, "field is equal", "fields are equal")
        lines.append(line(f"   {equal}. v shows {'it' if hidden == 1 else 'them'}."))
    return lines


def window(lines: Sequence[Line], top: int, room: int, at: int | None, fields: int) -> tuple[list[Line], int]:
    """As many of the lines as fit, from `top` or from where the cursor's stays in sight, and where that is."""
    if at is not None:
        last = at == fields - 1
        top = min(max(top, (len(lines) if last else at + 1) - room), at)
    top = max(0, min(top, len(lines) - room))
    return list(lines[top : top + room]), top


def _row(name: str, pair: Pair, cells: int, now: float, *, selected: bool) -> Line:
    was, is_now = pair.older.get(name, ABSENT), pair.newer.get(name, ABSENT)
    differs = not same(was, is_now)
    before, after = apart(name, (was, is_now), now) if differs else (value_text(name, was, now),) * 2
    role: Role = "strong" if differs and not is_noise(name) else "text" if differs else "faint"
    note = "  noise" if differs and is_noise(name) else ""
    keep = keeps_end(name)
    values = (Cell(before, "text" if differs else "faint", keep), Cell(after + note, role, keep))
    verdict = Cell("≠" if differs else "", "accent")
    return grid_line(SHAPE, GridRow(verdict, Cell(name), values), cells, selected=selected)
