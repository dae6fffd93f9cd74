"""What OpenClaw's own configuration says about its session stores.

`openclaw.json` is JSON5 and belongs to somebody else: whatever is wrong with it becomes a sentence, never an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CONFIG_NAMES: Final = ("openclaw.json", "clawdbot.json", "moltbot.json", "moldbot.json")
"""The configuration's file names in a state directory, newest product name first."""


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration as far as stores are concerned; `problem` is the sentence for one that cannot be used."""

    path: Path
    store: str = ""
    release: str = ""
    agents: tuple[str, ...] = ()
    problem: str = ""


def read_config(path: Path) -> Config:
    """`session.store`, `meta.lastTouchedVersion` and the agents of a configuration; a missing file says nothing."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return Config(path)
    except (OSError, UnicodeDecodeError) as error:
        return _unusable(path, error.strerror or "unreadable" if isinstance(error, OSError) else "not UTF-8 text")
    try:
        return _parsed(path, _decode(text))
    except (ValueError, RecursionError) as error:
        return _unusable(path, str(error).splitlines()[0])


def _unusable(path: Path, why: str) -> Config:
    return Config(path, problem=f"{path} cannot be read ({why}); stores are looked for in their default places.")


def _decode(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        pass
    import pyjson5  # not every run meets JSON5, and this import takes as long as the rest of the command line

    try:
        return pyjson5.decode(text)
    except pyjson5.Json5Exception as error:
        raise ValueError(str(error.args[0])) from None


def _parsed(path: Path, data: object) -> Config:
    if not isinstance(data, dict):
        raise ValueError("not an object")  # noqa: TRY004 - the file is at fault, not the caller
    listed = _object(data.get("agents")).get("list")
    names = [_object(agent).get("id") for agent in (listed if isinstance(listed, list) else [])]
    return Config(
        path,
        store=_text(_object(data.get("session")).get("store")),
        release=_text(_object(data.get("meta")).get("lastTouchedVersion")),
        agents=tuple(name for name in names if isinstance(name, str) and name),
    )


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
