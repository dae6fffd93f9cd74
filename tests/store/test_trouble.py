"""What else can go wrong while a store is written: the outcome says what is true, and nobody's version is lost."""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import store.commit
import store.writing.exchange
from store.commit import update_store
from store.edit import apply_edit
from store.entry.levels import SetField
from store.errors import Busy, StoreError, WriteFailed
from store.writing.draft import StoreDraft
from store.writing.exchange import ExchangeUnsupportedError, exchange
from store.writing.journal import Journal
from store.writing.lock import lock_path
from tests.support.stores import ALLOWED, beside, entry, replace_store, write_store

KEY = "agent:main:main"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions"
    folder.mkdir()
    return write_store(folder / "sessions.json", {KEY: entry(count=0)})


@pytest.fixture(autouse=True)
def sweep_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.commit, "_SWEPT", set())


def increment(draft: StoreDraft) -> None:
    count = draft[KEY]["count"]
    assert isinstance(count, int)
    draft[KEY]["count"] = count + 1


def count(path: Path) -> int:
    found: int = json.loads(path.read_bytes())[KEY]["count"]
    return found


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def before_exchange(monkeypatch: pytest.MonkeyPatch, *actions: Callable[[], object]) -> None:
    """Before each exchange of names, the next of these happens."""
    turns = iter(actions)

    def interrupted(left: str, right: str) -> None:
        next(turns, lambda: None)()
        exchange(left, right)

    monkeypatch.setattr(store.writing.exchange, "exchange", interrupted)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EMFILE])
