"""One edit of many rows: the form once, one line a row in the preview, one write a store, an outcome a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from store.edit import EditResult
from store.entry.delivery import ClearDelivery
from store.entry.intent import Intent
from store.entry.levels import SetField
from tui.editing.desk import Desk
from tui.editing.edit_flow import EditFlow, Stage
from tui.editing.form_of import form_of, texts_of
from tui.editing.many import ManyPlan, planned
from tui.editing.many_outcome import ManyOutcome, outcome_of, title_of
from tui.editing.standing import Watched, to_watch
from tui.look import sentences
from tui.look.values import unit_text
from tui.state import Dashboard, RowId

ONE_CHAT: Final = "A route belongs to one chat: for marked rows it can be cleared, not set."
NAMED: Final = 3
"""So many different values are named in a form."""


class ManyStage(Stage, Protocol):
    """The screens an edit of many rows goes through."""

    def show_plan(self, plan: ManyPlan) -> None:
        """The preview of many rows."""

    def show_outcome(self, outcome: ManyOutcome, sentence: str) -> None:
        """What became of them, and what is to be said beside it."""


class Weighed(NamedTuple):
    """What became of a plan; `stopped` says why nothing at all was written."""

    stopped: str
    outcome: ManyOutcome
    watched: Sequence[Watched]


class ManyFlow(EditFlow):
    """The state of one edit of many rows; `marks` are the operator's, and lose the rows that are done with."""

    def __init__(
        self, rows: Sequence[RowId], marks: set[RowId], dashboard: Dashboard, desk: Desk, stage: ManyStage
    ) -> None:
        super().__init__(rows[0], dashboard, desk, stage, {})
        self.rows = tuple(rows)
        self.marks = marks
        self.many = stage
        self._several: dict[str, str] = {}

    @property
    def about(self) -> str:
        """How many rows."""
        return f"{len(self.rows):,} marked rows"

    @property
    def foot(self) -> str:
        """Nothing is judged before the preview."""
        return "the preview shows every row; each is compared with that when it is written"

    def several(self, unit: str) -> str:
        """The most frequent values of a unit among the rows."""
        if unit not in self._several:
            now = self.dashboard.clock()
            counts = Counter(unit_text(unit, self.dashboard.entry(row) or {}, now) for row in self.rows)
            said = [f"{text} in {number:,}" for text, number in counts.most_common(NAMED)]
            more = len(counts) - NAMED
            self._several[unit] = ", ".join(said) + (f" and {more:,} more" if more > 0 else "")
        return self._several[unit]

    def begin(self, what: str, field: str = "") -> str:
        """A form, or the preview at once; the sentence that says why neither."""
        if what == "delivery":
            return self.propose([ClearDelivery()])
        self.open_form(what, field)
        return ""

    def open_form(self, unit: str, field: str = "") -> None:
        """The form, with what was typed last time and not written."""
        form = form_of(unit, field, self.dashboard, self.row, {})
        texts = self.desk.many.get(form.unit)
        if texts is not None and field in ("", texts.get("field", field)):
            form.restore(texts)
            self.greeting = "Kept from marked rows before; typing replaces it."
        self.desk.last_unit, self.desk.last_field = form.unit, field
        self.form = form
        self.stage.show_form()

    def typed(self) -> None:
        """Kept for this run: a draft on disk is that of one entry."""
        if self.form is not None:
            self.desk.many[self.form.unit] = self.form.texts()

    def propose(self, intents: Sequence[Intent]) -> str:
        """Preview these intents for every row."""
        if any(isinstance(intent, SetField) and intent.field == "label" and intent.value for intent in intents):
            return "A label names one session: for marked rows it can be cleared, not set."
        plan = ManyPlan(title_of(tuple(intents)), (planned(self.dashboard, row, intents) for row in self.rows))
        self.many.show_plan(plan)
        return ""

    def plan_again(self, plan: ManyPlan) -> str:
        """Back to the form of this plan; the sentence that says why there is none."""
        if plan.is_undo:
            return "This puts back what a write changed; marked rows are edited with e on the main screen."
        intent = plan.intents[0]
        if intent.unit == "delivery":
            return ONE_CHAT
        if self.form is None:
            self.form = form_of(intent.unit, intent.unit, self.dashboard, self.row, {})
            self.form.restore(texts_of(intent))
        self.stage.show_form()
        return ""

    def weigh(self, results: Mapping[RowId, EditResult], plan: ManyPlan, how: str) -> Weighed:
        """What became of the plan; for the thread that wrote, as thousands of rows take their time."""
        reasons = {result.reason for result in results.values()}
        stopped = ""
        if len(reasons) == 1 and {result.outcome for result in results.values()} <= {"busy", "refused", "unreadable"}:
            stopped = sentences.not_written(next(iter(results.values())))
        now = self.dashboard.clock()
        outcome = outcome_of(plan, results, now, how)
        watched = [to_watch(row.result, row.plan.intents, now) for row in outcome.rows if row.written]
        return Weighed(stopped, outcome, watched)

    def wrote_all(self, weighed: Weighed) -> str:
        """Take in what became of it; the sentence that stays in the preview when the whole write was stopped."""
        if weighed.stopped:
            return weighed.stopped
        outcome = weighed.outcome
        written = [row.result for row in outcome.rows if row.written]
        self.desk.standing.take(weighed.watched)
        for result in written:
            self.desk.held_s[result.store] = result.lock_held_s
        self.marks -= {row.plan.row for row in outcome.rows if row.written or row.result.outcome == "unchanged"}
        if self.form is not None:
            self.desk.many.pop(self.form.unit, None)
        said = [sentence for result in written for sentence in self.gone_already(result, outcome.at)]
        self.many.show_outcome(outcome, " ".join(said[:1]))
        return ""

    def undo(self, outcome: ManyOutcome) -> str:
        """Preview what puts back what this wrote; why not, when it wrote nothing."""
        if not outcome.written:
            return "Nothing to undo: nothing was written."
        self.form = None
        self.many.show_plan(outcome.undo(self.dashboard))
        return ""
