"""What the keys and the `:` commands of the main screen do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from store.errors import StoreError
from tui.layout.broken_lines import broken_report, good_name
from tui.layout.columns import SortColumn
from tui.look.figures import count
from tui.look.hints import named_hints
from tui.look.line import Line
from tui.prompt import Prompt, Typed
from tui.roster import View
from tui.screens.copying import copy_text, row_text
from tui.screens.marking import Marking
from tui.screens.row_findings import acknowledge_row, copy_row_finding, outside, show_row_finding
from tui.state import RowId, StoreState
from tui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from tui.screens.filtering import Filtering

WHILE_BROKEN = {
    "command_line": "command",
    "copy": "v copies this report",
    "order_again": "read again",
    "findings": "findings",
    "help": "all keys",
}
COLON_COMMANDS = {
    "save-good": "save-good FILE   writes the last good version to a new file",
    "accept": "accept   takes a store that shrank as it is",
    "load": "load FILE   shows a recording or old copy (.bak) as what was before",
    "drop": "drop   forgets what you typed and did not write",
    "log": "log   everything said so far",
    "quit": "quit",
}
VIM_WRITES: Final = frozenset({"w", "wq", "w!", "wq!", "x", "wa", "wqa", "xa"})
VIM_QUITS: Final = frozenset({"q!", "quit!", "qa", "qa!"})
"""What fingers type that know vim."""


class MainCommands(Marking, inherit_bindings=False):
    """The actions, apart from the drawing."""

    table: LiveTable[RowId]
    filter_text: str
    old: bool
    zoomed: bool
    lock_open: bool
    paused_at: float | None

    @property
    def row(self) -> RowId | None:
        """The row the cursor is on."""
        raise NotImplementedError

    @property
    def broken(self) -> StoreState | None:
        """The first store that cannot be shown as it is."""
        raise NotImplementedError

    @cached_property
    def filtering(self) -> Filtering:
        """The prompt after `/`; made when it is first wanted, for the sake of the start."""
        from tui.screens.filtering import Filtering

        return Filtering(self)

    @property
    def filter_prompt(self) -> Prompt | None:
        """The filter that is being typed."""
        return self.prompt if self.prompt is not None and self.prompt.sign == "/" else None

    def keys_line(self, cells: int) -> Line:
        """While a filter is typed: how it could go on; while a store is broken: what helps then."""
        if (prompt := self.filter_prompt) is not None:
            return self.filtering.keys_line(prompt, cells)
        return named_hints("main", WHILE_BROKEN, cells) if self.broken is not None else super().keys_line(cells)

    def take_order(self) -> None:
        """Order the rows anew and draw everything."""
        raise NotImplementedError

    def go_on(self) -> None:
        """Show what came while the screen was paused."""
        raise NotImplementedError

    def go_to_change(self, step: int) -> None:
        """Put the cursor on the row of a newer or older change."""
        raise NotImplementedError

    @property
    def rows_in_sight(self) -> int:
        """The rows of the table."""
        return self.table.page

    def step_by(self, lines: int) -> None:
        """Another row."""
        self.table.move(lines)

    def action_open(self) -> None:
        """The entry of the row."""
        if self.row is not None:
            self.host.open_entry(self.row)

    def action_cached(self) -> None:
        """Cached against fresh, for the row."""
        if self.row is not None:
            self.host.open_cached(self.row)

    def action_history(self) -> None:
        """The time line of the row."""
        if self.row is not None:
            self.host.open_history(self.row)

    def action_undo(self) -> None:
        """Put back what a finding of the row lost, or its last change, through the preview."""
        if self.row is not None:
            self.host.open_undo(self.row)

    def action_next_finding(self) -> None:
        """The next row with a finding; after the last the first."""
        self._go_to_finding(1)

    def action_previous_finding(self) -> None:
        """The row before with a finding."""
        self._go_to_finding(-1)

    def _go_to_finding(self, step: int) -> None:
        rows, order = self.dashboard.findings.rows(), self.roster.order
        if any(row in rows for row in order):
            places = [at for at, row in enumerate(order) if row in rows]
            further = [at for at in places if (at - self.table.cursor) * step > 0]
            self.table.move_to(further[0 if step > 0 else -1] if further else places[0 if step > 0 else -1])
        elif rows:
            self.say(outside(len(rows)))
        else:
            self.say("No entry has an open finding.")

    def action_findings(self) -> None:
        """The row's finding with its witness, else the list."""
        show_row_finding(self, self.row)

    def action_acknowledge(self) -> None:
        """The findings of the row are open no longer."""
        if self.row is not None:
            acknowledge_row(self, self.row)

    def action_view(self, key: View) -> None:
        """Another view, from its first row where the selected one is not in it; all findings, whatever the filter."""
        if key in "789" and key not in self.roster.own:
            self.say(f"{key} is free for a view of your own: [views.{key}] in config.toml.")
            return
        row = self.row
        self.roster.choose_view(key)
        if key == "5" and self.filter_text:
            self.filtering.put("")
            self.say("The filter is lifted: every entry with an open finding is shown.")
        else:
            self.take_order()
        if self.row != row:
            self.table.move_to(0)

    def action_sort(self, column: SortColumn) -> None:
        """Another order."""
        self.roster.choose_sort(column)
        self.take_order()

    def action_filter(self) -> None:
        """Type a filter."""
        self.filtering.begin()
        self.redraw()

    def action_newer_change(self) -> None:
        """The row of the next newer change."""
        self.go_to_change(-1)

    def action_older_change(self) -> None:
        """The row of the next older change."""
        self.go_to_change(1)

    def action_old_values(self) -> None:
        """Old values in place of the new ones, or back."""
        self.old = not self.old
        self.redraw()
        self.say("Changed cells show what was before; o shows the present again." if self.old else "Present values.")

    def action_zoom(self) -> None:
        """The table alone, or everything."""
        self.zoomed = not self.zoomed
        self.redraw()

    def action_order_again(self) -> None:
        """Read the stores again and take the order anew."""
        for path in self.dashboard.stores:
            self.host.store_watch.read_again(path)
        self.take_order()

    def action_all_seen(self) -> None:
        """Clear the marks."""
        self.dashboard.all_seen()
        self.redraw()

    def action_pause(self) -> None:
        """Hold the screen still, or let it go on."""
        if self.paused_at is not None:
            self.go_on()
        else:
            self.paused_at = self.dashboard.clock()
            self.redraw()

    def action_lock(self) -> None:
        """Open or close the drawer about the lock."""
        self.lock_open = not self.lock_open
        self.redraw()

    def action_back(self) -> None:
        """Undo one layer of looking: drawer, zoom, old values, filter, marks; then nothing."""
        if self.lock_open:
            self.lock_open = False
        elif self.zoomed:
            self.zoomed = False
        elif self.old:
            self.old = False
        elif self.filter_text:
            self.filtering.put("")
        elif not self.lift_marks():
            self.say("q quits.")
        self.redraw()

    def action_quit(self) -> None:
        """Leave the program."""
        self.host.leaving.leave()

    def search_moved(self, prompt: Prompt, typed: Typed) -> None:
        """The filter is in force as it is typed."""
        self.filtering.moved(prompt, typed)

    def words(self) -> Mapping[str, str]:
        """The words that may stand after `:`, and what each does."""
        return COLON_COMMANDS

    def command_hint(self, typed: str) -> str:
        """What the command being typed does, or which there are."""
        word = typed.split(" ", 1)[0]
        matching = [text for name, text in self.words().items() if name.startswith(word)]
        if len(matching) == 1:
            return matching[0].split("   ")[-1]
        return "  ".join(name for name in self.words() if name.startswith(word)) or "no such command"

    def run_colon(self, text: str) -> None:
        """One `:` command; a unique beginning of its name is enough."""
        word, _, argument = text.strip().partition(" ")
        if word in VIM_WRITES:
            self.say(f"Nothing is written by :{word}: only w in a preview writes. :q quits.")
            return
        word = "quit" if word in VIM_QUITS else word
        names = [name for name in self.words() if word and name.startswith(word)]
        match names:
            case [name]:
                self.run_word(name, argument.strip())
            case []:
                self.say(f"No command :{word}. There are: {', '.join(':' + name for name in self.words())}.")
            case _:
                self.say(f":{word} could be {' or '.join(':' + name for name in names)}.")

    def run_word(self, word: str, argument: str) -> None:
        """Run one of the words."""
        match word:
            case "save-good":
                self._save_good(argument)
            case "accept":
                self._accept()
            case "load":
                self.host.past.load(argument)
            case "drop":
                self.say(self.host.leaving.drop_drafts())
            case "log":
                self.host.open_log()
            case _:
                self.host.leaving.leave()

    def _save_good(self, argument: str) -> None:
        row = self.row
        state = self.broken or (self.dashboard.store(row) if row is not None else None)
        if state is None:
            self.say("Not saved: no good version was read yet.")
            return
        target = Path(argument or good_name(state)).expanduser()
        try:
            target = target.absolute()
            written = self.host.store_watch.save_good(state.path, target)
        except (StoreError, OSError) as error:
            self.say(f"Not saved to {target}: {error}. Name another file: :save-good FILE")
            return
        self.say(f"Saved to {target}: the last good version of {state.path.name}, {count(written)} bytes.")

    def _accept(self) -> None:
        state = self.broken
        if state is None or state.broken is None or state.broken.kind != "shrank":
            self.say("Nothing to accept: no store shrank.")
            return
        self.host.store_watch.accept(state.path)
        self.say(f"Accepted: {state.path.name} is shown as it is now.")

    def action_copy(self, what: str) -> None:
        """Copy something of the row through the terminal."""
        if self.broken is not None and what == "value":
            copy_text(self, "the report", broken_report(self.broken, self.dashboard.clock()))
            return
        row = self.row
        if row is None:
            return
        if what == "finding":
            copy_row_finding(self, row)
            return
        if what != "value":
            copy_text(self, f"the {what}", row_text(self, row, what))
            return
        summary = self.dashboard.rows.get(row)
        override = summary.override if summary is not None else None
        if override is None:
            self.say("Nothing to copy: no model is set.")
        else:
            copy_text(self, "the model", f"{override.provider}/{override.model}")
