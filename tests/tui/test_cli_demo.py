"""`demo`: a believable store, traffic with losses in it, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from store.entry.delivery import agrees, torn_route
from store.gateway.rules import DEFAULT_RELEASE
from store.gateway.scenarios.sessions import make_entries
from store.js import encode
from store.openclaw.paths import StorePath, user_state_path
from store.openclaw.release import discipline
from store.summary import EntrySummary, summarise
from tests.support.pty_screen import PtyScreen
from tui.__main__ import main
from tui.cli import demo
from tui.cli.options import parse_options
from tui.demo.place import MARK, remove_dead

ROOT = Path(__file__).parents[2]
KEY = "agent:main:telegram:group:-1001987654321:topic:42"


def test_the_store_is_a_believable_one() -> None:
    rows = [summarise(key, encode(entry).encode()) for key, entry in make_entries(Random(1), 10**12).items()]
    assert len(rows) == 38
    assert {row.parts.agent for row in rows} == {"main", "coder", "ops"}
    assert {row.route.channel for row in rows} >= {"telegram", "whatsapp", "slack", "discord", "signal", "webchat"}
    assert {row.parts.kind for row in rows} >= {"main", "group", "direct", "channel", "thread", "subagent", "cron"}
    assert {row.override.source for row in rows if row.override} == {"user", "auto", "default", "old"}
    assert [row.key for row in rows if not _leads_where_the_key_says(row)] == [
        "agent:main:whatsapp:direct:+12065550142"
    ]
    assert not any(torn_route(entry) for entry in make_entries(Random(1), 10**12).values())


def _leads_where_the_key_says(row: EntrySummary) -> bool:
    return row.key_route is None or agrees(row.route, row.key_route)


def test_the_demos_store_is_under_a_release_that_locks(tmp_path: Path) -> None:
    found = discipline(demo.make_store(tmp_path, 1))
    assert (found.kind, found.release) == ("locked", DEFAULT_RELEASE)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def test_the_gateway_writes_within_two_seconds_and_ends_with_the_dashboard(tmp_path: Path) -> None:
    store = demo.make_store(tmp_path, 1).path
    before = store.stat().st_ino
    with demo.gateway(store, 1) as process:
        assert wait_until(lambda: store.stat().st_ino != before, 2.0)
    assert process.returncode == 0
    assert store.exists(), "a directory that is not the demo's own is left alone"


def test_the_gateway_survives_a_ctrl_c_that_is_not_for_it(tmp_path: Path) -> None:
    store = demo.make_store(tmp_path, 1).path
    with demo.gateway(store, 1) as process:
        before = store.stat().st_ino
        assert wait_until(lambda: store.stat().st_ino != before, 5.0)
        process.send_signal(signal.SIGINT)
        before = store.stat().st_ino
        assert wait_until(lambda: store.stat().st_ino != before, 5.0)


STARTED = """
import sys, time
from tui.cli import demo
from tui.demo.place import demo_directory
with demo_directory() as directory, demo.gateway(demo.make_store(directory, 1).path, 1) as process:
    print(process.pid, directory, flush=True)
    time.sleep(60)
"""


@contextmanager
def a_demo(parent: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A demo in a process of its own: that process, its gateway's pid, its directory."""
    env = os.environ | {"TMPDIR": str(parent)}
    with subprocess.Popen([sys.executable, "-c", STARTED], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env) as app:
        assert app.stdout
        pid, directory = app.stdout.readline().split()
        store = Path(directory, "sessions.json")
        before = store.stat().st_ino
        assert wait_until(lambda: store.stat().st_ino != before, 10.0)
        try:
            yield app, int(pid), Path(directory)
        finally:
            app.kill()


def test_the_gateway_dies_and_tidies_up_when_the_dashboard_is_killed(tmp_path: Path) -> None:
    with a_demo(tmp_path) as (app, pid, directory):
        app.kill()
        assert wait_until(lambda: not directory.exists(), 5.0)
        assert wait_until(lambda: _is_gone(pid), 5.0)


def test_what_is_left_when_both_are_killed_is_removed_by_the_next_demo(tmp_path: Path) -> None:
    with a_demo(tmp_path) as (app, pid, directory):
        assert remove_dead(tmp_path) == [], "it lives"
        os.kill(pid, signal.SIGKILL)
        app.kill()
        app.wait()
    assert directory.exists()
    assert wait_until(lambda: remove_dead(tmp_path) == [directory], 5.0)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_demo_on_a_terminal_is_gone_without_a_trace_however_it_ends(tmp_path: Path, ending: signal.Signals) -> None:
    home = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tui", "demo", "--seed", "1"]
    with PtyScreen(command, env={**os.environ, **home}) as terminal:
        terminal.read_until(lambda lines: "38 entries" in lines[0] and "demo 1 of 5" in lines[20])
        assert len(os.listdir(tmp_path)) == 1
        terminal.process.send_signal(ending)
        assert wait_until(lambda: not os.listdir(tmp_path), 10.0)


def test_only_dead_demos_are_removed(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "clobberwatch-demo-notes", tmp_path / "somebody-else"
    for directory in (mine, theirs):
        directory.mkdir()
    (theirs / MARK).touch()
    (tmp_path / "clobberwatch-demo-link").symlink_to(theirs)
    (mine / "notes.txt").touch()
    assert remove_dead(tmp_path) == []
    assert (mine / "notes.txt").exists() and (theirs / MARK).exists()


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")
    except FileNotFoundError:
        return True


def test_demo_opens_the_dashboard_on_its_store_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def look(stores: Sequence[StorePath], scenario: str, ask: Callable[[str], None], *, calm: bool) -> int:
        store = stores[0].path
        seen.extend([len(json.loads(store.read_text())), scenario, user_state_path().parent.parent == store.parent])
        seen.append(calm)
        ask("copy")
        return 0

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", "/nowhere")
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(demo, "open_demo", look)
    assert demo.run(parse_options(["demo", "--calm", "--seed", "4"])) == 0
    assert seen == [38, "", True, True]
    assert os.listdir(tmp_path) == []
    assert os.environ["XDG_STATE_HOME"] == "/nowhere"


def test_a_scenario_can_be_asked_for_and_one_that_there_is_not_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse_options(["demo", "--scenario", "incident"]).scenario == "incident"
    assert main(["demo", "--scenario", "nonsense"]) == 2
    assert "there are stale-agent-handler, " in capsys.readouterr().err


def test_demo_without_a_terminal_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 2
    assert "needs a terminal" in capsys.readouterr().err
