"""Edits through the gateway: judged on a fresh read, asked for, and looked up afterwards.

The gateway compares the session, not the fields (`sessions.patch` has no precondition for a model), so what somebody
sets between the fresh read and the patch is overwritten unseen: such a result is never called proven.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from store.entry.intent import Intent
from store.errors import Busy, Missing, StoreError, Unreadable
from store.findings.settings import MEMBERS, MODEL, SOFT
from store.js import ABSENT, Edit, JsonObject
from store.judging import EditResult, FieldEdit, RowEdit, failed_edit, judge
from store.openclaw.databases import is_database
from store.remote.call import Gateway, SessionChangedError, UnansweredError
from store.remote.lookup import Found, look_up, otherwise
from store.remote.note import Note
from store.remote.patch import PATCHED, NoCall, patch_of
from store.remote.requests import MOST, Declines, ask
from store.text.read import read_store
from store.writing.draft import StoreDraft, difference
from store.writing.journal import Journal
from store.writing.permit import Permit

_ASKED: Final = PATCHED | set(MEMBERS[MODEL])
"""The fields of an entry that a patch can mean."""

_Results: TypeAlias = dict[str, EditResult]


def edits_through_gateway(
    store: Path,
    rows: Sequence[RowEdit],
    gateway: Gateway,
    *,
    permit: Permit,
    dry_run: bool = False,
    journal: Journal | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[EditResult, ...]:
    """The counterpart of `apply_edits` for a store that a running gateway serves. Never raises StoreError.

    What shall become of a hundred entries alike is one request, where the gateway takes that; each entry is judged
    just before its request. Once a request does not get through, nothing more is asked. `progress` is told how many
    rows are done.
    """
    requests = _Requests(store, gateway, journal, dry_run)
    results: _Results = {}
    try:
        permit.check("gateway")
    except StoreError as error:
        return tuple(failed_edit(error, row.key, store, None) for row in rows)
    for batch, patch in _batches(rows, MOST if is_database(store) else 1):
        results |= requests.edited(batch, patch)
        if progress is not None:
            progress(len(results))
    return tuple(results[row.key] for row in rows)


def _batches(rows: Sequence[RowEdit], most: int) -> Iterator[tuple[list[RowEdit], JsonObject | NoCall]]:
    """The rows that are patched alike, at most so many at once, with the patch; or why there is none."""
    alike: dict[str, tuple[list[RowEdit], JsonObject | NoCall]] = {}
    for row in rows:
        patch = _patch_or_why_not(row.intents)
        name = patch.reason if isinstance(patch, NoCall) else json.dumps(patch)
        alike.setdefault(name, ([], patch))[0].append(row)
    for together, patch in alike.values():
        for start in range(0, len(together), most):
            yield together[start : start + most], patch


def _patch_or_why_not(intents: Sequence[Intent]) -> JsonObject | NoCall:
    try:
        return patch_of(intents)
    except NoCall as error:
        return error


@dataclass
class _Requests:
    """The requests of one edit, one after the other; `stopped` is why no more are made."""

    store: Path
    gateway: Gateway
    journal: Journal | None
    dry_run: bool
    stopped: StoreError | None = None

    def edited(self, rows: Sequence[RowEdit], patch: JsonObject | NoCall) -> _Results:
        """What becomes of these rows."""
        if self.stopped is not None:
            why = f"Not tried: {self.stopped.reason.removeprefix('Not written: ')}"
            return {key: replace(result, reason=why) for key, result in self._failed(rows, self.stopped).items()}
        try:
            verdicts = self._judged(rows)
        except StoreError as error:
            return self._failed(rows, error)
        going = [row for row in rows if verdicts[row.key].outcome in ("applied", "rebased")]
        if isinstance(patch, NoCall):
            return verdicts | self._failed(going, patch)
        if self.dry_run or not going:
            return verdicts
        return verdicts | self._asked(going, verdicts, patch)

    def _judged(self, rows: Sequence[RowEdit]) -> _Results:
        draft = StoreDraft(read_store(self.store))
        results: _Results = {}
        for row in rows:
            try:
                found = judge(row, dict(draft[row.key]) if row.key in draft else None, self.store)
            except StoreError as error:
                found = failed_edit(error, row.key, self.store, None)
            results[row.key] = found
        return results

    def _failed(self, rows: Sequence[RowEdit], error: StoreError) -> _Results:
        return {row.key: failed_edit(error, row.key, self.store, None) for row in rows}

    def _asked(self, rows: Sequence[RowEdit], verdicts: Mapping[str, EditResult], patch: JsonObject) -> _Results:
        before = {row.key: verdicts[row.key].theirs or {} for row in rows}
        note, late = Note(self.journal, self.store), False
        note.asked({row.key: _wish(verdicts[row.key]) for row in rows}, before)
        declines: Declines = {}
        try:
            declines = ask(self.gateway, patch, before, guarded=is_database(self.store))
        except UnansweredError:
            late, self.stopped = True, Busy("Not written: the gateway did not answer in time.")
        except StoreError as error:
            note.given_up()
            self.stopped = error
            return self._failed(rows, error)
        declined = {key: _declined(verdicts[key], why) for key, why in declines.items() if key in before}
        return declined | self._taken([row for row in rows if row.key not in declined], verdicts, note, late=late)

    def _taken(
        self, rows: Sequence[RowEdit], verdicts: Mapping[str, EditResult], note: Note, *, late: bool
    ) -> _Results:
        """What became of the rows that the gateway did not decline; `late`: it said nothing of any."""
        try:
            found = look_up(self.store, rows)
        except StoreError as error:
            unseen = Unreadable(f"The gateway was asked, but what came of it cannot be seen: {error.reason}")
            return self._failed(rows, unseen)
        results = {row.key: _outcome(row, verdicts[row.key], found, late=late) for row in rows}
        written = {key: one for key, one in results.items() if one.outcome in ("applied", "rebased")}
        edits = {key: {change.field: change.new for change in one.changes} for key, one in written.items()}
        if written:
            note.answered(found.file, edits, {key: one.theirs or {} for key, one in written.items()})
        elif not late:
            note.given_up()
        return results | {key: replace(one, reason=_both(one.reason, note.trouble)) for key, one in written.items()}


def _wish(verdict: EditResult) -> Edit:
    """The fields that will show that it was this request: not the soft ones, which a gateway sets in its own way."""
    changes = {change.field: change.new for change in verdict.changes}
    hard = {name: new for name, new in changes.items() if name in _ASKED and name not in SOFT}
    return hard or changes


def _declined(verdict: EditResult, why: Exception) -> EditResult:
    if isinstance(why, SessionChangedError):
        reason = "Not written: the session is not the one you saw any more, the gateway says. Look at it again."
        return replace(verdict, outcome="conflict", changes=(), reason=reason)
    error = why if isinstance(why, StoreError) else Busy("Not written: the gateway did not answer in time.")
    return failed_edit(error, verdict.key, verdict.store, verdict.theirs)


def _outcome(row: RowEdit, verdict: EditResult, found: Found, *, late: bool) -> EditResult:
    entry = found.entries.get(row.key)
    if entry is None:
        gone = Missing(f"Written through the gateway, but the session {row.key} is no longer in the store.")
        return failed_edit(gone, row.key, verdict.store, verdict.theirs)
    told = otherwise(row, entry)
    if late and told:
        reason = "The gateway did not answer in time, and the change is not there. It may still come: look again."
        return replace(verdict, outcome="busy", changes=(), reason=reason)
    return replace(verdict, changes=_changes(entry, verdict), reason=told, version=found.file, proven=False)


def _changes(after: JsonObject, verdict: EditResult) -> tuple[FieldEdit, ...]:
    """What changed of the fields that were meant and of those that go with them; a run may have changed others."""
    before = verdict.theirs or {}
    meant = {change.field for change in verdict.changes}
    if not meant.isdisjoint(MEMBERS[MODEL]):
        meant |= set(MEMBERS[MODEL])
    changed = difference(before, after)
    return tuple(FieldEdit(name, before.get(name, ABSENT), new) for name, new in changed.items() if name in meant)


def _both(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
