"""Reading a database: what stands in it, and what keeps it from being read, in words."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from store.errors import Damaged, Missing, Unreadable
from store.events import EntryChange
from store.openclaw.databases import beside
from store.sqlite.database import Database
from store.sqlite.document import read_database, row_text
from store.sqlite.trouble import in_words
from tests.support.databases import MAIN, entry, make_database, opened, put, text


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path / "openclaw-agent.sqlite", {MAIN: entry(label="one"), "agent:main:cron:x": entry()})


@pytest.mark.parametrize("schema", [4, 13, 14, 16, 19, 21, 23, 31])
def test_every_schema_that_holds_sessions_is_read(tmp_path: Path, schema: int) -> None:
    path = make_database(tmp_path / "openclaw-agent.sqlite", {MAIN: entry(label="x")}, schema=schema)
    document = read_database(path)
    assert document.keys() == [MAIN]
    assert document.raw(MAIN) == text(entry(label="x")).encode()
    assert row_text(path, MAIN) == document.raw(MAIN)
    assert row_text(path, "agent:main:none") is None


def test_a_schema_without_its_table_is_damage(tmp_path: Path) -> None:
    path = make_database(tmp_path / "openclaw-agent.sqlite", {}, schema=23)
    with opened(path) as connection:
        connection.execute("DROP TABLE session_nodes")
    with pytest.raises(Damaged, match="openclaw doctor"):
        Database(path)


def test_there_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        Database(tmp_path / "none.sqlite")


def test_a_file_that_may_not_be_read_says_whose_it_is(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(Unreadable, match="owner"):
        Database(database)


@pytest.mark.parametrize(
    ("user", "flags", "told"),
    [
        (4242, 0, "Run as its owner: sudo -u"),
        (None, 0, "Let yourself write there: chmod u+w"),
        (None, os.ST_RDONLY, "copy the database with its -wal, and name the copy"),
    ],
)
def test_a_folder_that_may_not_be_written_says_what_to_do(
    database: Path, monkeypatch: pytest.MonkeyPatch, user: int | None, flags: int, told: str
) -> None:
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    own = os.geteuid()
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK)
    monkeypatch.setattr(os, "geteuid", lambda: own if user is None else user)
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=flags))
    assert told in str(in_words(database, error))


def test_no_side_files_are_made_for_another_owner(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A -shm of another user's would keep the gateway from opening its own database."""
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Unreadable, match="would not be its owner's"):
        Database(database)
    assert not any(file.exists() for file in beside(database))


def test_a_reader_writes_nothing(database: Path) -> None:
    with Database(database) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("UPDATE session_nodes SET label = 'x'")


def test_a_writer_is_not_kept_waiting(database: Path) -> None:
    with Database(database) as reader, opened(database) as writer:
        writer.execute("PRAGMA busy_timeout = 0")
        assert reader.compared({}).entries == 2
        put(writer, {MAIN: entry(label="two")})
        assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0, "a reader held a checkpoint back"


def test_what_is_in_the_log_only_is_seen(database: Path) -> None:
    with opened(database) as writer:
        put(writer, {MAIN: entry(label="two")})
        assert read_database(database).raw(MAIN) == text(entry(label="two")).encode()


def test_a_change_that_leaves_updated_at_alone_is_found(database: Path) -> None:
    with Database(database) as reader, opened(database) as writer:
        rows = reader.rows()
        put(writer, {MAIN: entry(label="two")})
        before, after = text(entry(label="one")).encode(), text(entry(label="two")).encode()
        assert reader.compared(rows).changes == (EntryChange(MAIN, before, after),)


def test_data_version_moves_with_commits_of_others(database: Path) -> None:
    with Database(database) as reader, opened(database) as writer:
        first = reader.data_version()
        assert reader.data_version() == first
        writer.execute("INSERT INTO transcript_events VALUES ('s', 1, 'x')")
        assert reader.data_version() != first


def test_rows_that_openclaw_would_refuse_are_flagged(database: Path) -> None:
    with Database(database) as reader, opened(database) as writer:
        assert reader.flaws() == {}
        writer.execute("UPDATE session_nodes SET entry_json = '{}' WHERE session_key = ?", (MAIN,))
        assert "openclaw doctor --fix" in reader.flaws()[MAIN]
        writer.execute("UPDATE session_nodes SET entry_valid = -1 WHERE session_key = ?", (MAIN,))
        assert "found invalid" in reader.flaws()[MAIN]
        put(writer, {MAIN: entry()})
        writer.execute("INSERT INTO session_canonical_validation_pending VALUES (?)", (MAIN,))
        assert "waits for OpenClaw to check it" in reader.flaws()[MAIN]


def test_a_key_that_is_no_utf8_does_not_hide_the_others(database: Path) -> None:
    with opened(database) as writer:
        writer.execute(
            "INSERT INTO session_nodes (session_key, current_session_id, entry_json, updated_at) "
            "VALUES (CAST(x'61ff' AS TEXT), 's', '{}', 1)"
        )
    assert read_database(database).keys() == [MAIN, "agent:main:cron:x", "a\ufffd"]


def test_the_database_is_opened_by_another_process_meanwhile(database: Path) -> None:
    """Nothing this process does to the files may drop the locks it holds: a second writer must still see the reader."""
    code = (
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try:\n    c.execute('PRAGMA journal_mode = delete'); print('switched')\n"
        "except sqlite3.OperationalError as error:\n    print(error)\n"
    )
    with Database(database) as reader:
        reader.rows()
        read_database(database)
        done = subprocess.run([sys.executable, "-c", code, str(database)], capture_output=True, text=True, check=True)
    assert "locked" in done.stdout


def test_a_database_cut_in_place_while_it_is_read_ends_nothing_but_that_reading(tmp_path: Path) -> None:
    entries = {f"agent:main:{n}": entry(label="x" * 30_000) for n in range(200)}
    database = make_database(tmp_path / "openclaw-agent.sqlite", entries)

    class CutMeanwhile(dict[str, bytes]):
        def get(self, key: str, default: object = None) -> None:  # type: ignore[override]
            os.truncate(database, 8192)

    with Database(database) as reader, pytest.raises(Unreadable):
        reader.compared(CutMeanwhile())
