"""Edits by hand: applied only while what the operator saw of the intended fields still stands.

Any number of entries of one store are one write; each is judged by itself, and one that cannot be written is left out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from store.commit import Commit, update_store
from store.entry.intent import Intent
from store.errors import NotStrict, Refused, StoreError
from store.js import ABSENT, JsonObject, Value
from store.judging import (
    EXIT_CODES,
    TOUCHED,
    EditResult,
    FieldEdit,
    Outcome,
    RowEdit,
    UnitConflict,
    differing,
    failed_edit,
    judge,
    preview_edit,
    with_values,
)
from store.openclaw.databases import is_database
from store.text.document import decode
from store.text.lookup import entry_text
from store.text.read import file_id, open_store
from store.writing.draft import StoreDraft
from store.writing.journal import Journal
from store.writing.permit import Permit

__all__ = [
    "EXIT_CODES",
    "EditResult",
    "FieldEdit",
    "Outcome",
    "RowEdit",
    "UnitConflict",
    "apply_edit",
    "apply_edits",
    "failed_edit",
    "preview_edit",
]


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

    A dry run judges the entry as it is now and writes nothing. Never raises StoreError: that is an outcome.
    """
    row = RowEdit(key, tuple(intents), seen, expect or {})
    (result,) = apply_edits(path, [row], permit=permit, timeout=timeout, dry_run=dry_run, journal=journal)
    return result


def apply_edits(
    path: str | os.PathLike[str],
    rows: Sequence[RowEdit],
    *,
    permit: Permit,
    timeout: float = 10.0,
    dry_run: bool = False,
    journal: Journal | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[EditResult, ...]:
    """The same for many entries, each named once: one write, and the result of each in their order.

    A row in conflict is left out, and so is one that cannot be written; the others are. What stops the whole write is
    the result of all of them. A running gateway is asked again and again; `progress` is told how many rows are done,
    or ready for the one write.
    """
    store = Path(path)
    if len({row.key for row in rows}) < len(rows):
        raise ValueError("an entry is edited once in a write")
    if permit.kind == "allowed" and permit.way == "gateway":
        return _through_gateway(store, rows, permit, dry_run=dry_run, journal=journal, progress=progress)
    edits = _Edits(tuple(rows), store, progress)
    update = _update_database() if is_database(store) else update_store

    def attempt() -> Commit[None]:
        return update(path, edits.apply_to, permit=permit, timeout=timeout, journal=journal, dry_run=dry_run)

    try:
        try:
            commit = attempt()
        except (NotStrict, Refused) as error:
            # One entry that cannot be written stops them all, and not every error says which it is.
            if len(rows) == 1 or type(error) not in (NotStrict, Refused):
                raise
            edits.one_by_one = True
            commit = attempt()
    except StoreError as error:
        return tuple(failed_edit(error, row.key, store, edits.theirs(row)) for row in rows)
    return edits.results(commit, permit.caveat)


def _through_gateway(
    store: Path,
    rows: Sequence[RowEdit],
    permit: Permit,
    *,
    dry_run: bool,
    journal: Journal | None,
    progress: Callable[[int], None] | None,
) -> tuple[EditResult, ...]:
    from store.openclaw.paths import store_at
    from store.openclaw.running import running_gateway
    from store.remote.call import gateway_of
    from store.remote.edit import edits_through_gateway

    place = store_at(store)
    serving = running_gateway(place)
    try:
        gateway = gateway_of(place, serving.pid if serving else None)
    except StoreError as error:
        return tuple(failed_edit(error, row.key, store, None) for row in rows)
    return edits_through_gateway(
        store, rows, gateway, permit=permit, dry_run=dry_run, journal=journal, progress=progress
    )


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
class _Edits:
    """The mutator of one write; the verdicts are those of its last run, on the newest bytes.

    `one_by_one`: each entry is tried by itself before it is taken into the write.
    """

    rows: tuple[RowEdit, ...]
    store: Path
    progress: Callable[[int], None] | None = None
    one_by_one: bool = False
    verdicts: dict[str, EditResult] = field(default_factory=dict)

    def apply_to(self, draft: StoreDraft) -> None:
        """Judge every entry, and change the ones that may be changed."""
        for number, row in enumerate(self.rows, 1):
            if self.progress is not None:
                self.progress(number)
            try:
                self.verdicts[row.key] = self._applied(row, draft)
            except StoreError as error:
                self.verdicts[row.key] = failed_edit(error, row.key, self.store, None)

    def theirs(self, row: RowEdit) -> JsonObject | None:
        """The entry as it was last found."""
        verdict = self.verdicts.get(row.key)
        return verdict.theirs if verdict is not None else None

    def results(self, commit: Commit[None], caveat: str) -> tuple[EditResult, ...]:
        """The verdicts, with what became of the write; `caveat` is said of all that was written."""
        newer = self._newer(commit) if commit.written else {}
        return tuple(self._result(row, commit, newer, caveat) for row in self.rows)

    def _applied(self, row: RowEdit, draft: StoreDraft) -> EditResult:
        found = dict(draft[row.key]) if row.key in draft else None
        verdict = judge(row, found, self.store)
        if not _is_written(verdict) or found is None:
            return verdict
        entry = draft[row.key]
        for change in verdict.changes:
            if change.new is ABSENT:
                del entry[change.field]
            else:
                entry[change.field] = change.new
        entry[TOUCHED] = _later(entry.get(TOUCHED))
        if self.one_by_one:
            try:
                draft.try_entry(row.key)
            except StoreError:
                draft[row.key] = found
                raise
        return verdict

    def _result(self, row: RowEdit, commit: Commit[None], newer: Mapping[str, bytes | None], caveat: str) -> EditResult:
        verdict = self.verdicts[row.key]
        undone = self._undone(row, newer[row.key]) if row.key in newer else ""
        told = [*commit.notes, undone] if _is_written(verdict) or len(self.rows) == 1 else []
        return replace(
            verdict,
            reason=verdict.reason or " ".join(filter(None, told)),
            version=commit.file,
            lock_held_s=commit.lock_held_s,
            proven=commit.proven,
            caveat=caveat if _is_written(verdict) else "",
        )

    def _newer(self, commit: Commit[None]) -> dict[str, bytes | None]:
        """The entries that were written, when a newer version is on disk already."""
        keys = [row.key for row in self.rows if _is_written(self.verdicts[row.key])]
        try:
            if file_id(os.lstat(self.store)) == commit.file:
                return {}
            if is_database(self.store):
                return {key: entry_text(self.store, key) for key in keys}
            with open_store(self.store) as opened:
                return {key: opened.document.raw(key) if key in opened.document else None for key in keys}
        except (OSError, StoreError):
            return {}

    def _undone(self, row: RowEdit, raw: bytes | None) -> str:
        """What to say when the edit is not in the newer version."""
        verdict = self.verdicts[row.key]
        try:
            now = decode(raw or b"{}")
        except StoreError:
            return ""
        written = with_values(verdict.theirs or {}, {change.field: change.new for change in verdict.changes})
        found = now if isinstance(now, dict) else {}
        gone = [intent.unit for intent in row.intents if differing(intent.guarded(written), intent.guarded(found))]
        return f"Your edit no longer stands: {', '.join(gone)} changed at once." if gone else ""


def _is_written(verdict: EditResult) -> bool:
    return verdict.outcome in ("applied", "rebased")


def _later(old: Value) -> int | float:
    now = int(time.time() * 1000)
    return max(old, now) if isinstance(old, (int, float)) and not isinstance(old, bool) else now
