"""One version of a store as bytes: where each entry lies, and which entries differ from another version.

Entries are decoded on demand. The layout OpenClaw writes takes the fast path (`store.js_layout`); any other strict
JSON, and JSON5 where nothing else fits, takes the slow and equally correct one (`store.any_layout`).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from store.errors import Damaged, TooDeep
from store.events import EntryChange
from store.js import Json, same

Buffer: TypeAlias = "bytes | bytearray"


class Document(ABC):
    """The entries of one version, in file order; valid as long as its buffer is."""

    why_not = ""
    """Why this text can be shown but not edited; empty when it can."""

    @property
    def editable(self) -> bool:
        """Whether an entry can be spliced without touching any other byte."""
        return not self.why_not

    @abstractmethod
    def keys(self) -> list[str]:
        """Session keys in file order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __contains__(self, key: object) -> bool: ...

    @abstractmethod
    def raw(self, key: str) -> bytes:
        """A copy of the entry's JSON text; KeyError when there is no such entry."""

    def entry(self, key: str) -> Json:
        """The decoded entry; Damaged or TooDeep when it cannot be decoded."""
        return decode(self.raw(key))

    def raws(self) -> Iterator[tuple[str, bytes]]:
        """Every key with a copy of its JSON text."""
        return ((key, self.raw(key)) for key in self.keys())


def decode(raw: bytes) -> Json:
    """The value of one JSON text.

    orjson first; `json` for what orjson refuses and JavaScript writes (half an emoji, 1e400) or reads (bytes that are
    not UTF-8, which Node turns into U+FFFD). Raises Damaged for text that is no JSON, TooDeep where nesting is.
    """
    import orjson

    try:
        value: Json = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _decode_leniently(raw)
    return value


def _decode_leniently(raw: bytes) -> Json:
    try:
        value: Json = json.loads(raw.decode("utf-8", "replace"), parse_constant=_refuse_constant)
    except RecursionError:
        raise TooDeep("An entry is nested deeper than can be read here; it is left alone.") from None
    except ValueError as error:
        raise Damaged(f"Not JSON: {error}") from None
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def parse(buffer: Buffer, size: int | None = None, *, check: bool = True) -> Document:
    """The document in the first `size` bytes.

    With `check`, every entry is decoded once, so that a file OpenClaw would not read is never shown as if it were
    whole; without, only the structure between the entries is looked at. Raises Damaged.
    """
    from store import any_layout, js_layout

    size = len(buffer) if size is None else size
    try:
        document = js_layout.index(buffer, size)
        if check:
            _decode_all(document.raws())
    except (js_layout.OtherLayout, Damaged):
        return any_layout.parse(bytes(memoryview(buffer)[:size]))
    return document


def _decode_all(entries: Iterable[tuple[str, bytes]]) -> None:
    for _key, raw in entries:
        try:
            decode(raw)
        except TooDeep:
            continue


def diff(old: Document, buffer: Buffer, size: int) -> tuple[Document, tuple[EntryChange, ...]]:
    """The next version and the entries in which it differs, old text against new, in file order; removed ones last.

    Costs a memory comparison of the two files and the decoding of the changed entries only. Raises Damaged.
    """
    from store import js_layout

    if isinstance(old, js_layout.JsDocument):
        try:
            new, changes = js_layout.walk(old, buffer, size)
            _decode_all((change.key, change.after) for change in changes if change.after is not None)
        except (js_layout.OtherLayout, Damaged):
            pass
        else:
            return new, changes
    document = parse(buffer, size)
    return document, tuple(compare(old, document))


def compare(old: Document, new: Document) -> Iterator[EntryChange]:
    """The entries that differ in value; a change of layout alone is none."""
    for key, after in new.raws():
        before = old.raw(key) if key in old else None
        if before is None or not _equal(before, after):
            yield EntryChange(key, before, after)
    for key in old.keys():  # noqa: SIM118 - a Document is no dict
        if key not in new:
            yield EntryChange(key, old.raw(key), None)


def _equal(before: bytes, after: bytes) -> bool:
    if before == after:
        return True
    try:
        return same(decode(before), decode(after))
    except (Damaged, TooDeep):
        return False
