"""The preview of an edit of many rows: one line a row, written on `w` only, in one write for each store."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import work
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from store.edit import EditResult, apply_edits
from store.entry.intent import Intent
from store.errors import UsageError
from store.openclaw.databases import is_database
from store.remote.patch import permit_for
from store.remote.requests import MOST
from store.writing.permit import Permit, Way
from tui.cli.assignments import command_line
from tui.commands import ScreenName, bindings
from tui.editing.many import ASK_ABOVE, ManyPlan, RowPlan
from tui.editing.many_flow import ManyFlow, Weighed
from tui.layout.lock_lines import waiting_words
from tui.layout.many_lines import FACT_ROWS, columns, head_line, plan_facts, plan_line, plan_scope
from tui.look import sentences
from tui.look.line import Line, Span, fit, rule
from tui.screens.at_risk import AtRisk
from tui.screens.copying import copy_text
from tui.screens.row_list import RowList
from tui.state import RowId, Update

PROGRESS_S: Final = 0.2
"""How often it is said how far a write has come."""


class ManyPreviewScreen(AtRisk, RowList, inherit_bindings=False):
    """What would be written, row by row; Space leaves a row out."""

    NAME: ClassVar[ScreenName] = "rows"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rows")]

    @dataclass
    class Tried(Message):
        """The writes are over, one way or the other."""

        weighed: Weighed

    def __init__(self, flow: ManyFlow, plan: ManyPlan) -> None:
        super().__init__()
        self.flow = flow
        self.plan = plan
        self.typed = ""
        self._asked = self._done = 0
        self._showing: Timer | None = None

    def length(self) -> int:
        """Every marked row, also those that are left out."""
        return len(self.plan.rows)

    def in_trouble(self, at: int) -> bool:
        """Whether the row is left out, by whomever."""
        return self.plan.rows[at].state not in ("write", "unchanged")

    def permissions(self) -> Sequence[Permit]:
        """To write each of the stores, as things stand now."""
        return list(self._permits().values())

    def scope_line(self, cells: int) -> Line:
        """Nothing is written yet."""
        return plan_scope(self.plan, cells, self.state_words() if self.plan.going else "nothing is written yet")

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The rows, and below them how they would be written."""
        shape = columns(cells, [plan.will for plan in self._near(rows)])
        said = self._waits() if self.writing else self.outcome or self.only_at_a_risk()
        facts = plan_facts(self.plan, self._how(), self.typed, said, cells)
        room = max(1, rows - 2 - FACT_ROWS)
        table = self.window(
            room, 2, lambda at, on_cursor: plan_line(self.plan.rows[at], shape, cells, on_cursor=on_cursor)
        )
        return [rule(cells), head_line(shape, "PLAN", "WILL BE", cells), *table, *facts]

    def keys_line(self, cells: int) -> Line:
        """The keys; while a write is under way, what it waits for."""
        if self.writing:
            return (Span(fit(f" {self._waits()}", cells), "strong"),)
        return self.hints(cells)

    def show_update(self, update: Update) -> None:
        """Rows that moved on disk are compared again; by the write itself once it is under way."""
        if not self.writing:
            self.plan.moved(update.rows, self.dashboard)
        self.redraw()

    def action_leave_out(self) -> None:
        """Leave the row out, or take it in again."""
        if self.writing:
            self.say(sentences.NOT_TAKEN_BACK)
            return
        why_not = self.plan.toggle(self.at, self.dashboard)
        self.typed = ""
        if why_not:
            self.say(why_not)
        else:
            self.move_to(self.at)

    def action_number(self, digit: str) -> None:
        """One digit of the number of rows; of too many the first go."""
        self.typed = (self.typed + digit)[-len(str(self.plan.going)) :]
        self.redraw()

    def action_write(self) -> None:
        """Write, in a thread; whatever comes of it is said."""
        going = self.plan.going
        if self.writing:
            self.say("The write is under way already: one w is enough.")
        elif not going:
            self.say("Nothing to write: no row is left that would change.")
        elif going > ASK_ABOVE and self.typed != str(going):
            self.say(f"{going:,} rows would be written. If that is what you mean, type {going}, then w.")
        elif refused := self.only_at_a_risk():
            self.outcome = refused
            self.redraw()
        else:
            self.writing, self._asked, self._done = True, 0, 0
            self._showing = self.set_interval(PROGRESS_S, self.redraw_foot)
            self.redraw()
            self._write(self.plan.edits(), self._permits(), self._written_how())

    @work(thread=True, group="write", exit_on_error=False, description="one write of many rows")
    def _write(self, edits: Mapping[Path, Sequence[RowPlan]], permits: Mapping[Path, Permit], how: str) -> None:
        self._asked = sum(map(len, edits.values()))
        results: dict[RowId, EditResult] = {}
        for store, plans in edits.items():
            done = apply_edits(
                store,
                [plan.as_edit() for plan in plans],
                permit=permits[store],
                journal=self.flow.desk.journal,
                progress=partial(self._came_to, len(results)),
            )
            results |= {plan.row: result for plan, result in zip(plans, done, strict=True)}
        self.post_message(self.Tried(self.flow.weigh(results, self.plan, how)))

    def _came_to(self, before: int, rows: int) -> None:
        self._done = before + rows

    def on_many_preview_screen_tried(self, message: Tried) -> None:
        """On to the outcome, or stay with the sentence that says what stopped the whole write."""
        self._ended()
        self.outcome = self.flow.wrote_all(message.weighed)
        if self.outcome:
            self.host.messages.log.append((self.dashboard.clock(), self.outcome))
            self.redraw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A write that broke off for a reason nobody foresaw; the rows have to be looked at."""
        if event.state is WorkerState.ERROR:
            self._ended()
            self.outcome = sentences.broke_off(event.worker.error)
            self.redraw()

    def _ended(self) -> None:
        self.writing = False
        self.host.messages.clear()
        if self._showing is not None:
            self._showing.stop()

    def action_edit_again(self) -> None:
        """Back to the form."""
        if self.writing:
            self.say(sentences.NOT_TAKEN_BACK)
        elif why_not := self.flow.plan_again(self.plan):
            self.say(why_not)

    def action_copy(self, _what: str) -> None:
        """The same edit as commands, one a row."""
        try:
            commands = [
                command_line(plan.intents, plan.row.key, plan.row.store, unsafe=self.at_risk)
                for plan in self.plan.rows
                if plan.state == "write"
            ]
        except UsageError as error:
            self.say(sentences.sentence(error.reason))
            return
        copy_text(self, "the commands", "\n".join(commands))

    def action_leave(self) -> None:
        """Close; the rows stay marked, and what was typed is kept."""
        if self.writing:
            self.say(sentences.NOT_TAKEN_BACK)
        elif self.plan.is_undo:
            self.dismiss()
        else:
            self.flow.stage.close("Not written. The rows are still marked.")

    def _near(self, rows: int) -> Sequence[RowPlan]:
        """The rows whose values decide how wide a column is: about those in sight."""
        return self.plan.rows[max(0, self.at - rows) : self.at + rows]

    def _permits(self) -> dict[Path, Permit]:
        return {store: self._permit(store, meant) for store, meant in self.plan.meant.items()}

    def _permit(self, store: Path, meant: Sequence[Intent]) -> Permit:
        permit = self.dashboard.permit(store)
        if permit.way != "gateway" and not permit.may_be_risked:
            return permit
        return permit_for(permit, meant, at_risk=self.at_risk)

    def _waits(self) -> str:
        permits = self._permits()
        holders = [self.dashboard.stores[store].holder for store in permits]
        holder = next(filter(None, holders), None)
        way: Way = "gateway" if any(permit.way == "gateway" for permit in permits.values()) else "file"
        waits = way == "file" and holder is not None and holder.pid != os.getpid()
        if self._done and not waits:
            if way == "file" and self._done == self._asked:
                return f"Writing: all {self._done:,} rows are compared; they are written together…"
            return f"Writing: {self._done:,} of {self._asked:,} rows…"
        return waiting_words(holder, self.dashboard.clock(), way)

    def _how(self) -> str:
        """How it would be written, or why not."""
        permits = self._permits()
        for permit in permits.values():
            if permit.kind != "allowed":
                return f"not from here: {sentences.why_not(permit)}"
        return self._way("one locked write", "fresh read, compared row by row")

    def _written_how(self) -> str:
        return self._way("one locked write", "")

    def _way(self, locked: str, steps: str) -> str:
        permits = self._permits()
        if any(permit.way == "gateway" for permit in permits.values()):
            together = f"{MOST} rows at once" if all(map(is_database, permits)) else "one row after the other"
            return f"through the running gateway, {together}"
        what = "one transaction" if all(map(is_database, permits)) else locked
        if any(permit.risked for permit in permits.values()):
            what = f"AT A RISK: {what}"
        whole = f"{what} of this store" if len(permits) == 1 else f"{what} of each of {len(permits)} stores"
        return f"{whole}: {steps}" if steps else whole
