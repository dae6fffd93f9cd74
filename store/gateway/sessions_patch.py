"""`sessions.patch`: single fields of an entry set by name, from a fresh read inside the lock.

The fields and their rules are those of the JSON releases (`applySessionsPatchToStore`, 2026.1.29 to 2026.6.6). It never
had a racy form; what it set was lost to the other paths (#52786).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from store.entry.fields import edited, text
from store.entry.keys import parse_key
from store.entry.levels import SetField, check_label
from store.entry.overrides import SetModel, parse_model
from store.errors import UsageError
from store.gateway.gateway import Entries, Gateway, Moment, merged
from store.gateway.rules import Rules
from store.js import ABSENT, Json, JsonObject, Value

_LEVELS: Final = frozenset(
    {
        *("thinkingLevel", "fastMode", "verboseLevel", "traceLevel", "reasoningLevel", "responseUsage"),
        *("elevatedLevel", "execHost", "execSecurity", "execAsk", "execNode", "sendPolicy", "groupActivation"),
    }
)
_OFF_IS_UNSET: Final = ("thinkingLevel", "reasoningLevel")
_ROLES: Final = {"subagentRole": ("orchestrator", "leaf"), "subagentControlScope": ("children", "none")}
_WRITE_ONCE: Final = frozenset({"spawnedBy", "spawnedWorkspaceDir", "spawnedCwd", "spawnDepth", *_ROLES})
_TOOL_LISTS: Final = frozenset({"inheritedToolDeny", "inheritedToolAllow"})
_SELECTION: Final = ("providerOverride", "modelOverride", "authProfileOverride", "authProfileOverrideSource")
PATCHABLE: Final = _LEVELS | _WRITE_ONCE | _TOOL_LISTS | {"label", "model"}
"""Every name that a patch may have."""


@dataclass(frozen=True, slots=True)
class Models:
    """What the configuration says about models; without `allowed` every one is."""

    default: tuple[str, str]
    allowed: Collection[tuple[str, str]] | None = None


def patch_session(gateway: Gateway, key: str, patch: Mapping[str, Json], models: Models) -> JsonObject:
    """Set the named fields; null clears, a field that is not named stays, a missing entry is created.

    Raises UsageError, with the store untouched: unknown field, value that cannot be meant, label of another session,
    model that is not allowed.
    """
    moment = gateway.moment()

    def mutate(entries: Entries) -> JsonObject:
        fresh = entries.get(key)
        entry = next_entry(fresh, key, patch, models, moment, gateway.rules)
        _check_unique(entry, key, patch, entries)
        entries[key] = entry
        return entry

    with gateway.turn:
        entry = gateway.update(mutate)
        gateway.memory[key] = dict(entry)
    return entry


def next_entry(
    fresh: JsonObject | None, key: str, patch: Mapping[str, Json], models: Models, moment: Moment, rules: Rules
) -> JsonObject:
    """The entry with the patch in it. Raises UsageError; whether a label is unique, the store knows."""
    unknown = sorted(patch.keys() - PATCHABLE)
    if unknown:
        raise UsageError(f"sessions.patch has no field {unknown[0]}; delivery and profiles cannot be patched")
    entry = merged(fresh, {}, moment)
    for name, value in patch.items():
        entry = edited(entry, _edits(entry, key, name, value, models, rules))
    return entry


def _edits(entry: JsonObject, key: str, name: str, value: Json, models: Models, rules: Rules) -> dict[str, Value]:
    if name == "model":
        return _model(entry, value, models, rules)
    if name in _WRITE_ONCE:
        return _written_once(entry, key, name, value)
    return _tools(key, name, value) if name in _TOOL_LISTS else _level(name, value, rules)


def _level(name: str, value: Json, rules: Rules) -> dict[str, Value]:
    if value is None:
        return {name: ABSENT}
    meant = SetField(name, value).value
    if meant == "off" and name in _OFF_IS_UNSET and not rules.stores_off:
        meant = ABSENT
    return {name: meant}


def _written_once(entry: JsonObject, key: str, name: str, value: Json) -> dict[str, Value]:
    present = entry.get(name)
    if value is None:
        if present:
            raise UsageError(f"{name} cannot be cleared once set")
        return {}
    if parse_key(key).kind not in ("subagent", "acp"):
        raise UsageError(f"{name} is for the sessions of subagents only")
    meant = _depth(value) if name == "spawnDepth" else _word(name, value)
    if present and present != meant:
        raise UsageError(f"{name} cannot be changed once set")
    return {name: meant}


def _depth(value: Json) -> Json:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageError("spawnDepth is a whole number from 0 up")
    return value


def _word(name: str, value: Json) -> Json:
    word = value.strip() if isinstance(value, str) else ""
    if name in _ROLES:
        word = word.lower()
    if not word or word not in _ROLES.get(name, (word,)):
        raise UsageError(f"{name} is {' or '.join(_ROLES.get(name, ('some text',)))}")
    return word


def _tools(key: str, name: str, value: Json) -> dict[str, Value]:
    if value is None:
        return {name: ABSENT}
    if not isinstance(value, list) or parse_key(key).kind not in ("subagent", "acp"):
        raise UsageError(f"{name} is a list of tool names, for the sessions of subagents only")
    names = [tool.strip() for tool in value if isinstance(tool, str) and tool.strip()]
    return {name: [*dict.fromkeys(names)] or ABSENT}


def _model(entry: JsonObject, value: Json, models: Models, rules: Rules) -> dict[str, Value]:
    """The pair, its source and what follows from it; the agent's default is kept as no override at all."""
    if value is not None and not isinstance(value, str):
        raise UsageError("model is provider/model")
    name, _, profile = (value or "").partition("@")
    chosen = models.default if value is None else parse_model(name)
    if value is not None and models.allowed is not None and chosen not in {*models.allowed, models.default}:
        raise UsageError(f"model not allowed: {'/'.join(chosen)}")
    edits = _choice(entry, chosen, profile, models, rules)
    moved = any(entry.get(name) != edited(entry, edits).get(name) for name in _SELECTION)
    edits.pop("liveModelSwitchPending", None)
    if value is None or not rules.switches_live:
        edits["liveModelSwitchPending"] = ABSENT
    elif moved:
        edits["liveModelSwitchPending"] = True
    return edits


def _choice(entry: JsonObject, chosen: tuple[str, str], profile: str, models: Models, rules: Rules) -> dict[str, Value]:
    source = "user" if rules.has_sources else "old"
    if chosen != models.default:
        return {**SetModel(*chosen, source, profile).edits(entry)}
    # No override moves when there is none, and one does when it goes, even if it named the default.
    bare = not text(entry, "providerOverride") and not text(entry, "modelOverride")
    as_if: dict[str, Value] = {"providerOverride": chosen[0], "modelOverride": chosen[1]}
    as_if = as_if if bare else {"modelOverride": f"other than {chosen[1]}"}
    edits: dict[str, Value] = {**SetModel(*chosen, source, profile).edits(edited(entry, as_if))}
    return edits | dict.fromkeys(("providerOverride", "modelOverride", "modelOverrideSource"), ABSENT)


def _check_unique(entry: JsonObject, key: str, patch: Mapping[str, Json], entries: Entries) -> None:
    if patch.get("label") is not None:
        check_label(text(entry, "label"), {text(entries[other], "label") for other in entries if other != key})
