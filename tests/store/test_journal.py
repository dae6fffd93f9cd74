"""The record of our own writes."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest

import store.writing.lines
from store.commit import update_store
from store.events import FileId
from store.js import ABSENT
from store.writing.journal import Journal
from tests.support.stores import ALLOWED, entry, write_store

FILE = FileId(1, 2, 3, 4)


def test_an_edit_is_noted_before_and_after(tmp_path: Path) -> None:
    path = write_store(tmp_path / "sessions.json", {"a": entry(label="old", model="m")})
    journal = Journal(tmp_path / "state")

    def change(draft: dict[str, dict[str, object]]) -> None:
        draft["a"]["label"] = "new"
        del draft["a"]["model"]
        draft["a"]["fastMode"] = True

    commit = update_store(path, change, permit=ALLOWED, journal=journal)  # type: ignore[arg-type]
    intent, outcome = journal.records()
    assert intent["entries"] == {
        "a": {"label": {"old": "old", "new": "new"}, "model": {"old": "m"}, "fastMode": {"new": True}}
    }
    assert intent["temp"] == {
        "dev": commit.file.dev,
        "inode": commit.file.inode,
        "size": commit.file.size,
        "mtimeNs": commit.file.mtime_ns,
    }
    assert intent["store"] == str(path)
    assert (outcome["id"], outcome["outcome"]) == (intent["id"], "written")


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state")
    journal.intent("s", FILE, FILE, {}, {})
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_it_never_grows_beyond_two_files_of_its_limit(tmp_path: Path) -> None:
    journal = Journal(tmp_path, limit_bytes=2000)
    numbers = [journal.intent("s", FILE, FILE, {"k": {"f": ABSENT}}, {}) for _ in range(60)]
    kept = [record["id"] for record in journal.records()]
    assert kept == numbers[-len(kept) :]
    assert len(kept) >= 5
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 2


def test_a_line_that_a_crash_cut_short_hides_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    first = journal.intent("s", FILE, FILE, {}, {})
    with journal.path.open("ab") as file:
        file.write(b'{"kind": "inte\n')
    journal.outcome(first, "given up")
    assert [record["kind"] for record in journal.records()] == ["intent", "outcome"]


def test_a_journal_that_cannot_be_written_stops_no_edit(tmp_path: Path) -> None:
    path = write_store(tmp_path / "sessions.json", {"a": entry()})
    (tmp_path / "state").write_text("a file where the directory should be")
    commit = update_store(
        path, lambda draft: draft["a"].update(label="x"), permit=ALLOWED, journal=Journal(tmp_path / "state")
    )
    assert commit.written
    assert [note for note in commit.notes if note.startswith("Written, but not journalled")]


def test_no_records_without_a_file(tmp_path: Path) -> None:
    assert list(Journal(tmp_path / "nothing").records()) == []


@pytest.mark.parametrize("value", ["\ud83d", 1e21, None, {"deep": [1, {}]}])
def test_any_value_of_an_entry_can_be_noted(tmp_path: Path, value: object) -> None:
    journal = Journal(tmp_path)
    journal.intent("s", FILE, FILE, {"k": {"f": value}}, {"k": {"f": value}})  # type: ignore[dict-item]
    (record,) = journal.records()
    assert record["entries"] == {"k": {"f": {"old": value, "new": value}}}


def test_a_line_cut_short_by_a_full_disk_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, real = Journal(tmp_path), os.write

    def full(fd: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", raise_full)
        return real(fd, data[:10])

    def raise_full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="disk full"):
        journal.outcome("1", "written")
    monkeypatch.setattr(os, "write", real)
    journal.outcome("2", "written")
    assert [record["id"] for record in journal.records()] == ["2"]


def test_an_edit_does_not_wait_for_a_process_that_sits_on_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.writing.lines, "PATIENCE_S", 0.02)
    journal = Journal(tmp_path)
    journal.outcome("1", "written")
    with journal.path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OSError, match=r"keeps edits\.jsonl locked"):
            journal.outcome("2", "written")
