from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import Missing, Unreadable
from store.openclaw import paths
from store.openclaw.config import read_config
from store.openclaw.databases import beside
from store.openclaw.paths import StorePath, databases, discover, normal_agent, resolve, state_dir, user_state_dir


def make_store(state: Path, agent: str = "main") -> Path:
    path = state / "agents" / agent / "sessions" / "sessions.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    return path


def make_database(state: Path, version: int, *tables: str) -> Path:
    path = state / "agents" / "main" / "agent" / "openclaw-agent.sqlite"
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        for table in tables:
            connection.execute(f"CREATE TABLE {table} (session_key TEXT)")
    connection.close()
    return path


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home)}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "{home}/.openclaw"),
        ({"OPENCLAW_STATE_DIR": "~/x"}, "{home}/x"),
        ({"OPENCLAW_STATE_DIR": "  "}, "{home}/.openclaw"),
        ({"CLAWDBOT_STATE_DIR": "/old"}, "/old"),
        ({"OPENCLAW_STATE_DIR": "/new", "CLAWDBOT_STATE_DIR": "/old"}, "/new"),
        ({"OPENCLAW_HOME": "~/other"}, "{home}/other/.openclaw"),
        ({"OPENCLAW_HOME": "/srv/claw", "OPENCLAW_STATE_DIR": "~/s"}, "/srv/claw/s"),
        ({"OPENCLAW_STATE_DIR": "~user/s"}, f"{os.getcwd()}/~user/s"),
    ],
)
def test_state_dir_is_found_as_openclaw_finds_it(env: dict[str, str], said: dict[str, str], expected: str) -> None:
    assert state_dir(env | said) == Path(expected.format(home=env["HOME"]))


def test_a_legacy_directory_counts_only_while_the_new_one_is_missing(env: dict[str, str]) -> None:
    home = Path(env["HOME"])
    (home / ".moltbot").mkdir()
    assert state_dir(env) == home / ".moltbot"
    (home / ".clawdbot").mkdir()
    assert state_dir(env) == home / ".clawdbot"
    (home / ".openclaw").mkdir()
    assert state_dir(env) == home / ".openclaw"


def test_discover_lists_every_agent_by_name(tmp_path: Path, env: dict[str, str]) -> None:
    ops, coder = make_store(tmp_path, "ops"), make_store(tmp_path, "coder")
    (tmp_path / "agents" / "idle" / "sessions").mkdir(parents=True)
    assert discover(env, tmp_path) == [StorePath(coder, "coder", tmp_path), StorePath(ops, "ops", tmp_path)]
    assert discover(env, tmp_path, "OPS") == [StorePath(ops, "ops", tmp_path)]


def test_session_store_with_a_placeholder_names_one_file_per_agent(tmp_path: Path, env: dict[str, str]) -> None:
    config = "{ // JSON5\n session: { store: '~/s/{agentId}.json' }, agents: { list: [{ id: 'Coder' }] }, }"
    (tmp_path / "openclaw.json").write_text(config)
    (tmp_path / "agents" / "main").mkdir(parents=True)
    stores = Path(env["HOME"]) / "s"
    stores.mkdir()
    for agent in ("main", "coder"):
        (stores / f"{agent}.json").write_text("{}")
    assert [(store.path, store.agent) for store in discover(env, tmp_path)] == [
        (stores / "coder.json", "coder"),
        (stores / "main.json", "main"),
    ]


def test_session_store_without_a_placeholder_is_shared_by_all_agents(tmp_path: Path, env: dict[str, str]) -> None:
    shared = tmp_path / "all.json"
    shared.write_text("{}")
    make_store(tmp_path / "state")
    (tmp_path / "state" / "openclaw.json").write_text(json.dumps({"session": {"store": str(shared)}}))
    assert discover(env, tmp_path / "state", "coder") == [StorePath(shared, "", tmp_path / "state")]


def test_config_path_speaks_for_the_state_dir_of_the_environment_only(tmp_path: Path, env: dict[str, str]) -> None:
    elsewhere = tmp_path / "c.json"
    elsewhere.write_text(json.dumps({"meta": {"lastTouchedVersion": "2026.3.2"}}))
    env |= {"OPENCLAW_CONFIG_PATH": str(elsewhere), "OPENCLAW_STATE_DIR": str(tmp_path / "mine")}
    assert paths.load_config(tmp_path / "mine", env).release == "2026.3.2"
    assert paths.load_config(tmp_path / "other", env).release == ""


@pytest.mark.parametrize("content", [b"{ session: ", b"\xff\xfe", b"[]", b"", b"[" * 100_000, b'{"session": 3}'])
def test_a_broken_configuration_is_a_sentence_and_the_stores_are_still_found(
    tmp_path: Path, env: dict[str, str], content: bytes
) -> None:
    path = make_store(tmp_path)
    (tmp_path / "openclaw.json").write_bytes(content)
    assert [store.path for store in discover(env, tmp_path)] == [path]
    problem = read_config(tmp_path / "openclaw.json").problem
    assert ("\n" not in problem and str(tmp_path) in problem) or content == b'{"session": 3}'


def test_a_missing_configuration_is_no_problem(tmp_path: Path) -> None:
    assert read_config(tmp_path / "openclaw.json").problem == ""


def test_no_store_says_where_it_looked_and_what_to_do(env: dict[str, str]) -> None:
    with pytest.raises(Missing) as caught:
        discover(env)
    assert str(caught.value) == (
        "No session store under ~/.openclaw (looked for agents/*/sessions/sessions.json). "
        "Name one: clobberwatch PATH. To try it: clobberwatch demo"
    )


