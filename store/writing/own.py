"""What this user writes with any clobberwatch process, from the journal as it grows."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from store.events import EntryChange, FileId
from store.js import Json, JsonObject
from store.openclaw.databases import is_database
from store.openclaw.paths import user_state_path
from store.writing.asked import Asked
from store.writing.journal import FILE_NAME

if TYPE_CHECKING:
    from store.findings.own_edits import OwnEdit

T = TypeVar("T")

READ_BYTES: Final = 8_000_000
"""Not more than this much of the end of a file is read at once: more than a journal is let grow to, as an edit of
thousands of rows is one line of some megabytes."""
KEPT: Final = 5000
"""So many of the newest edits are remembered."""
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class OwnWrites:
    """The files this user's clobberwatch processes put in place, and their edits. Safe from any thread.

    A journal that is missing, damaged or no regular file is as good as empty.
    """

    def __init__(self, directory: Path) -> None:
        self._follower = _Follower(directory / FILE_NAME)
        self._turn = threading.Lock()
        self._files: dict[FileId, None] = {}
        self._intents: deque[JsonObject] = deque(maxlen=KEPT)
        self._written: dict[str, None] = {}
        self._asked = Asked()

    def expect(self, file: FileId) -> None:
        """This process is about to put the file in place, whether or not that can be journalled."""
        with self._turn:
            _remember(self._files, file)

    def wrote(self, store: Path, file: FileId, at: float, changes: Sequence[EntryChange]) -> bool:
        """Whether a version of a store is theirs: its file, or all that it changed, which they asked a gateway for.

        A file is known before it can be seen there. Of a database what was changed tells too, as commits between two
        looks are seen as one. `at` is when it was seen, in wall-clock seconds.
        """
        with self._turn:
            self._catch_up()
            return file in self._files or self._asked.made(store, at, changes)

    def edits(self, store: Path) -> list[OwnEdit]:
        """Their edits of this store that were written, oldest first, as far as the journal goes back."""
        with self._turn:
            self._catch_up()
            intents = [record for record in self._intents if record["id"] in self._written]
        place = os.path.realpath(store)
        of_store = (
            one for one in intents if one["store"] == str(store) or os.path.realpath(str(one["store"])) == place
        )
        return [edit for record in of_store for edit in _edits_of(store, record)]

    def _catch_up(self) -> None:
        for line in self._follower.lines():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            match record:
                case {"kind": "intent", "id": str(), "store": str(store), "temp": dict(temp), "entries": dict()}:
                    if (file := _file(temp)) is not None:
                        _remember(self._files, file)
                        self._intents.append(record)
                        if is_database(Path(store)):
                            self._asked.note(record)
                case {"kind": "asked"}:
                    self._asked.note(record)
                case {"kind": "answered", "id": str(number), "store": str(), "temp": dict(temp), "entries": dict()}:
                    self._asked.close(record)
                    if _file(temp) is not None:
                        self._intents.append(record)
                        _remember(self._written, number)
                case {"kind": "outcome", "id": str(number), "outcome": outcome}:
                    self._asked.close(record)
                    if outcome == "written":
                        _remember(self._written, number)


class _Follower:
    """The whole lines of a file that others append to, set aside as `NAME.1` and begin anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._set_aside = (0, 0)
        self._offset = 0

    def lines(self) -> list[bytes]:
        """What has come since the last call; at the first one the end of what is there."""
        try:
            status = os.stat(self._path)
            if _identity(status) == self._file and status.st_size == self._offset:
                return []
            with _opened(self._path) as file:
                older = [] if _identity(os.fstat(file.fileno())) == self._file else self._rest()
                return older + self._new(file)
        except OSError:
            return []

    def _rest(self) -> list[bytes]:
        """The file that was followed until now is to be found set aside."""
        found: list[bytes] = []
        with suppress(OSError), _opened(self._path.with_name(self._path.name + ".1")) as file:
            identity = _identity(os.fstat(file.fileno()))
            if identity != self._set_aside:
                found = self._new(file)
                self._set_aside = identity
        return found

    def _new(self, file: FileIO) -> list[bytes]:
        status = os.fstat(file.fileno())
        if _identity(status) != self._file or status.st_size < self._offset:
            self._file, self._offset = _identity(status), 0
        start = max(self._offset, status.st_size - READ_BYTES)
        data = os.pread(file.fileno(), status.st_size - start, start)
        whole = data.rfind(b"\n") + 1
        self._offset = start + whole
        return data[:whole].splitlines()


def _opened(path: Path) -> FileIO:
    file = FileIO(os.open(path, _FLAGS))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, f"{path} is not a regular file")
    return file


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _edits_of(store: Path, record: JsonObject) -> Iterator[OwnEdit]:
    from store.findings.own_edits import edit_between

    file, entries = _file(record["temp"]), record["entries"]
    for key, fields in entries.items() if isinstance(entries, dict) and file is not None else ():
        sides = [_side(fields, name) for name in ("old", "new")]
        if file is not None and (edit := edit_between(store, key, file, *sides)) is not None:
            yield edit


def _side(fields: Json, name: str) -> JsonObject:
    """The fields of an entry before ("old") or after ("new") the edit, as far as it changed them."""
    changes = fields.items() if isinstance(fields, dict) else ()
    return {field: change[name] for field, change in changes if isinstance(change, dict) and name in change}


def _file(stored: Json) -> FileId | None:
    match stored:
        case {"dev": int(dev), "inode": int(inode), "size": int(size), "mtimeNs": int(mtime_ns)}:
            return FileId(dev, inode, size, mtime_ns)
    return None


def _remember(known: dict[T, None], one: T) -> None:
    known[one] = None
    if len(known) > KEPT:
        del known[next(iter(known))]


def own_writes() -> OwnWrites:
    """Those of the user who runs this."""
    return OwnWrites(user_state_path())
