"""The history of one field, or the time line of an entry: every version that changed it, and who wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from store.events import Version, Writer
from store.findings.finding import GRADES
from store.openclaw.databases import is_database
from store.text.document import decode_object
from store.writing.process import command_line, pid_alive, short_name, started_at
from tui.commands import ScreenName, bindings
from tui.layout.history_lines import HistoryView, Told, history_lines, list_rows, scope_line
from tui.look.figures import clock_time, count
from tui.look.hints import hint_line
from tui.look.line import Line
from tui.look.values import value_text
from tui.look.who import written_by
from tui.screens.copying import copy_text, row_text
from tui.screens.guard_keys import guard_field
from tui.screens.moving import Moving
from tui.screens.narrowing import Narrowing
from tui.screens.row_findings import show_row_finding
from tui.state import RowId, Update
from tui.timeline import EntryText, Moment, changed_units, entry_moments, entry_texts, field_moments


class HistoryScreen(Moving, Narrowing, inherit_bindings=False):
    """The cursor belongs to a version: what comes in on top moves neither it nor its line."""

    NAME: ClassVar[ScreenName] = "history"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("history")]

    def __init__(self, row: RowId, field: str = "") -> None:
        super().__init__()
        self.row = row
        self.field = field
        self.every = False
        self.marked: list[Version] = []
        self._moments: list[Moment] = []
        self._of = 0
        self._at = self._top = 0
        self._cursor: int | None = None
        self._told: tuple[Version, Told] | None = None

    def on_mount(self) -> None:
        """An entry of which only noise moved shows that."""
        self._read()
        if not self.field and not any(moment.write is not None for moment in self._moments):
            self.every = True
            self._read()

    def scope_line(self, cells: int) -> Line:
        """The filter; else how much there is to see, since when, and what was missed."""
        if narrowed := self.narrowed_line(cells):
            return narrowed
        state, history = self.dashboard.store(self.row), self.dashboard.histories[self.row.store]
        seen = count(state.seen + (state.missed or 0))
        missed = f", {count(state.missed)} of {seen} versions missed" if state.missed is not None else ", some missed"
        if is_database(self.row.store):
            missed = ", commits between two looks are one"
        past = history.first is not None and history.first.number < 1
        return scope_line(self._view(), ", with older copies" if past else missed, cells, every=self.every)

    def shown_of(self) -> tuple[int, int]:
        """The versions listed, and all there are."""
        return len(self._moments), self._of

    def narrowed(self) -> None:
        """The versions that have all the words in their writer, or in a field that they changed."""
        self._read()

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The moments, and the selected one explained."""
        self._keep_in_sight(list_rows(rows))
        lines, self._cursor = history_lines(self._view(), self._told_of(self._moment), cells, rows)
        return lines

    def cursor_in_body(self) -> int | None:
        """The line of the selected moment."""
        return self._cursor

    def keys_line(self, cells: int) -> Line:
        """The keys of this screen."""
        return hint_line("history", cells)

    def show_update(self, update: Update) -> None:
        """New versions come on top, and the line of the cursor stays where it is."""
        if self.row in update.rows or update.loaded:
            self._read()
        self.redraw()

    @property
    def rows_in_sight(self) -> int:
        """The versions of the list."""
        return list_rows(self.foot_rows() - 1)

    def step_by(self, lines: int) -> None:
        """An older version; a newer one where it is negative."""
        self._go(self._at + lines)

    def action_newer_change(self) -> None:
        """The newer version."""
        self.action_up()

    def action_older_change(self) -> None:
        """The older version."""
        self.action_down()

    def action_next_match(self) -> None:
        """The next, older write that changed more than noise."""
        self._go_to_real(1)

    def action_previous_match(self) -> None:
        """The newer one before it."""
        self._go_to_real(-1)

    def action_fields(self) -> None:
        """The writes that changed something real, or all of them."""
        if self.field:
            self.say("The history of a field has every change of it; in a time line v shows the writes of noise too.")
            return
        self.every = not self.every
        self._read()
        self.redraw()

    def action_mark(self) -> None:
        """Mark the version, or take the mark off; of three marks the first goes."""
        moment = self._moment
        if moment is None:
            return
        if moment.version in self.marked:
            self.marked.remove(moment.version)
        else:
            self.marked = [*self.marked[-1:], moment.version]
        self.redraw()

    def action_compare(self) -> None:
        """The two marked versions, or the marked or selected one with now, in the grid."""
        moment = self._moment
        chosen = self.marked or ([moment.version] if moment is not None else [])
        found = [self._text(version) for version in chosen]
        texts = self._texts()
        if len(chosen) == 1 and texts:
            found.append(texts[0])
        known = [text for text in found if text is not None]
        if len(known) < 2 or len(known) < len(found):
            self.say("Not compared: that version of the entry is no longer in memory, or the entry was not there.")
            return
        older, newer = sorted(known, key=lambda text: text.version.number)
        if older.version == newer.version:
            self.say("This version is what is on disk now. Space marks another one, then d compares.")
            return
        self.host.open_versions(self.row, older, newer)

    def action_open(self) -> None:
        """The entry before and after the selected write."""
        moment = self._moment
        if moment is None or moment.write is None:
            self.say("Nothing was seen before this; d compares it with now.")
            return
        texts = self._texts()
        at = next((at for at, text in enumerate(texts) if text.version == moment.version), None)
        if at is None or at + 1 >= len(texts) or moment.write.did != "changed":
            self.say("The entry before or after this write is not there, or no longer in memory.")
            return
        self.host.open_versions(self.row, texts[at + 1], texts[at])

    def action_undo(self) -> None:
        """Put back what the selected version changed, whole units, through the preview."""
        moment = self._moment
        if moment is None or moment.write is None:
            self.say("Nothing to undo: what was there before was not seen.")
        else:
            self.host.open_undo(self.row, version=moment.version)

    def action_guard(self, how: str) -> None:
        """Guard the unit of the field this is the history of."""
        guard_field(self, self.row, self.field, how)

    def action_findings(self) -> None:
        """The finding of this entry with its witness, else the list."""
        show_row_finding(self, self.row)

    def action_copy(self, what: str) -> None:
        """Copy the value, or the writes of the selected moment; the key; the entry as that version had it."""
        moment = self._moment
        if moment is None or what == "key":
            copy_text(self, "the key", self.row.key)
            return
        if what == "value":
            copy_text(self, self.field or "what changed", self._moment_words(moment))
            return
        text = self._text(moment.version)
        if text is None:
            self.say("Nothing to copy: that version of the entry is no longer in memory.")
            return
        copy_text(self, f"the {what}", row_text(self, self.row, what, b"".join(text.parts)))

    @property
    def _moment(self) -> Moment | None:
        return self._moments[self._at] if self._moments else None

    def _moment_words(self, moment: Moment) -> str:
        now = self.dashboard.clock()
        if self.field:
            return value_text(self.field, moment.value, now)
        changes = moment.write.changes if moment.write is not None else ()
        turns = [
            f"{one.field} {value_text(one.field, one.old, now)} → {value_text(one.field, one.new, now)}"
            for one in changes
        ]
        said = f"{clock_time(moment.version.at, now)}, {written_by(moment.version.writer)}"
        return "\n".join([said, *turns])

    def _has_the_words(self, moment: Moment) -> bool:
        units = changed_units(moment.write.changes) if moment.write is not None else ()
        told = " ".join([written_by(moment.version.writer), *units, self._moment_words(moment)]).casefold()
        return all(word in told for word in self.words)

    def _read(self) -> None:
        """The moments anew; cursor and its line stay with their version."""
        held, line = self._moment, self._at - self._top
        history, key = self.dashboard.histories[self.row.store], self.row.key
        if self.field:
            self._moments = field_moments(history, key, self.field, self.dashboard.raw(*self.row))
        else:
            self._moments = entry_moments(history, key, every=self.every)
        self._of, self._told = len(self._moments), None
        if self.filter_text:
            self._moments = [moment for moment in self._moments if self._has_the_words(moment)]
        if held is not None:
            older = (at for at, one in enumerate(self._moments) if one.version.number <= held.version.number)
            self._at = next(older, max(0, len(self._moments) - 1))
            self._top = max(0, self._at - line)

    def _go(self, at: int) -> None:
        self._at = max(0, min(at, len(self._moments) - 1))
        self.redraw()

    def _go_to_real(self, step: int) -> None:
        at = self._at + step
        while 0 <= at < len(self._moments):
            write = self._moments[at].write
            if write is not None and write.real:
                self._go(at)
                return
            at += step
        self.say("No older write that changed more than noise." if step > 0 else "No newer write that matters.")

    def _keep_in_sight(self, rows: int) -> None:
        self._top = max(0, min(self._top, self._at, len(self._moments) - rows))
        self._top = max(self._top, self._at - rows + 1)

    def _texts(self) -> list[EntryText]:
        history = self.dashboard.histories[self.row.store]
        return entry_texts(history, self.row.key, self.dashboard.raw(*self.row))

    def _text(self, version: Version) -> EntryText | None:
        return next((text for text in self._texts() if text.version == version), None)

    def _view(self) -> HistoryView:
        now = self.dashboard.clock()
        book = self.dashboard.findings
        found = [finding for finding in book.everything() if (finding.store, finding.key) == self.row]
        found.sort(key=lambda finding: GRADES.index(finding.grade))
        return HistoryView(self.row.key, self.field, self._moments, self._at, self._top, self.marked, found, now)

    def _told_of(self, moment: Moment | None) -> Told:
        """What is known besides; asked once for each selected version."""
        if moment is None or moment.write is None:
            return Told()
        if self._told is None or self._told[0] != moment.version:
            history, key = self.dashboard.histories[self.row.store], self.row.key
            before = decode_object(history.before(key, moment.version))
            after = decode_object(history.after(key, moment.version, self.dashboard.raw(*self.row)))
            told = Told(before, after, others=len(history.beside(moment.write)))
            self._told = (moment.version, _with_writer(told, moment.version.writer, moment.version.at))
        return self._told[1]


def _with_writer(told: Told, writer: Writer, at: float) -> Told:
    """The writer's command line, if a process of its pid lives that was there already when it wrote."""
    pid = writer.pid
    if pid is None or writer.how == "you" or not pid_alive(pid):
        return told
    began = started_at(pid)
    if began is not None and began > at + 1:
        return told
    words = command_line(pid)
    program, name = words.partition(" ")[0].rpartition("/")[2], short_name(words)
    shown = name if program == name.partition(" ")[0] else f"{program} … {name}"
    return replace(told, command=shown, alive=True)
