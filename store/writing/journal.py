"""A record, kept by this user, of what was about to be written and what came of it.

One JSON object a line. After a restart it tells our own writes from others', which makes the loss of one provable.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from store.events import FileId
from store.js import ABSENT, Edit, JsonObject
from store.writing.names import user

FILE_NAME = "edits.jsonl"
LIMIT_BYTES = 5_000_000
PATIENCE_S = 1.0
"""How long an edit may wait for another one's line."""
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Journal:
    """Appends to `edits.jsonl` in a private directory; the file before it is kept as `edits.jsonl.1`.

    Every method that writes raises OSError: the caller goes on without the journal and says so.
    """

    def __init__(self, directory: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.path = directory / FILE_NAME
        self._limit = limit_bytes

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
        number = os.urandom(8).hex()
        entries = {key: _fields(edit, originals.get(key, {})) for key, edit in edits.items()}
        self._append(
            {
                "kind": "intent",
                "id": number,
                "at": time.time(),
                "pid": os.getpid(),
                "user": user(),
                "store": store,
                "base": _file(base),
                "temp": _file(temp),
                "entries": entries,
            }
        )
        return number

    def outcome(self, number: str, outcome: str) -> None:
        """Note what became of an intent: "written" or "given up"."""
        self._append({"kind": "outcome", "id": number, "at": time.time(), "outcome": outcome})

    def records(self) -> Iterator[JsonObject]:
        """Every record, oldest first; a line that a crash cut short is passed over."""
        for path in (self._older(), self.path):
            if not path.exists():
                continue
            for line in path.read_bytes().splitlines():
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record

    def _older(self) -> Path:
        return self.path.with_name(self.path.name + ".1")

    def _append(self, record: Mapping[str, object]) -> None:
        line = json.dumps(record).encode() + b"\n"
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = self._open_with_room(len(line))
        try:
            if (size := os.fstat(fd).st_size) and os.pread(fd, 1, size - 1) != b"\n":
                line = b"\n" + line
            while line:
                line = line[os.write(fd, line) :]
            os.fsync(fd)
        finally:
            os.close(fd)

    def _open_with_room(self, size: int) -> int:
        """The open and locked file, set aside first when this line would make it too big."""
        while True:
            fd = os.open(self.path, _FLAGS, 0o600)
            try:
                _take_turn(fd)
            except BaseException:
                os.close(fd)
                raise
            status = os.fstat(fd)
            if status.st_nlink and (not status.st_size or status.st_size + size <= self._limit):
                return fd
            if status.st_nlink and _is_at(self.path, status):
                os.replace(self.path, self._older())
            os.close(fd)


def _take_turn(fd: int) -> None:
    """Lock the file. OSError where it is none or another process sits on it: no edit waits long for its journal."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise OSError(errno.EINVAL, f"{FILE_NAME} is not a regular file")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EBUSY, f"another process keeps {FILE_NAME} locked") from None
            time.sleep(0.005)


def _is_at(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(path), status)
    except FileNotFoundError:
        return False


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
