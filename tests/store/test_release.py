from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.entry.delivery import Route, SetDelivery
from store.entry.levels import SetField
from store.errors import NoSafeWrite, ReadOnly
from store.openclaw.paths import StorePath
from store.openclaw.release import NOT_LOOKED, Discipline, Kind, discipline, kind_of, write_permit
from store.remote.patch import permit_for
from store.writing.permit import Permit
from store.writing.process import start_time

WAIT = "import sys; print('up', flush=True); sys.stdin.read()"
StartGateway = Callable[..., "subprocess.Popen[bytes]"]


@pytest.mark.parametrize(
    ("release", "kind"),
    [
        ("2026.1.24", "unknown"),
        ("2026.1.29", "locked"),
        ("2026.2.6-3", "locked"),
        ("v2026.3.2", "locked"),
        ("2026.4.29", "locked"),
        ("2026.5.2", "unlocked"),
        ("2026.6.35", "unlocked"),
        ("2026.7.1-2", "unlocked"),
        ("2026.7.35", "unlocked"),
        ("2026.7.2-beta.1", "sqlite"),
        ("2026.8.1", "sqlite"),
        ("2027.1.1", "sqlite"),
        ("", "unknown"),
        ("main", "unknown"),
        ("2026.3", "unknown"),
    ],
)
def test_the_release_decides_the_discipline(release: str, kind: str) -> None:
    assert kind_of(release) == kind


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "tmp").mkdir()
    return {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}


@pytest.fixture
def store(tmp_path: Path) -> StorePath:
    path = tmp_path / "state" / "agents" / "main" / "sessions" / "sessions.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    return StorePath(path, "main", tmp_path / "state")


@pytest.fixture
def start_gateway(tmp_path: Path, env: dict[str, str]) -> Iterator[StartGateway]:
    """Start a process that looks like a gateway: `script` is what it runs, `claim` changes its lock file."""
    started: list[subprocess.Popen[bytes]] = []

    def start(script: str = "", code: str = WAIT, path: str = "", **claim: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, script] if script else [sys.executable, "-c", code]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": path}, cwd=env["TMPDIR"]
        )
        started.append(process)
        assert process.stdout and process.stdout.readline() == b"up\n"
        payload = {"pid": process.pid, "createdAt": "2026-11-21T10:00:00.000Z", "startTime": start_time(process.pid)}
        payload["configPath"] = str(tmp_path / "state" / "openclaw.json")
        locks = Path(env["TMPDIR"]) / f"openclaw-{os.geteuid()}"
        locks.mkdir(exist_ok=True)
        (locks / "gateway.0123abcd.lock").write_text(json.dumps(payload | claim))
        return process

    yield start
    for process in started:
        process.communicate()


def install(directory: Path, version: str) -> Path:
    """A package named openclaw; returns its script."""
    script = directory / "dist" / "entry.js"
    script.parent.mkdir(parents=True)
    script.write_text(WAIT)
    (directory / "package.json").write_text(json.dumps({"name": "openclaw", "version": version}))
    return script


def touch_config(store: StorePath, release: str) -> None:
    assert store.state_dir is not None
    (store.state_dir / "openclaw.json").write_text(json.dumps({"meta": {"lastTouchedVersion": release}}))


def make_session_database(store: StorePath, signed: str = "") -> StorePath:
    database = store.path.parent.parent / "agent" / "openclaw-agent.sqlite"
    database.parent.mkdir()
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 19")
        connection.execute("CREATE TABLE session_nodes (session_key TEXT)")
        if signed:
            connection.execute("CREATE TABLE schema_meta (meta_key TEXT, app_version TEXT)")
            connection.execute("INSERT INTO schema_meta VALUES ('primary', ?)", (signed,))
    connection.close()
    return StorePath(database, "main", store.state_dir)


def test_nothing_known_and_nothing_running_is_written_under_the_lock(store: StorePath, env: dict[str, str]) -> None:
    found = discipline(store, env)
    assert (found.kind, found.release, found.gateway_pid) == ("unknown", "", None)
    assert found.line() == "release unknown"
    write_permit(found).check()


