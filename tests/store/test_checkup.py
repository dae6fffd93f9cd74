from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.checkup import Checkup, check_up
from store.openclaw.paths import StorePath
from store.writing.names import private_name
from tests.support import databases
from tests.support.stores import entry, write_store

GOOD = {"agent:main:main": entry(), "agent:ops:cron:x": entry()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "state" / "agents" / "main" / "sessions"
    folder.mkdir(parents=True)
    return write_store(folder / "sessions.json", GOOD)


def look(path: Path) -> Checkup:
    return check_up(StorePath(path, "main", path.parents[3]))


def rules(path: Path) -> list[str]:
    return [problem.rule for problem in look(path).problems]


@pytest.fixture
def dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


@pytest.fixture
def live_pid() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid


def lock(path: Path, pid: int | None, age: float) -> None:
    at = time.time() - age
    payload = {"pid": pid, "createdAt": datetime.fromtimestamp(at, UTC).isoformat()} if pid else {}
    file = path.with_name(path.name + ".lock")
    file.write_text(json.dumps(payload))
    os.utime(file, (at, at))


def beside(path: Path, name: str, age: float = 3600.0) -> Path:
    file = path.with_name(name)
    file.write_text("{}")
    os.utime(file, (time.time() - age, time.time() - age))
    return file


def test_a_store_with_nothing_wrong(path: Path) -> None:
    checkup = look(path)
    assert checkup.problems == () and checkup.unreadable == 0 and checkup.holder is None
    assert (checkup.entries, checkup.size) == (2, path.stat().st_size)


def test_looking_changes_nothing(path: Path) -> None:
    lock(path, None, 100)
    beside(path, "sessions.json.1.tmp")
    before = {item.name: (item.stat().st_ino, item.stat().st_mtime_ns) for item in path.parent.iterdir()}
    look(path)
    assert before == {item.name: (item.stat().st_ino, item.stat().st_mtime_ns) for item in path.parent.iterdir()}


def test_every_entry_is_looked_into_unless_another_agents(path: Path) -> None:
    write_store(path, {**GOOD, "agent:ops:cron:y": entry(modelOverride="x"), "agent:main:cron:z": []})
    assert [(problem.rule, problem.key) for problem in look(path).problems] == [
        ("torn-model", "agent:ops:cron:y"),
        ("invalid", "agent:main:cron:z"),
    ]
    own = check_up(StorePath(path, "main", None), wanted=lambda key: key.startswith("agent:ops:"))
    assert [problem.rule for problem in own.problems] == ["torn-model"]


@pytest.mark.parametrize("text", [b"", b'{"a": {"b"', b"\x00\x01", b"[]"])
def test_a_store_that_cannot_be_read(path: Path, text: bytes) -> None:
    path.write_bytes(text)
    checkup = look(path)
    assert [problem.rule for problem in checkup.problems] == ["unreadable"]
    assert checkup.entries is None and checkup.unreadable == 6


def test_one_broken_entry_is_the_whole_file_to_openclaw(path: Path) -> None:
    path.write_text('{\n  "agent:main:main": {\n    "a": nonsense\n  }\n}')
    (problem,) = look(path).problems
    assert problem.key == "agent:main:main" and "the whole file for an empty store" in problem.because


def test_keys_that_differ_in_case_only(path: Path) -> None:
    write_store(path, {**GOOD, "agent:main:slack:channel:C1": entry(), "agent:main:slack:channel:c1": entry()})
    assert rules(path) == ["twins", "twins"]


def test_what_is_shown_but_never_edited(path: Path) -> None:
    path.write_text("// mine\n" + path.read_text())
    assert rules(path) == ["not-strict"]


def test_a_link(path: Path) -> None:
    link = path.with_name("link.json")
    link.symlink_to(path)
    assert rules(link) == ["symbolic-link"]


def test_locks(path: Path, dead_pid: int, live_pid: int) -> None:
    lock(path, dead_pid, 1)
    assert rules(path) == ["stale-lock"]
    lock(path, live_pid, 2)
    checkup = look(path)
    assert checkup.problems == () and checkup.holder is not None and checkup.holder.pid == live_pid
    lock(path, live_pid, 100)
    assert rules(path) == ["long-lock"]
    lock(path, None, 1)
    assert rules(path) == []
    lock(path, None, 100)
    assert rules(path) == ["stale-lock"]


def test_files_that_crashed_writers_left(path: Path) -> None:
    beside(path, "sessions.json.48213.5d2e6c14-91d4.tmp")
    beside(path, ".sessions.json.5d2e6c14.tmp")
    beside(path, "sessions.json.new-one.tmp", age=1)
    beside(path, "sessions.json.bak.1771000000000")
    beside(path, "other.json.tmp")
    (problem,) = look(path).problems
    assert problem.rule == "leftovers" and problem.because.startswith("2 files (4 bytes)")


def test_files_of_our_own(path: Path, dead_pid: int) -> None:
    in_use = private_name(str(path), "new")
    Path(in_use).write_text("")
    assert rules(path) == []
    name = f"sessions.json.clobberwatch.me.{dead_pid}-1"
    beside(path, f"{name}.0123456789abcdef.new")
    assert rules(path) == ["leftovers"]
    beside(path, f"{name}.1-2.tmp")
    kept, left = look(path).problems
    assert (kept.rule, left.rule) == ("kept-version", "leftovers")


def test_a_configuration_that_cannot_be_used(path: Path) -> None:
    (path.parents[3] / "openclaw.json").write_text("{ nonsense")
    assert "config" in rules(path)


def test_a_release_without_a_lock_is_a_fact_and_no_problem(path: Path) -> None:
    (path.parents[3] / "openclaw.json").write_text('{"meta": {"lastTouchedVersion": "2026.6.6"}}')
    checkup = look(path)
    assert checkup.problems == () and checkup.discipline.kind == "unlocked"
    assert checkup.writes == "offline writes"


def test_a_database_is_looked_into_as_well(tmp_path: Path) -> None:
    wrong = {"delivery": {"kind": "external", "context": {"channel": "telegram", "to": "heartbeat"}}}
    rows = {"agent:main:main": databases.entry(), "agent:main:cron:x": databases.entry(**wrong)}
    path = databases.make_database(tmp_path / "openclaw-agent.sqlite", rows)
    checkup = check_up(StorePath(path, "main", None))
    assert [(problem.rule, problem.key) for problem in checkup.problems] == [("poisoned-route", "agent:main:cron:x")]
    assert checkup.entries == 2 and checkup.discipline.kind == "database"
