"""The past of a database: recordings and older copies of it, which are told from each other and left as they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO, Any

import pytest

from store.errors import Unreadable, UsageError
from store.past.files import belongs_to, copied, is_recording, old_files
from store.recording.recorder import Recorder
from tests.support.databases import MAIN, entry, make_database, opened, put, text
from tui.__main__ import main


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path / "agents" / "main" / "agent" / "openclaw-agent.sqlite", {MAIN: entry(label="one")})


def copy_of(database: Path) -> Path:
    copy = database.with_name(f"{database.name}.bak")
    shutil.copyfile(database, copy)
    return copy


def test_a_copy_of_a_database_is_no_recording_and_nothing_is_made_beside_it(database: Path) -> None:
    copy = copy_of(database)
    before = set(os.listdir(copy.parent))
    assert not is_recording(copy)
    file, texts = copied(copy, {})
    assert texts == {MAIN: text(entry(label="one")).encode()} and file.size == copy.stat().st_size
    assert set(os.listdir(copy.parent)) == before
    assert belongs_to(copy, {database: [MAIN]}) == database


def test_what_lies_beside_it_is_found_without_opening_what_belongs_to_it(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, recording = copy_of(database), database.with_name("incident.rec")
    Recorder(recording, [database]).close()
    touched: list[str] = []
    real = open

    def noted(path: Path, mode: str) -> IO[Any]:
        touched.append(path.name)
        return real(path, mode)

    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="two")})
        monkeypatch.setattr("store.past.files.open", noted, raising=False)
        found = old_files(database)
    assert {old.path for old in found} == {copy, recording}
    assert not [name for name in touched if name.startswith(database.name) and name != copy.name]


def test_the_store_itself_is_not_its_own_past(database: Path) -> None:
    with pytest.raises(UsageError, match="open here already"):
        belongs_to(database, {database: [MAIN]})


def test_a_database_of_another_program_is_no_past(tmp_path: Path, database: Path) -> None:
    other = tmp_path / "cookies.db"
    with opened(other) as connection:
        connection.execute("CREATE TABLE cookies (x)")
    with pytest.raises(Unreadable, match="neither a recording nor a whole session store"):
        belongs_to(other, {database: [MAIN]})


def test_a_report_of_a_database_tells_what_its_copies_imply(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = copy_of(database)
    os.utime(copy, (1_771_000_000, 1_771_000_000))
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="two")})
    assert main(["report", str(database)]) == 0
    told = capsys.readouterr().out
    assert "label" in told and "one" in told and "two" in told
