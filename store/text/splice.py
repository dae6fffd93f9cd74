"""Change fields of entries by splicing their text: every other byte of the store stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from store.errors import NotStrict, StoreError, WriteFailed
from store.js import ABSENT, Edit, JsonObject, Value, encode, encode_string, same
from store.text.any_layout import AnyDocument
from store.text.document import Document, decode
from store.text.js_layout import JsDocument
from store.text.scan import Member, whole_object

Chunk: TypeAlias = "bytes | memoryview"
_ENTRY_BREAK = "\n  "
_FIELD_BREAK = "\n    "


def splice(document: Document, edits: Mapping[str, Edit], added: Mapping[str, JsonObject]) -> list[Chunk]:
    """The chunks of the new version; the unchanged ones are views of the document's buffer.

    `edits` change, add or (ABSENT) remove top-level fields of entries that are there; `added` are entries that are
    not. Raises NotStrict when an entry's text is not strict JSON, WriteFailed when a result does not read back.
    """
    if not isinstance(document, (JsDocument, AnyDocument)) or not document.editable:
        raise NotStrict(f"The store is shown, not edited: {document.why_not}.")
    view = memoryview(document.buffer)[: document.size]
    chunks: list[Chunk] = []
    done = 0
    for start, end, key in sorted((*document.span(key), key) for key in edits):
        chunks += [view[done:start], edited_entry(bytes(view[start:end]), edits[key])]
        done = end
    if added:
        at, text = _appended(document, added)
        chunks += [view[done:at], text]
        done = _closing_brace(document)
    chunks.append(view[done:])
    return chunks


def edited_entry(raw: bytes, edit: Edit) -> bytes:
    """The entry's text with these fields changed, checked by decoding it again."""
    text = raw.decode("latin-1")
    try:
        found, brace = whole_object(text, 0)
        raw.decode("utf-8")
    except NotStrict as problem:
        raise NotStrict(f"The entry's text is not strict JSON, so it is not edited: {problem}.") from None
    except UnicodeDecodeError as error:
        raise NotStrict(f"The entry's text is not UTF-8 (byte {error.start:,}), so it is not edited.") from None
    changed = _edit_object(text, found, brace, edit).encode("latin-1")
    _check(raw, changed, edit)
    return changed


def try_entry(_key: str, raw: bytes, edit: Edit) -> None:
    """Raise what `splice` would raise because of this entry."""
    edited_entry(raw, edit)


def _edit_object(text: str, found: list[Member], brace: int, edit: Edit) -> str:
    """Kept members keep their text and the gaps between them; new ones follow the last, spaced like the first."""
    gap = text[1 : found[0].key_start] if found else _FIELD_BREAK
    colon = _colon(text, found[0]) if found else ": "
    indent = gap if "\n" in gap else None
    text_of_new = {field: _text(value, indent) for field, value in edit.items() if value is not ABSENT}
    parts: list[str] = []
    for position, member in enumerate(found):
        if edit.get(member.key) is ABSENT:
            continue
        parts.append(text[found[position - 1].end : member.key_start] if parts else gap)
        new = text_of_new.pop(member.key, None)
        parts.append(
            text[member.key_start : member.end] if new is None else text[member.key_start : member.start] + new
        )
    for field, new in text_of_new.items():
        parts.append(("," if parts else "") + gap + _latin(encode_string(field)) + colon + new)
    if not parts:
        return "{}"
    tail = text[found[-1].end : brace] if found else gap[:-2]
    return "{" + "".join(parts) + tail + "}"


def _text(value: Value, indent: str | None) -> str:
    assert value is not ABSENT
    return _latin(encode(value, indent.replace("\r", "") if indent else indent))


def _latin(text: str) -> str:
    return text.encode("utf-8").decode("latin-1")


def _colon(text: str, member: Member) -> str:
    """What stands between a key and its value, colon and blanks."""
    key_end = text.rindex('"', member.key_start, text.rindex(":", member.key_start, member.start)) + 1
    return text[key_end : member.start]


def _check(raw: bytes, changed: bytes, edit: Edit) -> None:
    """The new text must decode to the old entry with exactly these fields changed."""
    try:
        before, after = decode(raw), decode(changed)
    except StoreError as error:
        raise WriteFailed(f"Not written: the changed entry would not read back ({error}).") from None
    assert isinstance(before, dict)
    wanted: dict[str, object] = {**before}
    for field, value in edit.items():
        if value is ABSENT:
            wanted.pop(field, None)
        else:
            wanted[field] = value
    if not isinstance(after, dict) or after.keys() != wanted.keys():
        raise WriteFailed("Not written: the changed entry would read back with other fields.")
    for field, value in after.items():
        if not same(value, wanted[field]):  # type: ignore[arg-type]
            raise WriteFailed(f"Not written: {field} would read back as another value.")


def _appended(document: JsDocument | AnyDocument, added: Mapping[str, JsonObject]) -> tuple[int, bytes]:
    """Where the new entries go, and the text from there to the closing brace."""
    if isinstance(document, JsDocument):
        entries = [f"{_ENTRY_BREAK}{encode_string(key)}: {encode(entry, _ENTRY_BREAK)}" for key, entry in added.items()]
        at = document.starts[-1]
        return at, ((("," if document.names else "") + ",".join(entries)).encode() + b"\n")
    found, text = document.found, document.buffer.decode("latin-1")
    gap = text[document.brace + 1 : found[0].key_start] if found else ""
    colon = _colon(text, found[0]) if found else ":"
    indent = gap.replace("\r", "") if "\n" in gap else None
    entries = [gap + _latin(encode_string(key) + colon + encode(entry, indent)) for key, entry in added.items()]
    at = found[-1].end if found else document.brace + 1
    joined = ("," if found else "") + ",".join(entries)
    return at, (joined + text[at : document.end]).encode("latin-1")


def _closing_brace(document: JsDocument | AnyDocument) -> int:
    if isinstance(document, AnyDocument):
        return document.end
    at = document.starts[-1]
    return at if document.buffer[at : at + 1] == b"}" else at + 1
