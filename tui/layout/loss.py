"""What the entry screen says of the findings of its entry, and of what is wrong with it as it stands."""

from __future__ import annotations

from store.summary import EntrySummary
from tui.editing.restore import lost_units, restorable
from tui.look.figures import when
from tui.look.grades import ROLES, SIGNS
from tui.look.line import Span, first_fitting
from tui.look.printable import printable
from tui.state import Dashboard, RowId

_TOLD_BY_THE_ROUTE = (
    "poisoned-route",
    "other-channel",
    "other-chat",
    "other-thread",
    "other-account",
    "torn-route",
    "torn-model",
)


def worst_words(dashboard: Dashboard, row: RowId) -> str:
    """`!! lost-update`, '' without an open finding."""
    finding = next(iter(dashboard.findings.open_of(row)), None)
    return f"{SIGNS[finding.grade].strip()} {finding.kind}" if finding is not None else ""


def loss_words(dashboard: Dashboard, row: RowId, field: str, cells: int) -> Span | None:
    """`!! a write of yours was lost here 50s ago: u puts it back, f shows the proof`: what `u` does on this field."""
    finding = next((one for one in dashboard.findings.open_of(row) if one.listed), None)
    if finding is None:
        return None
    what = "a write of yours was lost" if finding.yours else f"a {finding.kind} was found"
    ago = when(finding.at, dashboard.clock(), clock=dashboard.calm)
    keys: tuple[str, ...]
    if finding is restorable(dashboard, row, field):
        keys = ("u puts it back, f shows the proof", "u puts it back; f", "u puts it back")
    else:
        keys = ("f, then u puts it back",) if lost_units(finding) else ("f shows the proof",)
    head = f"{SIGNS[finding.grade].strip()} {what} here {ago}: "
    return Span(first_fitting([head + key for key in keys], cells), ROLES[finding.grade])


def wrong_words(summary: EntrySummary) -> Span | None:
    """`! The row is refused by OpenClaw …`: the worst of what the lines about model and route do not say."""
    remark = next((one for one in summary.lint if one.rule not in _TOLD_BY_THE_ROUTE), None)
    if remark is None or summary.invalid:
        return None
    what = "The row " if remark.because == summary.flaw else ""
    return Span(f"! {what}{printable(remark.because)}.", "strong")
