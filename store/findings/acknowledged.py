"""Which findings this user is done with, acknowledged or restored, kept across runs: by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.js import JsonObject
from store.writing.lines import RecordFile

FILE_NAME: Final = "acknowledged.jsonl"
LIMIT_BYTES: Final = 500_000
"""Some thousand findings; as many again are in the file before."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Who acknowledged a finding, or put back what it had lost (`restored`), and when in wall-clock seconds."""

    by: str
    at: float
    restored: bool = False


class Acknowledged:
    """The marks in a private directory, by the id of their finding."""

    def __init__(self, directory: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._file = RecordFile(directory / FILE_NAME, limit_bytes=limit_bytes)

    def marks(self) -> dict[str, Mark]:
        """Every mark that can be read; the first of a finding counts."""
        found: dict[str, Mark] = {}
        try:
            for record in self._file.records():
                if (known := _mark_of(record)) is not None:
                    found.setdefault(*known)
        except OSError:
            pass
        return found

    def add(self, finding: str, mark: Mark) -> None:
        """Keep the mark of the finding with this id; OSError when it cannot be kept."""
        record: JsonObject = {"finding": finding, "by": mark.by, "at": mark.at}
        self._file.append({**record, "restored": True} if mark.restored else record)


def _mark_of(record: JsonObject) -> tuple[str, Mark] | None:
    finding, by, at = record.get("finding"), record.get("by"), record.get("at")
    if not isinstance(finding, str) or not isinstance(by, str) or isinstance(at, bool):
        return None
    return (finding, Mark(by, float(at), record.get("restored") is True)) if isinstance(at, int | float) else None
