"""The model override: provider, model and source, set and cleared as one unit.

With it goes the auth profile where it no longer fits the provider, and what the gateway itself drops when a model is
chosen (`applyModelOverrideToSessionEntry`): what the last run said about its model, and notices about fallbacks. The
newest JSON release drops most; the same is harmless on the older ones, which derive those fields again in the next run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from store.entry.delivery import torn_route
from store.entry.delivery_state import state_of
from store.entry.fields import differing, extracted, text
from store.entry.schema import FIELDS, release_number
from store.errors import UsageError
from store.js import ABSENT, JsonObject, Value

SOURCES: Final = ("user", "auto", "default", "old")
"""`old`: an override without a source, as releases before 2026.4.10 write it; later ones treat it as `user`."""

_GUARDED: Final = ("providerOverride", "modelOverride", "modelOverrideSource", "authProfileOverride")
_PROFILE: Final = ("authProfileOverride", "authProfileOverrideSource", "authProfileOverrideCompactionCount")
_RESOLUTION: Final = "modelOverrideRouteResolution"
"""Set along with every override since entries are kept in SQLite; without it the gateway resolves the model anew."""
_OBSERVED: Final = ("model", "modelProvider")
_MODEL_SIZE: Final = ("contextTokens", "contextTokensSource", "contextBudgetStatus")
_FALLBACK: Final = (
    "modelOverrideFallbackOriginProvider",
    "modelOverrideFallbackOriginModel",
    "fallbackNotice",
    "fallbackNoticeSelectedModel",
    "fallbackNoticeActiveModel",
    "fallbackNoticeReason",
)
_LIVE_SWITCH_SINCE: Final = (2026, 4, 5)
# A model or level field may be this tool's own writing and proves nothing; `route` it only rewrites.
_LIVE_SWITCH_WITNESSES: Final = frozenset(
    known.name
    for known in FIELDS.values()
    if known.unit not in ("model", "level") and release_number(known.since) >= _LIVE_SWITCH_SINCE
)
_PROVIDER_ALIASES: Final = {"z.ai": "zai", "z-ai": "zai"}


@dataclass(frozen=True, slots=True)
class ModelOverride:
    """The intended model; of a torn pair the missing half is blank. `source` is one of SOURCES or unknown text."""

    provider: str
    model: str
    source: str


def model_override(entry: JsonObject) -> ModelOverride | None:
    """The override of an entry, whole or torn; None when the agent's default decides."""
    provider, model = text(entry, "providerOverride"), text(entry, "modelOverride")
    if not provider and not model:
        return None
    return ModelOverride(provider, model, text(entry, "modelOverrideSource") or "old")


def observed_model(entry: JsonObject) -> tuple[str, str]:
    """Provider and model of the last run, blank where the entry does not say."""
    return text(entry, "modelProvider"), text(entry, "model")


def torn(entry: JsonObject) -> str:
    """Why two fields that belong together do not fit, or blank."""
    return torn_model(entry) or torn_route(entry)


def torn_model(entry: JsonObject) -> str:
    """Why the override is half a pair, or blank."""
    provider, model = text(entry, "providerOverride"), text(entry, "modelOverride")
    if provider and not model:
        return f"provider {provider} without a model"
    if model and not provider:
        return f"model {model} without a provider"
    return ""


def parse_model(given: str) -> tuple[str, str]:
    """Provider and model of `provider/model`, split at the first slash; UsageError when one is missing."""
    provider, _, model = (part.strip() for part in given.partition("/"))
    _check_pair(provider, model)
    return provider, model


