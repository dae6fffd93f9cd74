"""Reading a big database again: what an index tells first, and that nothing it does not tell is left out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.sqlite import reader
from store.sqlite.database import Database
from store.sqlite.notices import Reading
from store.sqlite.reader import RowReader
from tests.support.databases import MAIN, entry, make_database, opened, put

QUIET, MOVED, GONE, NEW = (f"agent:main:{name}" for name in ("quiet", "moved", "gone", "new"))
LATER = 1_772_000_000_000


@pytest.fixture(autouse=True)
def every_database_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "GLANCE_FROM", 0)
    monkeypatch.setattr(reader, "HEAD_START_S", 0.0)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The main session was written last."""
    others = {key: entry() for key in (QUIET, MOVED, GONE)}
    return make_database(tmp_path / "openclaw-agent.sqlite", {MAIN: entry(updatedAt=LATER - 1), **others})


def readings(rows: RowReader, database: Database, *, anew: bool = False) -> Iterator[Reading]:
    """What is read after a commit, to the last slice."""
    yield rows.read(database, anew=anew)
    while rows.slice_due is not None:
        yield rows.read_slice(database)


def keys(rows: RowReader, database: Database, *, anew: bool = False) -> list[list[str]]:
    """What each reading found."""
    return [sorted(change.key for change in reading.changes) for reading in readings(rows, database, anew=anew)]


def test_rows_whose_time_moved_are_told_before_all_texts_are_read(database: Path) -> None:
    with Database(database) as connection, opened(database) as gateway:
        rows = RowReader()
        assert keys(rows, connection) == [[GONE, MAIN, MOVED, QUIET]]
        moved: dict[str, object] = {MOVED: entry(updatedAt=LATER), GONE: None, NEW: entry(updatedAt=LATER)}
        put(gateway, {QUIET: entry(label="x"), **moved})
        assert keys(rows, connection) == [[GONE, MOVED, NEW], [QUIET]]
        assert rows.rows == connection.rows()


def test_a_row_that_got_another_key_is_found_although_no_time_moved(database: Path) -> None:
    with Database(database) as connection, opened(database) as gateway:
        rows = RowReader()
        keys(rows, connection)
        put(gateway, {GONE: None, NEW: entry()})
        assert keys(rows, connection) == [[], [GONE, NEW]]
        assert rows.rows == connection.rows()


def test_what_comes_between_two_slices_is_told_first_and_all_texts_are_read_after_it(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "SLICE", 2)
    with Database(database) as connection, opened(database) as gateway:
        rows = RowReader()
        keys(rows, connection)
        put(gateway, {GONE: entry(label="x")})
        rows.read(connection, anew=False)
        assert rows.read_slice(connection).changes == ()
        put(gateway, {QUIET: entry(label="x"), MOVED: entry(updatedAt=LATER)})
        assert [key for key in keys(rows, connection) if key] == [[MOVED], [GONE], [QUIET]]


@pytest.mark.parametrize("back", [LATER - 1000, 1, -(1 << 62)])
def test_a_time_that_went_back_is_told_at_once(database: Path, back: int) -> None:
    with Database(database) as connection, opened(database) as gateway:
        rows = RowReader()
        keys(rows, connection)
        put(gateway, {MOVED: entry(updatedAt=back), QUIET: entry(updatedAt=back)})
        assert [change.key for change in rows.read(connection, anew=False).changes] == [MOVED, QUIET]


def test_the_row_written_last_is_compared_at_once(database: Path) -> None:
    with Database(database) as connection, opened(database) as gateway:
        rows = RowReader()
        keys(rows, connection)
        put(gateway, {MAIN: entry(updatedAt=LATER - 1, label="in the same millisecond")})
        assert [change.key for change in rows.read(connection, anew=False).changes] == [MAIN]


def test_all_texts_are_read_again_only_after_a_rest(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "REST", 1e9)
    with Database(database) as connection, opened(database) as gateway:
        rows = RowReader()
        keys(rows, connection)
        put(gateway, {QUIET: entry(label="x")})
        assert rows.read(connection, anew=False).changes == ()
        assert rows.slice_due is not None and rows.slice_due > time.monotonic() + 3600
        assert keys(rows, connection, anew=True) == [[QUIET]]


def test_many_rows_are_read_in_one_go(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LOOKED_UP", 1)
    with Database(database) as connection, opened(database) as gateway:
        rows = RowReader()
        keys(rows, connection)
        put(gateway, {key: entry(updatedAt=LATER) for key in (MOVED, GONE)} | {QUIET: entry(label="x")})
        assert keys(rows, connection) == [[GONE, MOVED, QUIET]]


def test_a_mark_of_openclaw_is_seen_when_all_texts_were_read(database: Path) -> None:
    with Database(database) as connection, opened(database) as editor:
        rows = RowReader()
        keys(rows, connection)
        editor.execute("UPDATE session_nodes SET entry_json = entry_json WHERE session_key = ?", (MAIN,))
        *_, last = readings(rows, connection)
        assert last.changes == () and list(last.flaws) == [MAIN]


@pytest.mark.parametrize("schema", [4, 19])
def test_without_an_index_of_the_times_all_texts_are_read(tmp_path: Path, schema: int) -> None:
    path = make_database(tmp_path / "other.sqlite", {MAIN: entry(), QUIET: entry()}, schema=schema)
    with opened(path) as gateway:
        if schema == 19:
            gateway.execute("DROP INDEX nodes_by_time")
        with Database(path) as connection:
            rows = RowReader()
            keys(rows, connection)
            put(gateway, {MAIN: entry(updatedAt=LATER), QUIET: entry(label="x")})
            assert keys(rows, connection) == [[MAIN, QUIET]]


ENTRIES = st.dictionaries(
    st.sampled_from("abcdefgh"), st.none() | st.tuples(st.text(max_size=3), st.integers(LATER, LATER + 2)), max_size=8
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(ENTRIES, max_size=5), big=st.booleans(), size=st.integers(1, 4), strange=st.booleans())
def test_nothing_is_left_out_and_nothing_told_twice(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[dict[str, tuple[str, int] | None]],
    big: bool,
    size: int,
    strange: bool,
) -> None:
    monkeypatch.setattr(reader, "GLANCE_FROM", 0 if big else 1e9)
    monkeypatch.setattr(reader, "SLICE", size)
    path = make_database(tmp_path_factory.mktemp("db") / "d.sqlite", {"a": entry()})
    rows, told = RowReader(), dict[str, bytes]()
    with Database(path) as connection, opened(path) as writer:
        for number, step in enumerate(steps):
            texts = {key: value and entry(label=value[0], updatedAt=value[1]) for key, value in step.items()}
            put(writer, texts)
            if strange:
                writer.execute(
                    "INSERT OR REPLACE INTO session_nodes (session_key, current_session_id, entry_json, updated_at) "
                    "VALUES (CAST(x'61ff' AS TEXT), 's', '{}', ?)",
                    (number,),
                )
            for reading in readings(rows, connection):
                for change in reading.changes:
                    assert told.get(change.key) == change.before != change.after
                    told[change.key] = change.after or b""
                told = {key: text for key, text in told.items() if text}
                assert reading.entries == len(told)
            assert told == rows.rows == connection.rows()
