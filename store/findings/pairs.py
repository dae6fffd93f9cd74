"""Halves of a pair that come from different writes: provider and model, the two spellings of a route."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Final

from store.entry.delivery import torn_route
from store.entry.fields import text
from store.findings import words
from store.findings.finding import Finding, Grade, LostField, Witness, values_lost, values_now
from store.findings.past import Write
from store.js import ABSENT, JsonObject, Value

Pair = tuple[str, str]
_MODEL: Final = ("providerOverride", "modelOverride")
_CONTEXT: Final = ("deliveryContext",)
_LAST: Final = ("lastChannel", "lastTo", "lastAccountId", "lastThreadId")


def model_pair(entry: JsonObject) -> Pair:
    """Provider and model, blank where they are not set."""
    return text(entry, "providerOverride"), text(entry, "modelOverride")


def torn_pairs(store: Path, write: Write, seen: Container[Pair] = ()) -> Iterator[Finding]:
    """A pair of which this write changed one half only, so that the two do not fit; `seen` are pairs known to fit."""
    version = write.step.version
    if version.writer.compares:
        return
    for fields, why, sure in (_torn_model(write, seen), _torn_delivery(write)):
        if not why:
            continue
        grade: Grade = "unknown" if write.step.gap else "probable" if sure else "possible"
        lost = tuple(LostField(field, _get(write.before, field), _get(write.after, field)) for field in fields)
        had = Witness.of("lost", write.step.since, values_lost(lost))
        witness = (had, Witness.of("write", version, values_now(lost)))
        yield Finding.of(version, "torn-pair", grade, store, write.key, (why,), witness, fields=lost)


def _get(entry: JsonObject, field: str) -> Value:
    return entry.get(field, ABSENT)


def _torn_model(write: Write, seen: Container[Pair]) -> tuple[tuple[str, ...], str, bool]:
    changed = [field for field in _MODEL if field in write.step.turns]
    if len(changed) != 1:
        return (), "", False
    before, after = model_pair(write.before), model_pair(write.after)
    if all(before) and not all(after) and any(after):
        kept = "modelOverride" if after[1] else "providerOverride"
        return (changed[0],), f"{changed[0]} vanished while {kept} stayed: half a pair.", True
    if not all(after) or not all(before) or after in seen:
        return (), "", False
    came_back = _came_back(write, changed[0])
    why = f"{words.value(after[0])} and {words.value(after[1])} were never seen together; only {changed[0]} changed"
    return (changed[0],), f"{why}{', back to an older value' if came_back else ''}.", came_back


def _torn_delivery(write: Write) -> tuple[tuple[str, ...], str, bool]:
    changed = [field for field in (*_CONTEXT, *_LAST) if field in write.step.turns]
    one_side = bool(set(changed) & set(_CONTEXT)) != bool(set(changed) & set(_LAST))
    if not one_side or torn_route(write.before):
        return (), "", False
    why = torn_route(write.after)
    came_back = any(_came_back(write, field) for field in changed)
    return tuple(changed), f"{why}; only one of the two changed." if why else "", came_back


def _came_back(write: Write, field: str) -> bool:
    """Whether the field has an older value again that a write of both halves had replaced."""
    now = write.step.turns[field][1]
    halves = set(_MODEL) if field in _MODEL else {*_CONTEXT, *_LAST}
    return now is not None and any(
        field in step.turns and step.turns[field][0] == now and len(halves & step.turns.keys()) > 1
        for step in write.older
    )
