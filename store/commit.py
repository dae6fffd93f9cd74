"""The one way a store is ever written.

    prepare   fresh read with the version pinned, mutate, splice, write the new version beside it and flush it
    lock      take OpenClaw's lock; if the version replaced is not on disk any more, prepare again (under the lock, when
              that is short or was in vain before)
    commit    swap the new version in; whatever a writer without the lock slipped in is put back, then start over

The lock is held for a fraction of a millisecond when nobody interferes, and yet everything that is committed was made
from the very version it replaces.
"""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from store.errors import Busy, NotOurs, WriteFailed
from store.events import FileId
from store.js import Edit
from store.text.any_layout import AnyDocument
from store.text.js_layout import JsDocument
from store.text.read import OpenStore, file_id, open_store
from store.text.splice import splice, try_entry
from store.writing.draft import StoreDraft
from store.writing.exchange import ExchangeUnsupportedError, StrandedError, Swap, commit_by_exchange
from store.writing.journal import Journal
from store.writing.names import private_name
from store.writing.permit import Permit
from store.writing.temp import TempFile, belongs_to_another, not_written, sweep, write_temp

if TYPE_CHECKING:
    from store.writing.lock import StoreLock

T = TypeVar("T")

STARTS = 4
"""The first try and three more."""
HOLD_LIMIT_S = 5.0
"""OpenClaw takes a lock for abandoned after 15 s at the earliest; ours is given up long before."""
SHORT_S = 0.03
"""A preparation that takes longer (a big store) is repeated without the lock, and under it at the last try only."""
RACY_NS = 20_000_000
"""A version read this soon after its time stamp could be rewritten in place within the same tick of the clock."""
PATIENCE_S = 0.1
"""What a retry may wait for the lock at least, whatever the first try used up."""
UNDELAYED_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@dataclass(frozen=True, slots=True)
class Commit(Generic[T]):
    """What a write did. Not `written`: the mutator changed nothing, and `file` is the version it saw.

    `proven` is False where the file system cannot swap names: then a writer that ignores the lock may have been
    overwritten unseen. `rivals` are the versions of such writers that slipped in, each put back before trying again.
    Times are seconds; `value` is what the mutator returned.
    """

    written: bool
    file: FileId
    edits: Mapping[str, Edit]
    lock_held_s: float
    waited_s: float
    proven: bool
    notes: tuple[str, ...]
    value: T
    rivals: tuple[FileId, ...] = ()


def update_store(
    path: str | os.PathLike[str],
    mutator: Callable[[StoreDraft], T],
    *,
    permit: Permit,
    timeout: float = 10.0,
    journal: Journal | None = None,
    dry_run: bool = False,
) -> Commit[T]:
    """Change a store under its lock; what the mutator does to the draft becomes the next version.

    The mutator may run several times, each time on newer bytes: it must have no effect outside the draft, and what it
    raises ends the update with the store untouched. Raises ReadOnly and NoSafeWrite (the permit), Busy, NotOurs,
    NotStrict, WriteFailed and Unreadable; after each of them the store is as the others left it. A dry run makes the
    next version, with all that may speak against it, and writes nothing.
    """
    permit.check()
    update = _Update(os.fspath(path), mutator, timeout, journal)
    return update.rehearse() if dry_run else update.run()


@dataclass(frozen=True, slots=True)
class _Prepared(Generic[T]):
    """A version as it was read, and what it shall become; no `temp` when nothing shall change."""

    place: str
    """The store's path with no link in it."""
    base: OpenStore
    racy: bool
    took: float
    value: T
    edits: Mapping[str, Edit]
    temp: TempFile | None
    journalled: str

    def is_on_disk(self) -> bool:
        """Whether the store still is the version that was read."""
        try:
            return _state(os.lstat(self.place)) == _state(self.base.status)
        except OSError:
            return False

    def reads_the_same(self) -> bool:
        """Whether the version still has the content that was read, whatever its times say."""
        document, content = self.base.document, bytearray(self.base.status.st_size + 1)
        assert isinstance(document, (JsDocument, AnyDocument))
        size = os.preadv(self.base.descriptor, [content], 0)
        return size == document.size and content.startswith(memoryview(document.buffer)[:size])

    def close(self) -> None:
        if self.temp is not None:
            self.temp.close()
        self.base.close()


class _InterferedError(Exception):
    """Somebody acted between the preparation and the commit; start over."""


