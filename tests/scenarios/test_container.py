"""A holder inside a container: the pid in its lock means nothing out here, and its lock must not be broken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import store.writing.lock
from store.commit import update_store
from store.errors import NoSafeWrite
from store.writing.lock import lock_path
from tests.support.stores import ALLOWED, entry, write_store
from tests.support.writers import ROOT

pytestmark = pytest.mark.heavy

CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
HOLD = """
import subprocess, sys
subprocess.run(["true"])  # so that the holder is not pid 2, which a process out here may have as well
sys.exit(subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2]]).returncode)
"""
INSIDE = """
import os, sys
from store.writing.lock import hold
with hold(sys.argv[1]):
    sys.stdout.write(f"{os.getpid()}\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store.writing.lock, "_GHOSTS", {})
    return write_store(tmp_path / "sessions.json", {"a": entry()})


@pytest.fixture
def inner_pid(path: Path) -> Iterator[int]:
    try:
        subprocess.run([*CONTAINER, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no pid namespace may be made here")
    command = [*CONTAINER, sys.executable, "-c", HOLD, INSIDE, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


def test_its_live_lock_is_not_broken(path: Path, inner_pid: int) -> None:
    marker = json.loads(lock_path(path).read_text())
    assert marker["pid"] == inner_pid
    with pytest.raises(NoSafeWrite, match=f"pid {inner_pid} lives in another container"):
        update_store(path, lambda draft: draft["a"].update(label="x"), permit=ALLOWED)
    assert json.loads(lock_path(path).read_text()) == marker
