"""What an operator typed and has not written yet, on disk: it outlives Esc, a crash and a dropped connection.

One file per entry, unit and process, mode 0600, replaced whole at every change; removed when the edit is written or
given up. The drafts of a process that has ended are everybody's; those of another one that still runs are left alone.
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
from typing import NamedTuple

from store.writing.process import pid_alive, start_time


@dataclass(frozen=True, slots=True)
class Draft:
    """The texts of one form; `was` is what its unit said on disk when they were typed, `at` wall-clock seconds."""

    store: Path
    key: str
    unit: str
    texts: Mapping[str, str]
    was: str
    at: float


class InHand(NamedTuple):
    """A unit of an entry that was typed and not written (`draft`), or written and still watched."""

    draft: bool
    store: Path
    key: str
    unit: str


class Drafts:
    """The drafts below one directory, which is made at the first save. A disk that refuses only costs the drafts.

    `pid` is the process whose drafts are saved here.
    """

    def __init__(self, directory: Path, pid: int | None = None) -> None:
        self.directory = directory
        self.trouble = ""
        self._pid = os.getpid() if pid is None else pid

    def save(self, draft: Draft) -> bool:
        """Whether the draft is on disk now; `trouble` says why not."""
        record = {
            "store": str(draft.store),
            "key": draft.key,
            "unit": draft.unit,
            "texts": dict(draft.texts),
            "was": draft.was,
            "at": draft.at,
            "pid": self._pid,
            "started": start_time(self._pid),
        }
        try:
            name = f"{_stem(draft.store, draft.key, draft.unit)}.{self._pid}.json"
            self._replace(self.directory / name, json.dumps(record))
        except OSError as error:
            self.trouble = error.strerror or str(error)
            return False
        self.trouble = ""
        return True

    def load(self, store: Path, key: str, unit: str) -> Draft | None:
        """The newest draft for this unit of this entry, or None; a file that cannot be understood counts as none."""
        return next(iter(self._drafts(f"{_stem(store, key, unit)}*.json")), None)

    def remove(self, store: Path, key: str, unit: str) -> None:
        """Forget the draft; there need not be one."""
        for path in self.directory.glob(f"{_stem(store, key, unit)}*.json"):
            if _read(path, self._pid) is not None:
                with suppress(OSError):
                    path.unlink()

    def all(self) -> list[Draft]:
        """Every draft that may be taken up here, newest first."""
        return self._drafts("*.json")

    def _drafts(self, names: str) -> list[Draft]:
        found = (_read(path, self._pid) for path in self.directory.glob(names))
        return sorted((draft for draft in found if draft), key=lambda draft: draft.at, reverse=True)

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


def _stem(store: Path, key: str, unit: str) -> str:
    """How the names of this unit's drafts begin."""
    name = "\0".join((str(store), key, unit)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(name).hexdigest()[:32]


def _read(path: Path, reader: int) -> Draft | None:
    """The draft in the file; None also for that of a process which still runs and is not the reader."""
    try:
        record = json.loads(path.read_text("ascii"))
        pid = record.get("pid")
        if pid is not None and pid != reader and pid_alive(int(pid)) and start_time(int(pid)) == record.get("started"):
            return None
        texts = {str(name): str(text) for name, text in record["texts"].items()}
        store, key, unit = (str(record[name]) for name in ("store", "key", "unit"))
        return Draft(Path(store), key, unit, texts, str(record["was"]), float(record["at"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
