"""Real OpenClaw releases to test against, installed once from npm.

They live under $CLOBBERWATCH_OPENCLAW, or ~/.cache/clobberwatch-tests/openclaw: about 0.7 GB and half a minute for each
release; `python -m tests.interop.openclaw` fetches them beforehand. Without npm the tests that need one are skipped;
with CI=true or CLOBBERWATCH_REQUIRE_OPENCLAW=1 they fail.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ENVIRONMENT = dict(os.environ)
"""As it was before any test moved HOME: npm reads its registry from there."""
ROOT = Path(
    ENVIRONMENT.get("CLOBBERWATCH_OPENCLAW") or Path.home() / ".cache" / "clobberwatch-tests" / "openclaw"
).absolute()
REQUIRED = "true" in ENVIRONMENT.get("CI", "") or ENVIRONMENT.get("CLOBBERWATCH_REQUIRE_OPENCLAW") == "1"
DRIVER = Path(__file__).with_name("driver.mjs")
LOCKED = ("2026.1.29", "2026.3.2")
"""One release of each lock protocol."""
UNLOCKED = "2026.6.6"
DATABASES = ("2026.8.1", "2026.9.6")
"""The first and the newest release with a database."""


def node_major(version: str) -> int:
    """The Node a release runs on."""
    return 24 if version in DATABASES else 22


@dataclass(frozen=True)
class Release:
    """An installed release and a Node that runs it."""

    version: str
    package: Path
    node: Path

    def start(self, state: Path, *arguments: object, driver: Path = DRIVER) -> subprocess.Popen[str]:
        """Run a driver script on this release; its own state directory is below `state`, never the user's."""
        state.mkdir(parents=True, exist_ok=True)
        environment = {
            "HOME": str(state),
            "OPENCLAW_STATE_DIR": str(state / "openclaw"),
            "PATH": ENVIRONMENT["PATH"],
            "TMPDIR": str(state),
        }
        command = [self.node, driver, self.package, *arguments]
        return subprocess.Popen(
            [str(part) for part in command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, state: Path, *arguments: object) -> object:
        """Run the driver to its end and return the JSON value it prints last."""
        with self.start(state, *arguments) as process:
            printed, _ = process.communicate(timeout=300)
        assert process.returncode == 0, printed
        return json.loads(printed.splitlines()[-1])


def release(version: str) -> Release:
    """An installed release; skips (or fails) the test when it cannot be had."""
    package = ROOT / "pkgs" / version / "node_modules" / "openclaw"
    node = ROOT / f"node{node_major(version)}" / "node_modules" / "node" / "bin" / "node"
    if not (package / "package.json").exists() or not node.exists():
        _install(version, package, node)
    return Release(version, package, node)


def _install(version: str, package: Path, node: Path) -> None:
    npm = shutil.which("npm", path=ENVIRONMENT["PATH"])
    if npm is None:
        _unavailable("npm is not installed")
    with _one_at_a_time():
        if not node.exists():
            major = node_major(version)
            _npm(npm, ROOT / f"node{major}", {"node": str(major)}, ())
        if not (package / "package.json").exists():
            folder = ROOT / "pkgs" / version
            _npm(npm, folder, _dependencies(version, folder), ("--ignore-scripts",))


def _dependencies(version: str, folder: Path) -> dict[str, str]:
    """Two packages deep below OpenClaw are not on the registry; the store never calls them, so empty ones do."""
    for name, number in (("libsignal", "2.0.1"), ("cssomnom", "0.1.11")):
        stand_in = folder / f"stand-in-{name}"
        (stand_in / "src").mkdir(parents=True, exist_ok=True)
        (stand_in / "package.json").write_text(json.dumps({"name": name, "version": number, "main": "index.js"}))
        (stand_in / "index.js").write_text("module.exports = new Proxy({}, { get: () => class {} });\n")
        for module in ("curve", "crypto"):
            (stand_in / "src" / f"{module}.js").write_text("module.exports = new Proxy({}, { get: () => () => {} });\n")
    wanted = {"openclaw": version, "libsignal": "file:./stand-in-libsignal", "cssomnom": "file:./stand-in-cssomnom"}
    return wanted | ({"strip-ansi": "^7"} if version == "2026.1.29" else {})


def _npm(npm: str, folder: Path, dependencies: dict[str, str], options: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, object] = {"name": "openclaw-under-test", "private": True, "dependencies": dependencies}
    if "libsignal" in dependencies:
        manifest["overrides"] = {"libsignal": "$libsignal"}
    (folder / "package.json").write_text(json.dumps(manifest))
    command = [npm, "install", "--no-audit", "--no-fund", *options]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        _unavailable(f"npm install failed in {folder}: {done.stderr[-500:]}")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    ROOT.mkdir(parents=True, exist_ok=True)
    with open(ROOT / "install.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _unavailable(why: str) -> NoReturn:
    if REQUIRED:
        pytest.fail(f"a real OpenClaw is required: {why}")
    pytest.skip(f"no real OpenClaw: {why}")


if __name__ == "__main__":
    for wanted in (*DATABASES, UNLOCKED, *LOCKED):
        release(wanted)
