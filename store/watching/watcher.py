"""The watching thread: inotify where it can be had, otherwise looking at the names again and again.

Looking goes on beside inotify too, slowly: native watchers fall silent when a directory is replaced, and a symbolic
link in the middle of a path tells nobody that it moved.
"""

from __future__ import annotations

import errno
import os
import select
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from store.events import Watching
from store.watching import inotify, mounts
from store.watching.arrivals import ArrivalQueue, Failed, Pin
from store.watching.drafts import MOST_OVERTAKEN, Drafts
from store.watching.inotify import Inotify, NameEvent
from store.watching.pokes import Pokes
from store.watching.probe import Probe

SLOW_LOOK_S = 1.0
SUSPECT_LOOK_S = 0.05
POLL_S = 0.02
"""At 20 ms a poll costs 0.8 % of a core and lost nothing of 16 writes per second (the watchers' own polling did)."""
REMOTE_POLL_S = 0.1
REARM_S = 0.1

_ARRIVES = inotify.CREATE | inotify.MOVED_TO
_LEAVES = inotify.DELETE | inotify.MOVED_FROM
_WATCH_GONE = inotify.DELETE_SELF | inotify.IGNORED | inotify.UNMOUNT
_SELF_GONE = _WATCH_GONE | inotify.MOVE_SELF
_LIMITS = (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOMEM)


@dataclass(slots=True)
class _Post:
    """Where one store is watched from, and when its name is looked at next."""

    probe: Probe
    how: Literal["inotify", "watchfiles", "poll"] = "poll"
    why: str = "?"
    period: float = POLL_S
    next_look: float = 0.0
    names: list[tuple[int, bytes]] = field(default_factory=list)
    arrivals: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_OVERTAKEN))
    directories: dict[str, tuple[int, int]] = field(default_factory=dict)
    may_arm: bool = True


