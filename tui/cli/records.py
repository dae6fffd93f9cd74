"""The JSON objects of `watch --json` and of a report, one for each thing that happened; times are ms since 1970."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from store.entry.schema import is_noise
from store.errors import StoreError
from store.events import Broken, Changed, EntryChange, Event, Loaded, Missed, Recovered, Version
from store.history import field_changes
from store.js import Json, Value
from store.text.document import decode
from tui.cli.find import store_text
from tui.cli.output import change_json

FieldChanges: TypeAlias = "list[tuple[str, Value, Value]]"


def json_records(
    event: Event, is_about: Callable[[str], bool], *, with_noise: bool = False
) -> Iterator[dict[str, object]]:
    """The objects of one event, as far as they are about such entries; `with_noise` adds fields that are no news."""
    match event:
        case Loaded():
            yield _record("snapshot", event.store, event.version.at) | {"entries": event.entries}
        case Changed():
            for change in event.changes:
                if is_about(change.key):
                    yield from _change_records(event.store, event.version, change, with_noise)
        case Missed():
            exact = event.count is not None
            yield _record("missed", event.store, event.at) | {"count": event.count, "exact": exact}
        case Broken():
            yield _record("unreadable", event.store, event.at) | {"kind": event.kind, "detail": event.detail}
        case Recovered():
            yield _record("recovered", event.store, event.at)


def _record(kind: str, store: Path, at: float) -> dict[str, object]:
    return {"event": kind, "at": int(at * 1000), "store": store_text(store)}


def _change_records(
    store: Path, version: Version, change: EntryChange, with_noise: bool
) -> Iterator[dict[str, object]]:
    writer = version.writer.to_json()
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    record = _record(kind, store, version.at) | {"key": change.key, "writer": writer}
    if kind == "added":
        yield record | {"entry": decoded(change.after)}
    elif kind == "removed":
        yield record | {"entry": decoded(change.before)}
    else:
        fields, after = [change_json(*field) for field in told_fields(change, with_noise)], decoded(change.after)
        broken = {} if isinstance(after, dict) else {"entry": after}
        if fields or broken:
            yield record | {"changes": fields} | broken


def told_fields(change: EntryChange, with_noise: bool) -> FieldChanges:
    """The fields of a changed entry that are told."""
    return [field for field in field_changes(change.before, change.after) if with_noise or not is_noise(field[0])]


def decoded(raw: bytes | None) -> Json:
    """The entry's value; null where there is none, or none that can be decoded."""
    try:
        return decode(raw) if raw is not None else None
    except StoreError:
        return None
