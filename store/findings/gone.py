"""Edits of ours that no longer stand.

A version that this user's clobberwatch wrote is such an edit; those from before the first one come from the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from store.events import Changed, FileId, Version, Writer
from store.findings import settings, words
from store.findings.finding import Finding, Grade, LostField, Witness, values_lost, values_now, worst
from store.findings.own_edits import OwnEdit, edit_between
from store.findings.units import number
from store.js import ABSENT, JsonObject, same
from store.text.document import decode_object

_YOU: Final = Writer(None, "you")
_LOSSES: Final = frozenset({"lost-update", "resurrected-field", "dropped-field"})


class _Standing(NamedTuple):
    """One unit of an edit of ours, and the version that brought it; None when that was before the first one."""

    edit: OwnEdit
    version: Version | None


class OwnEdits:
    """The edits that stand in one store, and what becomes of them. Not thread-safe.

    A later edit of ours of the same unit takes the place of the one before; a third value by somebody else ends the
    watching of it and is no finding, and neither is an entry that was removed.
    """

    def __init__(self, store: Path, edits: Iterable[OwnEdit] = ()) -> None:
        self._store = store
        self._of: dict[str, dict[str, _Standing]] = {}
        for edit in edits:
            self._take(edit, None)

    def first(self, version: Version, raw: Callable[[str], bytes | None]) -> Iterator[Finding]:
        """Hold the edits against a first version: nobody saw what was written since they were made."""
        for key in list(self._of):
            entry = decode_object(raw(key))
            fallen = self._fallen(key, entry, version.at)
            undone = [one for one in fallen if entry and one.edit.at <= version.at and one.edit.undone_in(entry)]
            for group in _by_file(undone):
                yield self._finding(group, version, entry or {}, _unseen(group[0].edit, version, entry or {}))

    def after(self, event: Changed, found: Sequence[Finding]) -> Iterator[Finding]:
        """What a version does to the edits; `found` are the other findings of it."""
        if event.version.writer.how == "you":
            self._note(event)
            return
        for change in event.changes if self._of else ():
            if change.key not in self._of:
                continue
            entry = decode_object(change.after)
            fallen = self._fallen(change.key, entry, event.version.at)
            losses = [one for one in found if one.key == change.key and one.kind in _LOSSES]
            gone = [one for one in fallen if entry and (one.edit.went_back_in(entry) or _clobbered(one.edit, losses))]
            for group in _by_file(gone):
                yield self._finding(group, event.version, entry or {}, _seen(group, event.version, losses))

    def _note(self, event: Changed) -> None:
        for change in event.changes:
            before, after = decode_object(change.before), decode_object(change.after)
            if before is None or after is None:
                self._of.pop(change.key, None)
            elif edit := edit_between(self._store, change.key, event.version.file, before, after):
                self._take(edit, event.version)

    def _take(self, edit: OwnEdit, version: Version | None) -> None:
        units = self._of.pop(edit.key, {})
        units |= {unit: _Standing(part, version) for unit, part in edit.by_unit().items()}
        self._of[edit.key] = units
        if len(self._of) > settings.EDITED_ENTRIES:
            del self._of[next(iter(self._of))]

    def _fallen(self, key: str, entry: JsonObject | None, now: float) -> list[_Standing]:
        """The edits of this entry that do not stand in it; they are watched no longer, nor are those too old."""
        kept = {
            unit: one
            for unit, one in self._of[key].items()
            if entry is not None and now - one.edit.at <= settings.EDIT_WATCHED_S and one.edit.stands_in(entry)
        }
        fallen = [one for unit, one in self._of[key].items() if unit not in kept]
        self._of[key] = kept
        if not kept:
            del self._of[key]
        return [one for one in fallen if now - one.edit.at <= settings.EDIT_WATCHED_S]

    def _finding(
        self, group: Sequence[_Standing], version: Version, entry: JsonObject, judgement: tuple[Grade, list[str]]
    ) -> Finding:
        edit, ours = group[0]
        grade, reasons = judgement
        fields = _fields(group, entry)
        told = words.what_went_back(fields, max(0.0, version.at - edit.at), {field.field for field in fields})
        number, writer = (ours.number, ours.writer) if ours else (0, _YOU)
        made = Witness("lost", number, edit.at, writer, tuple(values_lost(fields)))
        return Finding.of(
            version,
            "edit-gone",
            grade,
            self._store,
            edit.key,
            (told, *reasons),
            (made, Witness.of("write", version, values_now(fields))),
            fields=fields,
            yours=(field.field for field in fields),
        )


def told_once(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of a write; an edit of ours that went with what others of them lost is told by those."""
    told_by = {
        (loss.key, lost.field): at for at, loss in enumerate(findings) if loss.kind in _LOSSES for lost in loss.fields
    }
    left = dict(enumerate(findings))
    for at, gone in enumerate(findings):
        places = {told_by.get((gone.key, lost.field), at) for lost in gone.fields}
        if gone.kind == "edit-gone" and at not in places:
            del left[at]
            left |= {place: _with_edit(left[place], gone) for place in places}
    return list(left.values())


