"""`clobberwatch demo`: the dashboard on a simulated gateway that writes a temporary store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from store.gateway.rules import DEFAULT_RELEASE
from store.gateway.scenarios.catalogue import scenario_named
from store.gateway.scenarios.play import open_simulation
from store.js import JsonObject, encode
from store.openclaw.paths import STORE_NAME, StorePath
from tui.cli.dashboard import open_demo
from tui.demo.place import demo_directory

if TYPE_CHECKING:
    from tui.cli.options import Options

_STATE_HOME: Final = "XDG_STATE_HOME"


def run(options: Options) -> int:
    """Make the store, start the gateway, open the dashboard; nothing is left behind."""
    if options.scenario:
        scenario_named(options.scenario)
    seed = options.seed if options.seed is not None else time.time_ns()
    with demo_directory() as directory, own_state(directory / "state"):
        store = make_store(directory, seed)
        with gateway(store.path, seed, options.scenario) as process:
            assert process.stdin is not None
            return open_demo([store], options.scenario, Asking(process.stdin), calm=options.calm)


class Asking:
    """The way to the simulated gateway."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def __call__(self, line: str) -> None:
        """Have it read this line; one that is gone is asked in vain."""
        with suppress(OSError):
            self._pipe.write(f"{line}\n".encode())
            self._pipe.flush()


def make_store(directory: Path, seed: int) -> StorePath:
    """The demo's store and the configuration beside it, in a directory of their own."""
    store = open_simulation(directory / STORE_NAME, seed)
    config: JsonObject = {"meta": {"lastTouchedVersion": DEFAULT_RELEASE}, "session": {"store": str(store)}}
    descriptor = os.open(directory / "openclaw.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(encode(config))
    return StorePath(store, "", directory)


@contextmanager
def own_state(directory: Path) -> Iterator[None]:
    """Drafts, journal and acknowledged findings of the demo are no affair of the user's own ones."""
    before = os.environ.get(_STATE_HOME)
    os.environ[_STATE_HOME] = str(directory)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_STATE_HOME]
        else:
            os.environ[_STATE_HOME] = before


@contextmanager
def gateway(store: Path, seed: int, scenario: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """The simulated gateway, as long as the block lasts; it ends too when this process is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.demo.gateway", str(store), str(seed), *([scenario] if scenario else [])],
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
