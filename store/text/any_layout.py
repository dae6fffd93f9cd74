"""Stores in any other text: minified, indented by four, CRLF, hand-edited; and JSON5: shown, never edited."""

from __future__ import annotations

import codecs
from typing import Any

from store.errors import Damaged, NotStrict
from store.js import Json, encode
from store.text.document import Document
from store.text.scan import Member, NotJson, object_start, whole_object


class AnyDocument(Document):
    """Entries of strict JSON in any layout, found by a scan of the whole text."""

    def __init__(self, buffer: bytes, found: list[Member], brace: int, end: int, why_not: str = "") -> None:
        self.buffer = buffer
        self.size = len(buffer)
        self.found = found
        self.brace = brace
        """Where the opening brace stands."""
        self.end = end
        """Where the closing brace stands."""
        self.why_not = why_not
        self._by_key = {member.key: member for member in found}

    def keys(self) -> list[str]:
        return list(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def span(self, key: str) -> tuple[int, int]:
        """Where the value of the entry starts and ends; KeyError when there is none."""
        member = self._by_key[key]
        return member.start, member.end

    def raw(self, key: str) -> bytes:
        start, end = self.span(key)
        return self.buffer[start:end]


class ShownDocument(Document):
    """Entries that can be read but have no strict text of their own: JSON5, duplicate keys."""

    def __init__(self, entries: dict[str, Json], size: int, why_not: str) -> None:
        self.size = size
        self.why_not = why_not
        self._texts = {key: encode(value).encode() for key, value in entries.items()}

    def keys(self) -> list[str]:
        return list(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def raw(self, key: str) -> bytes:
        return self._texts[key]


def parse(data: bytes) -> Document:
    """The document in `data`; raises Damaged with the place where reading stopped."""
    if not data.strip():
        raise Damaged("The file is empty.")
    marked = data.startswith(codecs.BOM_UTF8)
    start = len(codecs.BOM_UTF8) if marked else 0
    text = data.decode("latin-1")
    try:
        brace = object_start(text, start)
        found, end = whole_object(text, brace)
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return AnyDocument(data, found, brace, end, f"byte {error.start:,} is not UTF-8")
    except NotJson as problem:
        return _json5(data[start:], problem)
    return AnyDocument(data, found, brace, end, "it begins with a byte-order mark" if marked else "")


def _json5(data: bytes, problem: NotJson) -> Document:
    """What JSON5 can make of it (OpenClaw read stores as JSON5 up to 2026.2.9); otherwise Damaged for `problem`."""
    import pyjson5

    try:
        value: Any = pyjson5.decode_utf8(data)
    except (pyjson5.Json5Exception, UnicodeDecodeError, RecursionError):
        raise Damaged(_damage(data, problem)) from None
    if not isinstance(value, dict):
        raise Damaged(f"The file holds no object but {_kind(value)}.") from None
    return ShownDocument(value, len(data), f"it is JSON5, not strict JSON: {problem}")


def _damage(data: bytes, problem: NotStrict) -> str:
    if data[:1] not in (b"{", b" ", b"\n", b"\t", b"\r"):
        return f"The file is no JSON text: it begins with {data[:8]!r}."
    return f"The file cannot be read: {problem}."


def _kind(value: Any) -> str:
    return {list: "a list", str: "a string", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
