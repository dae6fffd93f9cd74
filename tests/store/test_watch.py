"""Watching real files: the test does one thing, then takes the next event; nothing waits for time to pass."""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.errors import Missing, UsageError, WriteFailed
from store.events import Broken, Changed, Event, Loaded, LockState, Missed, Recovered, Version, Watching, Writer
from store.watch import Watch
from store.watching import inotify, mounts, probe, watcher
from store.watching.arrivals import Pin
from store.watching.inotify import Inotify, NameEvent
from store.writing.exchange import exchange
from store.writing.names import private_name
from tests.support.watching import content, open_descriptors, replace, until


class Stream:
    """A watch of some stores and its events."""

    def __init__(self, *stores: Path) -> None:
        self.stop = threading.Event()
        self.watch = Watch(stores)
        self.events = self.watch.events(self.stop)

    def changed(self, store: Path, data: bytes) -> Version:
        """Replace the store; the next event must be its change."""
        replace(store, data)
        event = next(self.events)
        assert isinstance(event, Changed), event
        assert event.store == store
        return event.version


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "sessions" / "sessions.json"
    path.parent.mkdir()
    path.write_bytes(content(3))
    return path


@pytest.fixture
def watching() -> Iterator[Callable[..., Stream]]:
    streams: list[Stream] = []

    def start(*stores: Path) -> Stream:
        streams.append(Stream(*stores))
        return streams[-1]

    yield start
    for stream in streams:
        stream.events.close()  # type: ignore[attr-defined]


@pytest.fixture
def loaded(store: Path, watching: Callable[..., Stream]) -> Stream:
    stream = watching(store)
    assert next(stream.events) == Watching(store, "inotify", "")
    assert isinstance(next(stream.events), Loaded)
    return stream


def test_every_version_in_order(loaded: Stream, store: Path) -> None:
    versions = [loaded.changed(store, content(3, str(number))) for number in range(50)]
    assert [version.number for version in versions] == list(range(2, 52))
    assert (loaded.watch.seen(store), loaded.watch.missed(store)) == (51, 0)
    assert (
        loaded.watch.raw(store, "agent:main:0")
        == json.dumps({"n": 0, "label": "49"}, indent=2).replace("\n", "\n  ").encode()
    )
    assert len(loaded.watch.keys(store)) == 3


