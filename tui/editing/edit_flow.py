"""One edit from the key that begins it to the sentence that ends it: form, preview, write, conflict, and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from store.edit import EditResult
from store.entry.intent import Intent
from store.entry.levels import SetField, check_label
from store.errors import UsageError
from store.js import JsonObject
from tui.editing.desk import Desk
from tui.editing.drafts import Draft
from tui.editing.form_of import form_of, texts_of
from tui.editing.form_parts import Form
from tui.editing.proposal import Proposal
from tui.look import sentences
from tui.look.printable import visible_key
from tui.look.values import unit_text
from tui.look.who import by
from tui.state import Dashboard, RowId


class Stage(Protocol):
    """The screens an edit goes through: the flow says which comes next, the stage puts it on."""

    def show_form(self) -> None:
        """The form, on top of nothing but the screen the edit began on."""

    def show_preview(self, proposal: Proposal) -> None:
        """The preview, in place of a conflict or of another preview."""

    def show_conflict(self, proposal: Proposal, disk: JsonObject) -> None:
        """The conflict, in place of a preview."""

    def close(self, sentence: str) -> None:
        """Back to the screen the edit began on, which says this."""


class EditFlow:
    """The state of one edit: the form and its text live here, so that no screen can lose them."""

    def __init__(self, row: RowId, dashboard: Dashboard, desk: Desk, stage: Stage, disk: JsonObject) -> None:
        self.row = row
        self.dashboard = dashboard
        self.desk = desk
        self.stage = stage
        self.base = disk
        self.began = dashboard.clock()
        self.form: Form | None = None
        self._untouched: dict[str, str] = {}
        self.greeting = ""
        self.purpose = ""
        """In words what this edit undoes; blank where it is one of its own."""

    @property
    def about(self) -> str:
        """What is edited."""
        return visible_key(self.row.key)

    @property
    def foot(self) -> str:
        """What the form says below instead of how its one entry moved."""
        return ""

    def several(self, _unit: str) -> str:
        """What a unit is on disk, where it is that of several entries."""
        return ""

    @property
    def disk(self) -> JsonObject | None:
        """The entry as it is on disk now, as far as it was seen."""
        return self.dashboard.entry(self.row)

    def open_form(self, unit: str, field: str = "") -> None:
        """Begin with a form; a draft of it comes back."""
        form = form_of(unit, field, self.dashboard, self.row, self.base)
        self.desk.last_unit, self.desk.last_field = form.unit, field
        self._untouched = form.texts()
        draft = self.desk.drafts.load(self.row.store, self.row.key, form.unit)
        if draft is not None and field and draft.texts.get("field", field) != field:
            draft = None
        if draft is not None:
            form.restore(draft.texts)
            self.greeting = sentences.draft_is_back(draft, self._unit_text(form), self.dashboard.clock())
        self.form = form
        self.stage.show_form()

    def typed(self) -> None:
        """The text changed: keep it on disk, unless it is as the form began."""
        if self.form is None:
            return
        if self.form.texts() == self._untouched:
            self._done()
            return
        now = self.dashboard.clock()
        draft = Draft(*self.row, self.form.unit, self.form.texts(), self._unit_text(self.form), now)
        self.desk.drafts.save(draft)

    def submit(self) -> str:
        """On to the preview, or to the conflict; what is wrong with the text otherwise."""
        if self.form is None:
            return ""
        self.purpose = ""
        try:
            return self.propose(self.form.intents())
        except UsageError as error:
            return sentences.sentence(error.reason)

    def propose(self, intents: Sequence[Intent]) -> str:
        """Preview these intents; the sentence that says why not, when there is nothing to preview."""
        proposal = Proposal(*self.row, self.base, tuple(intents), self.began)
        try:
            self._check_labels(proposal)
        except UsageError as error:
            return sentences.sentence(error.reason)
        disk = self.disk
        if disk is None:
            return sentences.conflict(proposal.units[0], proposal, None, "", self.dashboard.clock())
        if not proposal.changes() and not proposal.moved(disk):
            wish = "; ".join(intent.describe() for intent in intents)
            return f"Nothing to write: {wish} already."
        if proposal.moved(disk):
            self.stage.show_conflict(proposal, disk)
        else:
            self.stage.show_preview(proposal)
        return ""

    def back_to_form(self, proposal: Proposal, based_on: JsonObject | None = None) -> None:
        """The form again; with `based_on` what was typed is now meant for that version."""
        if based_on is not None:
            self.base, self.began = based_on, self.dashboard.clock()
        if self.form is None:
            intent = proposal.intents[0]
            self.form = form_of(intent.unit, intent.unit, self.dashboard, self.row, self.base)
            self.form.restore(texts_of(intent))
            self.desk.last_unit, self.desk.last_field = self.form.unit, intent.unit
        self.stage.show_form()

    def close_unwritten(self) -> None:
        """Back to the screen the edit began on, with nothing written; the draft stays."""
        self.stage.close("Not written. What you typed is kept; e brings it back." if self.form else "Not written.")

    def decided(self, proposal: Proposal | None) -> None:
        """A conflict was decided: what is left is previewed on the version on disk."""
        if proposal is None or not proposal.changes():
            self._done()
            self.stage.close("Nothing was written: what is on disk stays.")
            return
        self.base, self.began = proposal.base, proposal.began
        self.stage.show_preview(proposal)

    def wrote(self, result: EditResult, proposal: Proposal) -> str:
        """Take in what became of a write; the sentence that stays in the preview when it was not written."""
        now = self.dashboard.clock()
        if result.outcome == "conflict":
            disk = result.theirs
            if disk is None:
                return sentences.conflict(proposal.units[0], proposal, None, "", now)
            self.stage.show_conflict(proposal, disk)
            return ""
        if result.outcome not in {"applied", "rebased", "unchanged"}:
            return sentences.not_written(result)
        if result.outcome != "unchanged":
            self.desk.held_s[result.store] = result.lock_held_s
            self.desk.standing.watch(result, proposal.intents, now)
        self._done()
        self.stage.close(" ".join([sentences.written(result, proposal, now), *self.gone_already(result, now)]))
        return ""

    def gone_already(self, result: EditResult, now: float) -> list[str]:
        """A version after ours may have been taken in before the word of our own write got here."""
        row = RowId(result.store, result.key)
        last = self.dashboard.store(row).last
        if last is None or last.file == result.version:
            return []
        changes = self.dashboard.changes(row)
        ours = next((at for at, change in enumerate(changes) if change.version.file == result.version), 0)
        if ours == 0:
            return []
        undone_by = by(changes[0].version.writer)
        return self.desk.standing.changed(*row, self.dashboard.entry(row), undone_by, now)

    def _done(self) -> None:
        if self.form is not None:
            self.desk.drafts.remove(self.row.store, self.row.key, self.form.unit)

    def _check_labels(self, proposal: Proposal) -> None:
        for intent in proposal.intents:
            if isinstance(intent, SetField) and intent.field == "label" and isinstance(intent.value, str):
                others = {
                    summary.label
                    for row, summary in self.dashboard.rows.items()
                    if row.store == self.row.store and row != self.row
                }
                check_label(intent.value, others)

    def _unit_text(self, form: Form) -> str:
        guard = form.guard()
        return unit_text(guard.unit, self.base, self.dashboard.clock()) if guard else ""