def test_a_rivals_version_that_cannot_be_opened_is_put_back(
    path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(name: Any, flags: int, *mode: int, **more: Any) -> int:
        if str(name).endswith(".tmp") and not flags & os.O_CREAT:
            raise OSError(number, os.strerror(number))
        return real(name, flags, *mode, **more)

    def slip_in() -> None:
        replace_store(path, {KEY: entry(count=5, rival=True)})
        monkeypatch.setattr(os, "open", refuse)

    before_exchange(monkeypatch, slip_in)
    commit = update_store(path, increment, permit=ALLOWED)
    assert json.loads(path.read_bytes())[KEY] == entry(count=6, rival=True)
    assert len(commit.rivals) == 1 and beside(path) == []


def test_a_pipe_in_the_stores_place_is_put_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slip_in() -> None:
        path.unlink()
        os.mkfifo(path)

    before_exchange(monkeypatch, slip_in)
    with pytest.raises(StoreError, match="not a regular file"):
        update_store(path, increment, permit=ALLOWED)
    assert stat.S_ISFIFO(path.lstat().st_mode) and beside(path) == []


def test_a_rivals_version_that_cannot_be_put_back_is_kept_and_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    before_exchange(monkeypatch, lambda: replace_store(path, {KEY: entry(count=5)}), refuse)
    with pytest.raises(WriteFailed, match="another writer's version is kept as") as told:
        update_store(path, increment, permit=ALLOWED)
    (kept,) = beside(path)
    assert kept in str(told.value) and count(path.parent / kept) == 5 and count(path) == 1


def test_without_an_exchange_a_rename_that_fails_is_an_outcome(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> Any:
        monkeypatch.setattr(os, "rename", failing(errno.EBUSY))
        raise ExchangeUnsupportedError(errno.EINVAL, "no exchange")

    monkeypatch.setattr(store.commit, "commit_by_exchange", unsupported)
    with pytest.raises(StoreError, match="mount point"):
        update_store(path, increment, permit=ALLOWED)
    assert count(path) == 0 and beside(path) == []


def test_a_version_replaced_that_cannot_be_removed_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.unlink

    def refuse(name: str) -> None:
        if str(name).endswith(".tmp"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(name)

    monkeypatch.setattr(os, "unlink", refuse)
    commit = update_store(path, increment, permit=ALLOWED)
    (left,) = beside(path)
    assert commit.written and count(path) == 1
    assert any(left in note for note in commit.notes)


def test_a_write_in_place_within_one_tick_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_in_place() -> None:
        before = path.stat()
        with path.open("r+b") as file:
            file.write(path.read_bytes().replace(b'"count": 0', b'"count": 7'))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    before_exchange(monkeypatch, write_in_place)
    commit = update_store(path, increment, permit=ALLOWED)
    (kept,) = beside(path)
    assert count(path.parent / kept) == 7 and any(kept in note for note in commit.notes)


@pytest.mark.parametrize("grain_ns", [1_000_000_000, 2_000_000_000])
def test_the_time_moves_where_times_are_whole_seconds(
    path: Path, grain_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.utime

    def coarse(file: Any, *, ns: tuple[int, int]) -> None:
        real(file, ns=(ns[0] // grain_ns * grain_ns, ns[1] // grain_ns * grain_ns))

    soon = (int(time.time()) // 4 + 2) * 4_000_000_000
    real(path, ns=(soon, soon))
    monkeypatch.setattr(os, "utime", coarse)
    update_store(path, increment, permit=ALLOWED)
    assert path.stat().st_mtime_ns >= soon + 1_000_000


def _acl(*users: int) -> bytes:
    """`system.posix_acl_access` that lets these users read and write."""
    entries = [(0x01, 6, -1), *((0x02, 6, user) for user in users), (0x04, 0, -1), (0x10, 6, -1), (0x20, 0, -1)]
    return b"".join(
        [(2).to_bytes(4, "little")]
        + [
            tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + (who & 0xFFFFFFFF).to_bytes(4, "little")
            for tag, rights, who in entries
        ]
    )


ACL = "system.posix_acl_access"


def set_acl(path: Path, name: str, *users: int) -> None:
    try:
        os.setxattr(path, name, _acl(*users))
    except OSError as error:
        pytest.skip(f"no access lists here: {error}")


def test_who_may_read_the_store_by_an_access_list_still_may(path: Path) -> None:
    set_acl(path, ACL, 4711)
    before = os.getxattr(path, ACL)
    update_store(path, increment, permit=ALLOWED)
    assert os.getxattr(path, ACL) == before


def test_nobody_else_may_by_the_directorys_access_list(path: Path) -> None:
    set_acl(path.parent, "system.posix_acl_default", 4711)
    path.chmod(0o660)
    update_store(path, increment, permit=ALLOWED)
    assert ACL not in os.listxattr(path) and stat.S_IMODE(path.stat().st_mode) == 0o660


def test_an_access_list_that_cannot_be_given_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_acl(path, ACL, 4711)
    monkeypatch.setattr(os, "setxattr", failing(errno.EPERM))
    with pytest.raises(StoreError, match="access list"):
        update_store(path, increment, permit=ALLOWED)
    assert count(path) == 0 and beside(path) == []


def test_a_directory_link_that_leads_elsewhere_meanwhile(path: Path, tmp_path: Path) -> None:
    """The lock taken in one directory says nothing about the store of another."""
    link, other = tmp_path / "link", tmp_path / "other"
    other.mkdir()
    write_store(other / path.name, {KEY: entry(count=50)})
    link.symlink_to(path.parent)
    turned: list[bool] = []

    def mutate(draft: StoreDraft) -> None:
        increment(draft)
        if lock_path(path).exists() and not turned:
            pytest.fail("prepared under the lock before anything changed")

    real = store.commit._Update._check_turn

    def turn(self: Any, *given: Any) -> None:
        if not turned:
            turned.append(True)
            link.unlink()
            link.symlink_to(other)
        real(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.commit._Update, "_check_turn", turn)
        update_store(link / path.name, mutate, permit=ALLOWED)
    assert (count(path), count(other / path.name)) == (0, 51)
    assert beside(path) == beside(other / path.name) == []


def test_a_directory_closed_meanwhile_is_an_outcome(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a normal user would find it; root enters any directory, so the look itself is refused here."""
    real, looks = os.lstat, []

    def closed(name: Any, **more: Any) -> os.stat_result:
        if os.fspath(name) == str(path) and lock_path(path).exists():
            looks.append(name)
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        return real(name, **more)

    monkeypatch.setattr(os, "lstat", closed)
    with pytest.raises((Busy, StoreError)):
        update_store(path, increment, permit=ALLOWED)
    monkeypatch.undo()
    assert looks and count(path) == 0 and beside(path) == []


@pytest.mark.parametrize("text", ['{"%s": {"label": "a",},}', '\ufeff{"%s": {"label": "a"}}'])
def test_a_dry_run_refuses_what_a_write_would_refuse(path: Path, text: str) -> None:
    path.write_text(text % KEY, encoding="utf-8")
    results = [
        apply_edit(path, KEY, [SetField("label", "b")], None, permit=ALLOWED, dry_run=dry) for dry in (True, False)
    ]
    assert [(result.outcome, result.reason) for result in results] == [("refused", results[1].reason)] * 2


def test_a_dry_run_refuses_a_symbolic_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "sessions.json"
    link.symlink_to(path)
    result = apply_edit(link, KEY, [SetField("label", "b")], None, permit=ALLOWED, dry_run=True)
    assert result.outcome == "refused" and "symbolic link" in result.reason


def test_an_edit_overwritten_at_once_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store.commit._flush_directory

    def overwrite(folder: str) -> None:
        replace_store(path, {KEY: entry(label="theirs")})
        real(folder)

    monkeypatch.setattr(store.commit, "_flush_directory", overwrite)
    result = apply_edit(path, KEY, [SetField("label", "mine")], None, permit=ALLOWED)
    assert result.outcome == "applied" and "no longer stands: label" in result.reason


def test_an_edit_that_stands_in_a_newer_version_is_no_alarm(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store.commit._flush_directory

    def go_on(folder: str) -> None:
        replace_store(path, {KEY: entry(label="mine", count=9)})
        real(folder)

    monkeypatch.setattr(store.commit, "_flush_directory", go_on)
    result = apply_edit(path, KEY, [SetField("label", "mine")], None, permit=ALLOWED)
    assert result.outcome == "applied" and "no longer stands" not in result.reason


def test_a_journal_that_is_a_pipe_stops_no_edit(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "edits.jsonl")
    commit = update_store(path, increment, permit=ALLOWED, journal=Journal(tmp_path))
    assert commit.written and [note for note in commit.notes if note.startswith("Written, but not journalled")]


def test_a_journal_that_links_to_the_store_is_not_written(path: Path, tmp_path: Path) -> None:
    (tmp_path / "edits.jsonl").symlink_to(path)
    commit = update_store(path, increment, permit=ALLOWED, journal=Journal(tmp_path))
    assert commit.written and [note for note in commit.notes if note.startswith("Written, but not journalled")]
    assert count(path) == 1


def test_a_directory_from_which_nothing_can_be_removed_is_an_outcome(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an append-only directory: a file can be made there, and neither renamed nor removed."""
    monkeypatch.setattr(os, "rename", failing(errno.EPERM))
    monkeypatch.setattr(os, "unlink", failing(errno.EPERM))
    with pytest.raises(StoreError, match="Not written"):
        update_store(path, increment, permit=ALLOWED)
    assert count(path) == 0


@pytest.mark.parametrize("text", [" " * 5000 + '{"%s": {}}', '{"%s": {"n": ' + "9" * 5000 + "}}"])
def test_any_strict_text_is_edited(path: Path, text: str) -> None:
    path.write_text(text % KEY)
    result = apply_edit(path, KEY, [SetField("label", "b")], None, permit=ALLOWED)
    assert result.outcome == "applied" and b'"label":' in path.read_bytes()