def _with_edit(loss: Finding, gone: Finding) -> Finding:
    """The loss, which knows that an edit of ours went with it; one from before the first version it tells of, too."""
    yours = tuple(lost.field for lost in loss.fields if lost.field in (*loss.yours, *gone.yours))
    reasons, witness = loss.reasons, loss.witness
    if not loss.yours:
        reasons = (*reasons, gone.reasons[1])
    if all(one.role != "lost" for one in witness):
        witness = (*witness[:-1], gone.witness[0], witness[-1])
    told_here = (*loss.told_here, gone.id)
    return replace(loss, reasons=reasons, witness=witness, yours=yours, told_here=told_here)


def _fields(group: Iterable[_Standing], entry: JsonObject) -> tuple[LostField, ...]:
    whole = entry
    for one in group:
        whole = one.edit.laid_over(whole)
    tops = dict.fromkeys(field for one in group for field in one.edit.fields)
    found = (LostField(field, whole.get(field, ABSENT), entry.get(field, ABSENT)) for field in tops)
    return tuple(field for field in found if not same(field.lost, field.now))


def _by_file(fallen: Iterable[_Standing]) -> list[list[_Standing]]:
    groups: dict[FileId, list[_Standing]] = {}
    for one in fallen:
        groups.setdefault(one.edit.file, []).append(one)
    return list(groups.values())


def _clobbered(edit: OwnEdit, losses: Iterable[Finding]) -> bool:
    """Whether a write from an old copy is to blame, whatever value it brought."""
    return any(loss.alarming and _covers(loss, edit) for loss in losses)


def _covers(loss: Finding, edit: OwnEdit) -> bool:
    return not edit.fields.isdisjoint(field.field for field in loss.fields)


def _seen(group: Sequence[_Standing], version: Version, losses: Sequence[Finding]) -> tuple[Grade, list[str]]:
    edit, ours = group[0]
    same_loss = [loss for loss in losses if any(_covers(loss, one.edit) for one in group)]
    which = words.version(ours) if ours else f"The edit of {words.clock(edit.at)}"
    known = words.opening(f"{which} is in this tool's journal, and {words.version(version)} undid it.")
    if not same_loss:
        return "possible", [known, "Nothing else in that write tells whether it was meant."]
    grade = worst(same_loss)
    kind = next(loss.kind for loss in same_loss if loss.grade == grade)
    return grade, [known, f"That write is a {kind}, {grade}."]


def _unseen(edit: OwnEdit, version: Version, entry: JsonObject) -> tuple[Grade, list[str]]:
    known = f"The edit of {words.clock(edit.at)} is in this tool's journal; what was written since then was not seen."
    behind = _behind_ms(edit, version, entry)
    if behind:
        return "confirmed", [known, f"The entry's updatedAt lies {words.age(behind / 1000)} before the edit's."]
    return "unknown", [known, "It may have been set back on purpose."]


def _behind_ms(edit: OwnEdit, version: Version, entry: JsonObject) -> float:
    """By how much the entry's `updatedAt` lies before the one we wrote; 0 where a clock may be to blame."""
    now, ours = number(entry, "updatedAt"), edit.stamp
    if now is None or ours is None or not settings.MILLISECONDS_FROM <= now < ours:
        return 0
    in_future = ours > version.at * 1000 or ours > edit.at * 1000 + settings.FUTURE_MS
    return 0 if in_future else ours - now
