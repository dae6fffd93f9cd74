"""`clobberwatch demo`: the dashboard on a simulated gateway that writes a temporary store."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from store.gateway.scenarios.sessions import make_entries
from store.js import JsonObject, encode
from store.openclaw.paths import STORE_NAME, StorePath
from tui.cli.dashboard import open_dashboard
from tui.demo.gateway import DIRECTORY_PREFIX

if TYPE_CHECKING:
    from tui.cli.options import Options

RELEASE: Final = "2026.4.23"
"""The release the simulated gateway behaves like: one that takes the lock."""


def run(options: Options) -> int:
    """Make the store, start the gateway, open the dashboard; nothing is left behind."""
    seed = options.seed if options.seed is not None else time.time_ns()
    with tempfile.TemporaryDirectory(prefix=DIRECTORY_PREFIX, ignore_cleanup_errors=True) as directory:
        store = make_store(Path(directory), seed)
        with gateway(store.path, seed):
            return open_dashboard([store], demo=True)


def make_store(directory: Path, seed: int) -> StorePath:
    """The demo's store and the configuration beside it, in a directory of their own."""
    config: JsonObject = {"meta": {"lastTouchedVersion": RELEASE}, "session": {"store": str(directory / STORE_NAME)}}
    entries: JsonObject = {**make_entries(Random(seed), int(time.time() * 1000))}
    for name, content in (("openclaw.json", config), (STORE_NAME, entries)):
        descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(encode(content))
    return StorePath(directory / STORE_NAME, "", directory)


@contextmanager
def gateway(store: Path, seed: int) -> Iterator[subprocess.Popen[bytes]]:
    """The simulated gateway, as long as the block lasts; it ends too when this process is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.demo.gateway", str(store), str(seed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.communicate()
