"""The layout of `JSON.stringify(store, null, 2)`: entries found by their marks, versions compared by their bytes.

In that text a raw newline never stands inside a string and nested keys are indented by four blanks or more, so
newline, two blanks and a quote occur exactly once per entry. Entries whose bytes did not change need no decoding.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

from store.events import EntryChange
from store.js import encode_string
from store.text.document import Buffer, Document

_MARK = b'\n  "'
_KEY = re.compile(rb'\n  "([^"\\\n]*(?:\\.[^"\\\n]*)*)": ')
_MARK_SIZE = len(b'\n  ""' + b": ")
_COMMA = 0x2C
_CHUNK = 1 << 18


class OtherLayout(ValueError):
    """The text is not in this layout (it may still be JSON)."""


class JsDocument(Document):
    """Entries by their marks: entry i lies from `starts[i]` to `starts[i + 1]`; the last start is the brace's."""

    def __init__(
        self,
        buffer: Buffer,
        size: int,
        names: list[bytes],
        starts: list[int],
        positions: dict[bytes, int] | None = None,
    ) -> None:
        self.buffer = buffer
        self.size = size
        self.names = names
        self.starts = starts
        self.positions = positions if positions is not None else {name: at for at, name in enumerate(names)}
        if len(self.positions) != len(names):
            raise OtherLayout("a key stands twice")

    def keys(self) -> list[str]:
        return [key_text(name) for name in self.names]

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key_name(key) in self.positions

    def raw(self, key: str) -> bytes:
        return self.raw_at(self.positions[key_name(key)])

    def raws(self) -> Iterator[tuple[str, bytes]]:
        return ((key_text(name), self.raw_at(at)) for at, name in enumerate(self.names))

    def raw_at(self, at: int) -> bytes:
        """A copy of the JSON text of the entry at this position."""
        start, end = self.span_at(at)
        return bytes(memoryview(self.buffer)[start:end])

    def span_at(self, at: int) -> tuple[int, int]:
        """Where the value of the entry at this position starts and ends."""
        end = self.starts[at + 1]
        return self.starts[at] + len(self.names[at]) + _MARK_SIZE, end - (self.buffer[end - 1] == _COMMA)

    def span(self, key: str) -> tuple[int, int]:
        """Where the value of the entry starts and ends; KeyError when there is none."""
        return self.span_at(self.positions[key_name(key)])


def key_name(key: str) -> bytes:
    """The bytes between the quotes of a key, as JavaScript writes them."""
    return encode_string(key)[1:-1].encode()


def key_text(name: bytes) -> str:
    """The key whose bytes these are."""
    if b"\\" not in name:
        return name.decode("utf-8", "replace")
    text: str = json.loads(b'"' + name + b'"')
    return text


def index(buffer: Buffer, size: int) -> JsDocument:
    """Where each entry lies; raises OtherLayout."""
    end = closing(buffer, size)
    if end is None:
        return JsDocument(buffer, size, [], [1])
    names: list[bytes] = []
    starts: list[int] = []
    for mark in _KEY.finditer(buffer, 0, end):
        names.append(mark[1])
        starts.append(mark.start())
    if not starts or starts[0] != 1:
        raise OtherLayout("no entry where the first one stands")
    for name in names:
        _check_name(name)
    starts.append(end)
    document = JsDocument(buffer, size, names, starts)
    for at in range(len(names)):
        _check_ends(document, at)
    return document


def closing(buffer: Buffer, size: int) -> int | None:
    """Where the newline before the closing brace stands, None for an empty object; raises OtherLayout."""
    end = size
    while end and buffer[end - 1] in b" \r\n\t":
        end -= 1
    if end == 2 and buffer[:2] == b"{}":
        return None
    if buffer[:1] != b"{" or buffer[max(0, end - 2) : end] != b"\n}":
        raise OtherLayout("no closing brace on a line of its own")
    return end - 2


def _check_name(name: bytes) -> None:
    """One key has one spelling, or two spellings of one key would count as two entries."""
    if b"\\" in name or not name.isascii():
        try:
            canonical = key_name(key_text(name))
        except ValueError:
            raise OtherLayout("a key that is no JSON string") from None
        if canonical != name:
            raise OtherLayout("a key JavaScript would spell otherwise")


def _check_ends(document: JsDocument, at: int) -> None:
    """An entry begins after a comma, and an object opened at its start is closed at its end, at the same indent."""
    buffer, starts = document.buffer, document.starts
    if at and buffer[starts[at] - 1] != _COMMA:
        raise OtherLayout(f"no comma before the entry at byte {starts[at]}")
    if at == len(document.names) - 1 and buffer[starts[at + 1] - 1] == _COMMA:
        raise OtherLayout("a comma after the last entry")
    start, end = document.span_at(at)
    if buffer[start : start + 1] == b"{" and buffer[end - 4 : end] != b"\n  }" and buffer[start:end] != b"{}":
        raise OtherLayout(f"an entry that does not end with its brace (byte {end})")


