"""One entry of a big store, without reading the rest into memory.

In the layout OpenClaw writes, an entry begins with a newline, two blanks and its key, and a search for that runs at the
speed of memory. Whatever is not exactly as expected is left to the ordinary reader, which knows every layout and says
what is wrong with a file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from store.errors import StoreError
from store.js import encode_string
from store.openclaw.databases import is_database

_CHUNK: Final = 1 << 20
_OPENING: Final = b'{\n  "'
_CLOSING: Final = b"\n  }\n}"
_NEXT_ENTRY: Final = b'\n  "'
_ENTRY_ENDS: Final = (b"\n  },", b"\n  }\n}")


def entry_flaw(path: Path, key: str) -> str:
    """Why OpenClaw would stumble over the entry whatever its text, or blank: a row of a database."""
    if not is_database(path):
        return ""
    from store.sqlite.document import row_flaw

    return row_flaw(path, key)


def entry_text(path: str | os.PathLike[str], key: str) -> bytes | None:
    """The JSON text of the entry with this key, an object; None when a full read has to tell."""
    if is_database(Path(os.fsdecode(path))):
        return _row_text(Path(os.fsdecode(path)), key)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        before = os.fstat(descriptor)
        text = _find(descriptor, before.st_size, b"\n  " + encode_string(key).encode() + b": {")
        after = os.fstat(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return text if unchanged else None


def _row_text(path: Path, key: str) -> bytes | None:
    from store.sqlite.document import row_text

    try:
        return row_text(path, key)
    except StoreError:
        return None


def _find(descriptor: int, size: int, mark: bytes) -> bytes | None:
    if os.pread(descriptor, len(_OPENING), 0) != _OPENING or not _is_closed(descriptor, size):
        return None
    places = _places(descriptor, mark)
    if len(places) != 1 or not _follows_another(descriptor, places[0]):
        return None
    start = places[0] + len(mark) - 1
    return _object_at(descriptor, start)


def _is_closed(descriptor: int, size: int) -> bool:
    return os.pread(descriptor, 64, max(0, size - 64)).rstrip().endswith(_CLOSING)


def _places(descriptor: int, mark: bytes) -> list[int]:
    """Where the mark stands, two places at most: more than one is for the ordinary reader to judge."""
    buffer, places, at = bytearray(_CHUNK), list[int](), 0
    while (count := os.preadv(descriptor, [buffer], at)) >= len(mark) and len(places) < 2:
        found = buffer.find(mark, 0, count)
        if found < 0:
            at += count - len(mark) + 1
        else:
            places.append(at + found)
            at += found + 1
    return places


def _follows_another(descriptor: int, place: int) -> bool:
    return os.pread(descriptor, 1, place - 1) == (b"{" if place == 1 else b",")


def _object_at(descriptor: int, start: int) -> bytes | None:
    text, step = b"", _CHUNK >> 4
    while more := os.pread(descriptor, step, start + len(text)):
        text += more
        if text.startswith(b"{}"):
            return b"{}"
        ends = [end for end in (text.find(mark) for mark in _ENTRY_ENDS) if end >= 0]
        if ends:
            found = text[: min(ends) + len(b"\n  }")]
            return None if _NEXT_ENTRY in found else found
    return None
