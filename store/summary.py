"""One row of an entry: what a list shows of it, decoded once per version of the entry."""

from __future__ import annotations

from dataclasses import dataclass

from store.entry.delivery import Route, key_route, next_route
from store.entry.keys import SessionKey, parse_key
from store.entry.overrides import ModelOverride, model_override, observed_model
from store.errors import Damaged, StoreError
from store.js import JsonObject
from store.text.document import decode


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """What a table or a list shows of one entry; texts as they stand in the file.

    `updated_at` is in milliseconds, None when it is missing or no number; `size` is the entry's text in bytes;
    `invalid` says why the entry could not be read as an object, and is empty when it could; `damaged` is true when
    its text is no JSON at all, so that OpenClaw would not read the whole file.
    """

    key: str
    parts: SessionKey
    size: int
    label: str = ""
    override: ModelOverride | None = None
    used_provider: str = ""
    used_model: str = ""
    thinking: str = ""
    route: Route = Route()  # noqa: RUF009 - frozen
    key_route: Route | None = None
    send_policy: str = ""
    status: str = ""
    updated_at: float | None = None
    session_id: str = ""
    invalid: str = ""
    damaged: bool = False


def summarise(key: str, raw: bytes) -> EntrySummary:
    """The row of this entry; whatever the text holds, nothing is raised."""
    parts = parse_key(key)
    try:
        entry = decode(raw)
    except StoreError as error:
        return EntrySummary(key, parts, len(raw), invalid=str(error), damaged=isinstance(error, Damaged))
    if not isinstance(entry, dict):
        return EntrySummary(key, parts, len(raw), invalid="The entry is not an object.")
    return _summary_of(key, parts, len(raw), entry)


def _summary_of(key: str, parts: SessionKey, size: int, entry: JsonObject) -> EntrySummary:
    used_provider, used_model = observed_model(entry)
    updated_at = entry.get("updatedAt")
    return EntrySummary(
        key,
        parts,
        size,
        label=text_of(entry, "label"),
        override=model_override(entry),
        used_provider=used_provider,
        used_model=used_model,
        thinking=text_of(entry, "thinkingLevel"),
        route=next_route(entry),
        key_route=key_route(parts),
        send_policy=text_of(entry, "sendPolicy"),
        status=text_of(entry, "status"),
        updated_at=updated_at if isinstance(updated_at, (int, float)) and not isinstance(updated_at, bool) else None,
        session_id=text_of(entry, "sessionId"),
    )


def text_of(entry: JsonObject, field: str) -> str:
    """The field's text; empty when it is not set or no string."""
    value = entry.get(field)
    return value if isinstance(value, str) else ""
