"""Copying: into tmux where this runs in one, else through the terminal by OSC 52, framed for tmux, with a cap."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Mapping

TMUX_S = 1.0
"""So long tmux may take."""
LONGEST = 74_994
"""Bytes that become 100,000 characters of base64 with the framing: more is dropped whole by common terminals."""


def into_tmux(text: str, environment: Mapping[str, str]) -> bool:
    """Whether the tmux around this program took the text: its buffer, and by `-w` (3.2) the terminal's clipboard.

    It needs no setting of tmux, while OSC 52 from inside of it needs `allow-passthrough`.
    """
    tmux = shutil.which("tmux", path=environment.get("PATH")) if environment.get("TMUX") else None
    if tmux is None:
        return False
    octets = text.encode("utf-8", "replace")
    try:
        done = subprocess.run(
            [tmux, "load-buffer", "-w", "-"],
            input=octets,
            env=dict(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TMUX_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def osc52(text: str, environment: Mapping[str, str]) -> str | None:
    """The bytes that ask the terminal to copy the text; None when it is too long to be taken."""
    octets = text.encode("utf-8", "replace")
    if len(octets) > LONGEST:
        return None
    ask = f"\x1b]52;c;{base64.b64encode(octets).decode('ascii')}\a"
    if not environment.get("TMUX"):
        return ask
    return "\x1bPtmux;" + ask.replace("\x1b", "\x1b\x1b") + "\x1b\\"
