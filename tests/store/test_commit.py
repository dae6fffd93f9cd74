"""The one way a store is written: nothing else changes, nothing is lost, nothing is left behind."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import store.commit
from store.commit import Commit, update_store
from store.errors import Busy, Damaged, Missing, NoSafeWrite, NotOurs, NotStrict, ReadOnly, StoreError, WriteFailed
from store.js import JsonObject, encode, same
from store.writing.draft import StoreDraft
from store.writing.exchange import ExchangeUnsupportedError, Swap, commit_by_exchange
from store.writing.lock import StoreLock, lock_path
from store.writing.names import parse_name, private_name
from store.writing.permit import Permit
from store.writing.temp import not_written
from tests.support.stores import ALLOWED, beside, entry, replace_store, write_store
from tests.support.strategies import ENTRIES, FIELDS, KEYS, VALUES

KEY = "agent:main:main"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", {KEY: entry(count=0), "other": entry(label="é🔎")})


@pytest.fixture(autouse=True)
def sweep_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.commit, "_SWEPT", set())


def increment(draft: StoreDraft) -> int:
    count = draft[KEY]["count"]
    assert isinstance(count, int)
    draft[KEY]["count"] = count + 1
    return count + 1


def update(path: Path, mutator: Callable[[StoreDraft], Any] = increment) -> Commit[Any]:
    return update_store(path, mutator, permit=ALLOWED)


def count(path: Path) -> int:
    found: int = json.loads(path.read_bytes())[KEY]["count"]
    return found


def test_only_the_field_meant_changes(path: Path) -> None:
    before = path.read_bytes()
    commit = update(path)
    assert path.read_bytes() == before.replace(b'"count": 0', b'"count": 1')
    assert commit.written and commit.proven and commit.value == 1 and commit.edits == {KEY: {"count": 1}}
    assert commit.notes == () and commit.rivals == ()
    assert beside(path) == []


def test_owner_mode_and_a_later_time(path: Path) -> None:
    path.chmod(0o640)
    future = 2_000_000_000_000_000_000
    os.utime(path, ns=(future, future))
    update(path)
    status = path.stat()
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert status.st_mtime_ns >= future + 1_000_000


def test_the_version_written_is_the_one_on_disk(path: Path) -> None:
    commit = update(path)
    status = path.stat()
    assert (commit.file.inode, commit.file.size, commit.file.mtime_ns) == (
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
    )


def test_a_mutator_that_changes_nothing_writes_nothing(path: Path) -> None:
    before = path.stat()
    commit = update(path, lambda draft: draft[KEY].update(count=0))
    assert not commit.written
    assert os.path.samestat(before, path.stat())


@pytest.mark.parametrize(
    ("permit", "error"),
    [(Permit.read_only("Not written: x"), ReadOnly), (Permit.refused("Not written: x"), NoSafeWrite)],
)
def test_without_permission_the_store_is_not_even_read(
    path: Path, permit: Permit, error: type[StoreError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.commit, "open_store", lambda _: pytest.fail("the store was read"))
    with pytest.raises(error, match="Not written: x"):
        update_store(path, increment, permit=permit)


def test_an_edit_never_makes_a_store(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        update(tmp_path / "nothing" / "sessions.json")
    assert os.listdir(tmp_path) == []


def test_what_the_mutator_raises_ends_the_update(path: Path) -> None:
    before = path.read_bytes()

    def fail(draft: StoreDraft) -> None:
        increment(draft)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        update(path, fail)
    assert path.read_bytes() == before and beside(path) == []


def test_a_symbolic_link_is_refused_by_its_target(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(path)
    with pytest.raises(NotOurs, match=re.escape(str(path))):
        update(link)
    assert link.is_symlink() and count(path) == 0


def test_somebody_elses_store_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(NotOurs, match="Run as that user: sudo -u"):
        update(path)


def test_an_owner_that_cannot_be_given_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fchown", raising(errno.EPERM))
    monkeypatch.setattr(os, "fstat", other_owner(os.fstat))
    with pytest.raises(NotOurs, match="could not be given"):
        update(path)
    monkeypatch.undo()
    assert beside(path) == []


def raising(number: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def other_owner(real: Callable[[int], os.stat_result]) -> Callable[[int], os.stat_result]:
    """Every second look at a file finds it owned by another group, so that base and temp differ."""
    looks = [0]

    def fstat(fd: int) -> os.stat_result:
        looks[0] += 1
        found = list(real(fd))
        found[stat.ST_GID] = looks[0]
        return os.stat_result(found, {name: getattr(real(fd), name) for name in ("st_mtime_ns", "st_ctime_ns")})

    return fstat


@pytest.mark.parametrize(
    ("call", "number", "error", "says"),
    [
        ("fsync", errno.ENOSPC, WriteFailed, "no space left .* Make room"),
        ("write", errno.EDQUOT, WriteFailed, "no space left"),
        ("write", errno.EROFS, WriteFailed, "read-only file system"),
        ("fchmod", errno.EACCES, NotOurs, "It is your own: chmod"),
        ("rename", errno.EBUSY, NotOurs, "mount point"),
        ("fsync", errno.EIO, WriteFailed, "The store is as it was"),
    ],
)
def test_a_write_that_fails_leaves_nothing_behind(
    path: Path, call: str, number: int, error: type[StoreError], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    monkeypatch.setattr(os, call, raising(number))
    with pytest.raises(error, match=says):
        update(path)
    monkeypatch.undo()
    assert path.read_bytes() == before and beside(path) == []


def test_a_directory_of_another_user_that_takes_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    said = not_written(str(path), PermissionError(errno.EACCES, "Permission denied"))
    assert "Run as its owner: sudo -u" in str(said)


def test_a_directory_where_no_lock_can_be_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StoreLock, "_acquire", raising(errno.ENOSPC))
    with pytest.raises(WriteFailed, match="no space left"):
        update(path)
    assert beside(path) == []


def test_a_version_written_meanwhile_is_what_the_edit_is_made_from(path: Path) -> None:
    runs: list[int] = []

    def mutate(draft: StoreDraft) -> None:
        if not runs:
            replace_store(path, {KEY: entry(count=41), "new": entry()})
        runs.append(increment(draft))

    commit = update(path, mutate)
    assert runs == [1, 42]
    assert json.loads(path.read_bytes()) == {KEY: entry(count=42), "new": entry()}
    assert commit.proven and commit.rivals == () and beside(path) == []


def test_a_big_store_is_prepared_again_without_the_lock_and_under_it_at_last(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody replaces the store during every preparation that the lock does not keep them from."""
    locked: list[bool] = []

    def mutate(draft: StoreDraft) -> None:
        locked.append(lock_path(path).exists())
        increment(draft)
        if not locked[-1]:
            replace_store(path, {KEY: entry(count=100 * len(locked))})

    monkeypatch.setattr(store.commit, "SHORT_S", -1.0)
    update(path, mutate)
    assert locked == [False, False, False, False, True]
    assert count(path) == 401