class _Walk:
    """One pass over two versions by equal runs; see `walk`."""

    def __init__(self, old: JsDocument, buffer: Buffer, end: int) -> None:
        self.old = old
        self.buffer = buffer
        self.end = end
        self.names: list[bytes] = []
        self.starts: list[int] = []
        self.touched: list[tuple[int | None, int]] = []
        self.left_out: list[int] = []

    def run(self) -> None:
        """Fill `names` and `starts` of the new version, `touched` (old, new positions) and `left_out` (old ones)."""
        old, old_starts = self.old, self.old.starts
        count, old_end = len(old.names), old_starts[-1]
        at, old_from, new_from = 0, 0, 0
        while True:
            old_to, new_to = self._equal_run(old_from, new_from)
            shift = new_from - old_from
            finished = old_to == old_end and new_to == self.end
            next_at = count if finished else min(bisect_right(old_starts, old_to) - 1, count)
            self._keep(at, next_at, shift)
            if finished:
                return
            if next_at < at:
                raise OtherLayout("the first bytes differ")
            start = old_starts[next_at] + shift
            if start >= self.end:
                self.left_out.extend(range(next_at, count))
                return
            if next_at == count and self.buffer[start] == _COMMA:
                start += 1
            at, old_from, new_from = self._take(next_at, start)

    def _equal_run(self, old_at: int, new_at: int) -> tuple[int, int]:
        view = memoryview(self.old.buffer)
        old_end, buffer = self.old.starts[-1], self.buffer
        while (size := min(_CHUNK, old_end - old_at, self.end - new_at)) > 0:
            if not buffer.startswith(view[old_at : old_at + size], new_at):
                low, high = 0, size
                while high - low > 1:
                    middle = (low + high) >> 1
                    if buffer.startswith(view[old_at + low : old_at + middle], new_at + low):
                        low = middle
                    else:
                        high = middle
                return old_at + low, new_at + low
            old_at += size
            new_at += size
        return old_at, new_at

    def _keep(self, first: int, last: int, shift: int) -> None:
        """Entries first..last-1 of the old version stand in the new one, byte by byte, `shift` further on."""
        if last <= first:
            return
        self.names += self.old.names[first:last]
        starts = self.old.starts[first:last]
        self.starts += [start + shift for start in starts] if shift else starts

    def _take(self, at: int, start: int) -> tuple[int, int, int]:
        """Read the new entry at `start`, where the old version has entry `at`; returns where both go on."""
        mark = _KEY.match(self.buffer, start)
        if mark is None:
            raise OtherLayout(f"no entry at byte {start}")
        name = mark[1]
        following = self.buffer.find(_MARK, mark.end(), self.end)
        following = self.end if following < 0 else following
        old = self.old
        was = at if at < len(old.names) and old.names[at] == name else old.positions.get(name)
        self.names.append(name)
        self.starts.append(start)
        self.touched.append((was, len(self.names) - 1))
        if was is None:
            _check_name(name)
        if was is None or was < at:
            return at, old.starts[at], following
        self.left_out.extend(range(at, was))
        return was + 1, old.starts[was + 1], following


def walk(old: JsDocument, buffer: Buffer, size: int) -> tuple[JsDocument, tuple[EntryChange, ...]]:
    """The next version of `old` and what differs; the new text is compared, not decoded. Raises OtherLayout."""
    end = closing(buffer, size)
    if end is None or not old.names:
        new = index(buffer, size)
        gone = tuple(EntryChange(key, raw, None) for key, raw in old.raws())
        return new, (*(EntryChange(key, None, raw) for key, raw in new.raws()), *gone)
    pass_ = _Walk(old, buffer, end)
    pass_.run()
    pass_.starts.append(end)
    unmoved = len(pass_.names) == len(old.names) and all(was == now for was, now in pass_.touched)
    positions = old.positions if unmoved and not pass_.left_out else None
    new = JsDocument(buffer, size, pass_.names, pass_.starts, positions)
    for _was, now in pass_.touched:
        _check_ends(new, now)
    if new.names:
        _check_ends(new, len(new.names) - 1)
    return new, tuple(_changes(old, new, pass_))


def _changes(old: JsDocument, new: JsDocument, pass_: _Walk) -> Iterator[EntryChange]:
    for was, now in pass_.touched:
        after = new.raw_at(now)
        before = None if was is None else old.raw_at(was)
        if before != after:
            yield EntryChange(key_text(new.names[now]), before, after)
    for was in pass_.left_out:
        if old.names[was] not in new.positions:
            yield EntryChange(key_text(old.names[was]), old.raw_at(was), None)
