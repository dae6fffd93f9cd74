"""One row of an entry: what a list shows of it, decoded once per version of the entry."""

from __future__ import annotations

from dataclasses import dataclass, replace

from store.entry.delivery import Route, key_route, next_route
from store.entry.keys import SessionKey, parse_key
from store.entry.lint import UNCHECKED, Remark, lint, rule_of_flaw
from store.entry.overrides import ModelOverride, model_override, observed_model
from store.entry.schema import LEVELS
from store.errors import Damaged, StoreError
from store.js import Json, JsonObject
from store.text.document import decode


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """What a table or a list shows of one entry; texts as they stand in the file.

    `updated_at` is in milliseconds, None when it is missing or no number; `size` is the entry's text in bytes;
    `invalid` says why the entry could not be read as an object, and is empty when it could; `damaged` is true when
    its text is no JSON at all, so that OpenClaw would not read the whole file. `levels` are the names and values of the
    level fields that are set, `lint` is what is wrong with the entry as it stands. `flaw` is why OpenClaw would stumble
    over the row that a database keeps it in, and empty where it would not.
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
    levels: tuple[tuple[str, str], ...] = ()
    lint: tuple[Remark, ...] = ()
    flaw: str = ""


def summarise(key: str, raw: bytes) -> EntrySummary:
    """The row of this entry; whatever the text holds, nothing is raised."""
    parts = parse_key(key)
    try:
        entry = decode(raw)
    except StoreError as error:
        return _unreadable(key, parts, len(raw), str(error), damaged=isinstance(error, Damaged))
    if not isinstance(entry, dict):
        return _unreadable(key, parts, len(raw), "The entry is not an object.")
    return _summary_of(key, parts, len(raw), entry)


def with_flaw(summary: EntrySummary, because: str) -> EntrySummary:
    """The row with this flaw, and no other, among what is wrong with it; itself when that is so already."""
    if summary.flaw == because:
        return summary
    lint: tuple[Remark, ...] = tuple(remark for remark in summary.lint if remark.because != summary.flaw)
    if because:
        remark = Remark(rule_of_flaw(because), because)
        lint = (*lint, remark) if because == UNCHECKED else (remark, *lint)
    return replace(summary, flaw=because, lint=lint)


def _unreadable(key: str, parts: SessionKey, size: int, why: str, *, damaged: bool = False) -> EntrySummary:
    return EntrySummary(key, parts, size, invalid=why, damaged=damaged, lint=(Remark("invalid", why),))


def _summary_of(key: str, parts: SessionKey, size: int, entry: JsonObject) -> EntrySummary:
    used_provider, used_model = observed_model(entry)
    updated_at, route = entry.get("updatedAt"), next_route(entry)
    return EntrySummary(
        key,
        parts,
        size,
        label=text_of(entry, "label"),
        override=model_override(entry),
        used_provider=used_provider,
        used_model=used_model,
        thinking=text_of(entry, "thinkingLevel"),
        route=route,
        key_route=key_route(parts),
        send_policy=text_of(entry, "sendPolicy"),
        status=text_of(entry, "status"),
        updated_at=updated_at if isinstance(updated_at, (int, float)) and not isinstance(updated_at, bool) else None,
        session_id=text_of(entry, "sessionId"),
        levels=tuple((name, _level(entry[name])) for name in LEVELS if name in entry),
        lint=lint(entry, parts, route),
    )


def _level(value: Json) -> str:
    """The value as a person types it: `high`, `on` for true, `20`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else "" if isinstance(value, dict | list | None) else str(value)


def text_of(entry: JsonObject, field: str) -> str:
    """The field's text; empty when it is not set or no string."""
    value = entry.get(field)
    return value if isinstance(value, str) else ""