def test_before_anybody_looked_nothing_is_written_and_nothing_is_claimed(store: StorePath, env: dict[str, str]) -> None:
    assert NOT_LOOKED.line() == "not known yet"
    with pytest.raises(NoSafeWrite, match="not known yet"):
        write_permit(NOT_LOOKED).check()
    assert discipline(store, env) != NOT_LOOKED


@pytest.mark.parametrize(
    ("release", "line"), [("2026.4.23", "locked writes"), ("2026.6.6", "offline writes"), ("2026.9.6", "NO WRITES")]
)
def test_the_configuration_tells_the_release_when_nothing_runs(
    store: StorePath, env: dict[str, str], release: str, line: str
) -> None:
    touch_config(store, release)
    found = discipline(store, env)
    assert (found.release, found.line()) == (release, line)
    assert "lastTouchedVersion" in found.how


def test_the_package_of_the_running_gateway_wins_over_the_configuration(
    tmp_path: Path, store: StorePath, env: dict[str, str], start_gateway: StartGateway
) -> None:
    touch_config(store, "2026.4.23")
    process = start_gateway(str(install(tmp_path / "lib" / "openclaw", "2026.6.6")))
    found = discipline(store, env)
    assert found == Discipline("unlocked", "2026.6.6", "script of the running gateway", process.pid)
    with pytest.raises(NoSafeWrite, match=rf"through the gateway \(pid {process.pid}\)"):
        write_permit(found).check()


def test_a_renamed_gateway_is_known_by_its_native_modules(
    tmp_path: Path, store: StorePath, env: dict[str, str], start_gateway: StartGateway
) -> None:
    modules = tmp_path / "lib" / "node_modules"
    install(modules / "openclaw", "2026.3.2")
    native = modules / "@scope" / "clipboard" / "clipboard.node"
    native.parent.mkdir(parents=True)
    native.write_bytes(b"\0" * 4096)
    start_gateway(code=f"import mmap; f = open({str(native)!r}, 'rb'); m = mmap.mmap(f.fileno(), 0, prot=1); {WAIT}")
    found = discipline(store, env)
    assert (found.kind, found.release, found.how) == ("locked", "2026.3.2", "native module of the running gateway")


@pytest.mark.parametrize(("touched", "kind"), [("", "locked"), ("2026.3.2", "locked"), ("2026.6.6", "unknown")])
def test_a_gateway_without_traces_is_known_by_the_installation_on_its_path(
    tmp_path: Path, store: StorePath, env: dict[str, str], start_gateway: StartGateway, touched: str, kind: str
) -> None:
    script = install(tmp_path / "lib" / "openclaw", "2026.4.23")
    script.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "openclaw").symlink_to(script)
    touch_config(store, touched)
    start_gateway(path=str(tmp_path / "bin"))
    found = discipline(store, env)
    assert found.kind == kind
    assert "PATH of the running gateway" in found.how


def test_a_package_replaced_since_the_gateway_began_says_nothing_about_it(
    tmp_path: Path, store: StorePath, env: dict[str, str], start_gateway: StartGateway
) -> None:
    script = install(tmp_path / "lib" / "openclaw", "2026.6.6")
    start_gateway(str(script))
    began = (script.parent.parent / "package.json").stat().st_ctime_ns - 1
    lock = next(Path(env["TMPDIR"]).glob("openclaw-*/gateway.*.lock"))
    os.utime(lock, ns=(began, began))
    found = discipline(store, env)
    assert (found.kind, found.release) == ("unknown", "")


def test_the_risk_beside_a_gateway_without_a_lock_is_taken_only_where_nothing_else_is_left() -> None:
    route, label = [SetDelivery(Route("telegram", "1"))], [SetField("label", "x")]
    running = write_permit(Discipline("unlocked", "2026.6.6", "test", 4711))
    refused = permit_for(running, route)
    assert refused.may_be_risked and refused.how == (
        "Not written: OpenClaw 2026.6.6 (pid 4711) is running, takes no lock and has no call for delivery."
    )
    risked = permit_for(running, route, at_risk=True)
    assert (risked.kind, risked.way, risked.risked) == ("allowed", "file", True)
    assert risked.caveat == "It may not hold: OpenClaw 2026.6.6 (pid 4711) is running and may write an older copy back."
    assert permit_for(running, label, at_risk=True) == running and not running.caveat
    unknown = write_permit(Discipline("unknown", "", "test", 4711))
    assert permit_for(unknown, label, at_risk=True).risked


