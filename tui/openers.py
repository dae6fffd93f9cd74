"""Which screen opens for what; each is imported when it is first wanted, for the sake of the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.entry.overrides import ClearModel
from tui.commands import ScreenName
from tui.in_order import InOrder
from tui.state import RowId

if TYPE_CHECKING:
    from store.events import Version
    from store.findings.finding import Finding
    from store.js import Value
    from tui.editing.edit_flow import EditFlow
    from tui.editing.restore import WayBack
    from tui.timeline import EntryText


class Openers(InOrder, inherit_bindings=False):
    """The screens on top of the main one."""

    def open_entry(self, row: RowId) -> None:
        """Show the whole entry."""
        from tui.screens.entry import EntryScreen

        self.push_screen(EntryScreen(row))

    def open_form(self, row: RowId, what: str, field: str = "") -> None:
        """Begin an edit: model, delivery, level (of a field), clear (the model, with a preview at once), or last."""
        flow = self._begin(row)
        if flow is None:
            return
        if what == "last":
            what, field = self.desk.last_unit, self.desk.last_field
        if what != "clear":
            flow.open_form(what, field)
        elif why_not := flow.propose([ClearModel()]):
            self.tell(why_not)

    def open_many(self, rows: Sequence[RowId], marks: set[RowId], what: str) -> None:
        """Begin an edit of all these rows: as `open_form`, and a delivery is only cleared."""
        from tui.editing.many_flow import ManyFlow
        from tui.screens.stage import ScreenStage

        stage = ScreenStage(self)
        flow = stage.flow = ManyFlow(rows, marks, self.dashboard, self.desk, stage)
        field = ""
        if what == "last":
            what, field = self.desk.last_unit, self.desk.last_field
        if why_not := flow.propose([ClearModel()]) if what == "clear" else flow.begin(what, field):
            self.tell(why_not)

    def open_undo(self, row: RowId, field: str = "", version: Version | None = None) -> None:
        """Preview what puts back what a finding lost there, else the newest change.

        Of the row, of one field with its unit, or all that one version changed.
        """
        from tui.editing.restore import back_from, undo_of

        if (flow := self._begin(row)) is not None:
            board = self.dashboard
            self._go_back(flow, back_from(board, row, field) if version is None else undo_of(board, row, "", version))

    def open_restore(self, finding: Finding) -> None:
        """Preview what puts back what a finding lost."""
        from tui.editing.restore import restore_of

        back = restore_of(self.dashboard, finding)
        if not back.intents:
            self.tell(back.said)
        elif (flow := self._begin(RowId(finding.store, finding.key))) is not None:
            self._go_back(flow, back)

    def _go_back(self, flow: EditFlow, back: WayBack) -> None:
        flow.purpose = back.said
        if why_not := flow.propose(back.intents) if back.intents else back.said:
            self.tell(why_not)

    def open_finding(self, finding: Finding) -> None:
        """Show a finding with its witness."""
        from tui.screens.witness import WitnessScreen

        self.push_screen(WitnessScreen(finding))

    def open_findings(self) -> None:
        """Show the list of findings."""
        from tui.screens.findings import FindingsScreen

        self.push_screen(FindingsScreen())

    def open_cached(self, row: RowId) -> None:
        """Show the cached copy against the fresh one."""
        from tui.screens.cached import CachedScreen

        self.push_screen(CachedScreen(row))

    def open_history(self, row: RowId, field: str = "") -> None:
        """Show the history of a field, or the time line of the entry."""
        from tui.screens.history import HistoryScreen

        self.push_screen(HistoryScreen(row, field))

    def open_versions(self, row: RowId, older: EntryText, newer: EntryText) -> None:
        """Show two versions of an entry side by side."""
        from tui.screens.versions import VersionsScreen

        self.push_screen(VersionsScreen(row, older, newer))

    def open_help(self, of: ScreenName) -> None:
        """Show the keys of a screen."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(of))

    def open_lock(self) -> None:
        """Show who holds the lock of each store."""
        from tui.screens.lock import LockScreen

        self.push_screen(LockScreen())

    def open_value(self, name: str, values: Sequence[tuple[str, Value]]) -> None:
        """Show the whole values of a field, each under its title."""
        from tui.screens.value import ValueScreen

        self.push_screen(ValueScreen(name, values))

    def open_log(self) -> None:
        """Show what was said."""
        from tui.screens.help import LogScreen

        self.push_screen(LogScreen())

    def _begin(self, row: RowId) -> EditFlow | None:
        from tui.editing.edit_flow import EditFlow
        from tui.screens.stage import ScreenStage

        if (broken := self.dashboard.store(row).broken) is not None:
            from tui.layout.broken_lines import edits_are_off

            self.tell(edits_are_off(broken))
            return None
        disk = self.dashboard.entry(row)
        if disk is None:
            self.tell("This entry cannot be edited: it is gone, or it is not an object.")
            return None
        stage = ScreenStage(self)
        stage.flow = EditFlow(row, self.dashboard, self.desk, stage, disk)
        return stage.flow