@dataclass
class _Update(Generic[T]):
    path: str
    mutator: Callable[[StoreDraft], T]
    timeout: float
    journal: Journal | None
    notes: list[str] = field(default_factory=list)
    rivals: list[FileId] = field(default_factory=list)
    waited: float = 0.0
    held: float = 0.0
    proven: bool = True

    def run(self) -> Commit[T]:
        deadline = time.monotonic() + self.timeout
        why = ""
        for left in reversed(range(STARTS)):
            try:
                return self._start(max(PATIENCE_S, deadline - time.monotonic()), last=not left)
            except _InterferedError as interfered:
                why = str(interfered)
        raise Busy(
            f"Not written: {why}, {STARTS} times in a row. Stop the other writer, or try again in a quiet moment."
        )

    def _start(self, timeout: float, *, last: bool) -> Commit[T]:
        with ExitStack() as versions:
            prepared = versions.enter_context(closing(self._prepare()))
            if prepared.temp is None:
                return self._result(prepared)
            asked = time.monotonic()
            with self._lock(timeout) as lock:
                taken = time.monotonic()
                self.waited += taken - asked
                if not prepared.is_on_disk() or (prepared.racy and not prepared.reads_the_same()):
                    if prepared.took > SHORT_S and not last:
                        raise _InterferedError("other writers kept replacing the store")
                    prepared = versions.enter_context(closing(self._prepare()))
                if prepared.temp is not None:
                    self._check_turn(lock, time.monotonic() - taken, prepared)
                    with _undisturbed():
                        self._commit(prepared, prepared.temp)
            self.held = time.monotonic() - taken
            return self._result(prepared)

    @contextmanager
    def _lock(self, timeout: float) -> Iterator[StoreLock]:
        from store.writing.lock import hold

        with ExitStack() as stack:
            try:
                lock = stack.enter_context(hold(self.path, timeout))
            except OSError as error:
                raise not_written(self.path, error) from None
            yield lock

    def rehearse(self) -> Commit[T]:
        """Everything up to the new version's text, and nothing after it."""
        with open_store(_checked(self.path)) as base:
            draft = StoreDraft(base.document, try_entry)
            value = self.mutator(draft)
            edits, added = draft.edits(), draft.added()
            if edits or added:
                splice(base.document, edits, added)
            return self._result(_Prepared(self.path, base, False, 0.0, value, {**edits, **added}, None, ""))

    def _prepare(self) -> _Prepared[T]:
        before, began = time.time_ns(), time.monotonic()
        place = _without_links(self.path)
        base = open_store(_checked(self.path))
        with ExitStack() as undo:
            undo.callback(base.close)
            draft = StoreDraft(base.document, try_entry)
            value = self.mutator(draft)
            edits, added = draft.edits(), draft.added()
            temp, journalled = None, ""
            if edits or added:
                temp = write_temp(place, base.status, base.descriptor, splice(base.document, edits, added))
                undo.callback(temp.close)
                edits = {**edits, **added}
                journalled = self._journal_intent(base.file, temp, edits, draft)
            undo.pop_all()
        racy = base.status.st_mtime_ns > before - RACY_NS
        return _Prepared(place, base, racy, time.monotonic() - began, value, edits, temp, journalled)

    def _check_turn(self, lock: StoreLock, held: float, prepared: _Prepared[T]) -> None:
        if _without_links(self.path) != prepared.place or lock.lock_file != prepared.place + ".lock":
            raise _InterferedError("the store's directory was replaced")
        if not lock.is_ours:
            raise _InterferedError("another process took the store lock away from us")
        if held > HOLD_LIMIT_S:
            raise _InterferedError(f"the new version took {held:.0f} s to write, too long to hold the store lock")
        if not prepared.is_on_disk():
            raise _InterferedError("a writer that takes no lock kept replacing the store")

    def _commit(self, prepared: _Prepared[T], temp: TempFile) -> None:
        try:
            swap = self._put_in_place(prepared, temp)
        except FileNotFoundError:
            raise _InterferedError("another program removed the store") from None
        except StrandedError as error:
            kept = self._keep(prepared, temp)
            raise WriteFailed(
                f"Written, but over another writer's version, which could not be put back ({error.strerror}): "
                f"another writer's version is kept as {kept}. Compare the two."
            ) from None
        except OSError as error:
            raise not_written(self.path, error) from None
        if not swap.committed:
            self._report(swap.rivals)
            with suppress(OSError):
                os.unlink(temp.path)
            raise _InterferedError("a writer that takes no lock kept replacing the store")
        if self.proven:
            self._let_go(prepared, temp)

    def _put_in_place(self, prepared: _Prepared[T], temp: TempFile) -> Swap:
        try:
            return commit_by_exchange(temp.path, prepared.place, prepared.base.descriptor, temp.fd)
        except ExchangeUnsupportedError:
            os.rename(temp.path, prepared.place)
            self.proven = False
            return Swap(committed=True, rivals=())

    def _report(self, rivals: tuple[os.stat_result, ...]) -> None:
        self.rivals += map(file_id, rivals)
        self.notes.append("A writer that takes no lock replaced the store meanwhile; its version was put back first.")

    def _let_go(self, prepared: _Prepared[T], temp: TempFile) -> None:
        """Remove the version replaced, unless somebody wrote into it while it was being replaced."""
        now, then = os.fstat(prepared.base.descriptor), prepared.base.status
        touched = (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns)
        if touched or (prepared.racy and not prepared.reads_the_same()):
            kept = self._keep(prepared, temp)
            self.notes.append(f"Somebody wrote into the old file while it was being replaced; it is kept as {kept}.")
            return
        try:
            os.unlink(temp.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            self.notes.append(f"Written, but the old file is left as {temp.path} ({error.strerror}).")

    def _keep(self, prepared: _Prepared[T], temp: TempFile) -> str:
        """Give what came out a name that says it is worth keeping; where that cannot be had it stays where it is."""
        kept = private_name(prepared.place, "displaced")
        try:
            os.rename(temp.path, kept)
        except OSError:
            return temp.path
        return kept

    def _result(self, prepared: _Prepared[T]) -> Commit[T]:
        if prepared.temp is not None:
            self._settle(prepared, prepared.temp)
        return Commit(
            written=prepared.temp is not None,
            file=prepared.base.file if prepared.temp is None else file_id(prepared.temp.status),
            edits=prepared.edits,
            lock_held_s=self.held,
            waited_s=self.waited,
            proven=self.proven,
            notes=tuple(dict.fromkeys(self.notes)),
            value=prepared.value,
            rivals=tuple(self.rivals),
        )

    def _settle(self, prepared: _Prepared[T], temp: TempFile) -> None:
        """What needs no lock: the directory to disk, the journal, a look at the result, an older crash's leftovers."""
        folder = os.path.dirname(self.path) or "."
        try:
            _flush_directory(folder)
        except OSError as error:
            self.notes.append(f"Written, but not yet safe from a power cut ({error.strerror}).")
        if not self.proven:
            self.notes.append("Written by a plain rename: whether another writer was overwritten cannot be known here.")
        if prepared.journalled and self.journal is not None:
            with suppress(OSError):
                self.journal.outcome(prepared.journalled, "written")
        if not _is_at(self.path, temp.status):
            self.notes.append("The store was replaced again at once.")
        for kept in _swept_once(self.path):
            self.notes.append(
                f"Another writer's version, displaced by an edit that did not end well, is kept as {kept}."
            )

    def _journal_intent(self, base: FileId, temp: TempFile, edits: Mapping[str, Edit], draft: StoreDraft) -> str:
        if self.journal is None:
            return ""
        try:
            return self.journal.intent(self.path, base, file_id(temp.status), edits, draft.originals(edits))
        except OSError as error:
            self.notes.append(
                f"Written, but not journalled ({error.strerror}). "
                "If this edit is lost after a restart, that can be called probable, not confirmed."
            )
            return ""


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No Ctrl-C between putting a version in place and looking at what it replaced."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, UNDELAYED_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _checked(path: str) -> Path:
    """The store's path, when it is a file of ours that a new file can replace; a missing one is left to the reader."""
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            target = os.path.realpath(path)
            raise NotOurs(
                f"Not written: {path} is a symbolic link, which a new file would replace. "
                f"Name its target: clobberwatch {target}"
            )
        if stat.S_ISREG(status.st_mode):
            if status.st_uid != os.geteuid():
                raise belongs_to_another(status.st_uid)
            if status.st_dev != os.stat(os.path.dirname(path) or ".").st_dev:
                raise NotOurs(f"Not written: {path} is a mount point. Edit it where it is kept.")
    return Path(path)


def _state(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _is_at(path: str, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.lstat(path), status)
    except OSError:
        return False


def _without_links(path: str) -> str:
    """The path by its real directory, as the lock's is: a link that is turned meanwhile cannot part the two."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder or "."), name)


def _flush_directory(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


_SWEPT: set[str] = set()


def _swept_once(path: str) -> list[str]:
    """The rival versions found beside the store, looked for at this process's first write of it."""
    if path in _SWEPT:
        return []
    _SWEPT.add(path)
    try:
        return sweep(path)
    except OSError:
        return []
