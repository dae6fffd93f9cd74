"""What became of an edit of many rows; nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from tui.commands import ScreenName, bindings
from tui.editing.many_flow import ManyFlow
from tui.editing.many_outcome import TROUBLE, ManyOutcome
from tui.layout.many_lines import FACT_ROWS, columns, head_line, outcome_facts, outcome_line, outcome_scope
from tui.look.hints import hint_line
from tui.look.line import Line, rule
from tui.screens.copying import copy_text
from tui.screens.row_list import RowList


class OutcomeScreen(RowList, inherit_bindings=False):
    """Row by row, trouble first."""

    NAME: ClassVar[ScreenName] = "outcome"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("outcome")]

    def __init__(self, flow: ManyFlow, outcome: ManyOutcome) -> None:
        super().__init__()
        self.flow = flow
        self.outcome = outcome

    def length(self) -> int:
        """The rows that were tried."""
        return len(self.outcome.rows)

    def in_trouble(self, at: int) -> bool:
        """Whether the row was not written although it was to be."""
        return self.outcome.rows[at].result.outcome in TROUBLE

    def scope_line(self, cells: int) -> Line:
        """What was done, and how many rows ended how."""
        return outcome_scope(self.outcome, cells)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The rows, how they were written, and what there is to say of the selected one."""
        near = self.outcome.rows[max(0, self.at - rows) : self.at + rows]
        shape = columns(cells, [row.is_text for row in near])
        table = self.window(
            max(1, rows - 2 - FACT_ROWS),
            2,
            lambda at, on_cursor: outcome_line(self.outcome.rows[at], shape, cells, on_cursor=on_cursor),
        )
        selected = self.outcome.rows[self.at] if self.outcome.rows else None
        facts = outcome_facts(self.outcome, selected, self.dashboard.clock(), cells)
        return [rule(cells), head_line(shape, "OUTCOME", "IS", cells), *table, *facts]

    def keys_line(self, cells: int) -> Line:
        """The keys of the outcome."""
        return hint_line("outcome", cells)

    def action_open(self) -> None:
        """The entry of the row."""
        row = self.outcome.rows[self.at].plan.row
        if row in self.dashboard.rows:
            self.host.open_entry(row)
        else:
            self.say("This entry is no longer in the store.")

    def action_undo(self) -> None:
        """Preview what puts the written rows back."""
        if why_not := self.flow.undo(self.outcome):
            self.say(why_not)

    def action_copy(self, what: str) -> None:
        """All outcomes as JSON, or the key of the row."""
        if what == "key":
            copy_text(self, "the key", self.outcome.rows[self.at].plan.row.key)
        else:
            copy_text(self, "the outcomes as JSON", json.dumps(self.outcome.to_json(), indent=2))
