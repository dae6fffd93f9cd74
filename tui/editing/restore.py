"""What `u` does: it puts back what a finding lost, else what the last change replaced, in whole units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from store.edit import preview_edit
from store.entry.fields import edited
from store.entry.intent import Intent, as_in
from store.errors import UsageError
from store.events import Version, Writer
from store.js import JsonObject
from store.text.document import decode_object
from tui.layout.entry_fields import unit_of
from tui.look import sentences
from tui.look.figures import clock_time
from tui.look.who import by
from tui.state import Dashboard, RowId

if TYPE_CHECKING:
    from store.findings.finding import Finding


class WayBack(NamedTuple):
    """The intents that put something back, and in words what that undoes; without intents: why there are none."""

    intents: tuple[Intent, ...]
    said: str


def lost_units(finding: Finding) -> tuple[str, ...]:
    """The units with a lost field, as far as they can be edited."""
    units = (unit_of(lost.field.split(".")[0]) for lost in finding.fields)
    return tuple(dict.fromkeys(unit for unit in units if unit))


def restorable(dashboard: Dashboard, row: RowId, field: str = "") -> Finding | None:
    """The finding whose loss is the last thing that happened to what it lost, among that this field or its unit.

    None once somebody has set it anew, or, where no field is asked for, you have edited the entry since.
    """
    changes = [change for change in dashboard.changes(row) if unit_of(change.field)]
    newest = changes[0].version if changes else None
    for finding in dashboard.findings.open_of(row):
        units = lost_units(finding)
        if not finding.listed or not units or (field and not _is_lost(field, finding)):
            continue
        yours_since = not field and newest is not None and _is_yours_since(newest, finding)
        moved = any(unit_of(change.field) in units and change.version.number > finding.version for change in changes)
        if not yours_since and not moved:
            return finding
    return None


def back_from(dashboard: Dashboard, row: RowId, field: str = "") -> WayBack:
    """What `u` puts back here: what a finding lost, else the last change; of one field's unit, or in the whole row.

    With an open finding the last change of the row is not undone instead, unless it is one of yours.
    """
    if (finding := restorable(dashboard, row, field)) is not None:
        return restore_of(dashboard, finding)
    if field:
        return undo_of(dashboard, row, unit_of(field)) if unit_of(field) else WayBack((), _not_edited(field))
    return _not_restorable(dashboard, row) or undo_of(dashboard, row)


def restore_of(dashboard: Dashboard, finding: Finding) -> WayBack:
    """What puts the lost units back."""
    if not finding.key:
        return WayBack((), "This finding is about the whole store: what an entry lost in it is a finding of its own.")
    units = lost_units(finding)
    if not units:
        return WayBack((), "Nothing that this finding lost is edited here.")
    before = _as_it_was(dashboard, finding)
    if before is None:
        return WayBack((), "This entry cannot be edited: it is gone, or it is not an object.")
    try:
        at = clock_time(finding.at, dashboard.clock())
        return WayBack(tuple(as_in(unit, before) for unit in units), f"restores what was lost at {at}")
    except UsageError as error:
        return WayBack((), f"Not restored: what was lost is no value to set. {sentences.sentence(error.reason)}")


def restored_in(dashboard: Dashboard, finding: Finding, version: Version) -> bool:
    """Whether all that can be put back stands again, now that this version has set some of it."""
    row, units = RowId(finding.store, finding.key), lost_units(finding)
    if not any(one.version == version and unit_of(one.field) in units for one in dashboard.changes(row)):
        return False
    entry, intents = dashboard.entry(row), restore_of(dashboard, finding).intents
    if entry is None or not intents:
        return False
    return all(change.field == "updatedAt" for change in preview_edit(entry, intents))


def undo_of(dashboard: Dashboard, row: RowId, unit: str = "", version: Version | None = None) -> WayBack:
    """What puts the newest seen change back: of one unit, or all units that the row's last such write changed.

    With `version`, all units that this write changed.
    """
    changes = [
        change
        for change in dashboard.changes(row)
        if unit_of(change.field) and unit in ("", unit_of(change.field)) and version in (None, change.version)
    ]
    if not changes:
        what = f"of {unit}" if unit else "to a field that can be edited"
        where = "was seen here since watching began" if version is None else "came with this version"
        return WayBack((), f"Nothing to undo: no change {what} {where}.")
    version = changes[0].version
    units = dict.fromkeys(unit_of(change.field) for change in reversed(changes) if change.version == version)
    before = decode_object(dashboard.histories[row.store].before(row.key, version))
    if before is not None:
        return _as_before(before, tuple(units), f"undoes {_write(version, dashboard.clock())}")
    why_not = f"the version before that change of {', '.join(units)} is no longer in memory"
    return WayBack((), f"Nothing to undo with: {why_not}.")


def _as_before(before: JsonObject, units: Sequence[str], said: str) -> WayBack:
    """A value that OpenClaw itself would not take is not put back."""
    try:
        return WayBack(tuple(as_in(name, before) for name in units), said)
    except UsageError as error:
        why_not = sentences.sentence(error.reason)
        return WayBack((), f"Not undone: what was there before is no value to set. {why_not}")


def _not_restorable(dashboard: Dashboard, row: RowId) -> WayBack | None:
    """Why nothing of the row's finding is put back; None where it has none, or you have written there since."""
    listed = [one for one in dashboard.findings.open_of(row) if one.listed]
    finding = next((one for one in listed if lost_units(one)), listed[0] if listed else None)
    changes = [change for change in dashboard.changes(row) if unit_of(change.field)]
    if finding is None or (changes and _is_yours_since(changes[0].version, finding)):
        return None
    units = lost_units(finding)
    if not units:
        return WayBack((), "Nothing that was lost here is edited here. h, then u on a version, undoes another change.")
    later = next((one for one in changes if unit_of(one.field) in units), None)
    since = f" at {clock_time(later.version.at, dashboard.clock())}" if later is not None else ""
    return WayBack(
        (),
        f"Not put back: {', '.join(units)} changed again{since}. "
        "f, then u restores it anyway; h, then u on a version, undoes another change.",
    )


def _is_yours_since(version: Version, finding: Finding) -> bool:
    return version.writer.how == "you" and version.number > finding.version


def _is_lost(field: str, finding: Finding) -> bool:
    lost = {one.field.split(".")[0] for one in finding.fields}
    return field in lost or unit_of(field) in lost_units(finding)


def _not_edited(field: str) -> str:
    return f"Nothing to undo: {field} is not edited here."


def _write(version: Version, now: float) -> str:
    """`your write of 14:02:07`, `pid 48213's write of 14:02:09`."""
    return f"{_whose(version.writer)} write of {clock_time(version.at, now)}"


def _whose(writer: Writer) -> str:
    if writer.how == "you":
        return "your"
    return f"{name}'s" if (name := by(writer).removeprefix("by ")) else "the"


def _as_it_was(dashboard: Dashboard, finding: Finding) -> JsonObject | None:
    """The entry before the write that lost something; once that text is forgotten, the lost values over the present."""
    row = RowId(finding.store, finding.key)
    for copy in dashboard.histories[finding.store].copies(finding.key):
        if copy.until.number == finding.version and finding.kind != "edit-gone":
            return decode_object(copy.raw)
    present = dashboard.entry(row)
    return None if present is None else edited(present, {lost.field: lost.lost for lost in finding.fields})
