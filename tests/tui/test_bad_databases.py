"""A database that is in a bad way: one sentence, an exit code, and a dashboard that keeps what it had."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from store.js import JsonObject
from store.openclaw.databases import beside
from store.openclaw.paths import StorePath
from store.openclaw.release import discipline
from store.sqlite.database import Database
from tests.support.databases import MAIN, make_database, opened, put
from tests.support.kinds import Database as Kept
from tests.support.live_app import dashboard, keys, see, until
from tests.support.stores import entry, write_store
from tui.__main__ import main
from tui.app import ClobberwatchApp

UNREADABLE = 6
OTHERS = {f"agent:main:cron:{number}": entry(label="x" * 3000) for number in range(60)}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setitem(cast("dict[str, object]", Database.__init__.__kwdefaults__), "patience", 0.05)
    made = Kept(tmp_path / "state")
    made.put_all({MAIN: entry(label="mine"), **OTHERS})
    return made


def corrupt(path: Path) -> None:
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode = delete")
    with open(path, "r+b") as file:
        file.seek(4096 * 8)
        file.write(os.urandom(4096 * 30))


def no_database(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def credentials(path: Path) -> None:
    path.unlink()
    make_database(path, {}, schema=1)


def changed_beyond_recognition(path: Path) -> None:
    with opened(path) as connection:
        connection.execute("PRAGMA user_version = 31")
        connection.execute("ALTER TABLE session_nodes RENAME COLUMN entry_json TO entry_blob")


def in_the_middle_of_a_migration(path: Path) -> None:
    with opened(path) as connection:
        connection.execute("ALTER TABLE session_nodes RENAME TO session_nodes_old")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (corrupt, "is damaged"),
        (no_database, "is damaged"),
        (empty, "holds no sessions"),
        (credentials, "Name the sessions.json instead"),
        (changed_beyond_recognition, "has schema 31; this version knows 4 to 23 and misses entry_json"),
        (in_the_middle_of_a_migration, "openclaw doctor"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    kept: Kept, harm: Callable[[Path], None], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(kept.path)
    for verb in (["list"], ["show", MAIN], ["set", MAIN, "label=x"]):
        assert main([*verb, "--store", str(kept.path)]) == UNREADABLE
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 1) and told in err
    assert main(["doctor", str(kept.path)]) == UNREADABLE
    assert told in capsys.readouterr().out


@pytest.fixture
def locked(kept: Kept) -> Iterator[sqlite3.Connection]:
    with opened(kept.path) as repair:
        repair.execute("PRAGMA journal_mode = delete")
        repair.execute("BEGIN EXCLUSIVE")
        yield repair


def test_one_that_is_locked_as_a_whole_is_told_and_read_again(
    kept: Kept, locked: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", str(kept.path)]) == UNREADABLE
    assert "another process keeps the whole database locked" in capsys.readouterr().err
    locked.execute("ROLLBACK")
    assert main(["list", str(kept.path)]) == 0


def test_one_that_is_being_written_is_read_as_it_was(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(kept.path) as gateway:
        gateway.execute("BEGIN IMMEDIATE")
        gateway.execute("UPDATE session_nodes SET entry_json = '{}'")
        assert main(["list", "--where", "label:mine", str(kept.path)]) == 0
    assert MAIN in capsys.readouterr().out


def test_a_schema_newer_than_any_that_was_tried_is_read_and_not_written(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(kept.path) as connection:
        connection.execute("PRAGMA user_version = 31")
    assert main(["list", "--where", "label:mine", str(kept.path)]) == 0
    assert main(["set", MAIN, "label=x", "--store", str(kept.path)]) == 5
    assert "has schema 31, and writing was tried with 19 to 23 only" in capsys.readouterr().err
    assert main(["doctor", str(kept.path)]) == 0
    assert f"writes    Not written: {kept.path} has schema 31, and writing was tried" in capsys.readouterr().out
    assert discipline(StorePath(kept.path, "main", None)).line() == "NO WRITES"
    assert kept.entry(MAIN)["label"] == "mine"


def test_both_stores_present(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    """A stray `sessions.json` is ignored by OpenClaw; a database without a row was not migrated to yet."""
    file = kept.path.parents[1] / "sessions" / "sessions.json"
    file.parent.mkdir()
    write_store(file, {MAIN: {"sessionId": "1", "label": "left behind"}})
    state = str(kept.path.parents[3])
    assert main(["list", "--where", "label:mine", "--state-dir", state]) == 0
    assert MAIN in capsys.readouterr().out
    assert main(["list", str(file)]) == 0
    assert f"keeps the sessions in {kept.path} by now and ignores {file}" in capsys.readouterr().err
    assert main(["set", MAIN, "label=x", "--store", str(file)]) == 5
    assert f"clobberwatch {kept.path}" in capsys.readouterr().err
    with opened(kept.path) as connection:
        put(connection, dict.fromkeys([MAIN, *OTHERS]))
    assert main(["list", "--where", "label:behind", "--state-dir", state]) == 0
    assert MAIN in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"label": "by hand"}, "! The row is refused by OpenClaw (written past it): openclaw doctor --fix."),
        ({"pendingTranscriptRepair": [{"id": "1"}] * 12}, "! 12 replies are not in the transcript yet: until then no"),
        (
            {"delivery": {"kind": "none"}, "lastTo": "7"},
            "! nothing reads these beside delivery (openclaw doctor --fix)",
        ),
    ],
)
async def test_what_is_wrong_with_a_row_is_said_where_it_is_opened(kept: Kept, change: JsonObject, told: str) -> None:
    kept.put_all(dict.fromkeys(OTHERS))
    if "label" in change:
        with opened(kept.path) as editor:
            editor.execute("UPDATE session_nodes SET entry_json = replace(entry_json, 'mine', 'by hand')")
    else:
        kept.put(MAIN, entry(**change))
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        await keys(pilot, "6", "enter")
        await see(pilot, told)


async def test_the_dashboard_keeps_what_it_had_and_takes_what_is_put_in_its_place(kept: Kept) -> None:
    async with dashboard(kept.path, discipline=kept.discipline) as pilot:
        await see(pilot, "61 entries")
        kept.spoil()
        await see(pilot, "STORE UNREADABLE")
        await see(pilot, "61 entries")
        backup = make_database(kept.path.with_name("backup"), {MAIN: entry(label="restored"), **OTHERS})
        for log in beside(kept.path):
            log.unlink(missing_ok=True)
        os.replace(backup, kept.path)
        app = cast("ClobberwatchApp", pilot.app)
        await until(pilot, lambda: b"restored" in (app.dashboard.raw(kept.path, MAIN) or b""))
        await see(pilot, "1:all 61")
