"""OpenClaw's lock on a session store, as a filelock lock.

`filelock.SoftFileLock` itself must not be used on this path: 4.2.11 takes OpenClaw's JSON for a damaged marker and
breaks a live lock after 2 s, and OpenClaw takes its marker for a stale one. This lock keeps filelock's interface and
brings its own marker and its own judgement, both OpenClaw's (2026.1.29 to 2026.4.29).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

from filelock import BaseFileLock, Timeout

from store.errors import Busy, NoSafeWrite
from store.watching.inotify import DELETE, MOVED_FROM, Inotify
from store.writing.exchange import ExchangeUnsupportedError, exchange
from store.writing.holder import Marker, holder, lock_path, observe, sentence
from store.writing.names import private_name
from store.writing.process import living_elsewhere, start_time

__all__ = ["StoreLock", "hold", "holder", "lock_path"]

SETTLE_S = 1.0
"""A dead holder's lock is broken only after it stayed untouched this long."""
UNREADABLE_S = 30.0
"""A lock without a readable pid may just be written; OpenClaw waits this long too (2026.2.22 and newer)."""
POLL_S = 0.05
COURTESY = 4.0
"""Times the last hold that this process stays away from a lock it released: OpenClaw only polls, every 25 to 1,000 ms,
and would starve beside writers that are woken the moment the lock is free."""
COURTESY_S = (0.004, 0.25)
NO_LINK = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES})


class StoreLock(BaseFileLock):
    """One store's lock, to be used by one thread; `hold` is the usual way to it."""

    broke: Marker | None = None
    """The dead holder's marker that this lock was taken over from."""
    _suspect: tuple[Marker, float] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether the lock file on disk still is the one this lock put there."""
        fd = self._context.lock_file_fd
        if fd is None:
            return False
        with suppress(OSError):
            return _identity(os.lstat(self._lock_path)) == _identity(os.fstat(fd))
        return False

    def attempt(self) -> bool:
        """Try once, without waiting. Raises NoSafeWrite when the holder turns out to live in another container."""
        try:
            self.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def _acquire(self) -> None:
        path = self._lock_path
        marker = observe(path)
        if marker is not None and not self._is_stale(marker):
            return
        private = private_name(path, "lock")
        fd = os.open(private, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, _payload())
            fd, taken = self._publish(fd, private, path) if marker is None else (fd, _take_over(private, path, marker))
        except BaseException:
            os.close(fd)
            raise
        finally:
            with suppress(OSError):
                os.unlink(private)
        if taken:
            self._context.lock_file_fd = fd
            self.broke = marker
        else:
            os.close(fd)

    def _release(self) -> None:
        fd = self._context.lock_file_fd
        assert fd is not None
        if self.is_ours:
            with suppress(OSError):
                os.unlink(self._lock_path)
        self._context.lock_file_fd = None
        os.close(fd)

    def _publish(self, fd: int, private: str, path: str) -> tuple[int, bool]:
        """By link, so that the marker is never seen empty; where there are no links, created first and written then."""
        try:
            os.link(private, path)
        except FileExistsError:
            return fd, False
        except OSError as error:
            if error.errno not in NO_LINK:
                raise
        else:
            return fd, True
        with suppress(FileExistsError):
            created = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.write(created, _payload())
            except BaseException:
                os.unlink(path)
                os.close(created)
                raise
            os.close(fd)
            return created, True
        return fd, False

    def _is_stale(self, marker: Marker) -> bool:
        """OpenClaw's rules, stricter: never a live pid by age, and a dead one only after a second of silence."""
        verdict = marker.verdict()
        if verdict == "live":
            self._suspect = None
            return False
        if verdict == "unreadable" and time.time() - marker.mtime_ns / 1e9 <= UNREADABLE_S:
            return False
        now = time.monotonic()
        if self._suspect is None or self._suspect[0] != marker:
            if self._suspect is not None:
                _refuse_ghost(self._lock_path, self._suspect[0], marker)
            self._suspect = marker, now
        if now - self._suspect[1] < SETTLE_S:
            return False
        if marker.pid is not None and living_elsewhere(marker.pid, marker.started) is not None:
            _refuse_container(self._lock_path, marker.pid)
        return True


@contextmanager
def hold(store: str | os.PathLike[str], timeout: float = 10.0) -> Iterator[StoreLock]:
    """Hold the store's lock for the block.

    Raises Busy after `timeout` seconds, naming the holder, and NoSafeWrite where the other side's pids mean nothing.
    """
    path = os.fspath(lock_path(store))
    deadline = time.monotonic() + timeout
    turn = _turn(path)
    if not turn.mutex.acquire(timeout=timeout):
        raise Busy(f"Not written: another edit of this program has held the store lock; waited {timeout:.0f} s.")
    try:
        time.sleep(max(0.0, min(turn.free_from, deadline) - time.monotonic()))
        lock = StoreLock(path)
        _take(lock, path, deadline, timeout)
        taken = time.monotonic()
        try:
            yield lock
        finally:
            if lock.broke is not None and not lock.is_ours:
                _remember_ghost(path, lock.broke)
            lock.release()
            turn.rest(time.monotonic() - taken)
    finally:
        turn.mutex.release()


