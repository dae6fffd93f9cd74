"""Events as compressed JSON, and back; entries' texts as their fields, fat ones by number.

A *text* is a string (an entry that is no plain object), a number (such a one, kept by its hash), or
`{"l": [opening, separator, closing], "f": {name: string or number}}`, without `l` where the layout is JavaScript's.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from store.events import (
    Broken,
    Changed,
    EntryChange,
    Event,
    FileId,
    Loaded,
    LockHolder,
    LockState,
    Missed,
    Recovered,
    Version,
    Watching,
    Writer,
)
from store.recording.parts import JAVASCRIPT, Difference, Layout, applied, difference, join, split

Item: TypeAlias = "str | int"
"""A piece of text, or the number of a fat one."""
Text: TypeAlias = "Item | dict[str, Any]"
Body: TypeAlias = "dict[str, Any]"

FAT: Final = 1024
"""A longer piece is kept once, however often it comes."""
_LEVEL: Final = 6


def pack(body: object) -> bytes:
    """JSON, pure ASCII, compressed."""
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode("ascii"), _LEVEL)


def unpack(data: bytes) -> Any:
    """What was packed; zlib.error or ValueError when it is damaged."""
    return json.loads(zlib.decompress(data))


def text_of(raw: bytes, keep: Callable[[str], int]) -> Text:
    """An entry's text; `keep` takes a fat piece and gives its number."""
    whole = raw.decode("latin-1")
    parts = split(whole)
    if parts is None:
        return _item(whole, keep)
    fields = {name: _item(rest, keep) for name, rest in parts.fields.items()}
    return {"f": fields} if parts.layout == JAVASCRIPT else {"l": list(parts.layout), "f": fields}


def raw_of(text: Text, kept: Callable[[int], str]) -> bytes:
    """The bytes again; `kept` gives the fat piece of a number."""
    if isinstance(text, dict):
        fields = {name: _whole(item, kept) for name, item in text["f"].items()}
        return join(Layout(*text.get("l", JAVASCRIPT)), fields).encode("latin-1")
    return _whole(text, kept).encode("latin-1")


def _item(piece: str, keep: Callable[[str], int]) -> Item:
    return keep(piece) if len(piece) > FAT else piece


def _whole(item: Item, kept: Callable[[int], str]) -> str:
    return kept(item) if isinstance(item, int) else item


def change_body(change: EntryChange, known: bool, keep: Callable[[str], int]) -> Body:
    """One entry's change: `k` its key; `a` its new text, or `s` changed fields, `x` gone ones and `t` those that
    stand last; nothing of these when the entry is gone. `b` is its text before where that does not follow from what
    was recorded (not `known`), null for an entry that was not there.
    """
    body: Body = {"k": change.key}
    if not known:
        body["b"] = None if change.before is None else text_of(change.before, keep)
    if change.after is None:
        return body
    before = None if change.before is None else split(change.before.decode("latin-1"))
    after = split(change.after.decode("latin-1"))
    if before is None or after is None or before.layout != after.layout:
        return body | {"a": text_of(change.after, keep)}
    step = difference(before.fields, after.fields)
    body["s"] = {name: _item(rest, keep) for name, rest in step.changed.items()}
    return body | {name: value for name, value in (("x", step.gone), ("t", step.tail)) if value}


def next_text(body: Body, before: Text | None) -> Text | None:
    """The entry's text after a change; None when it is gone."""
    if "a" in body:
        return cast("Text", body["a"])
    if "s" not in body:
        return None
    if not isinstance(before, dict):
        raise ValueError("a change of fields of what has none")  # noqa: TRY004 - damage in a file, no wrong call
    step: Difference[Item] = Difference(body["s"], body.get("x", ()), body.get("t", ()))
    return before | {"f": applied(before["f"], step)}


def numbers_in(text: Text | None) -> Iterator[int]:
    """The fat pieces a text refers to."""
    items = text["f"].values() if isinstance(text, dict) else (text,)
    return (item for item in items if isinstance(item, int))


def numbers_of(body: Body) -> Iterator[int]:
    """The fat pieces a change refers to."""
    yield from numbers_in(body.get("a"))
    yield from numbers_in(body.get("b"))
    yield from numbers_in({"f": body.get("s", {})})


def version_body(version: Version) -> list[Any]:
    """A version as a list."""
    file, writer = version.file, version.writer
    identity = [version.number, version.at, file.dev, file.inode, file.size, file.mtime_ns]
    user = [writer.user] if writer.user else []
    return [*identity, writer.pid, writer.how, version.temp_created, version.overtaken, *user]


def version_from(body: list[Any]) -> Version:
    """The version again."""
    number, at, dev, inode, size, mtime_ns, pid, how, temp_created, overtaken, *user = body
    return Version(number, at, FileId(dev, inode, size, mtime_ns), Writer(pid, how, *user), temp_created, overtaken)


def plain_body(event: Missed | Broken | Recovered | LockState | Watching) -> tuple[str, Body]:
    """Kind and body of an event that changes no entry."""
    match event:
        case Missed():
            return "missed", {"count": event.count}
        case Recovered():
            return "recovered", {}
        case Watching():
            return "watching", {"how": event.how, "why": event.why}
        case LockState():
            holder = event.holder
            held = None if holder is None else [holder.pid, holder.since, holder.alive, holder.command]
            return "lock", {"holder": held}
        case Broken():
            last = None if event.last_good is None else version_body(event.last_good)
            entries = {"before": event.entries_before, "now": event.entries_now}
            return "broken", {"kind": event.kind, "detail": event.detail, "last": last} | entries


def plain_event(kind: str, store: Path, at: float, body: Mapping[str, Any]) -> Event:
    """The event again; ValueError for a kind that is unknown."""
    match kind:
        case "missed":
            return Missed(store, at, body["count"])
        case "recovered":
            return Recovered(store, at)
        case "watching":
            return Watching(store, body["how"], body["why"])
        case "lock":
            return LockState(store, at, None if body["holder"] is None else LockHolder(*body["holder"]))
        case "broken":
            last = None if body["last"] is None else version_from(body["last"])
            return Broken(store, at, body["kind"], body["detail"], last, body["before"], body["now"])
    raise ValueError(f"an event of the unknown kind {kind!r}")


def version_event(
    kind: str, store: Path, body: Mapping[str, Any], changes: tuple[EntryChange, ...]
) -> Loaded | Changed:
    """A version that was announced, the first (`loaded`) or a later one."""
    version = version_from(body["v"])
    if kind == "loaded":
        return Loaded(store, version, body["n"])
    return Changed(store, version, changes, body["n"])
