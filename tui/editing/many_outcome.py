"""What became of an edit of many rows, row by row, and what would undo it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from store.edit import EditResult, Outcome
from store.entry.fields import edited
from store.entry.intent import Intent, as_in
from store.errors import UsageError
from store.js import Json, JsonObject
from tui.editing.many import ManyPlan, RowPlan, already_words, moved_words, planned, present_text, units_text
from tui.look.figures import counted
from tui.state import Dashboard, RowId

TROUBLE: Final = frozenset({"conflict", "busy", "refused", "unreadable"})
_ORDER: Final[tuple[Outcome, ...]] = (
    *("conflict", "refused", "busy", "unreadable"),
    *("unchanged", "rebased", "applied"),
)


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """One row: what was planned and what became of it."""

    plan: RowPlan
    result: EditResult

    @property
    def written(self) -> bool:
        """Whether the store has it."""
        return self.result.outcome in ("applied", "rebased")

    @property
    def now(self) -> JsonObject:
        """The entry as the write left it."""
        return edited(self.result.theirs or {}, {change.field: change.new for change in self.result.changes})

    @property
    def is_text(self) -> str:
        """What the units say now; `kept` where the write left them alone."""
        if self.result.outcome in TROUBLE:
            return "kept"
        return present_text(self.plan.intents, self.now)

    @property
    def was_text(self) -> str:
        """What they said before."""
        return units_text(self.plan.intents, self.plan.base or {})

    @property
    def note(self) -> str:
        """What there is to say, in a few words."""
        result = self.result
        if result.outcome == "conflict":
            return moved_words(self.plan.intents, self.plan.base or {}, result.theirs)
        if result.outcome == "unchanged":
            return already_words(self.plan.intents, result.theirs or {})
        if result.outcome == "rebased":
            moved = f"{counted(len(result.rebased), 'field', 'fields')} moved"
            return "see below" if result.reason else moved
        if result.outcome == "applied":
            return "see below" if result.reason else ""
        return result.reason.removeprefix("Not written: ")


@dataclass(frozen=True, slots=True)
class ManyOutcome:
    """All rows of one edit, those with trouble first; `at` is when (wall-clock seconds), `how` in which way.

    `tally` is how many ended how, `held_s` the longest that one store's lock was held, in seconds.
    """

    title: str
    rows: tuple[RowOutcome, ...]
    at: float
    how: str
    tally: Mapping[Outcome, int]
    held_s: float

    @property
    def written(self) -> int:
        """How many rows were written."""
        return self.tally.get("applied", 0) + self.tally.get("rebased", 0)

    def counts(self) -> str:
        """`7 written, 1 conflict, 1 unchanged`."""
        found = {"written": self.written}
        for name in _ORDER[:5]:
            found[name] = self.tally.get(name, 0)
        return ", ".join(f"{number:,} {name}" for name, number in found.items() if number or name == "written")

    def to_json(self) -> list[Json]:
        """The outcomes as `set --json` prints one."""
        return [row.result.to_json() for row in self.rows]

    def undo(self, dashboard: Dashboard) -> ManyPlan:
        """What puts the written rows back; a row that somebody changed since is shown and left out."""
        return ManyPlan(f"undo of {self.title}", self._undone(dashboard), is_undo=True)

    def _undone(self, dashboard: Dashboard) -> Iterator[RowPlan]:
        for one in self.rows:
            if one.written and one.result.theirs is not None:
                try:
                    intents = tuple(as_in(intent.unit, one.result.theirs) for intent in one.plan.intents)
                except UsageError:
                    yield RowPlan(one.plan.row, one.plan.intents, None, "cannot", "no value to set")
                else:
                    yield planned(dashboard, one.plan.row, intents, one.now)


def outcome_of(plan: ManyPlan, results: Mapping[RowId, EditResult], at: float, how: str) -> ManyOutcome:
    """The outcome of a plan: of the rows that were asked for."""
    rows = [RowOutcome(one, results[one.row]) for one in plan.rows if one.row in results]
    rows.sort(key=lambda row: _ORDER.index(row.result.outcome))
    held_s = max((row.result.lock_held_s for row in rows if row.written), default=0.0)
    return ManyOutcome(plan.title, tuple(rows), at, how, Counter(row.result.outcome for row in rows), held_s)


def title_of(intents: tuple[Intent, ...]) -> str:
    """`clear model`, or what will hold."""
    return "; ".join(_title(intent) for intent in intents)


def _title(intent: Intent) -> str:
    if intent.to_json().get("intent") in ("clear-model", "clear-delivery", "clear-field"):
        return f"clear {intent.unit}"
    return intent.describe()
