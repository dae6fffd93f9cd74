"""A gateway as a process of its own, which writes what it is told to: a JSON line in, "done" out once it is on disk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final

from store.entry.routes import Route
from store.gateway import after_run, delivery_patch
from store.gateway.after_run import RunResult, Usage
from store.gateway.gateway import Gateway
from store.gateway.rules import Rules
from store.gateway.sessions_patch import Models, patch_session
from store.js import Json
from tests.support.stores import ALLOWED

ROOT: Final = Path(__file__).parents[2]
MODELS: Final = Models(default=("openai", "gpt-5.2-mini"))
RUN: Final = RunResult("openai", "gpt-5.2", 200_000, Usage(20_113, 2_306))


class GatewayProcess:
    """It has the right and the racy paths of a release, and takes the store's lock for all of them."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.support.gateway_process"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    @property
    def pid(self) -> int:
        """The writer that the dashboard can name."""
        return self._process.pid

    def choose(self, store: Path, key: str, **patch: Json) -> None:
        """Somebody sets something by a command in the chat."""
        self._do("choose", store, key, patch)

    def choose_during_a_run(self, store: Path, key: str, **patch: Json) -> None:
        """The same while a run is under way, which holds the copy that it began with."""
        self._do("choose during a run", store, key, patch)

    def end_the_run(self) -> None:
        """Its end writes that copy back."""
        self._tell("end")

    def reply(self, store: Path, key: str, channel: str, to: str) -> None:
        """A reply went there, and is noted as where the next one goes."""
        self._do("reply", store, key, {"channel": channel, "to": to})

    def _do(self, verb: str, store: Path, key: str, given: dict[str, Json]) -> None:
        self._tell(json.dumps([verb, str(store), key, given]))

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        assert self._process.stdout.readline() == "done\n"

    def __enter__(self) -> GatewayProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=20)


def _obey(verb: str, store: str, key: str, given: dict[str, str]) -> None:
    gateway = Gateway(Path(store), ALLOWED, Rules("2026.4.23"))
    match verb:
        case "choose":
            patch_session(gateway, key, given, MODELS)
        case "choose during a run":
            after_run.record_racy(gateway, key, RUN, lambda: _chosen_meanwhile(store, key, given))
        case _:
            delivery_patch.record(gateway, key, Route(given["channel"], given["to"], "default"))


def _chosen_meanwhile(store: str, key: str, given: dict[str, str]) -> None:
    _obey("choose", store, key, given)
    _done()
    sys.stdin.readline()


def _done() -> None:
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for line in iter(sys.stdin.readline, ""):
        _obey(*json.loads(line))
        _done()