@pytest.mark.parametrize(
    "permit",
    [
        write_permit(Discipline("unlocked", "2026.6.6", "test", 4711), read_only=True),
        write_permit(NOT_LOOKED),
        write_permit(Discipline("sqlite", "2026.9.6", "test")),
        write_permit(Discipline("database", "2026.9.6", "test", 4711)),
    ],
)
def test_no_risk_lifts_any_other_reason(permit: Permit) -> None:
    narrowed = permit_for(permit, [SetDelivery(Route("telegram", "1"))], at_risk=True)
    assert narrowed.kind != "allowed" and not narrowed.may_be_risked
    if permit.way == "gateway":
        assert "No risk can be taken instead" in narrowed.how


def test_an_unidentified_running_gateway_is_not_written_beside(
    store: StorePath, env: dict[str, str], start_gateway: StartGateway
) -> None:
    touch_config(store, "2026.4.23")
    process = start_gateway()
    found = discipline(store, env)
    assert (found.kind, found.gateway_pid, found.line()) == ("unknown", process.pid, "NO WRITES")
    with pytest.raises(NoSafeWrite, match="Stop it, edit, and start it again"):
        write_permit(found).check()


@pytest.mark.parametrize(("field", "release"), [("startedAt", "2026.1.29 to 2.12"), ("createdAt", "2026.2.17 to 4.29")])
def test_the_lock_payload_of_the_running_gateway_tells_its_era(
    store: StorePath, env: dict[str, str], start_gateway: StartGateway, field: str, release: str
) -> None:
    process = start_gateway()
    Path(f"{store.path}.lock").write_text(json.dumps({"pid": process.pid, field: 1}))
    found = discipline(store, env)
    assert (found.kind, found.release, found.line()) == ("locked", release, "locked writes")


def test_the_lock_payload_of_somebody_else_tells_nothing(
    store: StorePath, env: dict[str, str], start_gateway: StartGateway
) -> None:
    start_gateway()
    Path(f"{store.path}.lock").write_text(json.dumps({"pid": os.getpid(), "createdAt": 1}))
    assert discipline(store, env).kind == "unknown"


@pytest.mark.parametrize(
    "claim", [{"startTime": 1}, {"pid": 2**22 + 1}, {"pid": "1"}, {"configPath": "/elsewhere/openclaw.json"}]
)
def test_a_lock_file_of_a_dead_or_another_gateway_does_not_count(
    store: StorePath, env: dict[str, str], start_gateway: StartGateway, claim: dict[str, object]
) -> None:
    start_gateway(**claim)
    assert discipline(store, env).gateway_pid is None


def test_a_gateway_is_found_by_the_environment_it_was_started_with(
    tmp_path: Path, store: StorePath, env: dict[str, str], monkeypatch: pytest.MonkeyPatch, start_gateway: StartGateway
) -> None:
    process = start_gateway(configPath="/etc/openclaw.json")
    assert discipline(store, env).gateway_pid is None
    monkeypatch.setattr(
        "store.openclaw.running.process_environment", lambda pid: {"OPENCLAW_STATE_DIR": str(store.state_dir)}
    )
    assert discipline(store, env).gateway_pid == process.pid


def test_a_gateway_is_found_by_the_store_its_configuration_names(
    tmp_path: Path, env: dict[str, str], start_gateway: StartGateway
) -> None:
    shared = tmp_path / "shared.json"
    shared.write_text("{}")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "openclaw.json").write_text(json.dumps({"session": {"store": str(shared)}}))
    process = start_gateway()
    assert discipline(StorePath(shared, "", None), env).gateway_pid == process.pid


def test_a_session_database_wins_over_the_configuration(store: StorePath, env: dict[str, str]) -> None:
    touch_config(store, "2026.4.23")
    make_session_database(store)
    found = discipline(store, env)
    assert found.kind == "sqlite"
    with pytest.raises(NoSafeWrite, match=r"openclaw-agent\.sqlite and ignores this file"):
        write_permit(found).check()


