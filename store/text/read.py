"""Reading a store's file: what was read is one state of one file, or it is refused.

The file stays open while its content is in use: the descriptor pins the inode, whose number could come back after two
writes otherwise (5,000 of 5,000 tries gave it back; measured on ext4).
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from store.errors import Torn, Unreadable
from store.events import FileId
from store.openclaw.databases import is_database
from store.owners import cannot_open
from store.text.document import Document
from store.text.parsing import parse

_GROWTH = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenStore:
    """One version of a store with its descriptor; close it, or use it as a context manager."""

    path: Path
    descriptor: int
    file: FileId
    status: os.stat_result
    document: Document

    def __enter__(self) -> OpenStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the inode."""
        os.close(self.descriptor)


def file_id(status: os.stat_result) -> FileId:
    """The identity of the file that was asked about."""
    return FileId(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def open_descriptor(path: Path) -> int:
    """A descriptor of the store's file; raises Missing or Unreadable with what to do."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise cannot_open(path, error) from None


def _status_of_file(descriptor: int, path: Path) -> os.stat_result:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"Cannot read {path}: it is not a regular file.")
    return status


def _unchanged(descriptor: int, before: os.stat_result, done: int, path: Path) -> os.stat_result:
    after = os.fstat(descriptor)
    if done != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise Torn(f"{path} changed while it was read.")
    return after


def read_whole(descriptor: int, path: Path) -> tuple[bytes, os.stat_result]:
    """The whole file once, and the status it belongs to; raises Torn, or Unreadable for what is no regular file."""
    before = _status_of_file(descriptor, path)
    data = os.pread(descriptor, before.st_size + 1, 0)
    while len(data) < before.st_size and (more := os.pread(descriptor, before.st_size + 1 - len(data), len(data))):
        data += more
    return data, _unchanged(descriptor, before, len(data), path)


def read_into(descriptor: int, buffer: bytearray, path: Path) -> os.stat_result:
    """The same, into the start of a buffer that is grown when it must be."""
    before = _status_of_file(descriptor, path)
    size, done = before.st_size, 0
    if len(buffer) <= size:
        _grow(buffer, size + 1 + _GROWTH)
    with memoryview(buffer) as view:
        while done <= size and (count := os.preadv(descriptor, [view[done : size + 1]], done)):
            done += count
    return _unchanged(descriptor, before, done, path)


def _grow(buffer: bytearray, size: int) -> None:
    """In steps of 1 MB: the page faults of one big step would hold the interpreter for 40 ms at 56 MB."""
    zeros = bytes(_GROWTH)
    while len(buffer) < size:
        buffer += zeros


class VersionReader:
    """Reads version after version into two buffers in turn: no page faults in the steady state.

    `read` fills the spare buffer; `keep` makes it the current one. A version that is refused is simply not kept, so
    that it never overwrites the last good one.
    """

    def __init__(self) -> None:
        self._current = bytearray()
        self._spare = bytearray()

    def read(self, descriptor: int, path: Path) -> tuple[bytearray, os.stat_result]:
        """The buffer that begins with the file's content, and the status it belongs to."""
        status = read_into(descriptor, self._spare, path)
        return self._spare, status

    def keep(self) -> None:
        """What was read last stays untouched by the next read."""
        self._current, self._spare = self._spare, self._current


def open_store(path: Path, *, check: bool = False, tries: int = 20) -> OpenStore:
    """A fresh read of the store, its descriptor kept open; a torn read is tried again. Raises Unreadable."""
    for attempt in range(tries):
        descriptor = open_descriptor(path)
        try:
            data, status = read_whole(descriptor, path)
            return OpenStore(path, descriptor, file_id(status), status, parse(data, check=check))
        except OSError as error:
            os.close(descriptor)
            raise cannot_open(path, error) from None
        except Torn:
            os.close(descriptor)
            if attempt == tries - 1:
                raise
        except BaseException:
            os.close(descriptor)
            raise
    raise AssertionError("unreachable")


def read_store(path: Path, *, check: bool = False) -> Document:
    """The store's document, read now, whether it is kept in a file or in a database."""
    if is_database(path):
        from store.sqlite.document import read_database  # loading SQLite takes half as long as all of `show`

        return read_database(path)
    with open_store(path, check=check) as opened:
        return opened.document
