"""The conflict: base, mine and theirs, decided unit by unit; nothing is written here and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType

from store.js import JsonObject
from tui.commands import ScreenName, bindings
from tui.editing.edit_flow import EditFlow
from tui.editing.proposal import Proposal, unit_moved
from tui.editing.their_write import their_write
from tui.layout.conflict_lines import Conflict, Decision, conflict_lines, scope_line
from tui.look import sentences
from tui.look.hints import hint_line
from tui.look.line import Line
from tui.screens.copying import copy_text
from tui.screens.moving import Moving
from tui.state import Update

TELLS: Final = {"model": "modelOverride", "delivery": "lastTo"}
"""The field whose history tells most of a unit."""


class ConflictScreen(Moving, inherit_bindings=False):
    """A proposal the disk ran away from."""

    NAME: ClassVar[ScreenName] = "conflict"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("conflict")]

    def __init__(self, flow: EditFlow, proposal: Proposal, disk: JsonObject) -> None:
        super().__init__()
        self.flow = flow
        self.proposal = proposal
        self.disk = disk
        self.units = proposal.moved(disk) or proposal.units
        self.decided: dict[str, Decision] = {}
        self.at = 0
        self._cursor: int | None = None

    def on_mount(self) -> None:
        """The log keeps what the screen says at length."""
        write, now = self._conflict().write, self.dashboard.clock()
        by = ", ".join(filter(None, (write.short, write.when[:-4])))
        self.host.messages.log.append((now, sentences.conflict(self.unit, self.proposal, self.disk, by, now)))

    @property
    def unit(self) -> str:
        """The unit under the cursor."""
        return self.units[self.at]

    def scope_line(self, cells: int) -> Line:
        """How many units are still to decide."""
        return scope_line(self._conflict(), cells)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The three versions, their write, the choices."""
        lines, self._cursor = conflict_lines(self._conflict(), self.unit, cells, rows, self.dashboard.clock())
        return lines

    def cursor_in_body(self) -> int | None:
        """The line of the unit to decide."""
        return self._cursor

    def keys_line(self, cells: int) -> Line:
        """The keys of the conflict."""
        return hint_line("conflict", cells)

    def show_update(self, update: Update) -> None:
        """The disk moved once more: what was decided about a unit that moved is open again."""
        disk = self.flow.disk if self.flow.row in update.rows else None
        if disk is not None:
            for intent in self.proposal.intents:
                if unit_moved(intent, self.disk, disk):
                    self.decided.pop(intent.unit, None)
            self.disk = disk
            self.units = tuple(dict.fromkeys([*self.units, *self.proposal.moved(disk)]))
        self.redraw()

    @property
    def rows_in_sight(self) -> int:
        """All units are."""
        return len(self.units)

    def step_by(self, lines: int) -> None:
        """Another unit."""
        self._go(max(0, min(self.at + lines, len(self.units) - 1)))

    def action_next_open(self) -> None:
        """The next unit that is not decided; after the last the first."""
        self._go_to_open(1)

    def action_previous_open(self) -> None:
        """The unit before that is not decided."""
        self._go_to_open(-1)

    def action_mine(self) -> None:
        """Keep mine for this unit."""
        self._decide("mine")

    def action_theirs(self) -> None:
        """Take theirs for this unit."""
        self._decide("theirs")

    def action_edit_again(self) -> None:
        """The form again, on what is on disk."""
        self.flow.back_to_form(self.proposal, self.disk)

    def action_history(self) -> None:
        """How the unit under the cursor came to be what it is on disk."""
        self.host.open_history(self.flow.row, TELLS.get(self.unit, self.unit))

    def action_copy(self, _what: str) -> None:
        """Copy what I wanted."""
        copy_text(self, "what you want", "\n".join(intent.describe() for intent in self.proposal.intents))

    def action_leave(self) -> None:
        """Close everything; the change is kept as a draft."""
        self.flow.close_unwritten()

    def _decide(self, decision: Decision) -> None:
        self.decided[self.unit] = decision
        if any(unit not in self.decided for unit in self.units):
            self.action_next_open()
            return
        taken = frozenset(unit for unit, decided in self.decided.items() if decided == "theirs")
        self.flow.decided(self.proposal.keep(self.disk, taken, self.dashboard.clock()))

    def _go_to_open(self, step: int) -> None:
        others = (self.at + step * distance for distance in range(1, len(self.units)))
        open_ones = (at % len(self.units) for at in others if self.units[at % len(self.units)] not in self.decided)
        self._go(next(open_ones, self.at))

    def _go(self, at: int) -> None:
        self.at = at
        self.redraw()

    def _conflict(self) -> Conflict:
        write = their_write(self.dashboard, self.flow.row, self.unit, self.proposal, self.disk)
        return Conflict(self.proposal, self.disk, self.units, self.decided, write)
