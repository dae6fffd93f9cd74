"""What an operator typed and has not written yet, on disk: it outlives Esc, a crash and a dropped connection.

One file per entry and unit, mode 0600, replaced whole at every change; removed when the edit is written or given up.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Draft:
    """The texts of one form; `was` is what its unit said on disk when they were typed, `at` wall-clock seconds."""

    store: Path
    key: str
    unit: str
    texts: Mapping[str, str]
    was: str
    at: float


class Drafts:
    """The drafts below one directory, which is made at the first save. A disk that refuses only costs the drafts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.trouble = ""

    def save(self, draft: Draft) -> bool:
        """Whether the draft is on disk now; `trouble` says why not."""
        record = {
            "store": str(draft.store),
            "key": draft.key,
            "unit": draft.unit,
            "texts": dict(draft.texts),
            "was": draft.was,
            "at": draft.at,
        }
        try:
            self._replace(self._path(draft.store, draft.key, draft.unit), json.dumps(record))
        except OSError as error:
            self.trouble = error.strerror or str(error)
            return False
        self.trouble = ""
        return True

    def load(self, store: Path, key: str, unit: str) -> Draft | None:
        """The draft for this unit of this entry, or None; a file that cannot be understood counts as none."""
        return _read(self._path(store, key, unit))

    def remove(self, store: Path, key: str, unit: str) -> None:
        """Forget the draft; there need not be one."""
        with suppress(OSError):
            self._path(store, key, unit).unlink()

    def all(self) -> list[Draft]:
        """Every draft on disk, newest first."""
        found = (_read(path) for path in self.directory.glob("*.json"))
        return sorted((draft for draft in found if draft), key=lambda draft: draft.at, reverse=True)

    def _path(self, store: Path, key: str, unit: str) -> Path:
        name = "\0".join((str(store), key, unit)).encode("utf-8", "surrogatepass")
        return self.directory / f"{hashlib.sha256(name).hexdigest()[:32]}.json"

    def _replace(self, path: Path, text: str) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.directory, prefix=".draft-")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def _read(path: Path) -> Draft | None:
    try:
        record = json.loads(path.read_text("ascii"))
        texts = {str(name): str(text) for name, text in record["texts"].items()}
        store, key, unit = (str(record[name]) for name in ("store", "key", "unit"))
        return Draft(Path(store), key, unit, texts, str(record["was"]), float(record["at"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
