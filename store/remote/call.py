"""Asking the gateway that serves a store, by OpenClaw's own `openclaw gateway call`.

That command has been there since 2026.1.29 with the same words. It knows where the gateway listens, how it is paired,
and it reads the token from OpenClaw's configuration or the environment: no secret passes through this program. Its Node
takes one to two seconds to start; the protocol beneath it changes with the releases.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from store.errors import Busy, NoSafeWrite, Refused, StoreError
from store.js import JsonObject
from store.openclaw.paths import StorePath, config_path
from store.openclaw.running import process_environment

ANSWER_S: Final = 25.0
"""How long the command waits for the gateway: the first model that is set makes it load its catalog."""
PATIENCE_S: Final = ANSWER_S + 20.0
"""How long the command is waited for: the start of its Node comes on top."""
_SECRETS: Final = ("OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD", "CLAWDBOT_GATEWAY_TOKEN")
_UNANSWERED: Final = ("gateway timeout", "gateway closed")
_UNREACHABLE: Final = ("gateway_transport_error", "ECONNREFUSED", "not reachable")
_FAILED: Final = re.compile(r"^(gateway (call|connect) failed: )?(\w*Error: )?", re.IGNORECASE)
_CHANGED: Final = ("session-changed", "changed before patch")


class SessionChangedError(Exception):
    """The gateway refused because the session is not the one that was seen."""


class UnansweredError(Exception):
    """No answer came in time: whether it was done is to be looked up."""


class Gateway(Protocol):
    """A gateway that can be asked."""

    def call(self, method: str, params: JsonObject) -> JsonObject:
        """What it answers. Raises Busy, Refused, SessionChangedError or UnansweredError."""


@dataclass(frozen=True, slots=True)
class CommandGateway:
    """A gateway asked by the command; `environment` says which installation and configuration it uses."""

    command: str
    environment: Mapping[str, str]
    patience: float = PATIENCE_S

    def call(self, method: str, params: JsonObject) -> JsonObject:
        """What the gateway answers to one call."""
        asked = ["gateway", "call", method, "--params", json.dumps(params)]
        arguments = [self.command, *asked, "--timeout", str(round(ANSWER_S * 1000)), "--json"]
        try:
            done = subprocess.run(
                arguments,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnansweredError from None
        except OSError as error:
            raise NoSafeWrite(f"Not written: {self.command} cannot be run ({error.strerror}).") from None
        answer = _answer(done.stdout)
        if done.returncode == 0 and answer.get("ok", True) is not False:
            return answer
        raise self._refusal(answer, done)

    def _refusal(self, answer: JsonObject, done: subprocess.CompletedProcess[bytes]) -> Exception:
        error = answer.get("error")
        details = error if isinstance(error, dict) else {}
        said = str(details.get("message") or _failure(done.stderr) or f"exit code {done.returncode}")
        about = f"{json.dumps(details)} {said}"
        if any(mark in about for mark in _CHANGED):
            return SessionChangedError()
        if any(mark in about for mark in _UNANSWERED) and "ECONNREFUSED" not in about:
            return UnansweredError()
        return _told(self._without_secrets(said), about)

    def _without_secrets(self, text: str) -> str:
        for name in _SECRETS:
            secret = self.environment.get(name, "")
            text = text.replace(secret, "***") if secret else text
        return " ".join(text.split())


def gateway_of(store: StorePath, pid: int | None, env: Mapping[str, str] = os.environ) -> CommandGateway:
    """The way to the gateway of a store; NoSafeWrite where there is no `openclaw` command to ask it with.

    `pid` is the gateway's: where this user's PATH has no such command, its own may have.
    """
    theirs = process_environment(pid) if pid else {}
    for path in (env.get("PATH", ""), theirs.get("PATH", "")):
        command = shutil.which("openclaw", path=path) if path else None
        if command:
            return CommandGateway(command, _environment(store, env, theirs, path))
    raise NoSafeWrite(
        "Not written: the gateway is asked by the openclaw command, which is not on the PATH. "
        "Run this where it is, or stop the gateway, edit, and start it again."
    )


def _environment(store: StorePath, env: Mapping[str, str], theirs: Mapping[str, str], path: str) -> dict[str, str]:
    """Ours, pointed at the store's own state directory; where ours has no token, the gateway's own."""
    environment = {**env, "PATH": path, "NO_COLOR": "1"}
    if store.state_dir is not None:
        environment["OPENCLAW_STATE_DIR"] = str(store.state_dir)
        environment["OPENCLAW_CONFIG_PATH"] = str(config_path(store.state_dir, env))
    if "OPENCLAW_GATEWAY_PORT" in theirs:
        environment.setdefault("OPENCLAW_GATEWAY_PORT", theirs["OPENCLAW_GATEWAY_PORT"])
    return environment


def _answer(printed: bytes) -> JsonObject:
    """The object the command printed; it may say other things before."""
    text = printed.decode("utf-8", "replace")
    starts = [0] if text.startswith("{") else [at + 1 for at in range(len(text)) if text.startswith("\n{", at)]
    for start in starts:
        with suppress(ValueError):
            found = json.loads(text[start:])
            if isinstance(found, dict):
                return found
    return {}


def _failure(text: bytes) -> str:
    """What went wrong, of all the command says: releases before 2026.8 say it in one line among others."""
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    failed = next((line for line in lines if "failed:" in line or "Error:" in line), "".join(lines[-1:]))
    return _FAILED.sub("", failed)


def _told(said: str, about: str) -> StoreError:
    if any(mark in about for mark in _UNREACHABLE):
        return Busy(f"Not written: the gateway does not answer ({said}). Try again once it does.")
    if "unauthorized" in about.lower() or "AUTH_" in about:
        return Refused(
            "Not written: the gateway did not accept the token or password. "
            "Set OPENCLAW_GATEWAY_TOKEN, or gateway.auth.token in openclaw.json, as the gateway has it."
        )
    if "pending approval" in about or "pairing required" in about:
        return Refused(
            f"Not written: the gateway wants the openclaw command of this user approved first ({said}). "
            "See openclaw devices list, then openclaw devices approve; after that, try again."
        )
    return Refused(f"Not written: the gateway refused: {said}")
