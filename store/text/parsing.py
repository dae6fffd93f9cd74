"""From bytes to a document, and from one document to the next: whichever layout fits.

The layout OpenClaw writes takes the fast path (`store.text.js_layout`); any other strict JSON, and JSON5 where nothing
else fits, takes the slow and equally correct one (`store.text.any_layout`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from store.errors import Damaged, TooDeep
from store.events import EntryChange
from store.js import same
from store.text import any_layout, js_layout
from store.text.document import Buffer, Document, decode


def parse(buffer: Buffer, size: int | None = None, *, check: bool = True) -> Document:
    """The document in the first `size` bytes.

    With `check`, every entry is decoded once, so that a file OpenClaw would not read is never shown as if it were
    whole; without, only the structure between the entries is looked at. Raises Damaged.
    """
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
    for key in old.keys():
        if key not in new:
            yield EntryChange(key, old.raw(key), None)


def _equal(before: bytes, after: bytes) -> bool:
    if before == after:
        return True
    try:
        return same(decode(before), decode(after))
    except (Damaged, TooDeep):
        return False
