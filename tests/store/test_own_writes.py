"""What any process of this user's clobberwatch writes is known from the journal, as it grows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.events import FileId
from store.js import ABSENT, Edit, JsonObject
from store.writing import own
from store.writing.journal import Journal
from store.writing.own import OwnWrites

STORE = "/s/sessions.json"
KEY = "agent:main:main"
BASE = FileId(1, 10, 100, 1_790_000_000_000_000_000)
MODEL: Edit = {"providerOverride": "openai", "modelOverride": "gpt-5.2", "updatedAt": 1_790_000_001_000}
OLD: JsonObject = {"modelOverride": "opus", "updatedAt": 1_790_000_000_000}


def file(number: int) -> FileId:
    return FileId(1, number, 100, 1_790_000_000_000_000_000 + number)


def is_ours(writes: OwnWrites, put_in_place: FileId) -> bool:
    return writes.wrote(Path(STORE), put_in_place, 0.0, ())


def write(journal: Journal, number: int, edit: Edit = MODEL, *, outcome: str = "written", store: str = STORE) -> None:
    name = journal.intent(store, BASE, file(number), {KEY: edit}, {KEY: OLD})
    if outcome:
        journal.outcome(name, outcome)


def test_a_file_of_another_process_is_ours_from_the_moment_it_is_journalled(tmp_path: Path) -> None:
    writes = OwnWrites(tmp_path)
    assert not is_ours(writes, file(1))
    journal = Journal(tmp_path)
    write(journal, 1, outcome="")
    assert is_ours(writes, file(1)) and not is_ours(writes, file(2))
    write(journal, 2)
    assert is_ours(writes, file(1)) and is_ours(writes, file(2))


def test_a_file_that_cannot_be_journalled_is_ours_too(tmp_path: Path) -> None:
    writes = OwnWrites(tmp_path / "nowhere")
    writes.expect(file(1))
    assert is_ours(writes, file(1)) and not is_ours(writes, file(2))


def test_the_edits_that_were_written(tmp_path: Path) -> None:
    journal, writes = Journal(tmp_path), OwnWrites(tmp_path)
    write(journal, 1)
    write(journal, 2, outcome="")
    write(journal, 3, outcome="given up")
    write(journal, 4, {"label": "x"}, store="/other/sessions.json")
    write(journal, 5, {"outputTokens": 5})
    (edit,) = writes.edits(Path(STORE))
    assert (edit.key, edit.file, edit.stamp, edit.at) == (KEY, file(1), 1_790_000_001_000, 1_790_000_000.0)
    assert edit.changes == {"modelOverride": ("opus", "gpt-5.2"), "providerOverride": (ABSENT, "openai")}


def test_a_store_goes_by_each_of_its_names(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write(Journal(tmp_path), 1, store=str(tmp_path / "link" / "sessions.json"))
    (edit,) = OwnWrites(tmp_path).edits(tmp_path / "real" / "sessions.json")
    assert edit.store == tmp_path / "real" / "sessions.json"


def test_nothing_is_lost_when_the_journal_is_set_aside(tmp_path: Path) -> None:
    journal, writes = Journal(tmp_path, limit_bytes=2500), OwnWrites(tmp_path)
    for number in range(1, 30):
        write(journal, number)
        if number % 3:
            assert is_ours(writes, file(number))
    assert (tmp_path / "edits.jsonl.1").exists()
    assert all(is_ours(writes, file(number)) for number in range(1, 30))
    assert [edit.file.inode for edit in writes.edits(Path(STORE))] == list(range(1, 30))


def test_a_journal_begun_anew_does_not_bring_the_older_one_twice(tmp_path: Path) -> None:
    journal, writes = Journal(tmp_path, limit_bytes=2500), OwnWrites(tmp_path)
    for number in range(1, 8):
        write(journal, number)
    before = [edit.file for edit in writes.edits(Path(STORE))]
    journal.path.unlink()
    write(journal, 99)
    assert [edit.file for edit in writes.edits(Path(STORE))] == [*before, file(99)]


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"kind": "intent", "id": "x", "store": 5, "temp": {}, "entries": {}}\n',
        b'{"kind": "intent", "id": "x", "store": "/s/sessions.json", "temp": {"dev": "1"}, "entries": {}}\n',
        b'{"kind": "intent", "id": "x", "store": "/s/sessions.json", "temp": '
        b'{"dev": 1, "inode": 1, "size": 1, "mtimeNs": 1}, "entries": {"k": 5, "l": {"label": 7}}}\n'
        b'{"kind": "outcome", "id": "x", "outcome": "written"}\n',
        b'{"kind": "intent", "id": "cut sho',
        b"5\n[]\nnull\n",
    ],
)
def test_damaged_lines_are_passed_over(tmp_path: Path, damage: bytes) -> None:
    journal, writes = Journal(tmp_path), OwnWrites(tmp_path)
    write(journal, 1)
    with journal.path.open("ab") as out:
        out.write(damage)
    assert is_ours(writes, file(1))
    write(journal, 2)
    assert is_ours(writes, file(2))
    assert [edit.file for edit in writes.edits(Path(STORE))] == [file(1), file(2)]


def test_half_a_line_is_waited_for(tmp_path: Path) -> None:
    journal, writes = Journal(tmp_path), OwnWrites(tmp_path)
    write(journal, 1)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:100])
    assert not is_ours(writes, file(1))
    journal.path.write_bytes(whole)
    assert is_ours(writes, file(1))


def test_of_a_long_journal_the_end_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    for number in range(1, 40):
        write(journal, number)
    monkeypatch.setattr(own, "READ_BYTES", 3000)
    found = [edit.file.inode for edit in OwnWrites(tmp_path).edits(Path(STORE))]
    assert found == list(range(40 - len(found), 40)) and 3 < len(found) < 10


def test_an_edit_of_thousands_of_rows_is_known_to_the_next_process(tmp_path: Path) -> None:
    rows: dict[str, Edit] = {f"{KEY}:{number}": {**MODEL, "label": "x" * 200} for number in range(6000)}
    journal = Journal(tmp_path)
    journal.outcome(journal.intent(STORE, BASE, file(1), rows, dict.fromkeys(rows, OLD)), "written")
    assert journal.path.stat().st_size > 2_000_000
    writes = OwnWrites(tmp_path)
    assert is_ours(writes, file(1)) and len(writes.edits(Path(STORE))) == 6000


def test_what_is_no_regular_file_is_no_journal(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "edits.jsonl")
    writes = OwnWrites(tmp_path)
    assert not is_ours(writes, file(1)) and writes.edits(Path(STORE)) == []
    assert not is_ours(OwnWrites(tmp_path / "edits.jsonl"), file(1))
