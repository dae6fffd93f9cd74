"""Editing a database that no gateway uses."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from store.edit import EditResult, RowEdit, apply_edit, apply_edits
from store.entry.delivery import ClearDelivery, Route, SetDelivery
from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel
from store.errors import Refused
from store.events import Changed, Loaded
from store.js import ABSENT, JsonObject
from store.sqlite import write
from store.sqlite.database import Database
from store.sqlite.users import writers_of
from store.sqlite.write import update_database
from store.watch import Watch
from store.writing.journal import Journal
from store.writing.own import OwnWrites
from store.writing.permit import Permit
from store.writing.process import start_time
from tests.support.databases import MAIN, entry, make_database, opened, put, text
from tests.support.watching import until

ALLOWED = Permit.allowed("the test says so", "database")
OPUS = SetModel("anthropic", "claude-opus-4-6")
NONE: dict[str, object] = {"kind": "none"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def database(state: Path) -> Path:
    path = state / "agents" / "main" / "agent" / "openclaw-agent.sqlite"
    return make_database(path, {MAIN: entry(label="one", delivery=NONE), "agent:main:cron:x": entry()})


def row(path: Path, key: str = MAIN) -> tuple[Any, ...]:
    with opened(path) as connection:
        query = "SELECT entry_json, updated_at, entry_valid, label FROM session_nodes WHERE session_key = ?"
        found: tuple[Any, ...] = connection.execute(query, (key,)).fetchone()
    return found


def edit(path: Path, *intents: Intent, seen: JsonObject | None = None, **options: Any) -> EditResult:
    return apply_edit(path, MAIN, intents, seen, permit=options.pop("permit", ALLOWED), **options)


def test_entry_time_mark_and_column_are_written_together(database: Path) -> None:
    result = edit(database, OPUS, SetField("label", "two"))
    assert (result.outcome, result.reason, result.proven) == ("applied", "", True)
    found, updated_at, valid, label = row(database)
    after = json.loads(found)
    assert after["modelOverride"] == "claude-opus-4-6" and after["modelOverrideRouteResolution"] == "resolved"
    assert updated_at == after["updatedAt"] > entry()["updatedAt"]
    assert (valid, label) == (1, "two")
    assert found == text(after), "compact, as the gateway writes it"
    assert list(after)[:4] == ["sessionId", "updatedAt", "label", "delivery"], "what was there keeps its place"


def test_other_rows_are_not_touched(database: Path) -> None:
    before = row(database, "agent:main:cron:x")
    edit(database, OPUS)
    assert row(database, "agent:main:cron:x") == before


def test_delivery_is_written_as_one_object_and_to_the_window(database: Path) -> None:
    with opened(database) as connection:
        connection.execute("CREATE TABLE session_windows (session_id TEXT, channel TEXT, account_id TEXT)")
        connection.execute("INSERT INTO session_windows VALUES (?, NULL, NULL), ('other', 'x', 'y')", (SESSION,))
    assert edit(database, SetDelivery(Route("telegram", "telegram:1", "work"))).outcome == "applied"
    assert json.loads(row(database)[0])["delivery"]["context"]["to"] == "telegram:1"
    assert windows(database) == [(SESSION, "telegram", "work"), ("other", "x", "y")]
    assert edit(database, ClearDelivery()).outcome == "applied"
    assert windows(database)[0] == (SESSION, None, None)


SESSION = "11111111-1111-4111-8111-111111111111"


def windows(path: Path) -> list[tuple[Any, ...]]:
    with opened(path) as connection:
        return connection.execute("SELECT * FROM session_windows").fetchall()


def test_the_same_outcomes_as_for_a_file(database: Path) -> None:
    seen = json.loads(row(database)[0])
    assert edit(database, SetField("label", "one"), seen=seen).outcome == "unchanged"
    with opened(database) as other:
        put(other, {MAIN: entry(label="one", delivery=NONE, status="done")})
    rebased = edit(database, OPUS, seen=seen)
    assert (rebased.outcome, rebased.rebased) == ("rebased", ("status",))
    conflict = edit(database, ClearModel(), seen=seen)
    assert (conflict.outcome, conflict.exit_code) == ("conflict", 3)
    assert "model is now anthropic/claude-opus-4-6, not not set" in conflict.reason
    assert edit(database, OPUS, expect={"label": "else"}).outcome == "conflict"
    missing = apply_edit(database, "agent:main:none", [OPUS], None, permit=ALLOWED)
    assert (missing.outcome, missing.exit_code) == ("unreadable", 6)
    assert edit(database, OPUS, permit=Permit.read_only("no")).outcome == "refused"
    assert edit(database, OPUS, permit=Permit.allowed("a file")).outcome == "refused"


def test_a_dry_run_writes_nothing(database: Path) -> None:
    before = row(database)
    result = edit(database, SetField("label", "two"), dry_run=True)
    assert result.outcome == "applied" and [change.field for change in result.changes] == ["label"]
    assert row(database) == before


def test_a_writer_in_between_is_waited_for_and_its_row_is_the_one_judged(database: Path) -> None:
    with opened(database) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE session_nodes SET label = 'theirs' WHERE session_key = ?", (MAIN,))
        results: list[EditResult] = []
        editor = threading.Thread(target=lambda: results.append(edit(database, OPUS)))
        write_began = threading.Event()
        editor.start()
        write_began.wait(0.05)
        assert editor.is_alive()
        other.execute("COMMIT")
        editor.join()
    assert results[0].outcome == "applied" and row(database)[3] == "theirs"


def test_a_writer_that_stays_makes_it_busy(database: Path) -> None:
    with opened(database) as other:
        other.execute("BEGIN IMMEDIATE")
        result = edit(database, OPUS, timeout=0.05)
    assert result.outcome == "busy" and "another process has been writing" in result.reason


def claim(state: Path, pid: int) -> None:
    locks = state / "tmp" / "openclaw-0"
    locks = state / "tmp" / f"openclaw-{state.stat().st_uid}"
    locks.mkdir(parents=True, exist_ok=True)
    payload = {"pid": pid, "createdAt": "2026-11-21T10:00:00.000Z", "configPath": str(state / "openclaw.json")}
    (locks / "gateway.state.lock").write_text(json.dumps({**payload, "startTime": start_time(pid)}))


@pytest.fixture
def process() -> Any:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        yield running
        running.communicate(b"\n")


def test_beside_a_gateway_nothing_is_written(database: Path, state: Path, process: Any) -> None:
    before = row(database)
    claim(state, process.pid)
    result = edit(database, OPUS)
    assert result.outcome == "refused"
    assert f"a gateway (pid {process.pid}) runs and keeps its sessions in memory" in result.reason
    assert row(database) == before


def test_a_gateway_that_starts_meanwhile_stops_the_write(database: Path, state: Path, process: Any) -> None:
    before = row(database)

    def mutate(draft: Any) -> None:
        draft[MAIN]["label"] = "two"
        claim(state, process.pid)

    with pytest.raises(Refused, match="keeps its sessions in memory"):
        update_database(database, mutate, permit=ALLOWED)
    assert row(database) == before


def test_a_gateway_that_starts_at_the_very_moment_is_told(
    database: Path, state: Path, process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit_then_claim(transaction: Any) -> None:
        transaction._connection.execute("COMMIT")
        claim(state, process.pid)

    monkeypatch.setattr(write._Transaction, "commit", commit_then_claim)
    result = edit(database, OPUS)
    assert result.outcome == "applied" and "A gateway started at that very moment" in result.reason


def test_whoever_has_it_open_for_writing_is_told(database: Path) -> None:
    code = "import sys; f = open(sys.argv[1], 'r+b'); g = open(sys.argv[1]); print('up', flush=True); input()"
    command = [sys.executable, "-c", code, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as user:
        assert user.stdout and user.stdout.readline()
        assert writers_of(database) == [user.pid]
        result = edit(database, OPUS)
        user.communicate(b"\n")
    assert result.outcome == "refused" and f"pid {user.pid} has" in result.reason
    assert writers_of(database) == []


def test_readers_do_not_matter(database: Path) -> None:
    code = "import sys; f = open(sys.argv[1]); print('up', flush=True); input()"
    command = [sys.executable, "-c", code, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as user, Database(database) as own:
        assert user.stdout and user.stdout.readline() and own.rows()
        assert edit(database, OPUS).outcome == "applied"
        user.communicate(b"\n")


@pytest.mark.parametrize("schema", [4, 14, 16, 31])
def test_a_schema_that_was_not_tried_is_not_written(tmp_path: Path, schema: int) -> None:
    path = make_database(tmp_path / "a.sqlite", {MAIN: entry()}, schema=schema)
    result = edit(path, OPUS)
    assert result.outcome == "refused" and f"has schema {schema}, and writing was tried with 19 to 23" in result.reason


@pytest.mark.parametrize(
    ("fields", "intent", "why"),
    [
        ({"updatedAt": 0}, OPUS, "waits to be reset"),
        ({"modelSelectionLocked": True}, OPUS, "has locked the model"),
        ({}, SetDelivery(Route("telegram", "telegram:1")), "no delivery of its own"),
    ],
)
def test_what_openclaw_would_not_do_is_refused(
    tmp_path: Path, fields: dict[str, object], intent: Intent, why: str
) -> None:
    path = make_database(tmp_path / "a.sqlite", {MAIN: {**entry(), **fields}})
    before = row(path)
    result = edit(path, intent)
    assert result.outcome == "refused" and why in result.reason
    assert row(path) == before


def test_text_that_could_not_be_written_again_is_left_alone(database: Path) -> None:
    with opened(database) as other:
        other.execute('UPDATE session_nodes SET entry_json = \'{"a": 1, "a": 2}\' WHERE session_key = ?', (MAIN,))
    result = edit(database, OPUS)
    assert result.outcome == "refused" and "not written as OpenClaw writes one" in result.reason


def test_sessions_are_neither_made_nor_renamed(database: Path) -> None:
    def add(draft: Any) -> None:
        draft["agent:main:new"] = entry()

    def rename(draft: Any) -> None:
        draft[MAIN]["sessionId"] = "another"

    with pytest.raises(Refused, match="cannot be made"):
        update_database(database, add, permit=ALLOWED)
    with pytest.raises(Refused, match="session id"):
        update_database(database, rename, permit=ALLOWED)


def test_a_failure_halfway_leaves_everything_as_it_was(database: Path) -> None:
    with opened(database) as other:
        other.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE OF entry_valid ON session_nodes WHEN NEW.entry_valid = 1 "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    before = row(database)
    result = edit(database, OPUS)
    assert result.outcome == "refused" and "would not take it" in result.reason
    assert row(database) == before


def test_every_row_of_one_update_or_none(database: Path) -> None:
    def both(draft: Any) -> None:
        for key in draft:
            draft[key]["label"] = "both"

    commit = update_database(database, both, permit=ALLOWED)
    assert commit.written and set(commit.edits) == {MAIN, "agent:main:cron:x"}
    assert {row(database, key)[3] for key in commit.edits} == {"both"}


def test_a_watch_knows_the_edit_as_ours_by_the_journal(database: Path, tmp_path: Path) -> None:
    journal, own, stop = Journal(tmp_path / "own"), OwnWrites(tmp_path / "own"), threading.Event()
    events = Watch([database], ours=own.wrote).events(stop)
    until(events, Loaded)
    result = edit(database, OPUS, journal=journal)
    changed, _ = until(events, Changed)
    assert changed.version.writer.how == "you" and changed.version.file == result.version
    (known,) = own.edits(database)
    assert known.changes["modelOverride"] == (ABSENT, "claude-opus-4-6")
    with opened(database) as gateway:
        put(gateway, {MAIN: entry(label="theirs")})
        assert until(events, Changed)[0].version.writer.how == "unknown"
    stop.set()
    list(events)


def test_a_journal_that_fails_does_not_stop_the_edit(database: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "own"
    blocked.write_text("")
    result = edit(database, OPUS, journal=Journal(blocked))
    assert result.outcome == "applied" and "not journalled" in result.reason


def test_an_edit_undone_at_once_is_told(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = write._Update._settle

    def settle_after_another(update: Any, connection: sqlite3.Connection, *rest: Any) -> None:
        with opened(database) as gateway:
            put(gateway, {MAIN: entry(delivery=NONE)})
        settle(update, connection, *rest)

    monkeypatch.setattr(write._Update, "_settle", settle_after_another)
    result = edit(database, OPUS)
    assert "was replaced again at once" in result.reason
    assert "Your edit no longer stands: model" in result.reason


def test_a_row_that_openclaw_has_locked_keeps_none_of_the_others_back(database: Path) -> None:
    with opened(database) as connection:
        put(connection, {"agent:main:locked": entry(modelSelectionLocked=True)})
    keys = (MAIN, "agent:main:locked", "agent:main:cron:x")
    results = apply_edits(database, [RowEdit(key, (OPUS,)) for key in keys], permit=ALLOWED)
    assert [result.outcome for result in results] == ["applied", "refused", "applied"]
    assert "locked the model" in results[1].reason
    assert [json.loads(row(database, key)[0]).get("modelOverride") for key in keys] == [OPUS.model, None, OPUS.model]