class _Turn:
    """Whose turn it is among the threads of this process, and when this process may ask again."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.free_from = 0.0

    def rest(self, held: float) -> None:
        least, most = COURTESY_S
        self.free_from = time.monotonic() + min(most, max(least, COURTESY * held))


_TURNS: dict[str, _Turn] = {}
_GHOSTS: dict[str, int] = {}
"""Lock path -> pid of a holder that looked dead here and then acted: it lives in another pid namespace."""


def _turn(path: str) -> _Turn:
    if path in _GHOSTS:
        _refuse_container(path, _GHOSTS[path])
    return _TURNS.setdefault(path, _Turn())


def _take(lock: StoreLock, path: str, deadline: float, timeout: float) -> None:
    if lock.attempt():
        return
    with _Freed(path) as freed:
        while not lock.attempt():
            left = deadline - time.monotonic()
            if left <= 0:
                raise Busy(_busy(path, timeout))
            freed.wait(min(left, POLL_S))


def _busy(path: str, timeout: float) -> str:
    marker = observe(path)
    why = sentence(marker) if marker is not None else "the store lock went from hand to hand"
    return f"Not written: {why}; waited {timeout:.0f} s."


class _Freed:
    """Waits for a lock file to vanish: by inotify on its directory, or by the poll alone where that cannot be had."""

    def __init__(self, path: str) -> None:
        folder, name = os.path.split(path)
        self._name = os.fsencode(name)
        self._inotify: Inotify | None = None
        with suppress(OSError), ExitStack() as undo:
            inotify = Inotify()
            undo.callback(inotify.close)
            inotify.add(folder, DELETE | MOVED_FROM)
            undo.pop_all()
            self._inotify = inotify

    def __enter__(self) -> _Freed:
        return self

    def __exit__(self, *_: object) -> None:
        if self._inotify is not None:
            self._inotify.close()

    def wait(self, seconds: float) -> None:
        """Return when the lock file was removed, or after `seconds`."""
        if self._inotify is None:
            time.sleep(seconds)
            return
        deadline, poll = time.monotonic() + seconds, select.poll()
        poll.register(self._inotify, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            if poll.poll(1000 * left) and any(event.name == self._name for event in self._inotify.read()):
                return


def _take_over(private: str, path: str, stale: Marker) -> bool:
    """Put our marker in the place of a stale one; one winner among us, by an advisory lock on the stale file itself."""
    try:
        guard = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return observe(path) == stale and _replace(private, path, stale)
    except BlockingIOError:
        return False
    finally:
        os.close(guard)


def _replace(private: str, path: str, stale: Marker) -> bool:
    """Swap ours in and look at what came out: the name is never free, and OpenClaw may have been quicker."""
    mine = _identity(os.lstat(private))
    try:
        exchange(private, path)
    except FileNotFoundError:
        return False
    except ExchangeUnsupportedError:
        return _rename_away(private, path, stale)
    if observe(private) == stale:
        return True
    _give_back(private, path, mine)
    return False


def _give_back(private: str, path: str, expected: tuple[int, int]) -> None:
    """Put a live lock back; if its holder let go meanwhile and another took the lock, it is that one's that stays."""
    with suppress(FileNotFoundError):
        while True:
            placed = _identity(os.lstat(private))
            exchange(private, path)
            if _identity(os.lstat(private)) == expected:
                return
            expected = placed


def _rename_away(private: str, path: str, stale: Marker) -> bool:
    """The same without an exchange: what was renamed away goes back by link when it is a live one.

    Where there are no links either, the stale one is removed, the live one goes back by name, and the next try decides.
    """
    aside = private_name(path, "stale")
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return False
    ours = observe(aside) == stale
    try:
        os.link(private if ours else aside, path)
    except FileExistsError:
        ours = False
    except OSError as error:
        if not ours and not os.path.lexists(path):
            os.rename(aside, path)
        if error.errno not in NO_LINK:
            raise
        ours = False
    finally:
        with suppress(FileNotFoundError):
            os.unlink(aside)
    return ours


def _refuse_ghost(path: str, before: Marker, now: Marker) -> None:
    """A holder that was dead and has written a newer lock since: its pid means something else out here."""
    if now.pid is not None and before.pid == now.pid and before.started == now.started and now.since > before.since:
        _refuse_container(path, now.pid)


def _remember_ghost(path: str, marker: Marker) -> None:
    if marker.pid is not None:
        _GHOSTS[path] = marker.pid


def _refuse_container(path: str, pid: int) -> None:
    _GHOSTS[path] = pid
    raise NoSafeWrite(
        f"Not written: the lock's pid {pid} lives in another container, so OpenClaw would take our lock for dead. "
        "Run clobberwatch inside that container."
    )


def _payload() -> bytes:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    stamp: dict[str, object] = {"pid": os.getpid(), "createdAt": now}
    if (started := start_time(os.getpid())) is not None:
        stamp["starttime"] = started
    return json.dumps(stamp, indent=2).encode()


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
