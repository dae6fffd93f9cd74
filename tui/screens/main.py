"""The main screen: the table of all entries, the entry under the cursor, the last changes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer

from tui.commands import Command, ScreenName, bindings
from tui.layout.broken_lines import BROKEN_ROWS, broken_lines
from tui.layout.columns import RowView, header, row_line
from tui.layout.feed import CHANGES_READ, feed_items
from tui.layout.lock_lines import LOCK_ROWS, lock_lines
from tui.layout.lower import lower_part, lower_rows
from tui.layout.no_rows import no_rows_words
from tui.layout.scope import banner_line, filter_line, views_line
from tui.layout.strip import strip_lines
from tui.layout.widths import AMOUNTS, Amount, widths
from tui.look.figures import clock_time
from tui.look.line import Line, Span
from tui.roster import LIVE_VIEWS, Roster, View, view_counts
from tui.screens.main_commands import MainCommands
from tui.state import RowId, StoreState, Update
from tui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from tui.config.settings import OwnView

REST_S = 0.08
"""The entry part follows the cursor after this much rest."""
REORDER_S = 2.0
CALM_S = 2.0
"""On a calm screen findings and changes move at most this often."""
QUIET_S = 1.0
"""A live view is never re-ordered within this time of a key."""


class MainScreen(MainCommands, inherit_bindings=False):
    """Every entry of every store, live."""

    NAME: ClassVar[ScreenName] = "main"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("main")]

    def __init__(self, own_views: Mapping[str, OwnView]) -> None:
        super().__init__()
        self.roster = Roster(own=own_views)
        self.filter_text = ""
        self.marks: set[RowId] = set()
        self.old = self.zoomed = self.lock_open = False
        self.columns: Amount = "usual"
        self._to_guard = ""
        self.paused_at: float | None = None
        self.change_at = -1
        self.table: LiveTable[RowId] = LiveTable(self._draw_row, id="table")
        self._view = RowView(widths(80), 0.0)
        self._held = Update()
        self._counts: dict[View, int] = {}
        self._resting: Timer | None = None
        self._shown_row: RowId | None = None
        self._left_row: RowId | None = None
        self._last_key_at = self._ordered_at = self._order_taken = 0.0
        self._strip: tuple[float, int, int, Sequence[Line]] = (0.0, 0, 0, ())

    def compose_body(self) -> ComposeResult:
        """The table takes what head and foot leave."""
        self.foot.styles.height = self._foot_rows(self.app.size.height)
        yield self.table

    @property
    def row(self) -> RowId | None:
        """The row the cursor is on."""
        return self.table.cursor_key

    @property
    def broken(self) -> StoreState | None:
        """The first store that cannot be shown as it is."""
        return next((state for state in self.dashboard.stores.values() if state.broken is not None), None)

    def take_order(self) -> None:
        """Order the rows anew and draw everything."""
        self.roster.take(self.dashboard)
        self._ordered_at, self._order_taken = time.monotonic(), self.dashboard.clock()
        self._strip = (0.0, 0, 0, ())
        self.count_views()
        self.redraw()

    def redraw(self) -> None:
        """Table, then head and foot."""
        if not self.is_mounted or not self.size.width:
            return
        self._fit_foot()
        self._look()
        self._show_rows()
        super().redraw()

    def count_views(self) -> None:
        """Count what each view has now; a form above this screen shows the same counts."""
        self._counts = view_counts(self.dashboard, self.dashboard.clock())

    def take_in(self, update: Update) -> None:
        """News that came while another screen was on top: rows and counts follow, nothing is drawn."""
        if self.paused_at is not None:
            self._held = self._held.then(update)
            return
        if update.loaded:
            self.roster.take(self.dashboard)
        else:
            self.roster.update(self.dashboard, update, self.row)
        if update.loaded or update.added or update.removed:
            self.count_views()

    def show_update(self, update: Update) -> None:
        """Redraw the rows it touches, and the lines around the table."""
        if self.paused_at is not None:
            self._held = self._held.then(update)
            return
        if update.loaded:
            self.take_order()
            return
        if self.roster.update(self.dashboard, update, self.row):
            self._look()
            self._show_rows()
        else:
            stale = self._view.stale
            self._look()
            if self._view.stale != stale:
                self.table.repaint()
            self.table.update(update.rows)
        self._fit_foot()
        self.redraw_foot()
        if update.stores:
            self.redraw_head()

    def tick(self) -> None:
        """Ages step, counts move, a live view takes its order again."""
        if self.paused_at is not None:
            return
        self.count_views()
        now = time.monotonic()
        calm = now - self._last_key_at > QUIET_S and now - self._ordered_at > REORDER_S
        if self.roster.view in LIVE_VIEWS and calm:
            self._ordered_at = now
            before = self.roster.order
            self.roster.take(self.dashboard)
            if self.roster.order == before:
                self.roster.order = before
            else:
                self._look()
                self._show_rows(hold_line=True)
        self.redraw()

    def scope_line(self, cells: int) -> Line:
        """The banner, the filter, or the views."""
        broken, total = self.broken, len(self.dashboard.rows)
        if broken is not None:
            return banner_line(broken, self.dashboard.clock(), cells)
        if self.filter_text:
            return filter_line(self.filter_text, len(self.roster.order), total, cells, self.marked_words())
        paused = f"paused at {clock_time(self.paused_at, self.dashboard.clock())}" if self.paused_at else ""
        right = "   ".join(filter(None, (self.marked_words(), paused)))
        return views_line(self._counts, self.roster.view, cells, right, self.roster.own, self._order_words())

    def search_hint(self) -> str:
        """How many rows the filter leaves."""
        return self._shown_of_all()

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """Entry part and last changes, or the drawer that is open."""
        broken, now = self.broken, self.dashboard.clock()
        if self.lock_open:
            row = self.row
            state = self.dashboard.store(row) if row is not None else next(iter(self.dashboard.stores.values()))
            return lock_lines(state, now, cells)
        if broken is not None:
            return broken_lines(broken, now, cells, rows)
        if rows < 3:
            return []
        guarded = self.host.guarding.words(self._shown_row)
        return lower_part(self.dashboard, self._shown_row, cells, rows, self._calm_strip, guarded)

    def _calm_strip(self, cells: int, rows: int) -> Sequence[Line]:
        """The strip; for people who want a calm screen it stays as it is for a while."""
        at, now = self._strip[0], time.monotonic()
        if not self.dashboard.calm or self._strip[1:3] != (cells, rows) or now - at >= CALM_S:
            self._strip = (now, cells, rows, self.strip(cells, rows))
        return self._strip[3]

    def strip(self, cells: int, rows: int) -> Sequence[Line]:
        """A rule and so many lines below it: findings and last changes."""
        return strip_lines(self.dashboard, cells, rows)

    async def take_key(self, event: events.Key) -> bool:
        """Remember when: a live view keeps still for a moment."""
        self._last_key_at = time.monotonic()
        return await super().take_key(event)

    @on(LiveTable.Moved)
    def cursor_moved(self) -> None:
        """The entry part follows the cursor once it rests."""
        if self.dashboard.calm:
            self._leave_stray()
            return
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_S, self._rested)

    def action_open(self) -> None:
        """The entry of the row; on a calm screen its entry part before that."""
        if self.dashboard.calm and self.row != self._shown_row:
            self._rested()
        else:
            super().action_open()

    def action_guard(self, unit: str) -> None:
        """Ask how a unit of the row is to be guarded; `off` guards none of it any longer."""
        if unit == "off":
            if self.row is not None:
                self.say(self.host.guarding.lift_all(self.row))
            return
        self._to_guard = unit
        self.action_choose("guard_with")

    def action_guard_with(self, how: str) -> None:
        """Guard it, or no longer."""
        if self.row is not None:
            self.say(self.host.guarding.choose(self.row, self._to_guard, how))

    def action_columns(self) -> None:
        """More columns, then fewer, then as many as usual."""
        self.columns = AMOUNTS[(AMOUNTS.index(self.columns) + 1) % len(AMOUNTS)]
        self.redraw()
        self.say(self._view.widths.says(self.columns))

    def go_on(self) -> None:
        """Show what came while the screen was paused."""
        self.paused_at, held, self._held = None, self._held, Update()
        self.show_update(held)
        self.redraw()

    def go_to_change(self, step: int) -> None:
        """Put the cursor on the row of a newer (-1) or older (+1) change."""
        items = feed_items(self.dashboard.recent(CHANGES_READ))
        if not items:
            self.say("No changes seen yet.")
            return
        self.change_at = max(0, min(self.change_at + step, len(items) - 1))
        row = items[self.change_at].row
        if not self.table.move_to_key(row):
            self.say("The changed entry is outside this view or filter; 1 shows all.")

    def _show_rows(self, *, hold_line: bool = False) -> None:
        order = self.roster.order
        nothing = "" if order else no_rows_words(self.dashboard, self.roster.view, filtered=bool(self.filter_text))
        self.table.show(order, self._header(), (Span(f"     {nothing}"),), hold_line=hold_line)

    def wait_for(self, command: Command) -> None:
        """Wait for the second key of this command."""
        self._waiting = command
        self.redraw()

    def _rested(self) -> None:
        left, self._shown_row = self._shown_row, self.row
        if left is not None and left != self.row and self.roster.leave_behind(self.dashboard, left):
            self.redraw()
        else:
            super().redraw()

    def _leave_stray(self) -> None:
        """The row the cursor was on goes where it is no longer one of this view."""
        left, self._left_row = self._left_row, self.row
        if left is not None and left != self.row and self.roster.leave_behind(self.dashboard, left):
            self.redraw()

    def _look(self) -> None:
        stale = self.broken is not None
        board = self.dashboard
        shape = widths(self.size.width, self.columns, clock=board.calm, stores=len(board.stores))
        self._view = RowView(shape, board.clock(), self.old, stale, board.calm)
        if self._shown_row is None:
            self._shown_row = self.row

    def _order_words(self) -> str:
        """By what the rows are ordered, and since when."""
        roster = self.roster
        by = f"order: {roster.sort.upper()} {'↓' if roster.descending else '↑'}"
        if roster.view in LIVE_VIEWS:
            return f"{by}, live   s sort"
        return f"{by} as of {clock_time(self._order_taken, self.dashboard.clock())}   s sort"

    def _header(self) -> Line:
        prompt = self.filter_prompt
        wrong = prompt and self.filtering.mistake_line(prompt, self.size.width, self._shown_of_all())
        return wrong or header(self._view.widths, self.roster.sort, self.roster.descending)

    def _shown_of_all(self) -> str:
        return f"{len(self.roster.order):,} of {len(self.dashboard.rows):,}"

    def _draw_row(self, row: RowId, on_cursor: bool) -> Line:
        stray = on_cursor and row in self.dashboard.rows and self._strays(row)
        return row_line(self.dashboard, row, self._view, on_cursor, row in self.marks, stray)

    def _strays(self, row: RowId) -> bool:
        return not self.roster.matches(self.dashboard, row, self._view.now)

    def _fit_foot(self) -> None:
        rows = self._foot_rows(self.size.height)
        height = self.foot.styles.height
        if height is None or not height.is_cells or height.value != rows:
            self.foot.styles.height = rows

    def _foot_rows(self, height: int) -> int:
        if self.broken is not None and not self.lock_open:
            return min(BROKEN_ROWS + 1, max(1, height - 5))
        if self.lock_open:
            return LOCK_ROWS + 1
        if self.zoomed or height < 18:
            return 1
        return lower_rows(self.app.size.width, height)
