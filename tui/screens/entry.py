"""One entry, whole: its fields by group with what each was before, its text, and its older versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from store.entry.schema import field
from store.events import Version
from store.history import EntryVersion, FieldChange
from store.js import ABSENT, JsonObject
from store.text.document import decode_object
from tui.commands import ScreenName, bindings
from tui.layout.entry_fields import PAGES, FieldRow, Page, not_set, rows_of, unit_of
from tui.layout.entry_lines import (
    EntryView,
    field_lines,
    header,
    next_reply_lines,
    not_set_lines,
    scope_line,
)
from tui.layout.history_lines import version_name
from tui.layout.loss import loss_words, worst_words, wrong_words
from tui.look.figures import clock_time, size
from tui.look.hints import hint_line
from tui.look.line import Line, Span, cut_middle, cut_right, line, rule
from tui.look.printable import visible_key
from tui.look.values import whole_text
from tui.screens.copying import copy_text, row_text
from tui.screens.find import RAW, FindScreen
from tui.screens.guard_keys import guard_field
from tui.screens.row_findings import acknowledge_row, copy_row_finding, show_row_finding
from tui.state import RowId


class EntryScreen(FindScreen, inherit_bindings=False):
    """The fields of one entry; the cursor belongs to a field by its name."""

    NAME: ClassVar[ScreenName] = "entry"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("entry")]

    def __init__(self, row: RowId) -> None:
        super().__init__()
        self.row = row
        self.every = False
        self.old = True
        self.whole = ""
        self.shown: Version | None = None
        self._top = 0
        self._height = 1
        self._cursor: int | None = None

    def scope_line(self, cells: int) -> Line:
        """The pages, or which older version is shown."""
        entry = self._entry()
        others = sum(1 for name in entry or {} if field(name).group == "other")
        raw = self._raw()
        version = self._version()
        now = self.dashboard.clock()
        as_of = f"{clock_time(version.since.at, now)}, {version_name(version.since)}" if version else ""
        return scope_line(self.page, others, size(len(raw)) if raw is not None else "", as_of, cells)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The open page, and in words what the next reply uses."""
        entry, now = self._entry(), self.dashboard.clock()
        self._cursor = None
        wanted = f"/ {cut_right(self.wanted, cells // 4)}" if self.wanted else ""
        guarded = self.host.guarding.words(self.row)
        right = wanted or "   ".join(filter(None, (guarded, worst_words(self.dashboard, self.row))))
        title = [rule(cells, cut_middle(visible_key(self.row.key), cells - len(right) - 8), right)]
        if entry is None:
            return [*title, *self._not_an_object(cells, rows - 1)]
        if self.reading:
            return [*title, *self._whole_text(entry, cells, rows - 1)]
        found = self.rows_on(self.page)
        if self.field not in (names := [row.name for row in found]):
            self.field = names[0] if names else ""
        foot = next_reply_lines(entry, cells, now, self._worst()) if rows >= 14 else []
        return [*title, header(cells), *self._fields(entry, found, cells, rows - 2 - len(foot)), *foot]

    @property
    def reading(self) -> bool:
        """Whether a text is shown instead of fields."""
        return bool(self.whole) or self.page == RAW or self._entry() is None

    def rows_on(self, page: Page) -> list[FieldRow]:
        """The fields of a page as they are shown there."""
        return rows_of(self._entry() or {}, page, self._changes, self.dashboard.clock(), every=self.every)

    def cursor_in_body(self) -> int | None:
        """The line of the field under the cursor."""
        return self._cursor

    def keys_line(self, cells: int) -> Line:
        """The keys of this screen."""
        return hint_line("entry", cells)

    @property
    def rows_in_sight(self) -> int:
        """The lines of the fields, or of the text."""
        return self.text.height if self.reading else self._height

    def step_by(self, lines: int) -> None:
        """Another field, or another line of the text."""
        if self.reading:
            self.text.move(lines)
        else:
            names = [row.name for row in self.rows_on(self.page)]
            if names:
                at = names.index(self.field) if self.field in names else 0
                self.field = names[max(0, min(at + lines, len(names) - 1))]
        self.redraw()

    def action_page(self, key: str) -> None:
        """Open a page by its number."""
        self._open(PAGES[int(key) - 1])

    def action_next_page(self) -> None:
        """The next page."""
        self._open(PAGES[(PAGES.index(self.page) + 1) % len(PAGES)])

    def action_previous_page(self) -> None:
        """The page before."""
        self._open(PAGES[(PAGES.index(self.page) - 1) % len(PAGES)])

    def action_open(self) -> None:
        """The whole value of the field."""
        if self.page != RAW and self.field:
            self.whole = self.field
            self.text.begin()
            self.redraw()

    def action_leave(self) -> None:
        """Out of what was to be found, out of the whole value, out of an older version, then back."""
        if self.wanted:
            self.wanted = ""
        elif self.whole:
            self.whole = ""
        elif self._version() is not None:
            self.shown = None
        else:
            self.dismiss()
            return
        self.redraw()

    def action_newer_change(self) -> None:
        """A newer version of the entry."""
        self._step_version(-1)

    def action_older_change(self) -> None:
        """An older version of the entry."""
        self._step_version(1)

    def action_old_values(self) -> None:
        """The lines that say what a field was, on or off."""
        self.old = not self.old
        self.redraw()

    def action_fields(self) -> None:
        """The fields that are set, or all there could be."""
        self.every = not self.every
        self.redraw()

    def action_order_again(self) -> None:
        """Read the store again."""
        self.host.store_watch.read_again(self.row.store)

    def action_edit(self, what: str) -> None:
        """A form for this entry; `e e` takes the unit of the field under the cursor."""
        if self._refused():
            return
        unit = unit_of(self.field)
        if what == "last" and unit:
            self.host.open_form(self.row, unit if unit in ("model", "delivery") else "level", unit)
        elif what == "last":
            self.say(f"{self.field or 'This'} is not edited here: e m, e d and e l edit model, delivery and levels.")
        else:
            self.host.open_form(self.row, what)

    def action_undo(self) -> None:
        """Put back what a finding lost of the field's unit, else its last seen change, through the preview."""
        if not self._refused():
            self.host.open_undo(self.row, self.field)

    def action_findings(self) -> None:
        """The finding of this entry with its witness, else the list."""
        show_row_finding(self, self.row)

    def action_acknowledge(self) -> None:
        """The findings of this entry are open no longer."""
        acknowledge_row(self, self.row)

    def action_guard(self, how: str) -> None:
        """Guard the unit of the field under the cursor."""
        guard_field(self, self.row, self.field, how)

    def action_cached(self) -> None:
        """Cached against fresh."""
        self.host.open_cached(self.row)

    def action_history(self) -> None:
        """The history of the field under the cursor; of the whole entry where there is none."""
        self.host.open_history(self.row, "" if self.page == RAW else self.field)

    def action_copy(self, what: str) -> None:
        """Copy the field's value, the key, the entry as text or JSON, or the command that shows it."""
        if what == "finding":
            copy_row_finding(self, self.row)
            return
        if what != "value":
            copy_text(self, f"the {what}", row_text(self, self.row, what, self._raw()))
            return
        value = (self._entry() or {}).get(self.field, ABSENT)
        text = "" if value is ABSENT else value if isinstance(value, str) else json.dumps(value)
        copy_text(self, self.field or "nothing", text)

    def _refused(self) -> bool:
        if self._version() is not None:
            self.say("Edits are off in an older version; ] goes back to the present one.")
            return True
        return False

    def _open(self, page: Page) -> None:
        self.page, self.whole, self._top = page, "", 0
        self.text.begin()
        self.redraw()

    def _step_version(self, step: int) -> None:
        """An older (1) or newer (-1) version than the one shown, which stays whatever is written meanwhile."""
        copies = self._copies()
        versions = [None, *(copy.since for copy in copies)]
        at = (versions.index(self.shown) if self.shown in versions else 0) + step
        if at >= len(versions):
            self.say("No older version of this entry was seen.")
        elif at >= 0:
            self.shown = versions[at]
        self.redraw()

    def _copies(self) -> list[EntryVersion]:
        return self.dashboard.histories[self.row.store].copies(self.row.key)

    def _version(self) -> EntryVersion | None:
        shown = self.shown
        return None if shown is None else next((copy for copy in self._copies() if copy.since == shown), None)

    def _raw(self) -> bytes | None:
        version = self._version()
        return version.raw if version else self.dashboard.raw(*self.row)

    def _entry(self) -> JsonObject | None:
        return decode_object(self._raw())

    def _changes(self, name: str) -> list[FieldChange]:
        version = self._version()
        changes = self.dashboard.changes(self.row, name)
        return [one for one in changes if version is None or one.version.number <= version.since.number]

    def _fields(self, entry: JsonObject, found: Sequence[FieldRow], cells: int, rows: int) -> list[Line]:
        names = [row.name for row in found]
        now = self.dashboard.clock()
        view = EntryView(cells, now, self.dashboard.known_since(self.row.store), self.dashboard.cleared_at, self.old)
        at = names.index(self.field) if names else 0
        lines, starts = field_lines(found, at, view)
        unset = not_set_lines(not_set(entry, self.page), cells) if not self.every else []
        if unset:
            lines = [*lines, (), *unset]
        self._height = max(1, rows)
        if starts:
            self._keep_in_sight(starts[at], starts[at + 1] if at + 1 < len(starts) else len(lines), rows)
            self._cursor = 2 + starts[at] - self._top
        shown = lines[self._top : self._top + rows]
        return [*shown, *[()] * (rows - len(shown))]

    def _keep_in_sight(self, first: int, after: int, rows: int) -> None:
        if after - self._top > rows:
            self._top = after - rows
        self._top = max(0, min(self._top, first))

    def _whole_text(self, entry: JsonObject, cells: int, rows: int) -> list[Line]:
        if self.whole:
            value = entry.get(self.whole, ABSENT)
            text = whole_text(value)
            meaning = field(self.whole).meaning
            head = [line("   ", Span(self.whole, "strong"), Span(f"   {meaning}", "faint")), ()]
        else:
            text, head = (self._raw() or b"").decode("utf-8", "replace"), []
        return self.text.show(text, head, cells, rows, self.wanted)

    def _worst(self) -> Span | None:
        """What was lost here, else what is wrong with the entry as it stands."""
        summary = self.dashboard.rows.get(self.row)
        return loss_words(self.dashboard, self.row, self.field, self.size.width - 4) or (
            wrong_words(summary) if summary is not None else None
        )

    def _not_an_object(self, cells: int, rows: int) -> list[Line]:
        raw = self._raw()
        if raw is None:
            at = self.dashboard.removed.get(self.row)
            when = f" at {clock_time(at, self.dashboard.clock())}" if at else ""
            return [line(f"   The entry was removed from the store{when}.")]
        head: list[Line] = [line("   This entry is not an object: its text is shown and cannot be edited."), ()]
        return self.text.show(raw.decode("utf-8", "replace"), head, cells, rows, self.wanted)
