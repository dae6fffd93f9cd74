"""Reading a file: one state of one file, or refused with a reason."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from store.errors import Missing, Torn, Unreadable
from store.text.read import VersionReader, open_store, read_store
from tests.support.strategies import store_text

TEXT = store_text({"agent:main:main": {"label": "x"}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.json"
    path.write_bytes(TEXT)
    return path


def test_an_open_store_keeps_its_content_when_it_is_replaced(path: Path) -> None:
    with open_store(path) as opened:
        path.with_suffix(".tmp").write_bytes(b"{}")
        path.with_suffix(".tmp").replace(path)
        assert os.pread(opened.descriptor, len(TEXT), 0) == TEXT
        assert opened.document.keys() == ["agent:main:main"]
    assert read_store(path).keys() == []


def test_missing_and_forbidden_stores_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Missing, match="no store at"):
        open_store(tmp_path / "nothing.json")
    with pytest.raises(Unreadable, match="not a regular file"):
        open_store(tmp_path)

    def denied(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "closed.json").write_bytes(TEXT)
    monkeypatch.setattr("store.text.read.os.open", denied)
    with pytest.raises(Unreadable, match=r"owner .*, mode 0[0-7]{3}.*It is your own: chmod"):
        open_store(tmp_path / "closed.json")


def test_a_file_that_changes_while_it_is_read_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pread
    rewrites = iter([b'{"a": {}}' + b" " * 99, TEXT])

    def pread(descriptor: int, size: int, offset: int) -> bytes:
        data = real(descriptor, size, offset)
        if (text := next(rewrites, None)) is not None:
            path.write_bytes(text)
            os.utime(path, ns=(1, len(text)))
        return data

    monkeypatch.setattr("store.text.read.os.pread", pread)
    assert read_store(path).keys() == ["agent:main:main"]


def test_a_file_that_never_holds_still_is_torn(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, count = os.pread, iter(range(1, 1000))

    def pread(descriptor: int, size: int, offset: int) -> bytes:
        data = real(descriptor, size, offset)
        os.utime(path, ns=(1, next(count)))
        return data

    monkeypatch.setattr("store.text.read.os.pread", pread)
    with pytest.raises(Torn):
        open_store(path, tries=3)


def test_a_refused_version_never_overwrites_the_last_good_one(path: Path) -> None:
    reader = VersionReader()
    descriptor = os.open(path, os.O_RDONLY)
    good, status = reader.read(descriptor, path)
    reader.keep()
    os.close(descriptor)
    path.write_bytes(b"half a st")
    for _ in range(3):
        descriptor = os.open(path, os.O_RDONLY)
        reader.read(descriptor, path)
        os.close(descriptor)
    assert bytes(good[: status.st_size]) == TEXT