def slipping_in(times: int, rival: Callable[[], None]) -> Callable[[str, str, int, int], Swap]:
    """The commit, with a writer that ignores the lock between our last look and our exchange."""
    left = [times]

    def commit(temp: str, path: str, base: int, ours: int) -> Swap:
        if left[0]:
            left[0] -= 1
            rival()
        return commit_by_exchange(temp, path, base, ours)

    return commit


def test_a_writer_without_the_lock_loses_nothing_and_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        store.commit,
        "commit_by_exchange",
        slipping_in(2, lambda: replace_store(path, {KEY: entry(count=count(path), rival=True)})),
    )
    commit = update(path)
    assert json.loads(path.read_bytes()) == {KEY: entry(count=1, rival=True)}
    assert len(commit.rivals) == 2 and commit.proven
    assert commit.notes == (
        "A writer that takes no lock replaced the store meanwhile; its version was put back first.",
    )
    assert beside(path) == []


def test_a_writer_that_never_stops_keeps_its_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def rival() -> None:
        written.append(len(written) + 100)
        replace_store(path, {KEY: entry(count=written[-1])})

    monkeypatch.setattr(store.commit, "commit_by_exchange", slipping_in(99, rival))
    with pytest.raises(Busy, match="takes no lock kept replacing the store, 4 times in a row"):
        update(path)
    assert count(path) == written[-1] and beside(path) == []


def test_a_store_removed_meanwhile_is_not_made_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.commit, "commit_by_exchange", slipping_in(1, path.unlink))
    with pytest.raises(Missing):
        update(path)
    assert not path.exists() and beside(path) == []


def test_without_an_exchange_the_result_is_called_unproven(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> Swap:
        raise ExchangeUnsupportedError(errno.EINVAL, "no exchange")

    monkeypatch.setattr(store.commit, "commit_by_exchange", unsupported)
    commit = update(path)
    assert count(path) == 1
    assert not commit.proven and any("cannot be known here" in note for note in commit.notes)
    assert beside(path) == []


def test_what_somebody_wrote_into_the_old_file_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_in_place() -> None:
        with path.open("a") as file:
            file.write("\n\n")

    monkeypatch.setattr(store.commit, "commit_by_exchange", slipping_in(1, write_in_place))
    commit = update(path)
    (kept,) = beside(path)
    assert (path.parent / kept).read_bytes().endswith(b"\n\n")
    assert any(kept in note for note in commit.notes)
    assert count(path) == 1


def test_a_content_that_changed_under_the_same_times_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def mutate(draft: StoreDraft) -> None:
        if not runs:
            path.write_bytes(path.read_bytes().replace(b'"count": 0', b'"count": 7'))
        runs.append(increment(draft))

    monkeypatch.setattr(store.commit, "_state", lambda status: (status.st_dev, status.st_ino, status.st_size))
    update(path, mutate)
    assert runs == [1, 8] and count(path) == 8


def test_a_lock_that_was_taken_from_us_starts_it_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, True, True, True])
    monkeypatch.setattr(StoreLock, "is_ours", property(lambda _: next(answers, True)))
    commit = update(path)
    assert commit.value == 1 and count(path) == 1


