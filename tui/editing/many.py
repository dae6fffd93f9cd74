"""An edit of many rows that is proposed and not written: what becomes of each, and which are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from store.edit import RowEdit
from store.entry.intent import Intent
from store.entry.overrides import model_override, observed_model
from store.js import ABSENT, JsonObject
from tui.editing.proposal import Proposal
from tui.look.values import running_since, unit_text
from tui.state import Dashboard, RowId

State = Literal["write", "left out", "moved", "cannot", "unchanged"]
ASK_ABOVE: Final = 50
"""More rows than this are written only after their number was typed."""
RUN_ACTIVE: Final = "run active"
_LETTERS: Final = {"user": "u", "auto": "a", "default": "d", "old": "o"}


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row as the preview shows it; `base` is the entry that it was made from, None where there is none."""

    row: RowId
    intents: tuple[Intent, ...]
    base: JsonObject | None
    state: State
    note: str

    @property
    def was(self) -> str:
        """What the units of the row say."""
        return units_text(self.intents, self.base or {})

    @property
    def will(self) -> str:
        """What they say afterwards; `kept` for a row that is not written."""
        if self.base is None or self.state in ("left out", "moved", "cannot"):
            return "kept"
        return present_text(self.intents, self._proposal(self.base).written())

    def as_edit(self) -> RowEdit:
        """What the store is asked for."""
        return RowEdit(self.row.key, self.intents, self.base)

    def judged(self, disk: JsonObject | None, *, wanted: bool = True) -> RowPlan:
        """The same row, with what is on disk now; `wanted`: the operator has not left it out."""
        if self.base is None or not self.intents:
            return self
        proposal = self._proposal(self.base)
        if not wanted:
            return replace(self, state="left out", note="by you")
        if disk is not self.base and proposal.moved(disk):
            return replace(self, state="moved", note=moved_words(self.intents, self.base, disk))
        if not proposal.changes():
            return replace(self, state="unchanged", note=already_words(self.intents, self.base))
        note = RUN_ACTIVE if running_since(self.base) is not None else ""
        return replace(self, state="write", note=note)

    def _proposal(self, base: JsonObject) -> Proposal:
        return Proposal(self.row.store, self.row.key, base, self.intents, 0.0)


class ManyPlan:
    """The rows of one edit in the order of the table; it belongs to the preview that shows it.

    What is asked with every repaint is counted once: there may be thousands of rows.
    """

    def __init__(self, title: str, rows: Iterable[RowPlan], *, is_undo: bool = False) -> None:
        self.title = title
        self.is_undo = is_undo
        self._rows = list(rows)
        self._places = {plan.row: at for at, plan in enumerate(self._rows)}
        self.units = tuple(dict.fromkeys(intent.unit for plan in self._rows for intent in plan.intents))
        self._count()

    def _count(self) -> None:
        going = [plan for plan in self._rows if plan.state == "write"]
        self.going = len(going)
        """How many rows would be written."""
        self.running = sum(plan.note == RUN_ACTIVE for plan in going)
        """In how many of them a run is active."""
        meant: dict[Path, dict[int, Intent]] = {plan.row.store: {} for plan in self._rows}
        for plan in going:  # a form's wish is the same object in every row
            meant[plan.row.store].update({id(intent): intent for intent in plan.intents})
        self.meant: Mapping[Path, Sequence[Intent]] = {store: [*wishes.values()] for store, wishes in meant.items()}
        """What would be written to each of the stores."""

    @property
    def rows(self) -> Sequence[RowPlan]:
        """Every row, also those that are left out."""
        return self._rows

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The wish of the first row that has one: of an edit by form it is that of all."""
        return next((plan.intents for plan in self._rows if plan.intents), ())

    def edits(self) -> dict[Path, list[RowPlan]]:
        """The rows to ask the stores for: also those that seem to be as wished, so that their outcome is told."""
        found: dict[Path, list[RowPlan]] = {}
        for plan in self._rows:
            if plan.state in ("write", "unchanged"):
                found.setdefault(plan.row.store, []).append(plan)
        return found

    def toggle(self, at: int, dashboard: Dashboard) -> str:
        """Leave a row out, or take it in as it is on disk now; why not, when it cannot be."""
        plan = self._rows[at]
        if plan.state == "write":
            self._put({at: plan.judged(plan.base, wanted=False)})
            return ""
        if plan.state in ("left out", "moved"):
            disk = dashboard.entry(plan.row)
            if disk is not None:
                self._put({at: replace(plan, base=disk).judged(disk)})
                return ""
        return f"This row is not written: {plan.note}."

    def moved(self, rows: Iterable[RowId], dashboard: Dashboard) -> None:
        """These rows changed on disk: what was compared with the older text is compared again."""
        places = {self._places[row] for row in rows if row in self._places}
        self._put({at: self._rows[at].judged(dashboard.entry(self._rows[at].row)) for at in places if self._wanted(at)})

    def _wanted(self, at: int) -> bool:
        return self._rows[at].state != "left out"

    def _put(self, plans: Mapping[int, RowPlan]) -> None:
        for at, plan in plans.items():
            self._rows[at] = plan
        if plans:
            self._count()


def planned(dashboard: Dashboard, row: RowId, intents: Sequence[Intent], seen: JsonObject | None = None) -> RowPlan:
    """One row of a plan, made from the entry as it is on disk now, or as it was `seen`."""
    disk = dashboard.entry(row)
    if dashboard.store(row).broken is not None:
        return RowPlan(row, tuple(intents), None, "cannot", "store broken")
    if disk is None:
        return RowPlan(row, tuple(intents), None, "cannot", "gone" if row not in dashboard.rows else "not an object")
    plan = RowPlan(row, tuple(intents), seen if seen is not None else disk, "write", "")
    return plan.judged(disk)


def unit_cell(unit: str, entry: JsonObject) -> str:
    """What a unit says, as the table says it: `a glm-4.7`, `(gpt-5.2)` where only a run used it, `-`."""
    if unit == "model":
        override = model_override(entry)
        if override is not None:
            return f"{_LETTERS.get(override.source, ' ')} {override.model or override.provider}"
        used = observed_model(entry)[1]
        return f"({used})" if used else "-"
    text = unit_text(unit, entry, 0.0)
    return "-" if text == "not set" else text


def units_text(intents: Sequence[Intent], entry: JsonObject) -> str:
    """All the units."""
    return ", ".join(unit_cell(intent.unit, entry) for intent in intents)


def present_text(intents: Sequence[Intent], entry: JsonObject) -> str:
    """The same after an edit: of a model that is not set any more, the one last used is no longer of interest."""
    cells = ((intent.unit, unit_cell(intent.unit, entry)) for intent in intents)
    return ", ".join("-" if unit == "model" and text.startswith("(") else text for unit, text in cells)


def moved_words(intents: Sequence[Intent], base: JsonObject, disk: JsonObject | None) -> str:
    """How a row ran away from what was shown of it, in a few words."""
    if disk is None:
        return "entry is gone"
    if disk.get("sessionId", ABSENT) != base.get("sessionId", ABSENT):
        return "another session"
    override = model_override(disk)
    if [intent.unit for intent in intents] != ["model"] or override == model_override(base):
        return "changed since"
    return f"a {override.source} pin now" if override is not None else "cleared since"


def already_words(intents: Sequence[Intent], entry: JsonObject) -> str:
    """Why there is nothing to write."""
    cleared = all(unit_cell(intent.unit, entry).startswith(("-", "(")) for intent in intents)
    return "already clear" if cleared else "already so"
