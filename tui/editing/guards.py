"""Units that somebody wants to be told about when they change: what they were, and whether they still stand.

Kept for one run of the program only. A write of this user's own is no loss: the guard then holds the new value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from store.entry.delivery import next_route
from store.events import UNKNOWN_WRITER, Changed, Event, Loaded, Writer
from store.js import ABSENT, JsonObject, encode
from store.text.document import decode_object
from tui.look.findings import units_of
from tui.look.values import unit_text
from tui.state import RowId

if TYPE_CHECKING:
    from store.findings.finding import Finding

Alert: TypeAlias = Literal["bell", "hook"]

_MODEL: Final = ("providerOverride", "modelOverride", "modelOverrideSource")
_GONE: Final = "gone with its entry"


@dataclass(slots=True)
class Guard:
    """One guarded unit (`model`, `delivery` or a field); `lost` while it has another value than `text` says."""

    row: RowId
    unit: str
    alert: Alert
    value: object
    text: str
    lost: bool = False
    told: set[str] = field(default_factory=set)


class Loss(NamedTuple):
    """A guarded unit that changed, or about which something was found; `at` in wall-clock seconds."""

    guard: Guard
    found: str
    at: float
    writer: Writer
    finding: Finding | None


class Guards:
    """All of them; each is told of once for each time that its value goes."""

    def __init__(self) -> None:
        self._guards: dict[tuple[RowId, str], Guard] = {}

    def hold(self, row: RowId, unit: str, alert: Alert, entry: JsonObject, now: float) -> Guard:
        """Guard a unit as it is in this entry."""
        guard = Guard(row, unit, alert, _value(unit, entry), unit_text(unit, entry, now))
        self._guards[row, unit] = guard
        return guard

    def lift(self, row: RowId, unit: str) -> bool:
        """Guard it no longer; whether it was."""
        return self._guards.pop((row, unit), None) is not None

    def of(self, row: RowId) -> list[Guard]:
        """What is guarded of an entry."""
        return [guard for guard in self._guards.values() if guard.row == row]

    def seen(
        self,
        event: Event,
        findings: Iterable[Finding],
        entry_of: Callable[[RowId], JsonObject | None],
        now: float,
    ) -> list[Loss]:
        """What was lost in an event, and of what was found with it whatever was not told yet."""
        losses: list[Loss] = []
        for guard in self._guards.values():
            if guard.row.store != event.store:
                continue
            found = [one for one in findings if _is_about(one, guard) and one.id not in guard.told]
            guard.told.update(one.id for one in found)
            finding = found[0] if found else None
            loss = self._loss(guard, event, finding, entry_of, now)
            if loss is None and finding is not None and not guard.lost:
                loss = Loss(guard, guard.text, finding.at, finding.writer, finding)
            if loss is not None:
                losses.append(loss)
        return losses

    @staticmethod
    def _loss(
        guard: Guard,
        event: Event,
        finding: Finding | None,
        entry_of: Callable[[RowId], JsonObject | None],
        now: float,
    ) -> Loss | None:
        match event:
            case Changed():
                change = next((one for one in event.changes if one.key == guard.row.key), None)
                if change is None:
                    return None
                entry, writer = decode_object(change.after), event.version.writer
            case Loaded():
                entry, writer = entry_of(guard.row), UNKNOWN_WRITER
            case _:
                return None
        if entry is not None and writer.how == "you":
            guard.value, guard.text = _value(guard.unit, entry), unit_text(guard.unit, entry, now)
        before, guard.lost = guard.lost, entry is None or _value(guard.unit, entry) != guard.value
        if before or not guard.lost:
            return None
        found = _GONE if entry is None else unit_text(guard.unit, entry, now)
        return Loss(guard, found, event.version.at, writer, finding)


def _value(unit: str, entry: JsonObject) -> object:
    """What is compared: of the delivery where the next reply goes, of anything else the text of its fields."""
    if unit == "delivery":
        return next_route(entry)
    names = _MODEL if unit == "model" else (unit,)
    values = (entry.get(name, ABSENT) for name in names)
    return tuple(None if value is ABSENT else encode(value) for value in values)


def _is_about(finding: Finding, guard: Guard) -> bool:
    return (
        (finding.store, finding.key) == guard.row
        and (finding.alarming or bool(finding.yours))
        and guard.unit in units_of(finding.fields)
    )