def test_a_lock_held_too_long_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.commit, "HOLD_LIMIT_S", -1.0)
    with pytest.raises(Busy, match="too long to hold the store lock"):
        update(path)
    assert count(path) == 0 and beside(path) == []


def test_the_lock_is_held_while_the_version_is_put_in_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(temp: str, store_path: str, base: int, ours: int) -> Swap:
        seen.append(json.loads(lock_path(path).read_bytes())["pid"])
        return commit_by_exchange(temp, store_path, base, ours)

    monkeypatch.setattr(store.commit, "commit_by_exchange", look)
    commit = update(path)
    assert seen == [os.getpid()]
    assert 0 < commit.lock_held_s < 5


def crashed(path: Path, role: str, token: str = "") -> Path:
    """The name a process that no longer runs would have used."""
    return Path(re.sub(r"\.\d+-\d+\.", ".4194303-1.", private_name(str(path), role, token)))


def test_what_a_crash_left_is_cleaned_up_and_a_rivals_version_is_kept(path: Path) -> None:
    unfinished, own, rival = (crashed(path, role) for role in ("new", "x", "y"))
    marker = crashed(lock_path(path), "lock")
    for leftover in (unfinished, own, rival, marker):
        leftover.write_text("left")
    replaced = own.rename(crashed(path, "tmp", f"1-{own.stat().st_ino}"))
    displaced = rival.rename(crashed(path, "tmp", "1-2"))
    running = Path(private_name(str(path), "new"))
    running.write_text("somebody works on it")
    commit = update(path)
    assert set(beside(path)) == {displaced.name, running.name}
    assert not replaced.exists()
    assert [note for note in commit.notes if str(displaced) in note]


def test_a_name_of_ours_says_whose_it_is(path: Path) -> None:
    name = parse_name(os.path.basename(private_name(str(path), "tmp", "11-22")))
    assert name is not None
    assert (name.target, name.pid, name.inodes, name.in_use) == (path.name, os.getpid(), frozenset({11, 22}), True)
    assert parse_name("sessions.json.48213.6f7c0c5e-0000-4000-8000-000000000000.tmp") is None


def test_an_entry_is_added(path: Path) -> None:
    commit = update(path, lambda draft: draft.__setitem__("agent:ops:main", entry(label="x")))
    assert json.loads(path.read_bytes())["agent:ops:main"] == entry(label="x")
    assert commit.edits == {"agent:ops:main": entry(label="x")}
    assert path.read_text() == encode(json.loads(path.read_bytes()))


def test_an_entry_is_replaced_by_its_differences(path: Path) -> None:
    commit = update(path, lambda draft: draft.__setitem__(KEY, entry(label="x")))
    assert set(commit.edits[KEY]) == {"label", "count"}
    assert json.loads(path.read_bytes())[KEY] == entry(label="x")


def test_the_draft_reads_every_entry(path: Path) -> None:
    def look(draft: StoreDraft) -> tuple[list[str], int, bool, bool]:
        draft["added"] = entry()
        return list(draft), len(draft), "other" in draft, "nobody" in draft

    assert update(path, look).value == ([KEY, "other", "added"], 3, True, False)


@pytest.mark.parametrize("broken", [None, "text", 1, []])
def test_an_entry_that_is_no_object_is_not_edited(tmp_path: Path, broken: Any) -> None:
    path = write_store(tmp_path / "sessions.json", {KEY: entry(count=0), "broken": broken})
    with pytest.raises(Damaged, match="broken"):
        update(path, lambda draft: draft["broken"])
    update(path)
    assert json.loads(path.read_bytes())["broken"] == broken


@pytest.mark.parametrize(
    "text",
    ["{'a': {}}", '{"a": {"x": 1, "x": 2}}', '{"a": {}, "a": {}}', '\ufeff{"a": {}}', '{"a": {/* c */}}', '{"a": {},}'],
)
def test_text_that_is_not_strict_is_not_edited(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sessions.json"
    path.write_text(text)
    with pytest.raises((NotStrict, Damaged)):
        update(path, lambda draft: draft["a"].update(y=1))
    assert path.read_text() == text and beside(path) == []


@given(
    before=st.dictionaries(KEYS, ENTRIES, min_size=1, max_size=6),
    changes=st.dictionaries(KEYS, st.dictionaries(FIELDS, VALUES, max_size=3), max_size=3),
)
def test_the_next_version_reads_back_as_wanted(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, JsonObject], changes: dict[str, JsonObject]
) -> None:
    path = write_store(tmp_path_factory.mktemp("commit") / "sessions.json", before)

    def mutate(draft: StoreDraft) -> None:
        for key, fields in changes.items():
            if key in draft:
                draft[key].update(fields)
            else:
                draft[key] = dict(fields)

    update(path, mutate)
    wanted: dict[str, JsonObject] = {
        key: {**before.get(key, {}), **changes.get(key, {})} for key in [*before, *changes]
    }
    assert same(json.loads(path.read_bytes()), wanted)  # type: ignore[arg-type]
    assert beside(path) == []
