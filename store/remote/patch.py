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
_WAY_OUT: Final = "Stop the gateway, edit, and start it again"


def patch_of(intents: Sequence[Intent]) -> JsonObject:
    """The fields to patch; NoSafeWrite for what only an edit of the store itself can do."""
    patch: JsonObject = {}
    for intent in intents:
        name, value = _member(intent)
        patch[name] = value
    return patch


def permit_for(permit: Permit, intents: Sequence[Intent]) -> Permit:
    """The permission for just these intents: refused where only a gateway may write and has no call for them."""
    if permit.kind != "allowed" or permit.way != "gateway":
        return permit
    try:
        patch_of(intents)
    except NoSafeWrite as error:
        return Permit.refused(error.reason)
    return permit


def _member(intent: Intent) -> tuple[str, Json]:
    match intent:
        case SetModel(source="user"):
            profile = f"@{intent.profile}" if intent.profile else ""
            return "model", f"{intent.provider}/{intent.model}{profile}"
        case SetModel():
            raise NoSafeWrite(
                f"Not written: through the gateway a model is always set as user, not as {intent.source}. {_WAY_OUT}."
            )
        case ClearModel():
            return "model", None
        case SetField() if intent.field in PATCHED:
            return intent.field, None if intent.value is ABSENT else intent.value
    raise NoSafeWrite(f"Not written: a running gateway has no call that sets {intent.unit}. {_WAY_OUT}.")


def guards(entry: JsonObject) -> JsonObject:
    """What makes a gateway that keeps a database refuse when the session is another one by then (2026.8.1)."""
    known = {"expectedSessionId": entry.get("sessionId"), "expectedLifecycleRevision": entry.get("lifecycleRevision")}
    return {name: value for name, value in known.items() if isinstance(value, str)}
