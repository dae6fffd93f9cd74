"""Cached against fresh: an entry as an older reader may still hold it, beside the disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from store.cache import rule_of_store
from store.events import FileId, Version
from store.js import JsonObject
from tui.commands import ScreenName, bindings
from tui.layout.cached_lines import Comparison, Copy, body_lines, copies_of, scope_line, titles
from tui.layout.pair_grid import Pair
from tui.look.hints import hint_line
from tui.look.line import Line
from tui.screens.copying import copy_text, row_text
from tui.screens.field_grid import PairScreen
from tui.screens.row_findings import show_row_finding
from tui.state import RowId


class CachedScreen(PairScreen, inherit_bindings=False):
    """The copies of one entry, one of them against the disk."""

    NAME: ClassVar[ScreenName] = "cached"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("cached")]

    def __init__(self, row: RowId) -> None:
        super().__init__()
        self.row = row
        self.at = 0
        self._read_at: float | None = None
        self._newest: Version | None = None
        self._copies: tuple[Copy, ...] = ()

    def scope_line(self, cells: int) -> Line:
        """How many fields differ."""
        return self.narrowed_line(cells) or scope_line(self._comparison(), cells)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The two reads, the grid, the harm, the copies."""
        comparison, at, now = self._comparison(), self.cursor_at, self.dashboard.clock()
        lines, self._top, self._cursor = body_lines(comparison, self.show, cells, rows, self._top, now, at)
        return lines

    def the_pair(self, *, narrowed: bool = True) -> Pair:
        """The chosen copy and the disk."""
        comparison = self._comparison()
        return comparison.shown if narrowed else comparison.pair

    def titles(self) -> tuple[str, str]:
        """When they were read."""
        return titles(self._comparison(), self.dashboard.clock())

    def all_alike(self) -> str:
        """The copy is as good as the disk."""
        return "No field differs between this copy and the disk."

    def keys_line(self, cells: int) -> Line:
        """The keys of this screen."""
        return hint_line("cached", cells)

    def action_older_copy(self) -> None:
        """An older copy."""
        self._choose(self.at + 1)

    def action_newer_copy(self) -> None:
        """A newer copy."""
        self._choose(self.at - 1)

    def action_order_again(self) -> None:
        """Read the store again."""
        self._read_at = None
        self.host.store_watch.read_again(self.row.store)
        self.redraw()

    def action_findings(self) -> None:
        """The finding of this entry with its witness, else the list."""
        show_row_finding(self, self.row)

    def action_copy(self, what: str) -> None:
        """Copy the key, the entry, or what the chosen copy would undo."""
        comparison = self._comparison()
        if what == "value":
            undoes = comparison.copy.undoes if comparison.copy else ()
            copy_text(self, "the fields that would go back", ", ".join(undoes))
        else:
            copy_text(self, f"the {what}", row_text(self, self.row, what))

    def action_history(self) -> None:
        """The history of the field under the cursor; before there is one, of the first that differs."""
        names = self.asked_about()
        self.host.open_history(self.row, names[0] if names else "")

    def _choose(self, at: int) -> None:
        self.at = max(0, min(at, len(self._comparison().copies) - 1))
        self._top = 0
        self.redraw()

    def _comparison(self) -> Comparison:
        now = self.dashboard.clock()
        if self._read_at is None:
            self._read_at = now
        state = self.dashboard.store(self.row)
        fresh: JsonObject = self.dashboard.entry(self.row) or {}
        older = self.dashboard.histories[self.row.store].copies(self.row.key)
        newest = older[0].until if older else None
        if newest != self._newest:
            self._newest, self._copies = newest, copies_of(older, fresh)
        return Comparison(
            self.row.key,
            fresh,
            max(self._read_at, newest.at if newest else 0.0),
            state.last.file if state.last is not None else FileId(0, 0, 0, 0),
            rule_of_store(self.row.store, state.discipline.release),
            self._copies,
            max(0, min(self.at, len(self._copies) - 1)),
            self.dashboard.known_since(self.row.store) or now,
            self.words,
        )
