"""The edit forms: a drawer below the living table, over what is on disk at every moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.input import Selection

from store.entry.intent import Intent
from store.errors import UsageError
from store.remote.patch import permit_for
from tui.commands import ScreenName, bindings
from tui.editing.edit_flow import EditFlow
from tui.editing.form_parts import FormLine, View, fitted
from tui.editing.proposal import changed_fields, unit_moved
from tui.editing.their_write import unit_change
from tui.layout.columns import RowView, header, row_line
from tui.layout.widths import widths
from tui.look import sentences
from tui.look.hints import hint_line
from tui.look.line import Line, Span, cut_middle, cut_right, rule
from tui.screens.base import WatchScreen
from tui.state import RowId, Update
from tui.widgets.live_table import LiveTable
from tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

DRAWER_ROWS: Final = 16
TABLE_ROWS_ABOVE: Final = 2


class EditScreen(WatchScreen, inherit_bindings=False):
    """One form; its state and text belong to the flow, so that they outlive this screen."""

    NAME: ClassVar[ScreenName] = "form"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("form")]
    DEFAULT_CSS: ClassVar[str] = """
    EditScreen { layers: default over; }
    EditScreen TextField { layer: over; position: absolute; }
    """

    focused: var[Widget | None] = var(None)
    """Textual's own repaints the whole screen whenever the focus moves."""

    def __init__(self, flow: EditFlow) -> None:
        super().__init__()
        if flow.form is None:
            raise ValueError("an edit screen needs a form")
        self.flow = flow
        self.form = flow.form
        self.table: LiveTable[RowId] = LiveTable(self._draw_row, id="table")
        texts = {stop: self.form.text(stop) for stop in self.form.stops}
        self.fields = {stop: TextField(stop, text) for stop, text in texts.items() if text is not None}

    def compose_body(self) -> ComposeResult:
        """The table, and the texts that lie over the drawer, in place before they are painted for the first time."""
        size = self.app.size
        self._make_room(size.height)
        self._place(self._form_lines(size.width, self._form_rows(size.height)), size)
        yield self.table
        yield from self.fields.values()

    def on_mount(self) -> None:
        """Type at once; a draft that came back is announced, and selected so that typing replaces it."""
        self._focus_stop()
        if self.flow.greeting:
            if (field := self._current()) is not None:
                field.selection = Selection(0, len(field.value))
            self.host.messages.say(self.flow.greeting)
            self.flow.greeting = ""

    def based_anew(self) -> None:
        """Back from a preview or a conflict."""
        self._sync()
        self._focus_stop()

    def redraw(self) -> None:
        """Table, drawer, and the texts in their places."""
        if not self.is_mounted or not self.size.width:
            return
        self._make_room(self.size.height)
        self._show_table()
        super().redraw()

    def show_update(self, update: Update) -> None:
        """The table lives on, with the rows that are new; the drawer says what moved under it."""
        self._show_table()
        self.table.update(update.rows)
        super().redraw()

    def tick(self) -> None:
        """Ages step, counts move."""
        if self._main().paused_at is None:
            self._main().count_views()
        super().tick()

    def scope_line(self, cells: int) -> Line:
        """The same as on the main screen."""
        return self._main().scope_line(cells)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """Title, form, and the rule that says what moved."""
        room = self._form_rows(self.size.height)
        form_lines = self._form_lines(cells, room)
        self._place(form_lines, self.size)
        title = self.form.title
        key = cut_middle(self.flow.about, max(4, cells - len(title) - 8))
        body = [line.line for line in form_lines]
        return [rule(cells, title, key), *body, *[()] * (room - len(body)), self._foot_rule(cells)][:rows]

    def keys_line(self, cells: int) -> Line:
        """The keys of a form."""
        return hint_line("form", cells)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed goes to the form and to the draft on disk."""
        if isinstance(event.input, TextField):
            self._take_in(event.input)

    @property
    def types_text(self) -> bool:
        """At every stop but those with options."""
        return self._current() is not None

    async def take_key(self, event: events.Key) -> bool:
        """A character is in its text before the next key is looked at."""
        if await super().take_key(event):
            return True
        field = self._current()
        if field is None or event.character is None or not event.is_printable:
            return False
        self.host.messages.clear()
        field.type_in(event.character)
        return True

    def take_paste(self, text: str) -> None:
        """The first line of a paste is typed."""
        field = self._current()
        if field is not None and text:
            field.type_in(text.splitlines()[0])

    def action_next_stop(self) -> None:
        """The next field of the form."""
        self._go(1)

    def action_previous_stop(self) -> None:
        """The field before."""
        self._go(-1)

    def action_option_up(self) -> None:
        """The option or suggestion above."""
        self._move(-1)

    def action_option_down(self) -> None:
        """The option or suggestion below."""
        self._move(1)

    def action_submit(self) -> None:
        """Take the suggestion, else go on to the preview."""
        self._take_in(self._current())
        if self.form.take():
            self.flow.typed()
            self._sync()
            self._focus_stop()
            self.redraw()
        elif why_not := self.flow.submit():
            self.say(why_not)

    def action_leave(self) -> None:
        """Out of the list, then out of the form; what was typed is kept."""
        self._take_in(self._current())
        if self.form.leave_list():
            self.redraw()
        else:
            self.dismiss()

    def _take_in(self, field: TextField | None) -> None:
        """The form learns what is typed; a key that follows fast may be here before the text's own message."""
        if field is None or self.form.text(field.stop) == field.value:
            return
        self.form.type(field.stop, field.value)
        self.flow.typed()
        self._sync()
        self.redraw()

    def _current(self) -> TextField | None:
        return self.fields.get(self.form.stop)

    def _go(self, step: int) -> None:
        self._take_in(self._current())
        stops = self.form.stops
        self.form.leave_list()
        self.form.stop = stops[(stops.index(self.form.stop) + step) % len(stops)]
        self._focus_stop()
        self.redraw()

    def _move(self, step: int) -> None:
        self._take_in(self._current())
        self.form.move(step)
        self.flow.typed()
        self._sync()
        self.redraw()

    def _focus_stop(self) -> None:
        field = self.fields.get(self.form.stop)
        self.set_focus(field)
        if field is not None:
            field.cursor_position = len(field.value)

    def on_descendant_focus(self) -> None:
        """A click into a text makes it the current stop."""
        if isinstance(self.focused, TextField) and self.form.stop != self.focused.stop:
            self.form.stop = self.focused.stop
            self.redraw()

    def _sync(self) -> None:
        for stop, field in self.fields.items():
            text = self.form.text(stop) or ""
            if field.value != text:
                with self.prevent(Input.Changed):
                    field.value = text
                field.cursor_position = len(text)

    def _form_lines(self, cells: int, rows: int) -> list[FormLine]:
        disk = self.flow.disk
        guard = self.form.guard()
        several = self.flow.several(guard.unit if guard else "")
        view = View(disk if disk is not None else self.flow.base, cells, self.dashboard.clock(), several)
        return fitted(self.form.lines(view), rows)

    def _make_room(self, height: int) -> None:
        """On a low terminal the drawer takes the table's lines too: of the table only the titles would be left."""
        rows = self._drawer_rows(height)
        if self.foot.styles.height is None or self.foot.styles.height.value != rows:
            self.foot.styles.height = rows
        if self.table.display != (rows + 2 < height):
            self.table.display = rows + 2 < height

    def _drawer_rows(self, height: int) -> int:
        return min(DRAWER_ROWS, height - 2)

    def _form_rows(self, height: int) -> int:
        """What title, foot rule and keys leave, and on a whole drawer a blank line."""
        rows = self._drawer_rows(height)
        return rows - 4 if rows == DRAWER_ROWS else rows - 3

    def _place(self, lines: Sequence[FormLine], size: Size) -> None:
        first = size.height - self._drawer_rows(size.height) + 1
        placed = {line.place.stop: (first + at, line.place) for at, line in enumerate(lines) if line.place}
        for stop, field in self.fields.items():
            if field.display != (stop in placed):
                field.display = stop in placed
            if stop in placed:
                y, place = placed[stop]
                field.put(place.at, y, max(1, min(place.cells, size.width - place.at - 1)))

    def _foot_rule(self, cells: int) -> Line:
        text, strong = self._what_moved(cells - 5)
        text = cut_right(text, cells - 5)
        fill = "─" * max(0, cells - 3 - len(text))
        return (Span("─ ", "faint"), Span(text, "strong" if strong else "text"), Span(f" {fill}", "faint"))

    def _what_moved(self, cells: int) -> tuple[str, bool]:
        disk, now, flow = self.flow.disk, self.dashboard.clock(), self.flow
        if flow.foot:
            return flow.foot, False
        guard = self.form.guard()
        unit = guard.unit if guard else self.form.unit
        if disk is None or (guard and unit_moved(guard, flow.base, disk)):
            change = unit_change(self.dashboard, flow.row, unit, flow.began)
            return sentences.moved_under_form(unit, disk, change.version.at if change else None, now), True
        if flow.desk.drafts.trouble:
            return f"what you type is not kept on disk: {flow.desk.drafts.trouble}", True
        permit = permit_for(self.dashboard.permit(flow.row.store), self._meant())
        if permit.kind != "allowed":
            return sentences.no_write_from_here(permit), True
        return sentences.moved_beside_form(changed_fields(flow.base, disk), flow.began, now, cells), False

    def _meant(self) -> Sequence[Intent]:
        """What is typed, or while that is no value yet, what it is about."""
        try:
            return self.form.intents()
        except UsageError:
            guard = self.form.guard()
            return (guard,) if guard is not None else ()

    def _show_table(self) -> None:
        main = self._main()
        sort, descending = main.roster.sort, main.roster.descending
        first = not self.table.order
        self.table.show(main.roster.order, header(widths(self.size.width), sort, descending))
        if first and self.table.move_to_key(self.flow.row):
            self.table.top = max(0, self.table.cursor - TABLE_ROWS_ABOVE)
            self.table.repaint()

    def _draw_row(self, row: RowId, on_cursor: bool) -> Line:
        view = RowView(widths(self.size.width), self.dashboard.clock())
        return row_line(self.dashboard, row, view, on_cursor, row in self._main().marks)

    def _main(self) -> MainScreen:
        from tui.screens.main import MainScreen

        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))
