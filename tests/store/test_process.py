"""What is known about a process by its pid."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from store.writing.process import command_line, living_elsewhere, pid_alive, short_name, start_time


def test_this_process() -> None:
    assert pid_alive(os.getpid())
    assert os.path.basename(sys.executable).partition("3")[0] in command_line(os.getpid())
    assert living_elsewhere(os.getpid(), start_time(os.getpid())) is None


def test_a_dead_one() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert not pid_alive(process.pid)
    assert start_time(process.pid) is None and command_line(process.pid) == ""


def test_a_zombie_is_dead() -> None:
    with subprocess.Popen(["true"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.read() == b""
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not pid_alive(process.pid)


@pytest.mark.parametrize("pid", [0, -1, 2**40])
def test_numbers_that_are_no_pids(pid: int) -> None:
    assert not pid_alive(pid)


def test_a_later_process_has_a_later_start() -> None:
    before = start_time(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
        after = start_time(process.pid)
    assert before is not None and after is not None and before <= after


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("node /opt/openclaw/openclaw.mjs gateway run", "openclaw gateway"),
        (
            "/usr/bin/node --max-old-space-size=4096 /srv/node_modules/openclaw/dist/index.js gateway",
            "openclaw gateway",
        ),
        ("openclaw-gateway", "openclaw gateway"),
        ("openclaw sessions", "openclaw sessions"),
        ("/usr/bin/python3 /home/a/fix.py --now", "fix.py"),
        ("jq . sessions.json", "jq"),
        ("node", "node"),
        ("", ""),
    ],
)
def test_what_a_person_would_call_it(command: str, name: str) -> None:
    assert short_name(command) == name