@pytest.mark.parametrize("inside", ["", "agents/coder", "agents/coder/sessions", "agents/coder/sessions/sessions.json"])
def test_a_store_can_be_named_by_file_or_by_any_directory_above(
    tmp_path: Path, env: dict[str, str], inside: str
) -> None:
    path = make_store(tmp_path, "coder")
    assert resolve([str(tmp_path / inside)], env) == [StorePath(path, "coder", tmp_path)]


def test_a_file_elsewhere_has_no_agent_and_no_state_dir(tmp_path: Path, env: dict[str, str]) -> None:
    path = tmp_path / "copy.json"
    path.write_text("{}")
    assert resolve([str(path), f"{tmp_path}/./copy.json"], env) == [StorePath(path, "", None)]


def test_nothing_named_means_the_discovered_ones(env: dict[str, str]) -> None:
    path = make_store(Path(env["HOME"]) / ".openclaw")
    assert [store.path for store in resolve([], env)] == [path]


@pytest.mark.parametrize("name", ["nowhere.json", "no\0thing", "x" * 5000, "file/below"])
def test_a_path_that_is_not_there_is_missing(tmp_path: Path, env: dict[str, str], name: str) -> None:
    (tmp_path / "file").write_text("{}")
    with pytest.raises(Missing, match="No session store at"):
        resolve([str(tmp_path / name)], env)


def test_an_empty_sessions_directory_is_missing_its_store(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "agents" / "main" / "sessions").mkdir(parents=True)
    with pytest.raises(Missing, match=r"looked for sessions\.json"):
        resolve([str(tmp_path / "agents" / "main" / "sessions")], env)


def test_a_database_that_holds_the_sessions_is_the_store(tmp_path: Path, env: dict[str, str]) -> None:
    database = make_database(tmp_path, 19, "session_nodes")
    store = StorePath(database, "main", tmp_path)
    assert discover(env, tmp_path) == [store]
    sessions = database.parent.parent / "sessions"
    sessions.mkdir()
    for named in (tmp_path, database, database.parent, database.parent.parent, sessions, sessions / "sessions.json"):
        assert resolve([str(named)], env) == [store]


def test_a_json_file_left_behind_gives_way_to_a_database_with_sessions(tmp_path: Path, env: dict[str, str]) -> None:
    file, database = make_store(tmp_path), make_database(tmp_path, 19, "session_nodes")
    assert [store.path for store in discover(env, tmp_path)] == [file], "nothing was migrated yet"
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO session_nodes VALUES ('agent:main:main')")
    connection.close()
    assert [store.path for store in discover(env, tmp_path)] == [database]
    assert [store.path for store in resolve([str(file)], env)] == [file], "what is named is shown"
    assert databases(StorePath(file, "main", tmp_path)) == [database]
    assert databases(StorePath(database, "main", tmp_path)) == []


def test_files_and_databases_of_several_agents(tmp_path: Path, env: dict[str, str]) -> None:
    file, database = make_store(tmp_path, "ops"), make_database(tmp_path, 19, "session_nodes")
    assert discover(env, tmp_path) == [StorePath(database, "main", tmp_path), StorePath(file, "ops", tmp_path)]


def test_a_path_from_the_configuration_names_the_databases_beside_it(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "openclaw.json").write_text(json.dumps({"session": {"store": str(tmp_path / "all.json")}}))
    made = make_database(tmp_path, 23, "session_nodes")
    own = [
        made.rename(tmp_path / "all.sqlite"),
        Path(shutil.copy(tmp_path / "all.sqlite", tmp_path / "all.ops.sqlite")),
    ]
    assert [store.path for store in discover(env, tmp_path)] == own


def test_a_database_that_cannot_be_looked_into_unseen_is_the_store_where_there_is_no_file(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = make_database(tmp_path, 19, "session_nodes")
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert [store.path for store in discover(env, tmp_path)] == [database]
    file = make_store(tmp_path)
    assert [store.path for store in discover(env, tmp_path)] == [file]
    assert not any(path.exists() for path in beside(database))


@pytest.mark.parametrize(("version", "table"), [(1, "auth_profile_store"), (1, "session_nodes"), (19, "cache_entries")])
def test_an_agent_database_without_sessions_is_no_store(
    tmp_path: Path, env: dict[str, str], version: int, table: str
) -> None:
    make_database(tmp_path, version, table)
    with pytest.raises(Missing):
        discover(env, tmp_path)


def test_a_closed_directory_is_unreadable_not_empty(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store(tmp_path)

    def closed(path: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "lstat", closed)
    with pytest.raises(Unreadable, match="It is your own: chmod"):
        discover(env, tmp_path)
    with pytest.raises(Unreadable, match="It is your own: chmod"):
        resolve([str(tmp_path / "agents" / "main")], env)


def test_our_own_state_is_private(tmp_path: Path) -> None:
    directory = user_state_dir({"HOME": str(tmp_path), "XDG_STATE_HOME": "relative"})
    assert directory == tmp_path / ".local" / "state" / "clobberwatch"
    assert directory.stat().st_mode & 0o777 == 0o700
    assert user_state_dir({"XDG_STATE_HOME": str(tmp_path / "x")}) == tmp_path / "x" / "clobberwatch"


@given(st.text())
def test_an_agent_id_is_always_one_plain_path_part(name: str) -> None:
    agent = normal_agent(name)
    assert agent and agent == normal_agent(agent) and "/" not in agent and not agent.startswith(".")
