"""Asking the gateway that serves a store, by OpenClaw's own `openclaw gateway call`.

That command has been there since 2026.1.29 with the same words. It knows where the gateway listens, how it is paired,
and it reads the token from OpenClaw's configuration or the environment: no secret passes through this program, and what
it prints is rid of those it might hold. Its Node takes one to two seconds to start; the protocol beneath it changes
with the releases.
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
from store.openclaw.paths import StorePath, config_path, state_dir
from store.openclaw.running import process_environment

ANSWER_S: Final = 40.0
"""How long the command waits for the gateway: the first model that is set makes it load its catalog."""
PATIENCE_S: Final = ANSWER_S + 20.0
"""How long the command is waited for: the start of its Node comes on top."""
_SECRETS: Final = ("OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD", "CLAWDBOT_GATEWAY_TOKEN")
_SECRET_MEMBER: Final = re.compile(rb"""(?i)\w*(?:token|password|secret|apikey)["']?\s*:\s*["']([^"'\\\n]{6,})["']""")
_UNANSWERED: Final = ("gateway timeout", "gateway closed")
_UNREACHABLE: Final = ("gateway_transport_error", "ECONNREFUSED", "not reachable")
_UNAUTHORIZED: Final = ("unauthorized", "auth_", "requires credentials")
_FAILED: Final = re.compile(r"^(gateway (call|connect) failed: )?(\w*Error: )?", re.IGNORECASE)
_CHANGED: Final = ("session-changed", "changed before patch")


class SessionChangedError(Exception):
    """The gateway refused because the session is not the one that was seen."""


class UnansweredError(Exception):
    """No answer came in time: whether it was done is to be looked up."""


class Declined(Refused):
    """The gateway answered, and would not do this: another request may fare better."""


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
        printed, said = (self._without_secrets(text) for text in (done.stdout, done.stderr))
        answer = _answer(printed)
        if done.returncode == 0 and answer.get("ok", True) is not False:
            return answer
        error_told = answer.get("error")
        details = error_told if isinstance(error_told, dict) else {}
        raise refusal(details, _failure(said) or f"exit code {done.returncode}")

    def _without_secrets(self, printed: bytes) -> str:
        for secret in _secrets(self.environment):
            printed = printed.replace(secret, b"***")
        return printed.decode("utf-8", "replace")


def refusal(
    error: JsonObject, otherwise: str = "no reason given"
) -> StoreError | SessionChangedError | UnansweredError:
    """What a gateway's error object means; `otherwise` is what is known where it has no message."""
    said = " ".join(str(error.get("message") or otherwise).split()).rstrip(".")
    about = f"{json.dumps(error)} {said}"
    if any(mark in about for mark in _CHANGED):
        return SessionChangedError()
    if any(mark in about for mark in _UNANSWERED) and "ECONNREFUSED" not in about:
        return UnansweredError()
    return _told(said, about)


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
    """Ours, pointed at the store's own state directory, and at the gateway's port where only its environment has it."""
    environment = {**env, "PATH": path, "NO_COLOR": "1"}
    if store.state_dir is not None:
        environment["OPENCLAW_STATE_DIR"] = str(store.state_dir)
        environment["OPENCLAW_CONFIG_PATH"] = str(config_path(store.state_dir, env))
    if "OPENCLAW_GATEWAY_PORT" in theirs:
        environment.setdefault("OPENCLAW_GATEWAY_PORT", theirs["OPENCLAW_GATEWAY_PORT"])
    return environment


def _secrets(environment: Mapping[str, str]) -> set[bytes]:
    """What must not be repeated: the tokens and passwords of the environment and of the configuration's text."""
    found = {os.fsencode(environment[name]) for name in _SECRETS if environment.get(name)}
    with suppress(OSError):
        found.update(_SECRET_MEMBER.findall(config_path(state_dir(environment), environment).read_bytes()))
    return found


def _answer(text: str) -> JsonObject:
    """The object the command printed; it may say other things before."""
    starts = [0] if text.startswith("{") else [at + 1 for at in range(len(text)) if text.startswith("\n{", at)]
    for start in starts:
        with suppress(ValueError):
            found = json.loads(text[start:])
            if isinstance(found, dict):
                return found
    return {}


def _failure(text: str) -> str:
    """What went wrong, of all the command says: releases before 2026.8 say it in one line among others."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    failed = next((line for line in lines if "failed:" in line or "Error:" in line), "".join(lines[-1:]))
    return _FAILED.sub("", failed)


def _told(said: str, about: str) -> StoreError:
    if any(mark in about for mark in _UNREACHABLE):
        return Busy(f"Not written: the gateway does not answer ({said}). Try again once it does.")
    if any(mark in about.lower() for mark in _UNAUTHORIZED):
        return Refused(
            "Not written: the gateway got no token or password that it accepts. "
            "Set OPENCLAW_GATEWAY_TOKEN, or gateway.auth.token in openclaw.json, as the gateway has it."
        )
    if "pending approval" in about or "pairing required" in about:
        return Refused(
            f"Not written: the gateway wants the openclaw command of this user approved first ({said}). "
            "See openclaw devices list, then openclaw devices approve; after that, try again."
        )
    return Declined(f"Not written: the gateway refused: {said}.")