def test_versions_that_came_while_the_thread_was_held_up_are_counted_exactly(
    loaded: Stream, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, arrived, go_on = probe.pin_file, threading.Event(), threading.Event()

    def held_up(path: Path) -> Pin:
        arrived.set()
        assert go_on.wait(30)
        return real(path)

    monkeypatch.setattr(probe, "pin_file", held_up)
    replace(store, content(3, "1"))
    assert arrived.wait(30)
    for number in range(2, 8):
        replace(store, content(3, str(number)))
    go_on.set()
    changed, before = until(loaded.events, Changed)
    assert [event.count for event in before if isinstance(event, Missed)] == [6]
    assert b'"7"' in (changed.changes[0].after or b"")
    assert (loaded.watch.seen(store), loaded.watch.missed(store)) == (2, 6)
    assert changed.version.number == 8


def test_a_burst_is_read_in_order_however_slow_the_reader(loaded: Stream, store: Path) -> None:
    for number in range(100):
        replace(store, content(3, f"{number:03}"))
    labels: list[str] = []
    while not labels or labels[-1] != "099":
        event = next(loaded.events)
        if isinstance(event, Changed):
            labels.append(json.loads(event.changes[0].after or b"")["label"])
    assert labels == sorted(labels)
    missed = loaded.watch.missed(store)
    assert missed is not None
    assert loaded.watch.seen(store) + missed == 101


def test_two_stores_in_one_directory(store: Path, watching: Callable[..., Stream]) -> None:
    other = store.with_name("other.json")
    other.write_bytes(content(2))
    stream = watching(store, other)
    assert [type(next(stream.events)) for _ in range(4)].count(Loaded) == 2
    stream.changed(other, content(2, "a"))
    stream.changed(store, content(3, "b"))
    assert stream.watch.seen(other) == stream.watch.seen(store) == 2


# Ways a store is put in place


def test_an_exchange_is_a_change_and_nothing_vanished(loaded: Stream, store: Path) -> None:
    temp = store.with_name("temp")
    temp.write_bytes(content(3, "exchanged"))
    exchange(str(temp), str(store))
    event = next(loaded.events)
    assert isinstance(event, Changed)
    exchange(str(temp), str(store))
    event = next(loaded.events)
    assert isinstance(event, Changed)
    assert loaded.watch.missed(store) == 0


def test_deleted_and_renamed_anew(loaded: Stream, store: Path) -> None:
    store.unlink()
    loaded.changed(store, content(3, "new"))
    assert loaded.watch.missed(store) == 0


def test_deleted_and_written_anew(loaded: Stream, store: Path) -> None:
    store.unlink()
    store.write_bytes(content(3, "new"))
    _, before = until(loaded.events, Changed)
    assert [type(event) for event in before] == [Missed]


def test_linked_into_place(loaded: Stream, store: Path) -> None:
    other = store.with_name("other")
    other.write_bytes(content(3, "linked"))
    store.unlink()
    os.link(other, store)
    until(loaded.events, Changed)


def test_deleted_for_good_and_back_later(loaded: Stream, store: Path) -> None:
    store.unlink()
    broken = next(loaded.events)
    assert isinstance(broken, Broken)
    assert broken.kind == "vanished"
    assert loaded.watch.raw(store, "agent:main:0") is not None
    replace(store, content(4))
    assert [type(next(loaded.events)) for _ in range(2)] == [Recovered, Changed]


def test_moved_in_from_a_directory_nobody_watches(loaded: Stream, store: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(content(3, "moved in"))
    os.rename(outside, store)
    assert [type(next(loaded.events)) for _ in range(2)] == [Missed, Changed]
    assert loaded.watch.missed(store) is None


def test_written_in_place(loaded: Stream, store: Path) -> None:
    store.write_bytes(content(3, "in place"))
    missed, changed = next(loaded.events), next(loaded.events)
    assert isinstance(missed, Missed)
    assert missed.count is None
    assert isinstance(changed, Changed)


def test_written_in_place_by_one_who_keeps_it_open(loaded: Stream, store: Path) -> None:
    with store.open("r+b", buffering=0) as file:
        file.write(content(3, ""))
        file.write(b"\n")
        until(loaded.events, Changed)


def test_truncated_in_place_and_whole_again(loaded: Stream, store: Path) -> None:
    os.truncate(store, 60)
    broken = next(loaded.events)
    assert isinstance(broken, Broken)
    assert (broken.kind, broken.entries_before) == ("unreadable", 3)
    replace(store, content(3, "whole"))
    assert [type(next(loaded.events)) for _ in range(2)] == [Recovered, Changed]


def test_renamed_before_it_is_closed(loaded: Stream, store: Path) -> None:
    with store.with_name("temp").open("wb") as file:
        file.write(content(3, "early"))
        file.flush()
        os.rename(file.name, store)
        assert isinstance(next(loaded.events), Changed)
    loaded.changed(store, content(3, "next"))
    assert loaded.watch.missed(store) == 0


def test_only_its_time_changed(loaded: Stream, store: Path) -> None:
    os.utime(store, (1, 1))
    changed = next(loaded.events)
    assert isinstance(changed, Changed)
    assert changed.changes == ()
    assert changed.version.file.mtime_ns == 10**9


# Directories and links


def test_the_directory_is_replaced(loaded: Stream, store: Path) -> None:
    fresh = store.parent.with_name("fresh")
    fresh.mkdir()
    (fresh / store.name).write_bytes(content(3, "fresh"))
    os.rename(store.parent, store.parent.with_name("old"))
    os.rename(fresh, store.parent)
    _, before = until(loaded.events, Changed)
    assert Missed in {type(event) for event in before}
    replace(store, content(3, "goes on"))
    assert b'"goes on"' in (until(loaded.events, Changed)[0].changes[0].after or b"")


def test_the_directory_is_deleted_and_made_anew(loaded: Stream, store: Path) -> None:
    shutil.rmtree(store.parent)
    broken, _ = until(loaded.events, Broken)
    assert broken.kind == "vanished"
    store.parent.mkdir()
    replace(store, content(3, "back"))
    until(loaded.events, Changed)
    replace(store, content(3, "goes on"))
    assert b'"goes on"' in (until(loaded.events, Changed)[0].changes[0].after or b"")


def test_a_watch_the_kernel_gave_up_is_set_up_again(
    store: Path, watching: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    instances: list[Inotify] = []

    class Remembered(Inotify):
        def __init__(self) -> None:
            super().__init__()
            instances.append(self)

    monkeypatch.setattr(watcher, "Inotify", Remembered)
    stream = watching(store)
    until(stream.events, Loaded)
    instances[0].remove(1)
    assert isinstance(next(stream.events), Missed)
    assert stream.changed(store, content(3, "watched")).writer.how == "no lock"


@pytest.mark.parametrize("missing", ["file", "directory"])
def test_a_store_that_does_not_exist_yet(tmp_path: Path, watching: Callable[..., Stream], missing: str) -> None:
    store = tmp_path / "agents" / "sessions.json"
    if missing == "file":
        store.parent.mkdir()
    stream = watching(store)
    broken, _ = until(stream.events, Broken)
    assert (broken.kind, broken.last_good) == ("vanished", None)
    store.parent.mkdir(exist_ok=True)
    replace(store, content(2))
    loaded, before = until(stream.events, Loaded)
    assert loaded.entries == 2
    assert Missed not in {type(event) for event in before}
    stream.changed(store, content(2, "x"))
    assert stream.watch.missed(store) == 0


def test_a_symbolic_link_to_a_store_elsewhere(store: Path, tmp_path: Path, watching: Callable[..., Stream]) -> None:
    link = tmp_path / "links" / "current.json"
    link.parent.mkdir()
    link.symlink_to(store)
    stream = watching(link)
    until(stream.events, Loaded)
    replace(store, content(3, "behind the link"))
    assert isinstance(next(stream.events), Changed)
    other = tmp_path / "other.json"
    other.write_bytes(content(3, "other"))
    (tmp_path / "links" / "temp").symlink_to(other)
    os.rename(tmp_path / "links" / "temp", link)
    assert isinstance(next(stream.events), Changed)
    until(stream.events, Missed)
    replace(other, content(3, "other, again"))
    until(stream.events, Changed)


def test_a_directory_reached_by_a_link_that_moves(store: Path, tmp_path: Path, watching: Callable[..., Stream]) -> None:
    (tmp_path / "current").symlink_to(store.parent)
    stream = watching(tmp_path / "current" / store.name)
    until(stream.events, Loaded)
    replace(store, content(3, "through the link"))
    assert isinstance(next(stream.events), Changed)
    other = tmp_path / "other"
    other.mkdir()
    (other / store.name).write_bytes(content(3, "other"))
    (tmp_path / "temp").symlink_to(other)
    os.rename(tmp_path / "temp", tmp_path / "current")
    changed, _ = until(stream.events, Changed)
    assert b'"other"' in (changed.changes[0].after or b"")


# When inotify cannot be had


def test_no_instance_left(store: Path, watching: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Inotify:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(watcher, "Inotify", refuse)
    stream = watching(store)
    assert next(stream.events) == Watching(store, "poll", "no inotify instance left (fs.inotify.max_user_instances)")
    assert isinstance(next(stream.events), Loaded)
    replace(store, content(3, "polled"))
    assert [type(next(stream.events)) for _ in range(2)] == [Missed, Changed]
    assert stream.watch.missed(store) is None


def test_no_watch_left(store: Path, watching: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Inotify, directory: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", directory)

    monkeypatch.setattr(Inotify, "add", refuse)
    stream = watching(store)
    assert next(stream.events) == Watching(store, "poll", "no inotify watch left (fs.inotify.max_user_watches)")
    until(stream.events, Loaded)
    replace(store, content(3, "polled"))
    until(stream.events, Changed)


def test_a_system_without_inotify(
    store: Path, watching: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Inotify:
        raise OSError(errno.ENOSYS, "no inotify")

    monkeypatch.setattr(watcher, "Inotify", refuse)
    monkeypatch.setattr(watcher, "SLOW_LOOK_S", 3600.0)
    stream = watching(store)
    assert next(stream.events) == Watching(store, "watchfiles", "this system has no inotify")
    until(stream.events, Loaded)
    for number in range(20):  # until its own watch is armed, which it does not tell
        replace(store, content(3, str(number)))
        time.sleep(0.05)
    until(stream.events, Changed)


def test_a_network_file_system_is_polled(
    store: Path, watching: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounts, "remote_type", lambda _path: "nfs4")
    stream = watching(store)
    assert next(stream.events) == Watching(store, "poll", "nfs4 does not tell of changes made elsewhere")
    until(stream.events, Loaded)


def test_an_overflowing_queue_makes_the_count_unknown(
    loaded: Stream, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Inotify.read

    def overflowing(self: Inotify) -> list[NameEvent]:
        if real(self):
            monkeypatch.setattr(Inotify, "read", real)
            return [NameEvent(-1, inotify.OVERFLOW, 0, b"")]
        return []

    monkeypatch.setattr(Inotify, "read", overflowing)
    (store.parent / "noise").touch()
    missed = next(loaded.events)
    assert isinstance(missed, Missed)
    assert missed.count is None
    replace(store, content(3, "after"))
    until(loaded.events, Changed)


def test_an_error_of_the_thread_reaches_the_reader(
    loaded: Stream, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Inotify) -> list[NameEvent]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Inotify, "read", fail)
    (store.parent / "noise").touch()
    with pytest.raises(RuntimeError, match="a bug"):
        next(loaded.events)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("36 1 0:30 / / rw - nfs4 host:/x rw", "nfs4"),
        ("36 1 0:30 / / rw shared:1 - ext4 /dev/x rw", ""),
        ("36 1 0:30 / / rw - fuse.sshfs host: rw", "fuse.sshfs"),
        ("36 1 0:30 / / rw - fuseblk /dev/x rw", ""),
    ],
)
def test_which_file_systems_are_remote(tmp_path: Path, line: str, kind: str) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"25 1 0:20 / /elsewhere\\040it rw - nfs host:/y rw\n{line}\n")
    assert mounts.remote_type(tmp_path, str(table)) == kind


# Who wrote


def test_a_commit_of_another_process_of_ours_is_told_by_its_temp_file(loaded: Stream, store: Path) -> None:
    name = private_name(str(store), "tmp", "11-12").replace(f".{os.getpid()}-", ".4712-")
    replace(store, content(3, "x"), temp=Path(name).name)
    changed, _ = until(loaded.events, Changed)
    assert changed.version.writer == Writer(4712, "temp")


def test_the_temp_files_name_tells_the_pid_of_early_releases(loaded: Stream, store: Path) -> None:
    replace(store, content(3, "x"), temp="sessions.json.4711.0b1c2d3e-aaaa-bbbb-cccc-0123456789ab.tmp")
    changed = next(loaded.events)
    assert isinstance(changed, Changed)
    assert changed.version.writer == Writer(4711, "temp")


def test_a_rename_without_a_lock_is_called_so(loaded: Stream, store: Path) -> None:
    assert loaded.changed(store, content(3, "x")).writer == Writer(None, "no lock")


def test_the_lock_files_pid_is_the_writer_while_it_lives(loaded: Stream, store: Path) -> None:
    lock = store.with_name("sessions.json.lock")
    lock.write_text(json.dumps({"pid": os.getppid(), "createdAt": "2026-03-04T05:06:07.000Z"}))
    held, _ = until(loaded.events, LockState)
    assert held.holder is not None
    assert (held.holder.pid, held.holder.alive) == (os.getppid(), True)
    assert loaded.changed(store, content(3, "x")).writer == Writer(os.getppid(), "lock")
    lock.unlink()
    assert until(loaded.events, LockState)[0].holder is None
    assert loaded.changed(store, content(3, "y")).writer == Writer(None, "no lock")


def test_a_lock_left_behind_by_a_dead_process_names_nobody(store: Path, watching: Callable[..., Stream]) -> None:
    store.with_name("sessions.json.lock").write_text('{"pid": 4194304}')
    stream = watching(store)
    held, _ = until(stream.events, LockState)
    assert held.holder is not None
    assert not held.holder.alive
    assert stream.changed(store, content(3, "x")).writer == Writer(None, "unknown")


def test_a_lock_whose_payload_cannot_be_read_names_nobody(loaded: Stream, store: Path) -> None:
    store.with_name("sessions.json.lock").write_bytes(b"\xff{")
    until(loaded.events, LockState)
    assert loaded.changed(store, content(3, "x")).writer == Writer(None, "unknown")


# What the screen asks for


def test_read_again_and_accept(loaded: Stream, store: Path) -> None:
    loaded.changed(store, content(30))
    replace(store, content(2))
    assert isinstance(next(loaded.events), Broken)
    loaded.watch.read_again(store)
    loaded.watch.accept(store)
    assert [type(next(loaded.events)) for _ in range(2)] == [Recovered, Changed]
    assert len(loaded.watch.keys(store)) == 2


def test_save_good_writes_a_new_private_file(
    loaded: Stream, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(store, b"{")
    until(loaded.events, Broken)
    target = tmp_path / "saved.json"
    assert loaded.watch.save_good(store, target) == len(content(3))
    assert target.read_bytes() == content(3)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="exists"):
        loaded.watch.save_good(store, target)

    def full(_fd: int, _data: memoryview) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(WriteFailed, match="No space left"):
        loaded.watch.save_good(store, tmp_path / "full.json")
    monkeypatch.undo()
    assert not (tmp_path / "full.json").exists()


def test_nothing_good_to_save(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    watch = Watch([store])
    with pytest.raises(Missing):
        watch.save_good(store, tmp_path / "saved.json")
    watch.read_again(store)
    assert watch.raw(store, "x") is None
    assert watch.keys(store) == []


def test_stopping_ends_the_stream_and_closes_everything(store: Path) -> None:
    before, threads = open_descriptors(), threading.active_count()
    stream = Stream(store)
    until(stream.events, Loaded)
    for number in range(20):
        replace(store, content(3, str(number)))
    next(stream.events)
    stream.stop.set()
    rest: list[Event] = list(stream.events)
    assert len(rest) <= 1
    assert open_descriptors() == before
    assert threading.active_count() == threads


def test_a_quiet_stream_ends_soon_after_stop(store: Path) -> None:
    stream = Stream(store)
    until(stream.events, Loaded)
    timer = threading.Timer(0.1, stream.stop.set)
    timer.start()
    assert list(stream.events) == []
    timer.join()


def test_reading_from_other_threads_meanwhile_gives_whole_entries(loaded: Stream, store: Path) -> None:
    bad: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            raw = loaded.watch.raw(store, "agent:main:0")
            if raw is None or json.loads(raw)["n"] != 0:
                bad.append(raw or b"")

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        loaded.changed(store, content(3 + number % 5, str(number)))
    done.set()
    reader.join()
    assert bad == []
