"""Fat pieces of text, each kept once by its hash, as long as something refers to it."""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter, OrderedDict
from hashlib import blake2b

_NUMBERS_KNOWN = 20_000
_CACHED_BYTES = 16 << 20
_LEVEL = 6


class Values:
    """The table of fat pieces, for the one who writes it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: OrderedDict[bytes, int] = OrderedDict()
        self.uses: Counter[int] = Counter()
        """What the open transaction adds to the uses of each; `settle` writes it down."""

    def keep(self, piece: str) -> int:
        """The piece's number; one use more."""
        data = piece.encode("latin-1")
        digest = blake2b(data, digest_size=16).digest()
        number = self._numbers.get(digest) or self._stored(digest, data)
        self._numbers[digest] = number
        self._numbers.move_to_end(digest)
        if len(self._numbers) > _NUMBERS_KNOWN:
            self._numbers.popitem(last=False)
        self.uses[number] += 1
        return number

    def _stored(self, digest: bytes, data: bytes) -> int:
        found = self._connection.execute("SELECT id FROM value WHERE hash = ?", (digest,)).fetchone()
        if found is not None:
            return int(found[0])
        row = (digest, zlib.compress(data, _LEVEL))
        number = self._connection.execute("INSERT INTO value (hash, uses, body) VALUES (?, 0, ?)", row).lastrowid
        assert number is not None
        return number

    def settle(self) -> None:
        """Write the uses down, and let go of what has none; before every commit."""
        changed = [(more, number) for number, more in self.uses.items() if more]
        self.uses.clear()
        self._connection.executemany("UPDATE value SET uses = uses + ? WHERE id = ?", changed)
        fewer = [(number,) for more, number in changed if more < 0]
        if not fewer:
            return
        gone = self._connection.executemany("DELETE FROM value WHERE id = ? AND uses <= 0", fewer).rowcount
        if gone:
            self._numbers.clear()


class KeptValues:
    """The same table for a reader."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cached: OrderedDict[int, str] = OrderedDict()
        self._size = 0

    def __call__(self, number: int) -> str:
        """The piece of a number; ValueError when there is none."""
        piece = self._cached.get(number)
        if piece is not None:
            self._cached.move_to_end(number)
            return piece
        row = self._connection.execute("SELECT body FROM value WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise ValueError(f"value {number} is missing")
        piece = zlib.decompress(row[0]).decode("latin-1")
        self._cached[number] = piece
        self._size += len(piece)
        while self._size > _CACHED_BYTES and len(self._cached) > 1:
            self._size -= len(self._cached.popitem(last=False)[1])
        return piece