def test_a_database_has_a_discipline_of_its_own(store: StorePath, env: dict[str, str]) -> None:
    database = make_session_database(store)
    found = discipline(database, env)
    assert (found.kind, found.release, found.gateway_pid, found.database) == ("database", "", None, database.path)
    touch_config(store, "2026.9.6")
    assert discipline(database, env).release == "2026.9.6"
    touch_config(store, "2026.4.23")
    assert discipline(database, env).release == "", "that one keeps no database"


def test_a_database_is_under_the_release_that_signed_it_unless_the_running_one_shows_another(
    store: StorePath, env: dict[str, str], tmp_path: Path, start_gateway: StartGateway
) -> None:
    touch_config(store, "2026.8.1")
    database = make_session_database(store, signed="2026.9.6")
    found = discipline(database, env)
    assert (found.release, found.how) == ("2026.9.6", "signed in the database; no gateway runs")
    process = start_gateway()
    found = discipline(database, env)
    assert (found.release, found.how, found.gateway_pid) == ("2026.9.6", "signed in the database", process.pid)
    running = start_gateway(str(install(tmp_path / "pkg", "2026.9.7")))
    found = discipline(database, env)
    assert (found.release, found.gateway_pid) == ("2026.9.7", running.pid)


@pytest.mark.parametrize("signed", ["2026.7.35", "2026.9.6-\x1b[31m", "main"])
def test_a_signature_no_release_with_a_database_would_make_says_nothing(
    store: StorePath, env: dict[str, str], signed: str
) -> None:
    assert discipline(make_session_database(store, signed), env).release == ""


def test_a_lock_file_in_the_state_directory_names_the_gateway(
    store: StorePath, env: dict[str, str], start_gateway: StartGateway
) -> None:
    """As since 2026.8.1: padded with blanks behind the JSON."""
    process = start_gateway()
    lock = next(Path(env["TMPDIR"]).glob("openclaw-*/gateway.*.lock"))
    assert store.state_dir is not None
    own = store.state_dir / "tmp" / lock.parent.name / "gateway.state.lock"
    own.parent.mkdir(parents=True)
    own.write_text(lock.read_text() + "\n\t\t \t ")
    lock.unlink()
    assert discipline(store, env).gateway_pid == process.pid


def test_what_takes_no_lock_is_written_only_while_it_does_not_run() -> None:
    stopped = write_permit(Discipline("unlocked", "2026.6.6", "test"))
    assert stopped.way == "file"
    stopped.check()
    running = write_permit(Discipline("unlocked", "2026.6.6", "test", 4711))
    with pytest.raises(NoSafeWrite, match=r"only written otherwise now: through the gateway \(pid 4711\)"):
        running.check()


@pytest.mark.parametrize("kind", ["unlocked", "database"])
def test_a_running_gateway_that_takes_no_lock_is_asked(kind: Kind, tmp_path: Path) -> None:
    running = Discipline(kind, "2026.9.6", "test", 4711, tmp_path / "a.sqlite")
    permit = write_permit(running)
    with pytest.raises(NoSafeWrite, match="only written otherwise"):
        permit.check("database")
    permit.check("gateway")
    assert permit.how == "through the gateway (pid 4711), model and levels only"
    assert running.line() == "model via gateway"
    assert write_permit(running, read_only=True).kind == "read-only"
    assert write_permit(Discipline("locked", "2026.3.2", "test", 4711)).way == "file"


def test_a_permit_is_for_one_way_of_writing(tmp_path: Path) -> None:
    permit = write_permit(Discipline("database", "2026.9.6", "test", None, tmp_path / "a.sqlite"))
    permit.check("database")
    with pytest.raises(NoSafeWrite, match="only written otherwise"):
        permit.check()


def test_read_only_comes_first() -> None:
    with pytest.raises(ReadOnly, match="--read-only"):
        write_permit(Discipline("locked", "2026.3.2", "test"), read_only=True).check()


def test_garbage_in_the_lock_directory_is_passed_over(store: StorePath, env: dict[str, str]) -> None:
    locks = Path(env["TMPDIR"]) / f"openclaw-{os.geteuid()}"
    locks.mkdir()
    for number, content in enumerate([b"", b"[]", b"\xff", b'{"pid": true, "configPath": "x"}', b'{"pid": 1}']):
        (locks / f"gateway.{number}.lock").write_bytes(content)
    (locks / "gateway.x.lock").mkdir()
    assert discipline(store, env).gateway_pid is None
