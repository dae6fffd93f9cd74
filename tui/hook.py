"""The user's own command, run beside the program: it never waits for it, and never shows what it prints."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Final

HOOK_S: Final = 30.0
"""A command that runs longer is ended, with whatever it started."""
MOST: Final = 4
"""So many run at a time; a value that goes to and fro must not fill the machine with them."""
WAITING: Final = 100
"""So many more wait for their turn: a write may take what is guarded from many entries at once."""


class Hook:
    """A command and its arguments, without a shell; `tell` is called in a thread of the command's own."""

    def __init__(self, command: Sequence[str], tell: Callable[[str], None], limit_s: float = HOOK_S) -> None:
        self._command, self._tell, self._limit_s = tuple(command), tell, limit_s
        self._places = threading.BoundedSemaphore(MOST + WAITING)
        self._running = threading.BoundedSemaphore(MOST)

    def __bool__(self) -> bool:
        return bool(self._command)

    @property
    def name(self) -> str:
        """What the command is called."""
        return os.path.basename(self._command[0]) if self._command else ""

    def run(self, text: str) -> None:
        """Have it run with this on its standard input, as soon as no more than `MOST` are running."""
        if not self._places.acquire(blocking=False):
            self._tell(f"The hook {self.name} was not run: {WAITING} of it are waiting already.")
            return
        threading.Thread(target=self._follow, args=(text,), name="hook", daemon=True).start()

    def _follow(self, text: str) -> None:
        try:
            with self._running:
                why = self._ran(text)
        finally:
            self._places.release()
        if why:
            self._tell(f"The hook {self.name} {why}.")

    def _ran(self, text: str) -> str:
        """Why it did not do what it should, '' when it did."""
        quiet = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
            )
        except (OSError, ValueError) as error:  # ValueError: a command with a NUL in it
            return f"could not be run: {getattr(error, 'strerror', None) or error}"
        try:
            process.communicate(text.encode("utf-8", "replace"), timeout=self._limit_s)
        except subprocess.TimeoutExpired:
            return f"{_ended(process)} after {self._limit_s:g} s"
        code = process.returncode
        return "" if not code else f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"


def _ended(process: subprocess.Popen[bytes]) -> str:
    """End it, with whatever it started; what became of it."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except PermissionError:  # it has become another user's
        return "is still running, and cannot be ended,"
    process.wait()
    return "was ended"
