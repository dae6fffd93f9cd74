"""An edit through the gateway: judged on a fresh read, asked for, and looked up afterwards.

The gateway compares the session, not the fields (`sessions.patch` has no precondition for a model), so what somebody
sets between the fresh read and the patch is overwritten unseen: such a result is never called proven.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from store.edit import EditResult, FieldEdit, failed_edit, judge_edit
from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel, model_override
from store.errors import Missing, StoreError
from store.events import FileId
from store.findings.settings import MEMBERS, MODEL
from store.js import ABSENT, JsonObject, Value, same
from store.openclaw.databases import is_database
from store.remote.call import Gateway, SessionChangedError, UnansweredError
from store.remote.patch import guards, patch_of
from store.text.document import decode_object
from store.text.read import file_id, read_store
from store.writing.draft import difference
from store.writing.journal import Journal
from store.writing.permit import Permit

SETTLE_S: Final = 2.0
"""A gateway that keeps a file may answer before the file is in place."""
LOOK_S: Final = 0.05


def apply_through_gateway(
    store: Path,
    key: str,
    intents: Sequence[Intent],
    seen: JsonObject | None,
    gateway: Gateway,
    *,
    permit: Permit,
    expect: Mapping[str, Value] | None = None,
    dry_run: bool = False,
    journal: Journal | None = None,
) -> EditResult:
    """The counterpart of `apply_edit` for a store that a running gateway serves. Never raises StoreError."""
    theirs: JsonObject | None = None
    try:
        permit.check("gateway")
        verdict = judge_edit(read_store(store), key, intents, seen, expect or {}, store)
        theirs = verdict.theirs
        if verdict.outcome not in ("applied", "rebased"):
            return verdict
        patch = patch_of(intents)
        if dry_run:
            return verdict
        return _asked(verdict, intents, gateway, patch, journal)
    except StoreError as error:
        return failed_edit(error, key, store, theirs)


def _asked(
    verdict: EditResult,
    intents: Sequence[Intent],
    gateway: Gateway,
    patch: JsonObject,
    journal: Journal | None,
) -> EditResult:
    before = verdict.theirs or {}
    checked = guards(before) if is_database(verdict.store) else {}
    answered = True
    try:
        gateway.call("sessions.patch", {"key": verdict.key, **patch, **checked})
    except SessionChangedError:
        reason = "Not written: the session is not the one you saw any more, the gateway says. Look at it again."
        return replace(verdict, outcome="conflict", changes=(), reason=reason)
    except UnansweredError:
        answered = False
    after, file = _looked_up(verdict.store, verdict.key, intents)
    told = [sentence for intent in intents if (sentence := _otherwise(intent, after))]
    if not answered and told:
        reason = "The gateway did not answer in time, and the change is not there. It may still come: look again."
        return replace(verdict, outcome="busy", changes=(), reason=reason)
    changes = _changes(before, after, verdict, intents)
    noted = _journalled(journal, verdict, changes, before, file)
    return replace(verdict, changes=changes, reason=" ".join([*told, *noted]), version=file, proven=False)


def _looked_up(store: Path, key: str, intents: Sequence[Intent]) -> tuple[JsonObject, FileId]:
    """The entry as it is now: at once when the intents hold, else after a while."""
    deadline = time.monotonic() + SETTLE_S
    while True:
        raw, file = _read(store, key)
        entry = decode_object(raw) or {}
        if not any(_otherwise(intent, entry) for intent in intents):
            return entry, file
        if time.monotonic() > deadline:
            return entry, file
        time.sleep(LOOK_S)


def _read(store: Path, key: str) -> tuple[bytes, FileId]:
    document = read_store(store)
    if key not in document:
        raise Missing(f"Written through the gateway, but the session {key} is no longer in the store.")
    raw, status = document.raw(key), store.stat()
    if not is_database(store):
        return raw, file_id(status)
    from store.sqlite.live import row_version

    return raw, row_version(status.st_dev, status.st_ino, [(key, raw)])


def _otherwise(intent: Intent, entry: JsonObject) -> str:
    """What the gateway made of the wish instead, or blank when the entry is as wished."""
    match intent:
        case SetModel():
            found = model_override(entry)
            if found is None:
                return "The gateway cleared the model instead: it is the agent's default."
            whole = (found.provider, found.model) == (intent.provider, intent.model)
            return "" if whole else f"The gateway set {found.provider}/{found.model} instead."
        case ClearModel():
            return "" if model_override(entry) is None else "The gateway left a model set."
        case SetField():
            value = entry.get(intent.field, ABSENT)
            return "" if same(value, intent.value) else f"The gateway left {intent.field} otherwise than asked for."
    return ""


def _changes(
    before: JsonObject, after: JsonObject, verdict: EditResult, intents: Sequence[Intent]
) -> tuple[FieldEdit, ...]:
    """What changed of the fields that were meant and of those that go with them; a run may have changed others."""
    meant = {change.field for change in verdict.changes}
    if any(intent.unit == "model" for intent in intents):
        meant |= set(MEMBERS[MODEL])
    changed = difference(before, after)
    return tuple(FieldEdit(name, before.get(name, ABSENT), new) for name, new in changed.items() if name in meant)


def _journalled(
    journal: Journal | None,
    verdict: EditResult,
    changes: Sequence[FieldEdit],
    before: JsonObject,
    file: FileId,
) -> list[str]:
    """Noted afterwards, since only then it is known which version the gateway made of it."""
    if journal is None or not changes:
        return []
    edit = {change.field: change.new for change in changes}
    try:
        number = journal.intent(str(verdict.store), file, file, {verdict.key: edit}, {verdict.key: before})
    except OSError as error:
        return [f"Written, but not journalled ({error.strerror})."]
    with suppress(OSError):
        journal.outcome(number, "written")
    return []
