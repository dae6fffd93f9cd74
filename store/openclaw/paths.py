"""Where OpenClaw keeps its session stores, and where this program keeps its own state.

The state directory is found as OpenClaw finds it (2026.1.29 `config/paths.js`; later releases know `OPENCLAW_HOME`),
a store where `session.store` says, else at `agents/<agent>/sessions/sessions.json`. Since 2026.8.1 sessions are in a
database that belongs to that place (`store.openclaw.databases`), which then is the store.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.errors import Missing, StoreError
from store.openclaw.config import CONFIG_NAMES, Config, read_config
from store.openclaw.databases import DATABASE_NAME, databases_for, is_database, taking_over
from store.owners import not_readable

STORE_NAME: Final = "sessions.json"
_STATE_NAMES: Final = (".openclaw", ".clawdbot", ".moltbot", ".moldbot")
_PLAIN_AGENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StorePath:
    """One store; `agent` is '' where all agents share it, `state_dir` is None where it lies outside of one."""

    path: Path
    agent: str
    state_dir: Path | None


def home_dir(env: Mapping[str, str] = os.environ) -> Path:
    """The home directory OpenClaw would use: `OPENCLAW_HOME`, which may start with `~`, then `HOME`."""
    system = _said(env, "HOME") or os.path.expanduser("~")
    return Path(_expanded(_said(env, "OPENCLAW_HOME") or system, system))


def state_dir(env: Mapping[str, str] = os.environ) -> Path:
    """OpenClaw's state directory; of the default places the first that exists, `~/.openclaw` if none does."""
    named = _said(env, "OPENCLAW_STATE_DIR") or _said(env, "CLAWDBOT_STATE_DIR")
    if named:
        return user_path(named, env)
    candidates = [home_dir(env) / name for name in _STATE_NAMES]
    return next((path for path in candidates if os.path.exists(path)), candidates[0])


def user_path(text: str, env: Mapping[str, str] = os.environ) -> Path:
    """An absolute path from what a person or a configuration wrote; a leading `~` is OpenClaw's home."""
    return Path(_expanded(text.strip(), str(home_dir(env))))


def config_path(state: Path, env: Mapping[str, str] = os.environ) -> Path:
    """The configuration that governs a state directory; `OPENCLAW_CONFIG_PATH` speaks for the environment's own one."""
    named = _said(env, "OPENCLAW_CONFIG_PATH") or _said(env, "CLAWDBOT_CONFIG_PATH")
    if named and state == state_dir(env):
        return user_path(named, env)
    candidates = [state / name for name in CONFIG_NAMES]
    return next((path for path in candidates if os.path.exists(path)), candidates[0])


def load_config(state: Path, env: Mapping[str, str] = os.environ) -> Config:
    """The configuration of a state directory; never raises, see `Config.problem`."""
    return read_config(config_path(state, env))


def discover(
    env: Mapping[str, str] = os.environ, state: Path | None = None, agent: str | None = None
) -> list[StorePath]:
    """Every store of a state directory, of one agent where `agent` is given; agents in order of their names.

    Raises Missing when there is none, Unreadable when the directory cannot be read.
    """
    state = state or state_dir(env)
    config = load_config(state, env)
    try:
        found = [store for candidate in _candidates(state, config, env) for store in _kept_at(candidate)]
        wanted = [store for store in found if agent is None or store.agent in ("", normal_agent(agent))]
        if not wanted:
            raise _nothing(state, config, agent, env)
    except PermissionError as error:
        raise not_readable(Path(error.filename or state)) from None
    return wanted


def resolve(
    given: Sequence[str],
    env: Mapping[str, str] = os.environ,
    state: Path | None = None,
    agent: str | None = None,
) -> list[StorePath]:
    """The stores somebody named: files, state, agent or sessions directories; those discovered when nothing is named.

    A store named twice counts once. Raises what `discover` raises, and Missing for a path that is not there.
    """
    if not given:
        return discover(env, state, agent)
    stores = [store for text in given for store in _named(user_path(text, env), env, agent)]
    return list({store.path: store for store in stores}.values())


def databases(store: StorePath) -> list[Path]:
    """The databases that would hold a JSON store's sessions from 2026.8.1 on, as far as they exist."""
    if is_database(store.path):
        return []
    shared = store.state_dir is not None and not store.agent
    of_agents = sorted(store.state_dir.glob(f"agents/*/agent/{DATABASE_NAME}")) if shared and store.state_dir else []
    return list(dict.fromkeys((*databases_for(store.path), *of_agents)))


def user_state_path(env: Mapping[str, str] = os.environ) -> Path:
    """Where this program keeps its own state (journal, drafts): `$XDG_STATE_HOME/clobberwatch`."""
    base = _said(env, "XDG_STATE_HOME")
    system = Path(_said(env, "HOME") or os.path.expanduser("~"))
    return (Path(base) if os.path.isabs(base) else system / ".local" / "state") / "clobberwatch"