@dataclass(frozen=True, slots=True)
class SetModel:
    """Use this model. A `profile` is set along with it; without one the present profile stays if it fits."""

    provider: str
    model: str
    source: str = "user"
    profile: str = ""
    profile_source: str = ""

    unit: ClassVar[str] = "model"

    def __post_init__(self) -> None:
        _check_pair(self.provider, self.model)
        if self.source not in SOURCES:
            raise UsageError(f"no such model source: {self.source!r}; use one of {', '.join(SOURCES)}")

    def edits(self, entry: JsonObject) -> dict[str, Value]:
        """The unit's changes, and what follows from them; empty when the override is already this one."""
        source: Value = ABSENT if self.source == "old" else self.source
        wanted: dict[str, Value] = {
            "providerOverride": self.provider,
            "modelOverride": self.model,
            "modelOverrideSource": source,
            **self._profile_fields(entry),
        }
        changed = differing(entry, wanted)
        if not changed:
            return {}
        moved = "providerOverride" in changed or "modelOverride" in changed
        residue = _stale(entry, (self.provider, self.model), moved)
        if moved and state_of(entry) is not None:
            residue[_RESOLUTION] = "resolved"
        # A pending switch is the user's word to a run under way; the gateway's own fallbacks never set it.
        if (moved or "authProfileOverride" in changed) and self.source != "auto" and _knows_live_switch(entry):
            residue["liveModelSwitchPending"] = True
        return changed | differing(entry, residue)

    def _profile_fields(self, entry: JsonObject) -> dict[str, Value]:
        present = text(entry, "authProfileOverride")
        if not self.profile:
            keep = present and _fits(present, self.provider, entry)
            return {} if keep else dict.fromkeys(_PROFILE, ABSENT)
        fields: dict[str, Value] = {
            "authProfileOverride": self.profile,
            "authProfileOverrideSource": self.profile_source or "user",
        }
        if present != self.profile:
            fields["authProfileOverrideCompactionCount"] = ABSENT
        return fields

    def guarded(self, entry: JsonObject) -> dict[str, Value]:
        """The values that must still be as they were seen."""
        return extracted(entry, _GUARDED)

    def describe(self) -> str:
        """What will hold afterwards."""
        return f"model is {self.provider}/{self.model}"

    def to_json(self) -> JsonObject:
        """For drafts and the journal."""
        stored: JsonObject = {
            "intent": "set-model",
            "provider": self.provider,
            "model": self.model,
            "source": self.source,
        }
        if self.profile:
            stored |= {"profile": self.profile, "profileSource": self.profile_source}
        return stored


@dataclass(frozen=True, slots=True)
class ClearModel:
    """Let the agent's default decide. The profile goes too: the file does not say whether it fits that default."""

    unit: ClassVar[str] = "model"

    def edits(self, entry: JsonObject) -> dict[str, Value]:
        """Removes the override and what came with it; empty when there is none."""
        changed = differing(entry, dict.fromkeys(_GUARDED[:3], ABSENT))
        if not changed:
            return {}
        moved = "providerOverride" in changed or "modelOverride" in changed
        residue = _stale(entry, None, moved) | {"liveModelSwitchPending": ABSENT, _RESOLUTION: ABSENT}
        if moved:
            residue |= dict.fromkeys(_PROFILE, ABSENT)
        return changed | differing(entry, residue)

    def guarded(self, entry: JsonObject) -> dict[str, Value]:
        """The values that must still be as they were seen."""
        return extracted(entry, _GUARDED)

    def describe(self) -> str:
        """What will hold afterwards."""
        return "model is the agent's default"

    def to_json(self) -> JsonObject:
        """For drafts and the journal."""
        return {"intent": "clear-model"}


def model_as_in(entry: JsonObject) -> SetModel | ClearModel:
    """The intent that brings back the override this entry has; one that is torn there is cleared."""
    override = model_override(entry)
    if override is None or not override.provider or not override.model:
        return ClearModel()
    source = override.source if override.source in SOURCES else "old"
    profile, profile_source = text(entry, "authProfileOverride"), text(entry, "authProfileOverrideSource")
    return SetModel(override.provider, override.model, source, profile, profile_source if profile else "")


def _check_pair(provider: str, model: str) -> None:
    if not provider or not model:
        raise UsageError("a model is provider/model, both of them: anthropic/claude-opus-4-6")
    if any(character.isspace() or not character.isprintable() for character in provider + model):
        raise UsageError("a model name has no blanks and no control characters")


def _fits(profile: str, provider: str, entry: JsonObject) -> bool:
    """Profile ids are `provider:name`; one without a provider belongs to the provider in use."""
    owner, colon, _ = profile.partition(":")
    if not colon:
        owner = text(entry, "providerOverride") or text(entry, "modelProvider")
    return bool(owner) and _provider_id(owner) == _provider_id(provider)


def _provider_id(name: str) -> str:
    plain = name.strip().lower()
    return _PROVIDER_ALIASES.get(plain, plain)


def _stale(entry: JsonObject, chosen: tuple[str, str] | None, moved: bool) -> dict[str, Value]:
    """What no longer fits once the unit changed; `chosen` is None for the default, which the file does not name."""
    provider, model = observed_model(entry)
    ran = bool(provider or model)
    aligned = chosen is not None and model == chosen[1] and provider in ("", chosen[0])
    stale: dict[str, Value] = dict.fromkeys(_FALLBACK, ABSENT)
    if moved or (ran and not aligned and chosen is not None):
        stale |= dict.fromkeys(_OBSERVED + _MODEL_SIZE, ABSENT)
    return stale


def _knows_live_switch(entry: JsonObject) -> bool:
    return not _LIVE_SWITCH_WITNESSES.isdisjoint(entry)