class Watcher:
    """Runs in a thread of its own from `start` to `stop`; what it notices goes into the queue."""

    def __init__(self, stores: Sequence[Path], queue: ArrivalQueue, clock: Callable[[], float]) -> None:
        self.probes = [Probe(store, queue, clock) for store in stores]
        self._queue = queue
        self._posts = [_Post(probe) for probe in self.probes]
        self._inotify: Inotify | None = None
        self._refusal = ""
        self._pokes: Pokes | None = None
        self._roles: dict[tuple[int, bytes], list[tuple[Literal["store", "lock"], _Post]]] = {}
        self._pending: deque[NameEvent] = deque()
        self._ahead: Counter[tuple[int, bytes]] = Counter()
        self._renamed_from: tuple[int, bytes] = (0, b"")
        self._drafts = Drafts(clock)
        self._stopping = False
        self._wake_out, self._wake_in = os.pipe()
        self._thread = threading.Thread(target=self._run, name="store-watcher", daemon=True)

    def start(self) -> None:
        """Arm the watches, announce what is there, then every change."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close what it has open."""
        self._stopping = True
        self.poke()
        self._thread.join()
        os.close(self._wake_out)
        os.close(self._wake_in)

    def poke(self) -> None:
        """Look at every name now; from any thread."""
        os.write(self._wake_in, b"!")

    def _run(self) -> None:
        try:
            self._open()
            poller = select.poll()
            poller.register(self._wake_out, select.POLLIN)
            if self._inotify is not None:
                poller.register(self._inotify.fileno(), select.POLLIN)
            self._begin()
            while not self._stopping:
                for fd, _ in poller.poll(self._patience_ms()):
                    if fd == self._wake_out:
                        os.read(self._wake_out, 4096)
                        self._look_at_all()
                self._handle_events()
                self._look_at_due(time.monotonic())
        except BaseException as error:  # a thread's traceback would land in the middle of the screen
            self._queue.put(Failed(error))
        finally:
            self._close()

    def _open(self) -> None:
        try:
            self._inotify = Inotify()
        except OSError as error:
            self._refusal = _limit_sentence(error)
            if error.errno == errno.ENOSYS:
                folders = {os.path.dirname(path) for post in self._posts for path in _paths(post.probe.store)}
                self._pokes = Pokes(sorted(folders), self.poke)

    def _close(self) -> None:
        if self._pokes is not None:
            self._pokes.stop()
        for probe in self.probes:
            probe.close()
        if self._inotify is not None:
            self._inotify.close()

    def _begin(self) -> None:
        for post in self._posts:
            self._arm(post)
            post.probe.begin()

    # Arming

    def _arm(self, post: _Post) -> None:
        """Watch the directories of the name and of the file it leads to, and say how."""
        self._disarm(post)
        store = post.probe.store
        remote = mounts.remote_type(store)
        try:
            for path in _paths(store):
                self._arm_directory(post, path)
        except OSError as error:
            self._disarm(post)
            post.may_arm = error.errno not in _LIMITS
            self._poll(post, _limit_sentence(error), REARM_S if post.may_arm else POLL_S)
            return
        if remote:
            self._poll(post, f"{remote} does not tell of changes made elsewhere", REMOTE_POLL_S)
        elif self._inotify is not None:
            self._say(post, "inotify", "", SLOW_LOOK_S)
        elif self._pokes is not None and self._pokes.works:
            self._say(post, "watchfiles", self._refusal, SLOW_LOOK_S)
        else:
            self._poll(post, self._pokes.why if self._pokes is not None else self._refusal, POLL_S)

    def _arm_directory(self, post: _Post, path: str) -> None:
        folder, name = os.path.split(path)
        status = os.stat(folder)
        post.directories[folder] = (status.st_dev, status.st_ino)
        if self._inotify is None:
            return
        watch = self._inotify.add(folder)
        self._listen((watch, os.fsencode(name)), "store", post)
        post.names.append((watch, os.fsencode(name)))
        if name == post.probe.store.name:
            self._listen((watch, os.fsencode(name) + b".lock"), "lock", post)

    def _listen(self, key: tuple[int, bytes], role: Literal["store", "lock"], post: _Post) -> None:
        self._roles.setdefault(key, []).append((role, post))

    def _disarm(self, post: _Post) -> None:
        watched = {watch for watch, _ in post.names}
        for key in [key for key in self._roles if key[0] in watched]:
            self._roles[key] = [(role, other) for role, other in self._roles[key] if other is not post]
            if not self._roles[key]:
                del self._roles[key]
        for watch in watched - {watch for watch, _ in self._roles}:
            if self._inotify is not None:
                self._inotify.remove(watch)
        post.names.clear()
        post.directories.clear()

    def _poll(self, post: _Post, why: str, period: float) -> None:
        self._say(post, "poll", why, period)

    def _say(self, post: _Post, how: Literal["inotify", "watchfiles", "poll"], why: str, period: float) -> None:
        post.period = period
        if (how, why) != (post.how, post.why):
            post.how, post.why = how, why
            self._queue.put(Watching(post.probe.store, how, why))

    def _displaced(self, post: _Post) -> bool:
        """Whether the store's name leads through other directories than those watched."""
        if not post.directories:
            return post.may_arm
        if {os.path.dirname(path) for path in _paths(post.probe.store)} != post.directories.keys():
            return True
        return any(_identity(folder) != known for folder, known in post.directories.items())

    # Looking

    def _patience_ms(self) -> float:
        due = [post.next_look for post in self._posts]
        due += [at for probe in self.probes if (at := probe.due()) is not None]
        return max(0.0, (min(due, default=time.monotonic() + SLOW_LOOK_S) - time.monotonic()) * 1000 + 0.5)

    def _look_at_all(self) -> None:
        for post in self._posts:
            post.next_look = 0.0

    def _look_at_due(self, now: float) -> None:
        for post in self._posts:
            due = post.probe.due()
            if due is not None and now >= due:
                self._read_in_place(post)
            if now >= post.next_look:
                self._look_at(post)

    def _look_at(self, post: _Post) -> None:
        if self._pokes is not None and post.how == "watchfiles" and not self._pokes.works:
            self._poll(post, self._pokes.why, POLL_S)
        if self._displaced(post):
            if self._pokes is not None:
                self._pokes.give_up("a directory was replaced, which native watchers do not survive")
            had_watch = bool(post.directories)
            self._arm(post)
            if had_watch or post.directories:
                post.probe.start_over()
        if post.how != "inotify":
            post.probe.evidence.start_over()
        soon = post.probe.check(trust_events=post.how == "inotify")
        post.next_look = time.monotonic() + (SUSPECT_LOOK_S if soon else post.period)

    # Events

    def _handle_events(self) -> None:
        self._drain()
        while self._pending:
            event = self._pending.popleft()
            key = (event.watch, event.name)
            if event.mask & _ARRIVES:
                self._ahead[key] -= 1
                if not self._ahead[key]:
                    del self._ahead[key]
            if event.mask & inotify.OVERFLOW:
                self._drafts.clear()
                for post in self._posts:
                    post.probe.start_over()
            elif event.mask & _SELF_GONE:
                self._directory_event(event)
            else:
                self._drafts.heed(event)
                for role, post in self._roles.get(key, ()):
                    (self._store_event if role == "store" else self._lock_event)(post, event)
            if event.mask & inotify.MOVED_FROM:
                self._renamed_from = (event.cookie, event.name)

    def _directory_event(self, event: NameEvent) -> None:
        """A directory went; one made anew may get its inode number, so the watch is not asked but given up."""
        for post in self._posts:
            if any(watch == event.watch for watch, _ in post.names):
                post.next_look = 0.0
                if event.mask & _WATCH_GONE:
                    post.directories.clear()

    def _drain(self) -> None:
        if self._inotify is None:
            return
        for event in self._inotify.read():
            self._pending.append(event)
            if event.mask & _ARRIVES:
                self._ahead[event.watch, event.name] += 1

    def _store_event(self, post: _Post, event: NameEvent) -> None:
        probe = post.probe
        if event.mask & inotify.MOVED_TO:
            pin = probe.pin()
            self._drain()
            cookie, temp = self._renamed_from
            paired = cookie == event.cookie
            writer = probe.evidence.writer(temp if paired else None)
            # A file from a directory that is not watched leaves no MOVED_FROM here to keep two such events apart.
            draft = self._drafts.renamed(event.cookie, post.arrivals)
            more = bool(self._ahead[event.watch, event.name])
            probe.renamed(pin, more=more, counted=paired, writer=writer, draft=draft)
        elif event.mask & _LEAVES:
            probe.left()
        elif event.mask & inotify.CLOSE_WRITE:
            self._read_in_place(post)
        else:
            probe.written()

    def _read_in_place(self, post: _Post) -> None:
        pin = post.probe.pin()
        self._drain()
        if not any(self._ahead[key] for key in post.names):
            post.probe.closed(pin)
        elif isinstance(pin, Pin):
            pin.close()

    def _lock_event(self, post: _Post, event: NameEvent) -> None:
        evidence = post.probe.evidence
        if event.mask & inotify.DELETE:
            evidence.lock_gone()
            return
        if event.mask & (inotify.MODIFY | inotify.CLOSE_WRITE) and (evidence.sight is None or evidence.sight.pid):
            return
        marker = evidence.look()
        self._drain()
        if marker is None and event.mask & inotify.MOVED_FROM:
            evidence.lock_gone()
        else:
            evidence.lock_seen(marker, certain=not self._ahead[event.watch, event.name])


def _paths(store: Path) -> list[str]:
    """The name as given and, where that is a symbolic link, the file it leads to."""
    given = os.path.abspath(store)
    real = os.path.join(os.path.realpath(os.path.dirname(given)), os.path.basename(given))
    target = os.path.realpath(given)
    return [given] if target == real else [given, target]


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _limit_sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "no inotify watch left (fs.inotify.max_user_watches)"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "no inotify instance left (fs.inotify.max_user_instances)"
    if error.errno == errno.ENOSYS:
        return "this system has no inotify"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"its directory does not exist: {error.filename}"
    return f"its directory cannot be watched: {os.strerror(error.errno or 0)}"
