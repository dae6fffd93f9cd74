"""What a screen may ask of the app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from store.source import Source
from tui.commands import ScreenName
from tui.look.line import Line
from tui.look.theme import RoleStyles
from tui.messages import Messages
from tui.state import Dashboard, RowId
from tui.widgets.shown import Shown

if TYPE_CHECKING:
    from store.events import Version
    from store.findings.finding import Finding
    from store.js import Value
    from tui.casework import Casework
    from tui.guarding import Guarding
    from tui.leaving import Leaving
    from tui.loading import Loading
    from tui.timeline import EntryText


class ColonCommands(Protocol):
    """Whoever knows the commands that are typed after `:`."""

    def command_hint(self, typed: str) -> str:
        """What the command being typed does, or which there are."""

    def run_colon(self, text: str) -> None:
        """One `:` command; a unique beginning of its name is enough."""


class Host(Protocol):
    """The state, what happens besides the screens, and the screens that can be put on."""

    dashboard: Dashboard
    messages: Messages
    role_styles: RoleStyles
    store_watch: Source
    demo: bool
    forced_read_only: bool
    leaving: Leaving
    casework: Casework
    past: Loading
    guarding: Guarding
    shown: Shown

    @property
    def main_screen(self) -> ColonCommands:
        """The screen below all others."""

    @property
    def terminal_is_behind(self) -> bool:
        """Whether the terminal has yet to take what was sent before."""

    def title_line(self) -> str:
        """What stands where the store's name stands otherwise; blank for that."""

    def annotated(self, body: Sequence[Line], cells: int) -> Sequence[Line]:
        """The body of the screen on top, with what is to be said about it where it is blank."""

    def open_entry(self, row: RowId) -> None:
        """Show the whole entry."""

    def open_form(self, row: RowId, what: str, field: str = "") -> None:
        """Show the form of a unit: model, delivery, level (of a field), clear, or last."""

    def open_many(self, rows: Sequence[RowId], marks: set[RowId], what: str) -> None:
        """Begin an edit of all these rows; `marks` lose the ones that are done with."""

    def open_cached(self, row: RowId) -> None:
        """Show the cached copy against the fresh one."""

    def open_undo(self, row: RowId, field: str = "", version: Version | None = None) -> None:
        """Preview what puts back what a finding lost there, else the last change.

        Of the row, of one field with its unit, or all that one version changed.
        """

    def open_history(self, row: RowId, field: str = "") -> None:
        """Show the history of a field, or the time line of the entry."""

    def open_versions(self, row: RowId, older: EntryText, newer: EntryText) -> None:
        """Show two versions of an entry side by side."""

    def open_restore(self, finding: Finding) -> None:
        """Preview what puts back what a finding lost."""

    def open_finding(self, finding: Finding) -> None:
        """Show a finding with its witness."""

    def open_findings(self) -> None:
        """Show the list of findings."""

    def open_help(self, of: ScreenName) -> None:
        """Show the keys of a screen."""

    def open_lock(self) -> None:
        """Show who holds the lock of each store."""

    def open_value(self, name: str, values: Sequence[tuple[str, Value]]) -> None:
        """Show the whole values of a field, each under its title."""

    def open_log(self) -> None:
        """Show what was said."""

    def write_to_terminal(self, text: str) -> None:
        """Send the terminal an escape sequence of ours."""
