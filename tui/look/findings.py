"""A finding in words: what was lost in a few cells, and what happened in a line or two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from store.entry.schema import field as field_of
from store.findings.words import age, listed
from store.js import ABSENT, JsonObject
from tui.look.printable import printable
from tui.look.values import unit_text, value_text

if TYPE_CHECKING:
    from store.events import Writer
    from store.findings.finding import Finding, LostField

_REVERSALS: Final = frozenset({"lost-update", "stale-write-back", "resurrected-field", "edit-gone"})
_SHORT: Final = {"delivery": "reply", "thinkingLevel": "think", "sendPolicy": "send"}
_LONG: Final = {"delivery": "reply", "thinkingLevel": "thinking", "sendPolicy": "send policy"}
_TELLING: Final = ("modelOverride", "providerOverride", "authProfileOverride")
_NAMED: Final = 3
_ASIDE: Final = re.compile(r" \([^()]*\)$")
"""At the end of a sentence: what one line has no room for."""


def units_of(fields: Sequence[LostField]) -> tuple[str, ...]:
    """The units these fields belong to, in order; a field that is in none stands for itself."""
    units = (_unit_of(lost.field) for lost in fields)
    return tuple(dict.fromkeys(units))


def lost_words(finding: Finding, cells: int) -> str:
    """`model + think`, or how many fields where that is longer."""
    names = [_SHORT.get(unit, unit) for unit in units_of(finding.fields)]
    text = printable(" + ".join(names))
    return text if len(text) <= cells else f"{len(finding.fields)} fields"


def in_short(finding: Finding, now: float, cells: int | None = None) -> str:
    """What happened, on one line: `your claude-opus-4-6 went back to gpt-5.2 after 1.6 s; copy 41 s old`.

    Where `cells` are too few, without the age of the copy, which the proof has.
    """
    if finding.kind == "dropped-field" and finding.fields:
        names = [lost.field for lost in finding.fields]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return printable(f"{', '.join(names[:_NAMED])}{more} gone in one write, same session")
    if finding.kind in _REVERSALS and finding.fields:
        turn = printable(_turn(finding, now).replace("your model ", "your ", 1))
        whole = f"{turn}; copy {copy_age} old" if (copy_age := _copy_age(finding)) else turn
        return turn if cells is not None and cell_len(whole) > cells else whole
    return printable(_ASIDE.sub("", finding.reasons[0].rstrip("."))) if finding.reasons else finding.kind


def at_length(finding: Finding, now: float) -> tuple[str, str]:
    """What happened in a sentence, and who did it from what."""
    first, second = finding.reasons[:1], ""
    if finding.kind in _REVERSALS and finding.fields:
        turn = _turn(finding, now)
        first = (f"{turn[:1].upper()}{turn[1:]}.",)
        if copy_age := _copy_age(finding):
            went = "1 field" if len(finding.fields) == 1 else f"{len(finding.fields)} fields"
            writer = who_wrote(finding.writer)
            second = f"{writer} wrote this entry from a copy {copy_age} old: {went} went back."
    elif finding.kind == "dropped-field" and finding.fields:
        names = [lost.field for lost in finding.fields]
        first = (f"{listed(names[:_NAMED], max(0, len(names) - _NAMED))} vanished in one write, in the same session.",)
    if not second and finding.writer.how != "unknown":
        second = f"{who_wrote(finding.writer)} wrote it."
    return printable(first[0]) if first else "", printable(second)


def _copy_age(finding: Finding) -> str:
    """`41 s`, or `41 s or 5 min` where two copies explain the write equally well; '' where it may have held none."""
    if finding.base is None or finding.grade == "possible":
        return ""
    copies = (finding.base, finding.base.rival)
    ages = (age(max(0.0, finding.at - copy.version.at)) for copy in copies if copy is not None)
    return " or ".join(dict.fromkeys(ages))


def who_wrote(writer: Writer) -> str:
    """The writer as the subject of a sentence."""
    if writer.how == "you":
        return "You"
    if writer.pid is not None and writer.how != "gateway?":
        return f"Pid {writer.pid}"
    known = {"gateway?": "Probably the gateway", "no lock": "A writer without the lock"}
    return known.get(writer.how, "A writer nobody knows")


def _turn(finding: Finding, now: float) -> str:
    """`your model claude-opus-4-6 went back to gpt-5.2 after 1.6 s`."""
    unit = units_of(finding.fields)[0]
    was, is_now = (_value(unit, finding.fields, side, now) for side in ("lost", "now"))
    yours = any(_unit_of(name) == unit for name in finding.yours)
    name = f"{'your ' if yours else ''}{_LONG.get(unit, unit)}"
    lost = next((witness.at for witness in finding.witness if witness.role == "lost"), None)
    after = "" if lost is None else f" after {age(max(0.0, finding.at - lost))}"
    if not was:
        return f"{name} {is_now}, which had been removed, came back{after}"
    return f"{name} {was} went back to {is_now}{after}" if is_now else f"{name} {was} is gone{after}"


def _value(unit: str, fields: Sequence[LostField], side: str, now: float) -> str:
    """What the unit's fields say on one side, as far as they are known; '' where they are not set."""
    members: JsonObject = {
        lost.field: value
        for lost in fields
        if _unit_of(lost.field) == unit and (value := lost.lost if side == "lost" else lost.now) is not ABSENT
    }
    if not members:
        return ""
    if unit == "delivery" and (route := unit_text(unit, members, now)) != "not set":
        return route
    first = next((name for name in _TELLING if name in members), next(iter(members)))
    return value_text(first, members[first], now)


def _unit_of(name: str) -> str:
    unit = field_of(name).unit
    return name if unit in ("", "level") else unit
