"""The list of findings, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from store.writing.names import user
from tui.commands import ScreenName, bindings
from tui.layout.findings_list import Item, Listed, Sort, items_of, list_lines, scope_line
from tui.look.hints import hint_line
from tui.look.line import Line, rule
from tui.screens.finding_keys import FindingKeys
from tui.screens.moving import Moving
from tui.screens.narrowing import Narrowing

if TYPE_CHECKING:
    from store.findings.finding import Finding


class FindingsScreen(Moving, Narrowing, FindingKeys, inherit_bindings=False):
    """Every finding of this run; the cursor belongs to a finding."""

    NAME: ClassVar[ScreenName] = "findings"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("findings")]

    def __init__(self) -> None:
        super().__init__()
        self.sort: Sort = "time"
        self._selected: Finding | None = None
        self._at = 0
        self._top = 0
        self._page = 1
        self._cursor: int | None = None

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor."""
        items = self._items()
        return items[self._place(items)].finding if items else None

    def scope_line(self, cells: int) -> Line:
        """How many there are, or the filter."""
        return self.narrowed_line(cells) or scope_line(self._listed([]), cells)

    def shown_of(self) -> tuple[int, int]:
        """The findings listed, and all there are."""
        return len(self._items()), len(self.dashboard.findings.everything())

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The findings in sight."""
        items = self._items()
        at = self._place(items)
        self._at, self._selected = at, items[at].finding if items else None
        self._page = max(1, (rows - 1) // 2)
        lines, self._top, cursor = list_lines(self._listed(items), at, self._top, cells, rows - 1)
        self._cursor = None if cursor is None else cursor + 1
        return [rule(cells), *lines]

    def cursor_in_body(self) -> int | None:
        """The first line of the selected finding."""
        return self._cursor

    def keys_line(self, cells: int) -> Line:
        """The keys of this screen."""
        return hint_line("findings", cells)

    def move_by(self, step: int) -> None:
        """The cursor, by so many findings."""
        items = self._items()
        if items:
            self._selected = items[max(0, min(self._place(items) + step, len(items) - 1))].finding
        self.redraw()

    @property
    def rows_in_sight(self) -> int:
        """The findings in sight."""
        return self._page

    def step_by(self, lines: int) -> None:
        """Another finding."""
        self.move_by(lines)

    def action_open(self) -> None:
        """The finding with its witness."""
        if self.finding is not None:
            self.host.open_finding(self.finding)

    def action_sort(self, sort: Sort) -> None:
        """Another order within each section."""
        self.sort = sort
        self.redraw()

    def _items(self) -> list[Item]:
        return items_of(self.dashboard.findings, self.words, self.sort, self.dashboard.clock())

    def _place(self, items: Sequence[Item]) -> int:
        """Where the selected finding is; one that went leaves the cursor on what took its line."""
        chosen = self._selected
        found = next((at for at, item in enumerate(items) if item.finding is chosen), None)
        return found if found is not None else max(0, min(self._at, len(items) - 1))

    def _listed(self, items: Sequence[Item]) -> Listed:
        since = min((state.first_at for state in self.dashboard.stores.values() if state.first_at), default=0.0)
        return Listed(self.dashboard.findings, items, self.dashboard.clock(), since, user())
