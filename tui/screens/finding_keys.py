"""The keys that a finding and the list of findings share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.base import WatchScreen
from tui.screens.copying import copy_text
from tui.screens.guard_keys import guard_field
from tui.screens.row_findings import acknowledged_words, copy_finding
from tui.state import RowId

if TYPE_CHECKING:
    from store.findings.finding import Finding


class FindingKeys(WatchScreen, inherit_bindings=False):
    """What can be done about the finding that is shown, or selected."""

    @property
    def finding(self) -> Finding | None:
        """The finding the keys are about."""
        raise NotImplementedError

    def move_by(self, step: int) -> None:
        """To another finding."""
        raise NotImplementedError

    @property
    def field(self) -> str:
        """The lost field the history is about."""
        finding = self.finding
        return finding.fields[0].field if finding is not None and finding.fields else ""

    def action_undo(self) -> None:
        """Put back what was lost, through the preview."""
        if self.finding is not None:
            self.host.open_restore(self.finding)

    def action_guard(self, how: str) -> None:
        """Guard what was lost."""
        finding = self.finding
        if finding is not None:
            guard_field(self, RowId(finding.store, finding.key), self.field, how)

    def action_acknowledge(self) -> None:
        """The finding is open no longer."""
        finding = self.finding
        if finding is None:
            self.say("No finding to acknowledge.")
        elif (mark := self.dashboard.findings.mark(finding)) is not None:
            self.say(f"This finding is {'restored' if mark.restored else 'acknowledged'} already.")
        else:
            self.host.casework.acknowledge([finding])
            self.say(acknowledged_words([finding]))

    def action_next_finding(self) -> None:
        """The next finding."""
        self.move_by(1)

    def action_previous_finding(self) -> None:
        """The finding before."""
        self.move_by(-1)

    def action_history(self) -> None:
        """The history of the lost field."""
        finding = self.finding
        if finding is None or not finding.key:
            self.say("A finding about the whole store has no field whose history could be shown.")
        else:
            self.host.open_history(RowId(finding.store, finding.key), self.field)

    def action_copy(self, what: str) -> None:
        """Copy the finding as Markdown or JSON, or the key of its entry."""
        finding = self.finding
        if finding is None:
            self.say("No finding to copy.")
        elif what == "key":
            copy_text(self, "the key", finding.key)
        else:
            copy_finding(self, finding, what)

    def open_row(self) -> None:
        """The entry of the finding."""
        finding = self.finding
        if finding is None:
            return
        if finding.key:
            self.host.open_entry(RowId(finding.store, finding.key))
        else:
            self.say("This finding is about the whole store, not about one entry.")
