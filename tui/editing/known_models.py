"""The models that the entries of the open stores name: the suggestions of the model form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from store.summary import EntrySummary


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model, in how many entries it is set or was last used, and the newest `updatedAt` (ms) among them."""

    name: str
    entries: int
    used_at: float


def known_models(rows: Iterable[EntrySummary]) -> list[KnownModel]:
    """Every model the rows name, in most entries first."""
    entries: dict[str, int] = {}
    used: dict[str, float] = {}
    for row in rows:
        intended = _name(row.override.provider, row.override.model) if row.override else ""
        for name in {intended, _name(row.used_provider, row.used_model)} - {""}:
            entries[name] = entries.get(name, 0) + 1
            used[name] = max(used.get(name, 0.0), row.updated_at or 0.0)
    models = [KnownModel(name, count, used[name]) for name, count in entries.items()]
    return sorted(models, key=lambda model: (-model.entries, -model.used_at, model.name))


def matching(models: Iterable[KnownModel], text: str) -> list[KnownModel]:
    """The models whose name has every word of the text in it, in the given order."""
    words = text.lower().split()
    return [model for model in models if all(word in model.name.lower() for word in words)]


def _name(provider: str, model: str) -> str:
    return f"{provider}/{model}" if provider and model else ""
