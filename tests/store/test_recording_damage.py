"""A recording with bytes of something else in it: whatever they are, it says so or plays, and nothing else."""

from __future__ import annotations

import random
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from store.errors import Damaged, Unreadable
from tests.support.recorded import Feed, record, replayed, text

FAT = {f"field{number}": "x" * 40 + str(number) for number in range(60)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording whose first version has pages of its own."""
    file = tmp_path_factory.mktemp("whole") / "rec.cwr"
    feed = Feed()
    first = {f"agent:main:direct:{number}": text({**FAT, "at": number}) for number in range(100)}
    changes = [{f"agent:main:direct:{number}": text({"at": number, "again": True})} for number in range(100)]
    record(file, [feed.loaded(first), *(feed.changed(change) for change in changes)], feed)
    return file.read_bytes()


@pytest.mark.parametrize("seed", range(60))
def test_bytes_of_something_else_anywhere(whole: bytes, tmp_path: Path, seed: int) -> None:
    rng, bytes_of = random.Random(seed), bytearray(whole)
    for _ in range(20):
        bytes_of[rng.randrange(100, len(bytes_of))] = rng.randrange(256)
    file = tmp_path / "rec.cwr"
    file.write_bytes(bytes_of)
    with suppress(Unreadable):
        replayed(file)


@pytest.mark.parametrize("missing", [1, 100, 500, 2000])
def test_the_end_is_missing(whole: bytes, tmp_path: Path, missing: int) -> None:
    file = tmp_path / "rec.cwr"
    file.write_bytes(whole[:-missing])
    with pytest.raises(Damaged, match="amaged"):
        replayed(file)


@pytest.mark.parametrize("column", ["kind", "body"])
def test_text_that_is_no_utf8(whole: bytes, tmp_path: Path, column: str) -> None:
    file = tmp_path / "rec.cwr"
    file.write_bytes(whole)
    db = sqlite3.connect(file)
    db.execute(f"UPDATE event SET {column} = CAST(x'ff1b5bfe' AS TEXT) WHERE id = 3")
    db.commit()
    db.close()
    with pytest.raises(Damaged, match="amaged") as caught:
        replayed(file)
    assert caught.value.reason.isprintable()
