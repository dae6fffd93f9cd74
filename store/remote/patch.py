"""What `sessions.patch` can be asked for: model and levels, never delivery (no release has a field for it)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel
from store.errors import NoSafeWrite
from store.js import ABSENT, Json, JsonObject
from store.writing.permit import Permit

PATCHED: Final = frozenset(
    {
        *("label", "thinkingLevel", "fastMode", "verboseLevel", "traceLevel", "reasoningLevel", "responseUsage"),
        *("elevatedLevel", "execHost", "execSecurity", "execAsk", "execNode", "sendPolicy", "groupActivation"),
    }
)
"""The level fields it takes; a release that does not know one yet, or any more, says so."""
_NO_RISK: Final = (
    "No risk can be taken instead: beside a gateway with a database a write makes one of the gateway's own fail, "
    "and what it keeps in memory stays as it was."
)


class NoCall(NoSafeWrite):
    """No gateway can be asked for this; `what` is what it has no call for."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Not written: a running gateway has no call for {what}. Stop the gateway, edit, and start it again."
        )
        self.what = what


def patch_of(intents: Sequence[Intent]) -> JsonObject:
    """The fields to patch. Raises NoCall for what only an edit of the store itself can do."""
    patch: JsonObject = {}
    for intent in intents:
        name, value = _member(intent)
        patch[name] = value
    return patch


def permit_for(permit: Permit, intents: Sequence[Intent], *, at_risk: bool = False) -> Permit:
    """The permission for just these intents: refused where only a gateway may write and has no call for them.

    `at_risk`: the operator would have a file written beside that gateway, where there is no other way.
    """
    if permit.kind == "allowed" and permit.way == "gateway":
        try:
            patch_of(intents)
        except NoCall as error:
            permit = _without_a_call(permit, error, at_risk=at_risk)
    return permit.at_risk() if at_risk else permit


def _without_a_call(permit: Permit, error: NoCall, *, at_risk: bool) -> Permit:
    if permit.beside:
        said = f"Not written: {permit.beside} is running, takes no lock and has no call for {error.what}."
        return Permit.refused(said, permit.beside)
    return Permit.refused(f"{error.reason} {_NO_RISK}" if at_risk else error.reason)


def _member(intent: Intent) -> tuple[str, Json]:
    match intent:
        case SetModel(source="user"):
            profile = f"@{intent.profile}" if intent.profile else ""
            return "model", f"{intent.provider}/{intent.model}{profile}"
        case SetModel():
            raise NoCall(f"a model as {intent.source} (through it one is always set as user)")
        case ClearModel():
            return "model", None
        case SetField() if intent.field in PATCHED:
            return intent.field, None if intent.value is ABSENT else intent.value
    raise NoCall(intent.unit)


def guards(entry: JsonObject) -> JsonObject:
    """What makes a gateway that keeps a database refuse when the session is another one by then (2026.8.1)."""
    known = {"expectedSessionId": entry.get("sessionId"), "expectedLifecycleRevision": entry.get("lifecycleRevision")}
    return {name: value for name, value in known.items() if isinstance(value, str)}
