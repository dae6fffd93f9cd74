"""A record, kept by this user, of what was about to be written and what came of it.

One JSON object a line. After a restart it tells our own writes from others', which makes the loss of one provable.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from store.events import FileId
from store.js import ABSENT, Edit, JsonObject
from store.writing.lines import RecordFile
from store.writing.names import user

FILE_NAME = "edits.jsonl"
LIMIT_BYTES = 5_000_000


class Journal:
    """Appends to `edits.jsonl` in a private directory; the file before it is kept as `edits.jsonl.1`.

    Every method that writes raises OSError: the caller goes on without the journal and says so.
    """

    def __init__(self, directory: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._file = RecordFile(directory / FILE_NAME, limit_bytes=limit_bytes)

    @property
    def path(self) -> Path:
        """Where the newest records are."""
        return self._file.path

    def intent(
        self,
        store: str,
        base: FileId,
        temp: FileId,
        edits: Mapping[str, Edit],
        originals: Mapping[str, JsonObject],
    ) -> str:
        """Note the fields that are about to change, with both values; returns the id for the outcome.

        A field without `old` (`new`) was (will be) absent.
        """
        return self._note("intent", store, _entries(edits, originals), base=_file(base), temp=_file(temp))

    def asked(self, store: str, edits: Mapping[str, Edit], originals: Mapping[str, JsonObject]) -> str:
        """Note what a gateway is about to be asked to change; returns the id for what comes of it."""
        return self._note("asked", store, _entries(edits, originals))

    def answered(
        self, number: str, store: str, file: FileId, edits: Mapping[str, Edit], originals: Mapping[str, JsonObject]
    ) -> None:
        """Note what the gateway made of it: the version in which it was found, and the fields it changed."""
        self._note("answered", store, _entries(edits, originals), number, temp=_file(file))

    def outcome(self, number: str, outcome: str) -> None:
        """Note what became of an intent: "written" or "given up"."""
        self._file.append({"kind": "outcome", "id": number, "at": time.time(), "outcome": outcome})

    def records(self) -> Iterator[JsonObject]:
        """Every record, oldest first; a line that a crash cut short is passed over."""
        return self._file.records()

    def _note(self, kind: str, store: str, entries: JsonObject, number: str = "", **files: JsonObject) -> str:
        number = number or os.urandom(8).hex()
        who: JsonObject = {"pid": os.getpid(), "user": user(), "store": store}
        self._file.append({"kind": kind, "id": number, "at": time.time(), **who, **files, "entries": entries})
        return number


def _entries(edits: Mapping[str, Edit], originals: Mapping[str, JsonObject]) -> JsonObject:
    return {key: _fields(edit, originals.get(key, {})) for key, edit in edits.items()}


def _fields(edit: Edit, original: JsonObject) -> JsonObject:
    fields: JsonObject = {}
    for field, new in edit.items():
        change: JsonObject = {}
        if field in original:
            change["old"] = original[field]
        if new is not ABSENT:
            change["new"] = new
        fields[field] = change
    return fields


def _file(file: FileId) -> JsonObject:
    return {"dev": file.dev, "inode": file.inode, "size": file.size, "mtimeNs": file.mtime_ns}
