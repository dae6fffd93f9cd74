"""The older texts of the entries, each in parts that it shares with the text before and after it.

A run changes a few lines of an entry of 60 KB. Cut where the content says so, the other lines make up the very same
parts in both texts, and are in memory once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zlib import crc32

from store.history.changes import EntryVersion
from store.history.shelf import Shelf

_LINES: Final = 16
"""Lines in a part, on average."""
_LONG_LINE: Final = 1000
"""A line this long is a part of its own: short ones beside it must not copy it whenever they change."""
_VERSION_BYTES: Final = 700
_PART_BYTES: Final = 41
PER_ENTRY: Final = 500


class Texts:
    """The texts that are kept, per entry; the oldest go first."""

    def __init__(self, limit: int) -> None:
        self._shelf: Shelf[EntryVersion] = Shelf(limit, PER_ENTRY)

    def copied(self) -> Texts:
        """Another with the same texts."""
        copy = Texts(0)
        copy._shelf = self._shelf.copied()
        return copy

    @property
    def size(self) -> int:
        """Bytes of memory, roughly."""
        return self._shelf.size

    def put(self, key: str, text: EntryVersion) -> None:
        """One more text; what it has in common with the one kept last is not kept twice."""
        last = self._shelf.newest(key)
        parts = text.parts
        if last is not None:
            known = {part: part for part in last.parts}
            parts = tuple(known.get(part, part) for part in parts)
            own = set(last.parts).difference(parts)
            self._shelf.reprice(key, _cost(tuple(own), len(last.parts)))
        self._shelf.add(key, EntryVersion(parts, text.since, text.until), _cost(parts, len(parts)))

    def carry(self, key: str, text: EntryVersion, cost: int, *, anew: bool) -> None:
        """One more text from another history, at its cost there; `anew` for the first one of an entry."""
        if anew:
            self.put(key, text)
        else:
            self._shelf.add(key, text, cost)

    def of(self, key: str) -> list[EntryVersion]:
        """The texts of an entry, newest first."""
        return self._shelf.of(key)

    def everything(self) -> Iterator[tuple[str, EntryVersion, int]]:
        """All texts with their entries' keys and their cost, in the order they were kept."""
        return self._shelf.everything()


def parts_of(raw: bytes) -> tuple[bytes, ...]:
    """The text cut after lines that their own content chooses, so that a change moves no cut but those beside it."""
    parts: list[bytes] = []
    start = end = 0
    for line in raw.split(b"\n"):
        long = len(line) >= _LONG_LINE
        if long and end > start:
            parts.append(raw[start:end])
            start = end
        end += len(line) + 1
        if long or crc32(line) % _LINES == 0:
            parts.append(raw[start:end])
            start = end
    if start < len(raw):
        parts.append(raw[start:])
    return tuple(parts)


def _cost(own: tuple[bytes, ...], places: int) -> int:
    return _VERSION_BYTES + 8 * places + sum(_PART_BYTES + len(part) for part in own)
