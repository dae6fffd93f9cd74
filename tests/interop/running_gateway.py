"""A real gateway on loopback, with a state directory of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from store.js import JsonObject
from tests.interop.openclaw import ENVIRONMENT, Release

PATIENCE_S = 300.0
"""For anything a gateway or its command line is asked to do: it only bounds what hangs."""
LAST_LOCAL_CHECK = "Skills"
TOKEN = "a-token-of-the-test-0123456789abcdef"


@dataclass
class Installation:
    """A release with its state directory, and the `openclaw` command on a PATH of its own."""

    release: Release
    folder: Path
    port: int

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.folder / "state"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see; the token is in the configuration alone."""
        return {
            "HOME": str(self.folder),
            "OPENCLAW_STATE_DIR": str(self.state),
            "PATH": f"{self.folder / 'bin'}:{self.release.node.parent}:{ENVIRONMENT['PATH']}",
            "OPENCLAW_SKIP_CHANNELS": "1",
            "OPENCLAW_NO_RESPAWN": "1",
            "NO_COLOR": "1",
            "CI": "1",
        }

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `openclaw` to its end."""
        command = ["openclaw", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, executable=self._script
        )

    def doctor(self) -> list[str]:
        """What `openclaw doctor` says of everything but the gateway, line by line; for that it waits a minute in vain.

        2026.9.6 tells of a row that was written wrongly as "Session SQLite" and as an "invalid persisted session
        row"; its `--lint` does not look at rows.
        """
        said: list[str] = []
        with self._started("openclaw", "doctor", "--non-interactive", stdout=subprocess.PIPE) as process:
            for line in process.stdout or ():
                said.append(line.decode().strip(" \n│◇├┤╭╮╰╯┌└─"))
                if said[-1] == LAST_LOCAL_CHECK:
                    return said
        raise AssertionError("\n".join(said))

    def call(self, method: str, **params: object) -> Any:
        """One call of a running gateway."""
        done = self.command("gateway", "call", method, "--params", json.dumps(params), "--timeout", "250000", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout[done.stdout.index("{") :])

    @property
    def _script(self) -> str:
        return str(self.folder / "bin" / "openclaw")

    @contextmanager
    def running(self) -> Iterator[int]:
        """The gateway while the block runs; its process id."""
        arguments = ("gateway", "run", "--allow-unconfigured", "--port", str(self.port))
        with (
            (self.folder / "gateway.log").open("ab") as log,
            self._started("openclaw", *arguments, stdout=log) as process,
        ):
            self._wait(process)
            yield process.pid

    @contextmanager
    def _started(self, *command: str, stdout: int | IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        """A command in a session of its own, which is ended with the block."""
        process = subprocess.Popen(
            command,
            executable=self._script,
            env=self.environment,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if process.stdout:
                process.stdout.close()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Until it listens. Asking it would pair the command with too few rights for anything else."""
        deadline = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise AssertionError((self.folder / "gateway.log").read_text())


def install(release: Release, folder: Path) -> Installation:
    """A state directory with a configuration that names the token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    made = Installation(release, folder, port)
    made.state.mkdir(parents=True)
    gateway: JsonObject = {"mode": "local", "bind": "loopback", "port": port}
    gateway["auth"] = {"mode": "token", "token": TOKEN}
    defaults: JsonObject = {"workspace": str(folder / "work"), "model": {"primary": "anthropic/claude-opus-4-5"}}
    (made.state / "openclaw.json").write_text(json.dumps({"gateway": gateway, "agents": {"defaults": defaults}}))
    script = folder / "bin" / "openclaw"
    script.parent.mkdir()
    script.symlink_to(release.package / "openclaw.mjs")
    return made
