"""What brings back what a finding lost: whole units, against whatever the entry is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.entry.fields import edited
from store.entry.intent import Intent, as_in
from store.errors import UsageError
from store.js import JsonObject
from store.text.document import decode_object
from tui.layout.entry_fields import unit_of
from tui.look import sentences
from tui.state import Dashboard, RowId

if TYPE_CHECKING:
    from store.findings.finding import Finding


def lost_units(finding: Finding) -> tuple[str, ...]:
    """The units with a lost field, as far as they can be edited."""
    units = (unit_of(lost.field.split(".")[0]) for lost in finding.fields)
    return tuple(dict.fromkeys(unit for unit in units if unit))


def restorable(dashboard: Dashboard, row: RowId, unit: str = "") -> Finding | None:
    """The finding whose loss is the last thing that happened to what it lost; of this unit, if that ever changed.

    None once somebody has set it anew, or you have edited the entry since: then `u` undoes that.
    """
    changes = [change for change in dashboard.changes(row) if unit_of(change.field)]
    newest, changed = changes[0].version if changes else None, {unit_of(change.field) for change in changes}
    for finding in dashboard.findings.open_of(row):
        units = lost_units(finding)
        if not finding.listed or not units or (unit not in ("", *units) and unit in changed):
            continue
        yours_since = newest is not None and newest.writer.how == "you" and newest.number > finding.version
        moved = any(unit_of(change.field) in units and change.version.number > finding.version for change in changes)
        if not yours_since and not moved:
            return finding
    return None


def restore_of(dashboard: Dashboard, finding: Finding) -> tuple[tuple[Intent, ...], str]:
    """The intents that put the lost units back, or the sentence that says why there are none."""
    if not finding.key:
        return (), "This finding is about the whole store: what an entry lost in it is a finding of its own."
    units = lost_units(finding)
    if not units:
        return (), "Nothing that this finding lost is edited here."
    before = _as_it_was(dashboard, finding)
    if before is None:
        return (), "This entry cannot be edited: it is gone, or it is not an object."
    try:
        return tuple(as_in(unit, before) for unit in units), ""
    except UsageError as error:
        return (), f"Not restored: what was lost is no value to set. {sentences.sentence(error.reason)}"


def _as_it_was(dashboard: Dashboard, finding: Finding) -> JsonObject | None:
    """The entry before the write that lost something; once that text is forgotten, the lost values over the present."""
    row = RowId(finding.store, finding.key)
    for copy in dashboard.histories[finding.store].copies(finding.key):
        if copy.until.number == finding.version and finding.kind != "edit-gone":
            return decode_object(copy.raw)
    present = dashboard.entry(row)
    return None if present is None else edited(present, {lost.field: lost.lost for lost in finding.fields})
