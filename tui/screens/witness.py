"""One finding with its witness: what was lost, by which write, from which copy, and how that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from store.findings.acknowledged import Mark
from store.js import JsonObject
from store.text.document import decode_object
from store.writing.names import user
from tui.commands import ScreenName, bindings
from tui.layout.witness_lines import Case, case_rows, scope_line, witness_lines
from tui.look.hints import hint_line
from tui.look.line import Line
from tui.screens.field_grid import FieldGrid
from tui.screens.finding_keys import FindingKeys
from tui.state import RowId
from tui.timeline import EntryText, entry_texts

if TYPE_CHECKING:
    from store.findings.finding import Finding


class WitnessScreen(FieldGrid, FindingKeys, inherit_bindings=False):
    """The finding stays on the screen whatever becomes of it meanwhile."""

    NAME: ClassVar[ScreenName] = "finding"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("finding")]

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self.every = False
        self._made: Case | None = None

    @property
    def finding(self) -> Finding:
        """The finding that is shown."""
        return self._finding

    @property
    def field(self) -> str:
        """The field under the cursor, else the first that was lost."""
        return self.chosen or super().field

    def scope_line(self, cells: int) -> Line:
        """Which finding of how many, how sure, what, when."""
        return scope_line(self._case(), cells, self.dashboard.clock())

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """Sentences, grid, reasons."""
        case, at, now = self._case(), self.cursor_at, self.dashboard.clock()
        lines, self._top, self._cursor = witness_lines(case, cells, rows, now, every=self.every, top=self._top, at=at)
        return lines

    def names(self) -> list[str]:
        """What was lost, and what else the write brought."""
        return [row.field for row in case_rows(self._case(), every=self.every)]

    def keys_line(self, cells: int) -> Line:
        """The keys of this screen."""
        return hint_line("finding", cells)

    def move_by(self, step: int) -> None:
        """The next finding of the list, or the one before; after the last the first."""
        findings = self.dashboard.findings.everything()
        if not findings:
            return
        at = findings.index(self._finding) if self._finding in findings else -1
        self._finding = findings[(at + step) % len(findings)]
        self.chosen, self._top = "", 0
        self.redraw()

    def action_fields(self) -> None:
        """The fields that were lost or came with it, or all."""
        self.every = not self.every
        self._top = 0
        self.redraw()

    def action_open(self) -> None:
        """The entry."""
        self.open_row()

    def action_findings(self) -> None:
        """The list of findings."""
        self.dismiss()
        self.host.open_findings()

    def action_older_copy(self) -> None:
        """The copy it held beside the version that was lost."""
        self._compare(0)

    def action_newer_copy(self) -> None:
        """The version that was lost beside the write."""
        self._compare(-2)

    def _compare(self, first: int) -> None:
        texts = {text.version.number: text for text in self._texts()}
        known = [texts[witness.number] for witness in self._finding.witness if witness.number in texts]
        if len(known) < 2:
            self.say("The texts of these versions are no longer in memory.")
        else:
            older, newer = known[first : first + 2 or None]
            self.host.open_versions(self._row, older, newer)

    @property
    def _row(self) -> RowId:
        return RowId(self._finding.store, self._finding.key)

    def _texts(self) -> list[EntryText]:
        if not self._finding.key:
            return []
        history = self.dashboard.histories[self._finding.store]
        return entry_texts(history, self._finding.key, self.dashboard.raw(*self._row))

    def redraw(self) -> None:
        """The finding as it stands now."""
        self._made = None
        super().redraw()

    def _case(self) -> Case:
        if self._made is None:
            self._made = self._make_case()
        return self._made

    def _make_case(self) -> Case:
        finding, book = self._finding, self.dashboard.findings
        everything = book.everything()
        numbers = [witness.number for witness in finding.witness] or [0]
        wanted = {text.version.number: text for text in self._texts() if text.version.number in numbers}
        state = self.dashboard.stores[finding.store]
        return Case(
            finding,
            book.place(finding),
            {number: text.entry for number, text in wanted.items()},
            self._before(),
            self.dashboard.entry(self._row) if finding.key else None,
            state.missed_between(min(numbers), max(numbers)),
            self._mark(),
            tuple(dict.fromkeys(other.key for other in everything if _same_write(other, finding))),
        )

    def _mark(self) -> Mark | None:
        """By whom it was done with: `you` for this user."""
        mark = self.dashboard.findings.mark(self._finding)
        return replace(mark, by="you") if mark is not None and mark.by == user() else mark

    def _before(self) -> JsonObject | None:
        finding = self._finding
        copies = self.dashboard.histories[finding.store].copies(finding.key)
        return next((decode_object(copy.raw) for copy in copies if copy.until.number == finding.version), None)


def _same_write(other: Finding, finding: Finding) -> bool:
    same = (other.store, other.version) == (finding.store, finding.version)
    return same and bool(other.key) and other.key != finding.key
