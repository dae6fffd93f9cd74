"""The preview of an edit: the only screen that writes, and only on `w`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import work
from textual.binding import BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState

from store.edit import EditResult, apply_edit
from store.remote.patch import permit_for
from store.writing.permit import Permit
from tui.cli.assignments import command_line
from tui.commands import ScreenName, bindings
from tui.editing.edit_flow import EditFlow
from tui.editing.proposal import Proposal
from tui.layout.lock_lines import waiting_words
from tui.layout.preview_lines import PreviewFacts, preview_lines, scope_line
from tui.look import sentences
from tui.look.line import Line, Span, fit
from tui.screens.at_risk import AtRisk
from tui.screens.copying import copy_text
from tui.screens.moving import Moving

PAGE: Final = 10


class PreviewScreen(Moving, AtRisk, inherit_bindings=False):
    """What would be written; Enter does nothing here, so that a double Enter cannot write."""

    NAME: ClassVar[ScreenName] = "preview"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("preview")]

    @dataclass
    class Tried(Message):
        """The write is over, one way or the other."""

        result: EditResult

    def __init__(self, flow: EditFlow, proposal: Proposal) -> None:
        super().__init__()
        self.flow = flow
        self.proposal = proposal
        self._top = 0
        self._furthest = 0

    @property
    def permit(self) -> Permit:
        """Whether this store may be written, as things stand now."""
        permit = self.dashboard.permit(self.proposal.store)
        return permit_for(permit, self.proposal.intents, at_risk=self.at_risk)

    def permissions(self) -> Sequence[Permit]:
        """The same, of its only store."""
        return (self.permit,)

    def scope_line(self, cells: int) -> Line:
        """Nothing is written yet."""
        return scope_line(self.proposal, cells, self.state_words(), self.flow.purpose)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The change, the condition, the cautions; or what became of the last try."""
        now = self.dashboard.clock()
        release = self.dashboard.stores[self.proposal.store].discipline.release
        facts = PreviewFacts(
            self.permit,
            self.flow.desk.held_s.get(self.proposal.store),
            sentences.cautions(self.proposal, release, now),
            self._waits() if self.writing else self.outcome or self._moved(now) or self.only_at_a_risk(),
        )
        lines, self._furthest = preview_lines(self.proposal, facts, cells, rows, self._top, now)
        return lines

    def keys_line(self, cells: int) -> Line:
        """The keys of the preview; while a write is under way, what it waits for."""
        if self.writing:
            return (Span(fit(f" {self._waits()}", cells), "strong"),)
        return self.hints(cells)

    def action_write(self) -> None:
        """Write, in a thread; whatever comes of it is said."""
        if self.writing:
            self.say("The write is under way already: one w is enough.")
            return
        if refused := self.only_at_a_risk():
            self.outcome = refused
            self.redraw()
            return
        self.writing = True
        self.redraw()
        self._write(self.permit)

    @work(thread=True, group="write", exit_on_error=False)
    def _write(self, permit: Permit) -> None:
        one = self.proposal
        result = apply_edit(one.store, one.key, one.intents, one.base, permit=permit, journal=self.flow.desk.journal)
        self.post_message(self.Tried(result))

    def on_preview_screen_tried(self, message: Tried) -> None:
        """Close with a sentence, go to the conflict, or stay with the sentence in the last lines."""
        self.writing = False
        self.host.messages.clear()
        self.outcome = self.flow.wrote(message.result, self.proposal)
        if self.outcome:
            self.host.messages.log.append((self.dashboard.clock(), self.outcome))
            self.redraw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A write that broke off for a reason nobody foresaw is no write; the text is kept."""
        if event.state is WorkerState.ERROR:
            self.writing = False
            self.host.messages.clear()
            self.outcome = sentences.broke_off(event.worker.error)
            self.redraw()

    def action_edit_again(self) -> None:
        """Back to the form."""
        if self.writing:
            self.say(sentences.NOT_TAKEN_BACK)
            return
        if self.flow.form is None and len(self.proposal.intents) > 1:
            self.say(
                f"This puts {len(self.proposal.intents)} units back at once; e m, e d and e l edit them one by one."
            )
        else:
            self.flow.back_to_form(self.proposal)

    @property
    def rows_in_sight(self) -> int:
        """About as many lines of the change as are in sight."""
        return PAGE

    def step_by(self, lines: int) -> None:
        """Scroll the change."""
        self._top = max(0, min(self._top + lines, self._furthest))
        self.redraw()

    def action_copy(self, _what: str) -> None:
        """The same edit as a command line."""
        one = self.proposal
        copy_text(self, "the command", command_line(one.intents, one.key, one.store, unsafe=self.at_risk))

    def action_leave(self) -> None:
        """Close preview and form; what was typed is kept. A write that is under way is waited for."""
        if self.writing:
            self.say(sentences.NOT_TAKEN_BACK)
        else:
            self.flow.close_unwritten()

    def _waits(self) -> str:
        state = self.dashboard.stores[self.proposal.store]
        return waiting_words(state.holder, self.dashboard.clock(), self.permit.way)

    def _moved(self, now: float) -> str:
        disk = self.flow.disk
        moved = self.proposal.moved(disk)
        if not moved:
            return ""
        return sentences.moved_under_preview(moved[0], disk, now)
