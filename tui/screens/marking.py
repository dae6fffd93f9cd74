"""Rows that the operator marked: what is edited together."""

from __future__ import annotations

from tui.look.figures import counted
from tui.roster import Roster
from tui.screens.moving import Moving
from tui.state import RowId


class Marking(Moving, inherit_bindings=False):
    """Marks belong to keys: they stay through another view, filter or order."""

    roster: Roster
    marks: set[RowId]

    @property
    def row(self) -> RowId | None:
        """The row the cursor is on."""
        raise NotImplementedError

    @property
    def marked(self) -> list[RowId]:
        """The marked rows that are there: those on the screen in its order, then the others by key."""
        there = [row for row in self.roster.order if row in self.marks and row in self.dashboard.rows]
        shown = set(there)
        return there + sorted(row for row in self.marks if row not in shown and row in self.dashboard.rows)

    def action_mark(self) -> None:
        """Mark the row, or lift its mark."""
        row = self.row
        if row is not None and row in self.dashboard.rows:
            self.marks ^= {row}
            self.redraw()

    def action_mark_all(self) -> None:
        """Mark every row that is shown."""
        self.marks |= {row for row in self.roster.order if row in self.dashboard.rows}
        self.redraw()

    def action_edit(self, what: str) -> None:
        """Edit all marked rows, else the row."""
        rows = self.marked
        if len(rows) > 1:
            self.host.open_many(rows, self.marks, what)
        elif (row := rows[0] if rows else self.row) is not None:
            self.host.open_form(row, what)

    def lift_marks(self) -> bool:
        """Lift all marks; whether there were any."""
        lifted = bool(self.marks)
        self.marks.clear()
        return lifted

    def marked_words(self) -> str:
        """How many rows are marked, and how many of them are not shown; blank without marks."""
        if not self.marks:
            return ""
        rows = self.marked
        shown = set(self.roster.order)
        hidden = sum(row not in shown for row in rows)
        return f"{len(rows):,} marked" + (f", {counted(hidden, 'is', 'are')} not shown" if hidden else "")