def user_state_dir(env: Mapping[str, str] = os.environ) -> Path:
    """That directory, made with mode 0700 when missing."""
    directory = user_state_path(env)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def normal_agent(name: str) -> str:
    """An agent's id as OpenClaw spells it in paths and keys: lower case, anything odd a dash (`normalizeAgentId`)."""
    name = name.strip().lower()
    if _PLAIN_AGENT.fullmatch(name):
        return name
    return re.sub(r"[^a-z0-9_-]+", "-", name).strip("-")[:64] or "main"


def _said(env: Mapping[str, str], name: str) -> str:
    return env.get(name, "").strip()


def _expanded(text: str, home: str) -> str:
    return os.path.abspath(home + text[1:] if text == "~" or text.startswith("~/") else text)


def _candidates(state: Path, config: Config, env: Mapping[str, str]) -> Iterator[StorePath]:
    if config.store and "{agentId}" not in config.store:
        yield StorePath(user_path(config.store, env), "", state)
        return
    agents = {*_agents_on_disk(state), *(normal_agent(name) for name in config.agents)}
    for agent in sorted(agents or {"main"}):
        default = state / "agents" / agent / "sessions" / STORE_NAME
        path = user_path(config.store.replace("{agentId}", agent), env) if config.store else default
        yield StorePath(path, agent, state)


def _agents_on_disk(state: Path) -> list[str]:
    try:
        return [item.name for item in os.scandir(state / "agents") if item.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _nothing(state: Path, config: Config, agent: str | None, env: Mapping[str, str]) -> StoreError:
    name = normal_agent(agent) if agent is not None else ""
    looked = config.store or f"agents/{name or '*'}/sessions/{STORE_NAME}"
    return Missing(
        f"No session store under {_shown(state, env)} (looked for {looked}). "
        "Name one: clobberwatch PATH. To try it: clobberwatch demo"
    )


def _shown(path: Path, env: Mapping[str, str]) -> str:
    home = home_dir(env)
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _is_there(path: Path) -> bool:
    """Whether something has this name; unlike `os.path.lexists` it tells a closed directory from an empty one."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _kept_at(candidate: StorePath) -> Iterator[StorePath]:
    """The stores that a place stands for: its databases where they hold the sessions by now, else its JSON file."""
    taking = taking_over(candidate.path)
    for database in taking:
        yield StorePath(database, _agent_of(database) or candidate.agent, candidate.state_dir)
    if not taking and _is_there(candidate.path):
        yield candidate


def _named(path: Path, env: Mapping[str, str], agent: str | None) -> list[StorePath]:
    try:
        status = path.stat()
    except PermissionError:
        raise not_readable(path.parent) from None
    except (OSError, ValueError) as error:
        migrated = list(_kept_at(store_at(path))) if isinstance(error, FileNotFoundError) else []
        if migrated:
            return migrated
        raise Missing(
            f"No session store at {path}{_because(error)}. Name a sessions.json or a state directory."
        ) from None
    if not stat.S_ISDIR(status.st_mode):
        return [store_at(path)]
    try:
        inside = [store for place in _places_in(path) for store in _kept_at(store_at(place))]
    except PermissionError:
        raise not_readable(path) from None
    if inside:
        return inside
    if path.name == "sessions" and path.parent.parent.name == "agents":
        raise Missing(f"No session store in {path} (looked for {STORE_NAME}). Name one: clobberwatch PATH")
    return discover(env, path, agent)


def _places_in(directory: Path) -> list[Path]:
    """Where the one store of a sessions or agent directory would be."""
    if directory.name == "agent" and (directory / DATABASE_NAME).exists():
        return [directory.parent / "sessions" / STORE_NAME]
    found = (directory / STORE_NAME, directory / "sessions" / STORE_NAME)
    return [place for place in found if _is_there(place) or taking_over(place)][:1]


def _agent_of(database: Path) -> str:
    agent = database.parent.parent
    return agent.name if database.parent.name == "agent" and agent.parent.name == "agents" else ""


def _because(error: Exception) -> str:
    return "" if isinstance(error, FileNotFoundError) else f" ({getattr(error, 'strerror', None) or error})"


def store_at(path: Path) -> StorePath:
    """What the place of a store's file or database says about its agent and state directory."""
    if _agent_of(path):
        return StorePath(path, _agent_of(path), path.parents[3])
    sessions = path.parent
    if sessions.name == "sessions" and sessions.parent.parent.name == "agents":
        return StorePath(path, sessions.parent.name, sessions.parent.parent.parent)
    return StorePath(path, "", sessions if any((sessions / name).exists() for name in CONFIG_NAMES) else None)
