"""Edits of one entry by hand: applied only while what the operator saw of the intended fields still stands.

Base is the entry as seen, mine the intents, theirs the entry as it is on disk. Fields that are not meant may have
moved: the edit is then applied to the newer entry (rebased).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias

from store.commit import Commit, update_store
from store.entry.delivery import next_route
from store.entry.intent import Intent
from store.entry.overrides import model_override
from store.errors import Busy, Missing, StoreError, Unreadable
from store.events import FileId
from store.js import ABSENT, Json, JsonObject, Value, same
from store.openclaw.databases import is_database
from store.text.document import Document, decode
from store.text.lookup import entry_text
from store.text.read import file_id, open_store
from store.writing.draft import StoreDraft, difference
from store.writing.journal import Journal
from store.writing.permit import Permit

Outcome: TypeAlias = Literal["applied", "rebased", "unchanged", "conflict", "busy", "refused", "unreadable"]
EXIT_CODES: Final[Mapping[Outcome, int]] = {
    "applied": 0,
    "rebased": 0,
    "unchanged": 0,
    "conflict": 3,
    "busy": 4,
    "refused": 5,
    "unreadable": 6,
}
TOUCHED: Final = "updatedAt"


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """One top-level field and its two values; ABSENT where the entry does not have it."""

    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class UnitConflict:
    """A unit that somebody else changed since it was seen; `fields` are the guarded paths that differ."""

    unit: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditResult:
    """What became of an edit.

    `reason` is the sentence for what was not written, or what went less well than it should (a journal that could not
    be written); empty otherwise. `theirs` is the entry found on disk, before the edit. `rebased` lists the other
    fields that had moved since the entry was seen. `version` is the version written, or the one that was looked at.
    """

    outcome: Outcome
    key: str
    store: Path
    changes: tuple[FieldEdit, ...] = ()
    rebased: tuple[str, ...] = ()
    reason: str = ""
    conflicts: tuple[UnitConflict, ...] = ()
    theirs: JsonObject | None = None
    version: FileId | None = None
    lock_held_s: float = 0.0
    proven: bool = True

    @property
    def exit_code(self) -> int:
        """0 written or nothing to write, 3 conflict, 4 busy, 5 refused, 6 unreadable."""
        return EXIT_CODES[self.outcome]

    def to_json(self) -> JsonObject:
        """The result as `set --json` prints it; an absent value is null."""
        return {
            "outcome": self.outcome,
            "key": self.key,
            "store": str(self.store),
            "changes": [
                {"field": change.field, "old": _or_null(change.old), "new": _or_null(change.new)}
                for change in self.changes
            ],
            "rebased": list(self.rebased),
            "reason": self.reason,
        }


def preview_edit(entry: JsonObject, intents: Sequence[Intent]) -> tuple[FieldEdit, ...]:
    """The fields these intents would change in this entry, `updatedAt` aside; empty when everything holds already."""
    wanted = dict(entry)
    for intent in intents:
        wanted = _with(wanted, intent.edits(wanted))
    changed = difference(entry, wanted)
    return tuple(FieldEdit(name, entry.get(name, ABSENT), new) for name, new in changed.items())


def apply_edit(
    path: str | os.PathLike[str],
    key: str,
    intents: Sequence[Intent],
    seen: JsonObject | None,
    *,
    permit: Permit,
    expect: Mapping[str, Value] | None = None,
    timeout: float = 10.0,
    dry_run: bool = False,
    journal: Journal | None = None,
) -> EditResult:
    """Make the intents hold for the entry, unless somebody changed the same thing since it was `seen`.

    Without `seen` the only precondition is `expect`: top-level field -> the value it must have (ABSENT: must not be
    there). A dry run judges the entry as it is now and writes nothing. Never raises StoreError: that is an outcome.
    """
    store = Path(path)
    if permit.kind == "allowed" and permit.way == "gateway":
        return _through_gateway(
            store, key, intents, seen, permit=permit, expect=expect, dry_run=dry_run, journal=journal
        )
    edit = _Edit(key, tuple(intents), seen, expect or {}, store)
    update = _update_database() if is_database(store) else update_store
    try:
        commit = update(path, edit.apply_to, permit=permit, timeout=timeout, journal=journal, dry_run=dry_run)
    except StoreError as error:
        return failed_edit(error, key, store, edit.verdict.theirs)
    return edit.result(commit)


def judge_edit(
    document: Document,
    key: str,
    intents: Sequence[Intent],
    seen: JsonObject | None,
    expect: Mapping[str, Value],
    store: Path,
) -> EditResult:
    """What would become of the edit on this document; raises what reading an entry raises."""
    edit = _Edit(key, tuple(intents), seen, expect, store)
    edit.apply_to(StoreDraft(document))
    return edit.verdict


def failed_edit(error: StoreError, key: str, store: Path, theirs: JsonObject | None) -> EditResult:
    """The result of an edit that ended with an error."""
    return EditResult(_outcome(error), key, store, reason=error.reason, theirs=theirs)


def _through_gateway(
    store: Path, key: str, intents: Sequence[Intent], seen: JsonObject | None, **options: Any
) -> EditResult:
    from store.openclaw.paths import store_at
    from store.openclaw.running import running_gateway
    from store.remote.call import gateway_of
    from store.remote.edit import apply_through_gateway

    place = store_at(store)
    serving = running_gateway(place)
    try:
        gateway = gateway_of(place, serving.pid if serving else None)
    except StoreError as error:
        return failed_edit(error, key, store, None)
    return apply_through_gateway(store, key, intents, seen, gateway, **options)


def _update_database() -> _Update:
    from store.sqlite.write import update_database  # loading SQLite takes its time, and few edits need it

    return update_database


class _Update(Protocol):
    """How a store is changed, whatever keeps it."""

    def __call__(
        self,
        path: str | os.PathLike[str],
        mutator: Callable[[StoreDraft], None],
        *,
        permit: Permit,
        timeout: float,
        journal: Journal | None,
        dry_run: bool,
    ) -> Commit[None]: ...


@dataclass
class _Edit:
    """The mutator of one edit; its verdict is that of the last run, on the newest bytes."""

    key: str
    intents: tuple[Intent, ...]
    seen: JsonObject | None
    expect: Mapping[str, Value]
    store: Path
    verdict: EditResult = field(init=False)

    def __post_init__(self) -> None:
        self.verdict = EditResult("unchanged", self.key, self.store)

    def apply_to(self, draft: StoreDraft) -> None:
        self.verdict = self._judge(draft)
        if self.verdict.outcome not in ("applied", "rebased"):
            return
        entry = draft[self.key]
        for change in self.verdict.changes:
            if change.new is ABSENT:
                del entry[change.field]
            else:
                entry[change.field] = change.new
        entry[TOUCHED] = _later(entry.get(TOUCHED))

    def result(self, commit: Commit[None]) -> EditResult:
        told = [*commit.notes, self._undone(commit)] if commit.written else commit.notes
        return replace(
            self.verdict,
            reason=self.verdict.reason or " ".join(filter(None, told)),
            version=commit.file,
            lock_held_s=commit.lock_held_s,
            proven=commit.proven,
        )

    def _undone(self, commit: Commit[None]) -> str:
        """What to say when a newer version is on disk already and the edit is not in it."""
        try:
            if file_id(os.lstat(self.store)) == commit.file:
                return ""
            now = decode(self._text_now() or b"{}")
        except (OSError, StoreError):
            return ""
        written = _with(self.verdict.theirs or {}, {change.field: change.new for change in self.verdict.changes})
        found = now if isinstance(now, dict) else {}
        gone = [intent.unit for intent in self.intents if _differing(intent.guarded(written), intent.guarded(found))]
        return f"Your edit no longer stands: {', '.join(gone)} changed at once." if gone else ""

    def _text_now(self) -> bytes | None:
        if is_database(self.store):
            return entry_text(self.store, self.key)
        with open_store(self.store) as opened:
            return opened.document.raw(self.key) if self.key in opened.document else None

    def _judge(self, draft: StoreDraft) -> EditResult:
        if self.key not in draft:
            return self._gone()
        found = dict(draft[self.key])
        changes = preview_edit(found, self.intents)
        verdict = EditResult("applied", self.key, self.store, changes, theirs=found)
        conflicts = self._conflicts(found)
        if not changes and not self._contradicts_others(conflicts, found):
            wish = "; ".join(intent.describe() for intent in self.intents)
            return replace(verdict, outcome="unchanged", reason=f"Nothing to write: {wish} already.")
        if conflicts:
            reason = _conflict_sentence(conflicts, _with(self.seen or {}, self.expect), found)
            return replace(verdict, outcome="conflict", conflicts=conflicts, reason=reason)
        if moved := self._moved(found, {change.field for change in changes}):
            return replace(verdict, outcome="rebased", rebased=moved)
        return verdict

    def _gone(self) -> EditResult:
        if self.seen is None:
            raise Missing(f"Not written: there is no session {self.key} in {self.store}. List what is there first.")
        return EditResult(
            "conflict",
            self.key,
            self.store,
            reason=f"Not written: the session {self.key} is no longer in the store.",
            conflicts=tuple(UnitConflict(intent.unit, ()) for intent in self.intents),
        )

    def _conflicts(self, found: JsonObject) -> tuple[UnitConflict, ...]:
        conflicts = []
        if self.seen is not None:
            for intent in self.intents:
                before, now = intent.guarded(self.seen), intent.guarded(found)
                conflicts.append(UnitConflict(intent.unit, tuple(sorted(_differing(before, now)))))
            before, now = ({"sessionId": entry.get("sessionId", ABSENT)} for entry in (self.seen, found))
            conflicts.append(UnitConflict("sessionId", tuple(_differing(before, now))))
        for name, value in self.expect.items():
            if not same(found.get(name, ABSENT), value):
                conflicts.append(UnitConflict(name, (name,)))
        return tuple(dict.fromkeys(conflict for conflict in conflicts if conflict.fields))

    def _contradicts_others(self, conflicts: Sequence[UnitConflict], found: JsonObject) -> bool:
        """Whether something was expected of a field the edit does not mean, in vain: then "already so" is no answer."""
        meant = {path.partition(".")[0] for intent in self.intents for path in intent.guarded(found)}
        return any(conflict.unit in self.expect and conflict.unit not in meant for conflict in conflicts)

    def _moved(self, found: JsonObject, edited: set[str]) -> tuple[str, ...]:
        if self.seen is None:
            return ()
        moved = difference(self.seen, found)
        return tuple(sorted(name for name in moved if name != TOUCHED and name not in edited))


def _differing(before: Mapping[str, Value], now: Mapping[str, Value]) -> set[str]:
    names = before.keys() | now.keys()
    return {name for name in names if not same(before.get(name, ABSENT), now.get(name, ABSENT))}


def _conflict_sentence(conflicts: Sequence[UnitConflict], seen: JsonObject, found: JsonObject) -> str:
    return f"Not written: {'; '.join(_told(conflict, seen, found) for conflict in conflicts)}."


def _told(conflict: UnitConflict, seen: JsonObject, found: JsonObject) -> str:
    unit, now, was = conflict.unit, _words(conflict.unit, found), _words(conflict.unit, seen)
    if now == was:
        return f"{unit} changed since you saw it ({', '.join(conflict.fields)})"
    return f"{unit} is now {now}, not {was} as you saw it"


def _words(unit: str, entry: JsonObject) -> str:
    """What a unit says, in one word where there is one."""
    if unit == "model":
        override = model_override(entry)
        return f"{override.provider}/{override.model}" if override is not None else "not set"
    if unit == "delivery":
        route = next_route(entry)
        return route.describe() if route else "not set"
    value = entry.get(unit, ABSENT)
    if value is ABSENT:
        return "not set"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _with(entry: JsonObject, values: Mapping[str, Value]) -> JsonObject:
    changed: dict[str, Value] = {**entry, **values}
    return {name: value for name, value in changed.items() if value is not ABSENT}


def _later(old: Value) -> int | float:
    now = int(time.time() * 1000)
    return max(old, now) if isinstance(old, (int, float)) and not isinstance(old, bool) else now


def _or_null(value: Value) -> Json:
    return None if value is ABSENT else value


def _outcome(error: StoreError) -> Outcome:
    if isinstance(error, Busy):
        return "busy"
    return "unreadable" if isinstance(error, Unreadable) else "refused"
