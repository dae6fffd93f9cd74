"""A new version on disk to its differences known, against the physical floor and against decoding everything."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson

from store.js import JsonObject
from store.text.document import Document
from store.text.parsing import diff, parse
from store.text.read import VersionReader
from store.text.splice import splice
from tests.bench.measure import Figure, middle, milliseconds, ms


def other_version(path: Path, edits: JsonObject, key: str = "") -> Path:
    """A second file that differs from the store in these fields of one entry, of one in its middle unless named."""
    document = parse(path.read_bytes(), check=False)
    key = key or document.keys()[len(document) * 3 // 5]
    second = path.with_suffix(".b.json")
    second.write_bytes(b"".join(splice(document, {key: edits}, {})))
    return second


class _Follower:
    """The reading half of the watcher: warm buffers, version after version."""

    def __init__(self, path: Path) -> None:
        self.reader = VersionReader()
        buffer, size = self._read(path)
        self.document: Document = parse(buffer, size)
        self.reader.keep()

    def _read(self, path: Path) -> tuple[bytearray, int]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            buffer, status = self.reader.read(descriptor, path)
        finally:
            os.close(descriptor)
        return buffer, status.st_size

    def follow(self, path: Path) -> int:
        """The number of entries that differ from the version before."""
        self.document, changes = diff(self.document, *self._read(path))
        self.reader.keep()
        return len(changes)


def measure(path: Path) -> list[Figure]:
    """Diff of one changed entry: absolute, against the floor, against orjson."""
    second = other_version(path, {"status": "bench", "outputTokens": 7})
    follower = _Follower(path)
    turn = [0]

    def both() -> None:
        turn[0] ^= 1
        assert follower.follow(second if turn[0] else path) == 1

    walk = middle(milliseconds(both, runs=10, warm_up=2))
    floor = middle(milliseconds(_floor(path, second), runs=10, warm_up=2))
    decoding = middle(milliseconds(_by_decoding(path, second), runs=3))
    return [
        Figure("diff, one entry changed", ms(walk)),
        Figure("floor: warm read and memory comparison", ms(floor)),
        Figure("diff against the floor", f"{walk / floor:.1f}x", "<= 2x at 56 MB", walk <= 2 * floor),
        Figure(
            "decoding with orjson, against the diff",
            f"{decoding / walk:.0f}x",
            ">= 20x at 56 MB",
            decoding >= 20 * walk,
        ),
    ]


def _floor(path: Path, second: Path) -> Callable[[], None]:
    kept = path.read_bytes()
    warm = bytearray(len(kept) + (1 << 16))

    def work() -> None:
        descriptor = os.open(second, os.O_RDONLY)
        os.preadv(descriptor, [warm], 0)
        os.close(descriptor)
        half = len(kept) // 2
        warm.startswith(memoryview(kept)[:half])
        warm.startswith(memoryview(kept)[half:], half)

    return work


def _by_decoding(path: Path, second: Path) -> Callable[[], int]:
    """What most tools do: decode the new version whole and compare it with the old one, which they hold decoded."""
    old = orjson.loads(path.read_bytes())

    def work() -> int:
        new = orjson.loads(second.read_bytes())
        return sum(old.get(key) != entry for key, entry in new.items())

    return work
