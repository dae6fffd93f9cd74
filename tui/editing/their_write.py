"""The write that was first: when, by whom, and what it looks like, from what the dashboard saw."""

from __future__ import annotations

from dataclasses import dataclass

from store.entry.overrides import model_override
from store.history import FieldChange
from store.js import JsonObject
from store.writing.process import command_line, pid_alive, short_name
from tui.editing.proposal import Proposal
from tui.layout.entry_fields import unit_of
from tui.look.values import clock
from tui.look.who import who, who_at_length
from tui.state import Dashboard, RowId


@dataclass(frozen=True, slots=True)
class TheirWrite:
    """What is known of the write that was first; '' where it is not."""

    when: str
    short: str
    by: str
    who: str
    also: tuple[str, ...]
    reads_as: str


def unit_change(dashboard: Dashboard, row: RowId, unit: str, since: float) -> FieldChange | None:
    """The newest change of the unit after that time, as far as it was seen."""
    for change in dashboard.changes(row):
        if change.version.at < since:
            return None
        if unit_of(change.field) == unit:
            return change
    return None


def their_write(dashboard: Dashboard, row: RowId, unit: str, proposal: Proposal, disk: JsonObject) -> TheirWrite:
    """What can be said of the write that moved this unit under the proposal."""
    reads_as = fallback(proposal.base, disk) if unit == "model" else ""
    change = unit_change(dashboard, row, unit, proposal.began)
    if change is None:
        return TheirWrite("", "", "", "", (), reads_as)
    at, writer = change.version.at, change.version.writer
    same_write = (one for one in dashboard.changes(row) if one.version == change.version)
    also = [one.field for one in same_write if unit_of(one.field) != unit]
    when = clock(at, dashboard.clock(), 3)
    return TheirWrite(when, who(writer), who_at_length(writer), _process(writer.pid), tuple(also), reads_as)


def fallback(base: JsonObject, disk: JsonObject) -> str:
    """A model that became an automatic one reads as the gateway's own fallback."""
    was, now = model_override(base), model_override(disk)
    if now is None or now.source != "auto":
        return ""
    return f"a fallback of the gateway, from {was.model if was else 'the default'} to {now.model}"


def _process(pid: int | None) -> str:
    if pid is None:
        return ""
    if not pid_alive(pid):
        return "no longer alive"
    name = short_name(command_line(pid))
    return f"{name}, alive" if name else "alive"
