"""Who may take a store's lock, and whose is broken."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import filelock
import pytest

import store.writing.exchange
import store.writing.lock
from store.errors import Busy, NoSafeWrite
from store.writing.exchange import ExchangeUnsupportedError
from store.writing.holder import observe
from store.writing.lock import StoreLock, hold, holder, lock_path
from store.writing.process import start_time
from tests.support.stores import entry, write_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", {"agent:main:main": entry()})


class Clock:
    """Time that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def register(self, waited_for: object, events: int) -> None:
        """It is the time that is waited for."""

    def poll(self, milliseconds: float) -> list[object]:
        """Nothing happens until the time is over."""
        self.sleep(milliseconds / 1000)
        return []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    import time

    clock = Clock()
    stub = SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep, time=time.time)
    monkeypatch.setattr(store.writing.lock, "time", stub)
    monkeypatch.setattr(store.writing.lock, "select", SimpleNamespace(poll=lambda: clock, POLLIN=1))
    return clock


@pytest.fixture(autouse=True)
def forget_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.writing.lock, "_GHOSTS", {})


@pytest.fixture
def dead_pid() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.fixture
def living() -> Iterator[int]:
    """The pid of another process, which lives until the test is over."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
        yield process.pid


def put_lock(path: Path, **payload: object) -> Path:
    lock = lock_path(path)
    lock.write_text(json.dumps(payload))
    return lock


def age(lock: Path, seconds: float) -> None:
    then = os.stat(lock).st_mtime - seconds
    os.utime(lock, (then, then))


def test_the_marker_says_what_openclaw_reads(path: Path) -> None:
    with hold(path):
        payload = json.loads(lock_path(path).read_text())
    assert payload["pid"] == os.getpid()
    assert payload["starttime"] == start_time(os.getpid())
    assert payload["createdAt"].endswith("Z") and len(payload["createdAt"]) == len("2026-03-02T10:00:00.000Z")
    assert not lock_path(path).exists()


def test_the_marker_is_complete_the_moment_it_can_be_seen(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = []
    link = os.link

    def watching(source: str, target: str) -> None:
        published.append(json.loads(Path(source).read_text()))
        link(source, target)

    monkeypatch.setattr(os, "link", watching)
    with hold(path):
        pass
    assert [payload["pid"] for payload in published] == [os.getpid()]


def test_without_hard_links_it_is_created_exclusively(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: str) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with hold(path):
        assert json.loads(lock_path(path).read_text())["pid"] == os.getpid()
        assert not StoreLock(lock_path(path)).attempt()
    assert os.listdir(path.parent) == [path.name]


def test_it_is_one_of_filelocks_locks(path: Path) -> None:
    lock = StoreLock(lock_path(path))
    with lock, lock:
        assert isinstance(lock, filelock.BaseFileLock) and lock.is_locked
        with pytest.raises(filelock.Timeout):
            StoreLock(lock_path(path)).acquire(timeout=0)
    assert not lock.is_locked


def test_a_link_to_the_directory_is_the_same_lock(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "by-link"
    other.symlink_to(path.parent)
    assert lock_path(other / path.name) == lock_path(path)
    assert lock_path(other / path.name).parent == path.parent.resolve()


@pytest.mark.parametrize("created", ["2026-01-01T00:00:00.000Z", "not a time", None])
def test_a_live_holder_is_never_broken(path: Path, living: int, created: object, clock: Clock) -> None:
    lock = put_lock(path, pid=living, createdAt=created)
    age(lock, 3600)
    with pytest.raises(Busy, match=f"pid {living} .*alive.* has held the store lock"), hold(path, timeout=10):
        pytest.fail("took a live lock")
    assert observe(lock) is not None
    assert clock.now >= 1010


def test_the_first_releases_payload_counts_too(path: Path, living: int, clock: Clock) -> None:
    put_lock(path, pid=living, startedAt=1_790_000_000_000)
    with pytest.raises(Busy), hold(path, timeout=3):
        pytest.fail("took a live lock")


def test_a_dead_holder_is_broken_after_a_second_of_silence(path: Path, dead_pid: int, clock: Clock) -> None:
    lock = put_lock(path, pid=dead_pid, createdAt="2026-03-02T10:00:00.000Z")
    waiting = StoreLock(lock)
    assert not waiting.attempt()
    clock.sleep(0.9)
    assert not waiting.attempt()
    clock.sleep(0.2)
    assert waiting.attempt()
    assert waiting.is_ours and json.loads(lock.read_text())["pid"] == os.getpid()
    waiting.release()
    assert os.listdir(path.parent) == [path.name]


def test_a_touched_lock_starts_the_second_anew(path: Path, dead_pid: int, clock: Clock) -> None:
    lock = put_lock(path, pid=dead_pid)
    waiting = StoreLock(lock)
    assert not waiting.attempt()
    clock.sleep(0.9)
    age(lock, 5)
    assert not waiting.attempt()
    clock.sleep(0.9)
    assert not waiting.attempt()
    clock.sleep(0.2)
    assert waiting.attempt()
    waiting.release()


def test_a_recycled_pid_is_a_dead_holder(path: Path, living: int, clock: Clock) -> None:
    put_lock(path, pid=living, starttime=1)
    with hold(path, timeout=3):
        assert json.loads(lock_path(path).read_text())["pid"] == os.getpid()


@pytest.mark.parametrize("content", ["", "{", "4711\nhost\n", '{"pid": "17"}', '{"pid": true}', "[]"])
def test_an_unreadable_lock_is_given_thirty_seconds(path: Path, content: str, clock: Clock) -> None:
    lock = lock_path(path)
    lock.write_text(content)
    age(lock, 28)
    with pytest.raises(Busy, match="without a readable pid"), hold(path, timeout=1):
        pytest.fail("took a lock that may just be written")
    age(lock, 5)
    with hold(path, timeout=3):
        pass


def test_a_lock_that_was_taken_from_us_is_left_to_its_holder(path: Path, living: int) -> None:
    lock = StoreLock(lock_path(path))
    assert lock.attempt()
    os.unlink(lock_path(path))
    theirs = observe(put_lock(path, pid=living))
    assert not lock.is_ours
    lock.release()
    assert observe(lock_path(path)) == theirs


@pytest.mark.parametrize("exchange_works", [True, False])
def test_a_live_lock_taken_for_the_dead_one_is_given_back(
    path: Path, dead_pid: int, living: int, clock: Clock, exchange_works: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenClaw breaks the dead lock and takes its own between our last look and our taking over."""
    lock = put_lock(path, pid=dead_pid)
    waiting = StoreLock(lock)
    assert not waiting.attempt()
    clock.sleep(1.1)
    real = store.writing.exchange.exchange

    def late(private: str, name: str) -> None:
        monkeypatch.setattr(store.writing.lock, "exchange", real)
        os.unlink(lock)
        put_lock(path, pid=living)
        if not exchange_works:
            raise ExchangeUnsupportedError(errno.EINVAL, "no exchange")
        real(private, name)

    monkeypatch.setattr(store.writing.lock, "exchange", late)
    assert not waiting.attempt()
    assert json.loads(lock.read_text())["pid"] == living
    assert sorted(os.listdir(path.parent)) == [path.name, lock.name]


