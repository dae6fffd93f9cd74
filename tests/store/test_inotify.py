from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.watching import inotify
from store.watching.inotify import Inotify


@pytest.fixture
def watcher() -> Iterator[Inotify]:
    instance = Inotify()
    yield instance
    instance.close()


def test_both_halves_of_a_rename_carry_the_same_cookie(watcher: Inotify, tmp_path: Path) -> None:
    watch = watcher.add(str(tmp_path))
    (tmp_path / "temp é").write_bytes(b"x")
    os.rename(tmp_path / "temp é", tmp_path / "sessions.json")
    *_, old, new = watcher.read()
    assert (old.mask, old.name) == (inotify.MOVED_FROM, "temp é".encode())
    assert (new.mask, new.name) == (inotify.MOVED_TO, b"sessions.json")
    assert old.cookie == new.cookie != 0
    assert old.watch == new.watch == watch


def test_unread_renames_are_not_merged(watcher: Inotify, tmp_path: Path) -> None:
    watcher.add(str(tmp_path))
    for _ in range(200):
        (tmp_path / "temp").touch()
        os.rename(tmp_path / "temp", tmp_path / "sessions.json")
    assert sum(event.mask == inotify.MOVED_TO for event in watcher.read()) == 200


def test_reading_does_not_wait(watcher: Inotify, tmp_path: Path) -> None:
    watcher.add(str(tmp_path))
    assert watcher.read() == []


def test_one_directory_by_two_names_is_one_watch(watcher: Inotify, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert watcher.add(str(tmp_path / "real")) == watcher.add(str(tmp_path / "link"))


def test_a_removed_watch_is_silent(watcher: Inotify, tmp_path: Path) -> None:
    watcher.remove(watcher.add(str(tmp_path)))
    (tmp_path / "x").touch()
    assert [event.mask for event in watcher.read()] == [inotify.IGNORED]


@pytest.mark.parametrize(("name", "error"), [("missing", errno.ENOENT), ("file", errno.ENOTDIR)])
def test_what_is_no_directory_is_an_error_with_its_name(
    watcher: Inotify, tmp_path: Path, name: str, error: int
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=name) as caught:
        watcher.add(str(tmp_path / name))
    assert caught.value.errno == error


def test_importing_the_watch_imports_no_watchfiles_and_no_screen() -> None:
    heavy = ("watchfiles", "asyncio", "textual", "orjson", "filelock")
    code = f"import sys, store.watch; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
