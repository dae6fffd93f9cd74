"""Whatever slips in while a version is put in place: the newest rival version is on disk, and all are told."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import store.writing.exchange
from store.writing.exchange import ExchangeUnsupportedError, Swap, commit_by_exchange, exchange


class Rival:
    """A writer that ignores the lock: replaces the store by rename, each time with the next number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: list[str] = []

    def write(self) -> None:
        self.written.append(f"rival {len(self.written) + 1}")
        temp = self.path.with_suffix(".rival")
        temp.write_text(self.written[-1])
        os.rename(temp, self.path)


def commit(path: Path, schedule: list[int], monkeypatch: pytest.MonkeyPatch, rival: Rival) -> Swap:
    """Commit "ours" over "base"; before exchange number i the rival writes `schedule[i]` times."""
    path.write_text("base")
    temp = path.with_suffix(".tmp")
    temp.write_text("ours")
    turns = iter(schedule)

    def interrupted(left: str, right: str) -> None:
        for _ in range(next(turns, 0)):
            rival.write()
        exchange(left, right)

    monkeypatch.setattr(store.writing.exchange, "exchange", interrupted)
    with open(path) as base, open(temp) as ours:
        return commit_by_exchange(str(temp), str(path), base.fileno(), ours.fileno())


def test_nobody_interferes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store"
    assert commit(path, [], monkeypatch, Rival(path)) == Swap(True, ())
    assert path.read_text() == "ours"
    assert path.with_suffix(".tmp").read_text() == "base"


@given(schedule=st.lists(st.integers(0, 3), min_size=1, max_size=6).filter(lambda turns: turns[0] > 0))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_rival_version_is_on_disk_again(
    tmp_path_factory: pytest.TempPathFactory, schedule: list[int]
) -> None:
    path = tmp_path_factory.mktemp("exchange") / "store"
    rival = Rival(path)
    with pytest.MonkeyPatch.context() as monkeypatch:
        swap = commit(path, schedule, monkeypatch, rival)
    assert not swap.committed
    assert path.read_text() == rival.written[-1]
    newest = os.stat(path).st_ino
    assert newest in {met.st_ino for met in swap.rivals}
    assert len({met.st_ino for met in swap.rivals}) == len(swap.rivals)


def test_every_version_that_came_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store"
    rival = Rival(path)
    swap = commit(path, [1, 1, 1], monkeypatch, rival)
    assert len(swap.rivals) == 3
    assert path.read_text() == "rival 3"


def test_a_store_removed_meanwhile_comes_back_as_the_rival_left_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store"
    rival = Rival(path)
    real_pin = os.open

    def remove_then_open(name: str, flags: int, *rest: int) -> int:
        monkeypatch.setattr(os, "open", real_pin)
        path.unlink()
        return real_pin(name, flags, *rest)

    monkeypatch.setattr(os, "open", real_pin)
    path.write_text("base")
    temp = path.with_suffix(".tmp")
    temp.write_text("ours")
    with open(path) as base, open(temp) as ours:
        rival.write()
        monkeypatch.setattr(os, "open", remove_then_open)
        swap = commit_by_exchange(str(temp), str(path), base.fileno(), ours.fileno())
    assert not swap.committed
    assert path.read_text() == "rival 1"


def test_a_missing_store_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "ours").touch()
    with pytest.raises(FileNotFoundError):
        exchange(str(tmp_path / "ours"), str(tmp_path / "store"))
    assert os.listdir(tmp_path) == ["ours"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_that_cannot_exchange_is_told_apart(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object) -> int:
        ctypes.set_errno(number)
        return -1

    monkeypatch.setattr(store.writing.exchange, "_renameat2", lambda: refuse)
    with pytest.raises(ExchangeUnsupportedError):
        exchange("a", "b")