def test_a_dead_lock_is_taken_over_without_an_exchange_too(
    path: Path, dead_pid: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(left: str, right: str) -> None:
        raise ExchangeUnsupportedError(errno.EINVAL, "no exchange")

    monkeypatch.setattr(store.writing.lock, "exchange", refuse)
    put_lock(path, pid=dead_pid)
    with hold(path, timeout=3) as lock:
        assert lock.is_ours
    assert os.listdir(path.parent) == [path.name]


def test_of_several_that_wait_for_a_dead_holder_one_takes_over(path: Path, dead_pid: int, clock: Clock) -> None:
    lock = put_lock(path, pid=dead_pid)
    waiting = [StoreLock(lock) for _ in range(8)]
    assert not any(one.attempt() for one in waiting)
    clock.sleep(1.1)
    start = threading.Barrier(len(waiting))
    won: list[bool] = []

    def attempt(one: StoreLock) -> None:
        start.wait()
        won.append(taken := one.attempt())
        if taken:
            done.wait()
            one.release()

    done = threading.Event()
    threads = [threading.Thread(target=attempt, args=(one,)) for one in waiting]
    for thread in threads:
        thread.start()
    while len(won) < len(waiting):
        threads[0].join(0.01)
    done.set()
    for thread in threads:
        thread.join()
    assert sum(won) == 1
    assert os.listdir(path.parent) == [path.name]


def test_a_dead_holder_that_writes_again_lives_in_another_container(path: Path, dead_pid: int, clock: Clock) -> None:
    waiting = StoreLock(put_lock(path, pid=dead_pid, createdAt="2026-03-02T10:00:00.000Z"))
    assert not waiting.attempt()
    put_lock(path, pid=dead_pid, createdAt="2026-03-02T10:00:00.900Z")
    with pytest.raises(NoSafeWrite, match=f"pid {dead_pid} lives in another container"):
        waiting.attempt()
    lock_path(path).unlink()
    with pytest.raises(NoSafeWrite), hold(path):
        pytest.fail("took a lock that the other side takes for dead")


def test_a_dead_holder_that_removes_our_lock_lives_in_another_container(
    path: Path, dead_pid: int, clock: Clock
) -> None:
    put_lock(path, pid=dead_pid)
    with hold(path, timeout=3):
        lock_path(path).unlink()
    with pytest.raises(NoSafeWrite), hold(path):
        pytest.fail("took a lock that the other side takes for dead")


def test_a_holder_seen_inside_a_container_is_not_broken(
    path: Path, dead_pid: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = put_lock(path, pid=dead_pid, starttime=77)
    monkeypatch.setattr(store.writing.lock, "living_elsewhere", lambda pid, started: 4711 if started == 77 else None)
    with pytest.raises(NoSafeWrite, match="container"), hold(path, timeout=3):
        pytest.fail("broke a live lock")
    assert lock.exists()


def in_background(call: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_it_wakes_when_the_lock_is_removed(path: Path, living: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.writing.lock, "POLL_S", 60.0)
    lock = put_lock(path, pid=living)
    waiting, taken = threading.Event(), threading.Event()
    real = StoreLock.attempt

    def attempt(self: StoreLock) -> bool:
        attempts.append(self)
        waiting.set() if len(attempts) > 1 else None
        return real(self)

    attempts: list[StoreLock] = []
    monkeypatch.setattr(StoreLock, "attempt", attempt)

    def take() -> None:
        with hold(path, timeout=60):
            taken.set()

    thread = in_background(take)
    assert waiting.wait(10)
    os.unlink(lock)
    assert taken.wait(10)
    thread.join()


def test_without_inotify_it_polls(path: Path, living: int, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_instances() -> None:
        raise OSError(errno.EMFILE, "too many inotify instances")

    lock = put_lock(path, pid=living)
    sleep = clock.sleep

    def sleep_then_release(seconds: float) -> None:
        sleep(seconds)
        lock.unlink(missing_ok=True)

    monkeypatch.setattr(store.writing.lock, "Inotify", no_instances)
    monkeypatch.setattr("store.writing.lock.time.sleep", sleep_then_release)
    with hold(path, timeout=10) as held:
        assert held.is_ours


def test_threads_of_one_process_take_turns(path: Path) -> None:
    inside: list[int] = []
    overlaps: list[int] = []

    def work() -> None:
        for _ in range(5):
            with hold(path):
                inside.append(1)
                overlaps.append(len(inside))
                inside.pop()

    threads = [in_background(work) for _ in range(4)]
    for thread in threads:
        thread.join()
    assert overlaps == [1] * 20


def test_another_edit_of_this_process_is_named(path: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(hold(path))
        said: list[str] = []

        def ask() -> None:
            try:
                with hold(path, timeout=0.05):
                    pass
            except Busy as busy:
                said.append(busy.reason)

        in_background(ask).join()
    assert said == ["Not written: another edit of this program has held the store lock; waited 0 s."]


def test_a_forked_child_does_not_release_the_parents_lock(path: Path) -> None:
    with hold(path) as lock:
        if (child := os.fork()) == 0:
            os._exit(0 if not StoreLock(lock_path(path)).attempt() else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert lock.is_ours


def test_the_holder_is_described(path: Path, living: int) -> None:
    assert holder(path) is None
    put_lock(path, pid=living, createdAt="2026-03-02T10:00:00.000Z", starttime=start_time(living))
    found = holder(path)
    assert found is not None and found.alive and found.pid == living
    assert found.since == 1_772_445_600.0
    assert "stdin.read()" in found.command


def test_a_lock_that_may_not_be_read_is_still_a_lock(path: Path) -> None:
    lock_path(path).symlink_to("nowhere")
    assert holder(path) is not None
    with pytest.raises(Busy), hold(path, timeout=0):
        pytest.fail("took a lock that is there")


def test_a_clock_that_jumps_does_not_age_a_lock_that_is_just_being_written(path: Path, clock: Clock) -> None:
    """OpenClaw makes the file first and writes into it then; a step of the clock in between is no 30 s."""
    lock = lock_path(path)
    lock.write_text("")
    age(lock, 60)
    waiting = StoreLock(lock)
    assert not waiting.attempt()
    lock.write_text(json.dumps({"pid": os.getppid()}))
    age(lock, 60)
    clock.sleep(1.1)
    assert not waiting.attempt()
    assert json.loads(lock.read_text())["pid"] == os.getppid()


def test_a_lock_taken_while_another_is_given_back_stays(
    path: Path, dead_pid: int, living: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live holder lets go, and so removes ours, and the next one takes its turn, between our two exchanges."""
    lock = put_lock(path, pid=dead_pid)
    waiting = StoreLock(lock)
    assert not waiting.attempt()
    clock.sleep(1.1)
    real, looks = store.writing.exchange.exchange, []

    def late(private: str, name: str) -> None:
        looks.append(name)
        if len(looks) < 3:
            os.unlink(lock)
            put_lock(path, pid=living, createdAt=str(len(looks)))
        real(private, name)

    monkeypatch.setattr(store.writing.lock, "exchange", late)
    assert not waiting.attempt()
    assert json.loads(lock.read_text()) == {"pid": living, "createdAt": "2"}
    assert sorted(os.listdir(path.parent)) == [path.name, lock.name]


@pytest.mark.parametrize("raced", [True, False])
def test_a_dead_lock_where_names_can_neither_be_swapped_nor_linked(
    path: Path, dead_pid: int, living: int, clock: Clock, raced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_exchange(left: str, right: str) -> None:
        if raced:
            os.unlink(right)
            put_lock(path, pid=living)
        raise ExchangeUnsupportedError(errno.EINVAL, "no exchange")

    def no_links(left: str, right: str) -> None:
        raise PermissionError(errno.EPERM, "no hard links")

    monkeypatch.setattr(store.writing.lock, "exchange", no_exchange)
    monkeypatch.setattr(os, "link", no_links)
    lock = put_lock(path, pid=dead_pid)
    waiting = StoreLock(lock)
    assert not waiting.attempt()
    clock.sleep(1.1)
    taken = waiting.attempt() or waiting.attempt()
    assert taken is not raced
    assert json.loads(lock.read_text())["pid"] == (living if raced else os.getpid())
    assert sorted(os.listdir(path.parent)) == [path.name, lock.name]


def test_a_marker_that_cannot_be_written_is_not_left_empty(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(left: str, right: str) -> None:
        monkeypatch.setattr(os, "write", full)
        raise PermissionError(errno.EPERM, "no hard links")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(OSError, match="disk full"):
        StoreLock(lock_path(path)).attempt()
    assert os.listdir(path.parent) == [path.name]


def test_a_lock_removed_while_it_is_released(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.unlink

    def quicker(name: str) -> None:
        if name == str(lock_path(path)):
            real(name)
        real(name)

    with hold(path):
        monkeypatch.setattr(os, "unlink", quicker)
    assert os.listdir(path.parent) == [path.name]


def test_it_waits_with_a_thousand_files_open(path: Path, living: int) -> None:
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, most), most))
    put_lock(path, pid=living)
    try:
        with ExitStack() as files:
            first = os.open(path, os.O_RDONLY)
            files.callback(os.close, first)
            while (fd := os.dup(first)) < 1100:
                files.callback(os.close, fd)
            files.callback(os.close, fd)
            with pytest.raises(Busy, match="has held the store lock"), hold(path, timeout=0.1):
                pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))
