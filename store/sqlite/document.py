"""The entries of a database as a document, for whoever looks once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from store.sqlite.database import Database
from store.text.document import Document


class RowDocument(Document):
    """One state of a database's rows, in the order of the rows."""

    def __init__(self, rows: Mapping[str, bytes], flaws: Mapping[str, str]) -> None:
        self._rows = rows
        self.flaws = flaws

    def keys(self) -> list[str]:
        """Session keys in the order of the rows."""
        return list(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def raw(self, key: str) -> bytes:
        """The entry's JSON text; KeyError when there is no such entry."""
        return self._rows[key]

    def raws(self) -> Iterator[tuple[str, bytes]]:
        """Every key with its JSON text."""
        return iter(self._rows.items())


def read_database(path: Path) -> RowDocument:
    """The document of a database, read now; raises Unreadable."""
    with Database(path) as database:
        return RowDocument(*database.whole())


def row_flaw(path: Path, key: str) -> str:
    """Why OpenClaw would stumble over a row, or blank; raises Unreadable."""
    with Database(path) as database:
        return database.flaws().get(key, "")


def row_text(path: Path, key: str) -> bytes | None:
    """One entry's JSON text, None when there is none; raises Unreadable."""
    with Database(path) as database:
        return database.row(key)
