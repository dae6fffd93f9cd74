"""The gateway that serves a store, and which release it is.

A gateway leaves `<tmpdir>/openclaw-<uid>/gateway.<hash>.lock` with its pid, its start time and the configuration it
runs on; since 2026.8.1 in `<state>/tmp/openclaw-<uid>`, where tools that write offline leave one too. It also renames
itself (`process.title`), which on Linux overwrites its command line, so the package it was started from shows in other
traces: the native modules it has mapped, or the installation its Node or its PATH leads to.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from store.errors import StoreError
from store.openclaw.paths import StorePath, config_path, discover, state_dir
from store.writing.process import pid_alive, start_time


@dataclass(frozen=True, slots=True)
class Gateway:
    """A live gateway; `release` is '' when nothing shows it, `proven` when the process itself does."""

    pid: int
    release: str
    how: str
    proven: bool


@dataclass(frozen=True, slots=True)
class _Claim:
    pid: int
    config: Path
    since_ns: int


def running_gateway(store: StorePath, env: Mapping[str, str] = os.environ) -> Gateway | None:
    """The live gateway that serves this store, as its own lock file says; None when no lock file names one."""
    for directory in _lock_directories(store, env):
        for path in sorted(directory.glob("gateway.*.lock")):
            claim = _live_claim(path)
            if claim is not None and _serves(claim, store, env):
                return _identified(claim)
    return None


def _lock_directories(store: StorePath, env: Mapping[str, str]) -> list[Path]:
    temporary = next((env[name] for name in ("TMPDIR", "TMP", "TEMP") if env.get(name)), "/tmp")
    users = {os.geteuid()}
    with suppress(OSError):
        users.add(store.path.stat().st_uid)
    bases = [Path(temporary), Path("/tmp")] + ([store.state_dir / "tmp"] if store.state_dir else [])
    return [base / f"openclaw-{user}" for base in dict.fromkeys(bases) for user in sorted(users)]


def _live_claim(path: Path) -> _Claim | None:
    try:
        payload = json.loads(path.read_bytes())
        since_ns = path.stat().st_mtime_ns
    except (OSError, ValueError):
        return None
    pid, config = (payload.get("pid"), payload.get("configPath")) if isinstance(payload, dict) else (None, None)
    if not isinstance(pid, int) or not isinstance(config, str) or not pid_alive(pid):
        return None
    if payload.get("startTime") not in (None, start_time(pid)):
        return None
    return _Claim(pid, Path(config), since_ns)


def _serves(claim: _Claim, store: StorePath, env: Mapping[str, str]) -> bool:
    theirs = process_environment(claim.pid)
    states = {claim.config.parent, *([state_dir(theirs)] if theirs else [])}
    if store.state_dir is not None:
        own = {os.path.realpath(store.state_dir), os.path.realpath(config_path(store.state_dir, env))}
        if not own.isdisjoint(map(os.path.realpath, (claim.config, *states))):
            return True
    here = os.path.realpath(store.path)
    return any(os.path.realpath(other.path) == here for state in states for other in _stores_of(state, theirs or env))


def _stores_of(state: Path, env: Mapping[str, str]) -> list[StorePath]:
    with suppress(StoreError, OSError):
        return discover(env, state)
    return []


def process_environment(pid: int) -> dict[str, str]:
    """The environment a process was started with; empty when it may not be read."""
    with suppress(OSError):
        items = Path(f"/proc/{pid}/environ").read_bytes().decode("utf-8", "surrogateescape").split("\0")
        return dict(item.split("=", 1) for item in items if "=" in item)
    return {}


def _identified(claim: _Claim) -> Gateway:
    for trace, how in _own_traces(claim.pid):
        release = _release_above(trace, claim.since_ns)
        if release:
            return Gateway(claim.pid, release, f"{how} of the running gateway", proven=True)
    for trace, how in _surroundings(claim.pid):
        release = _release_above(trace, claim.since_ns)
        if release:
            return Gateway(claim.pid, release, f"{how} of the running gateway", proven=False)
    return Gateway(claim.pid, "", "a running gateway that shows no release", proven=False)


def _own_traces(pid: int) -> Iterator[tuple[Path, str]]:
    """Files the process runs: its script, as long as its command line still names it, and its native modules."""
    with suppress(OSError):
        directory = Path(f"/proc/{pid}/cwd").readlink()
        for argument in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:4]:
            if argument.endswith((b".js", b".mjs", b"openclaw")):
                yield directory / os.fsdecode(argument), "script"
    with suppress(OSError):
        maps = Path(f"/proc/{pid}/maps").read_text(errors="surrogateescape")
        for line in dict.fromkeys(line[line.index("/") :] for line in maps.splitlines() if line.endswith(".node")):
            yield Path(line), "native module"


def _surroundings(pid: int) -> Iterator[tuple[Path, str]]:
    """Where the package lies if the gateway was started in the ordinary way."""
    with suppress(OSError):
        prefix = Path(f"/proc/{pid}/exe").readlink().parent.parent
        yield prefix / "lib" / "node_modules" / "openclaw" / "package.json", "Node installation"
    found = shutil.which("openclaw", path=process_environment(pid).get("PATH", ""))
    if found:
        yield Path(found), "PATH"
    with suppress(OSError):
        yield Path(f"/proc/{pid}/cwd").readlink() / "package.json", "working directory"


def _release_above(trace: Path, since_ns: int) -> str:
    """The version of the openclaw package a file belongs to; '' for none, or one replaced after the gateway began."""
    for directory in Path(os.path.realpath(trace)).parents:
        beside = [directory / "openclaw"] if directory.name == "node_modules" else []
        for package in (directory, *beside):
            version = _package_version(package / "package.json", since_ns)
            if version:
                return version
    return ""


def _package_version(path: Path, since_ns: int) -> str:
    with suppress(OSError, ValueError):
        package = json.loads(path.read_bytes())
        if isinstance(package, dict) and package.get("name") == "openclaw" and path.stat().st_ctime_ns <= since_ns:
            return str(package.get("version", ""))
    return ""
