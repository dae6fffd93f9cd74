"""What the entry screen says of the findings of its entry."""

from __future__ import annotations

from tui.look.figures import when
from tui.look.grades import ROLES, SIGNS
from tui.look.line import Span
from tui.state import Dashboard, RowId


def worst_words(dashboard: Dashboard, row: RowId) -> str:
    """`!! lost-update`, '' without an open finding."""
    finding = next(iter(dashboard.findings.open_of(row)), None)
    return f"{SIGNS[finding.grade].strip()} {finding.kind}" if finding is not None else ""


def loss_words(dashboard: Dashboard, row: RowId) -> Span | None:
    """`!! a write of yours was lost here 50s ago: u puts it back, f shows the proof`."""
    finding = next((one for one in dashboard.findings.open_of(row) if one.listed), None)
    if finding is None:
        return None
    what = "a write of yours was lost" if finding.yours else f"a {finding.kind} was found"
    ago = when(finding.at, dashboard.clock(), clock=dashboard.calm)
    said = f"{SIGNS[finding.grade].strip()} {what} here {ago}: u puts it back, f shows the proof"
    return Span(said, ROLES[finding.grade])
