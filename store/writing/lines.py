"""A file of JSON objects, one a line, that several processes of one user append to durably."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from store.js import JsonObject

PATIENCE_S = 1.0
"""How long a line may wait for another process's."""
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class RecordFile:
    """Mode 0600, in a private directory; once it holds `limit_bytes` it is set aside as `NAME.1` and begun anew.

    What appends raises OSError.
    """

    def __init__(self, path: Path, *, limit_bytes: int) -> None:
        self.path = path
        self._limit = limit_bytes

    def append(self, record: Mapping[str, object]) -> None:
        """Put one record at the end, on the disk when this returns."""
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

    def _open_with_room(self, size: int) -> int:
        """The open and locked file, set aside first when this line would make it too big."""
        while True:
            fd = os.open(self.path, _FLAGS, 0o600)
            try:
                _take_turn(fd, self.path.name)
            except BaseException:
                os.close(fd)
                raise
            status = os.fstat(fd)
            if status.st_nlink and (not status.st_size or status.st_size + size <= self._limit):
                return fd
            if status.st_nlink and _is_at(self.path, status):
                os.replace(self.path, self._older())
            os.close(fd)


def _take_turn(fd: int, name: str) -> None:
    """Lock the file. OSError where it is none or another process sits on it: nothing waits long for its record."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise OSError(errno.EINVAL, f"{name} is not a regular file")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EBUSY, f"another process keeps {name} locked") from None
            time.sleep(0.005)


def _is_at(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(path), status)
    except FileNotFoundError:
        return False
