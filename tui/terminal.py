"""The terminal as the app writes to it; one that is gone ends the program.

Textual's writing thread ends at the first error. Its queue then fills, and the app would wait for ever to put one more
piece into it: deaf even to SIGTERM, after every connection that was cut.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, cast

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from tui.keyboard import KeyParser

linux_driver.XTermParser = KeyParser  # type: ignore[attr-defined]
"""Its input thread makes the parser itself and leaves no other way in."""


GRACE_S, STEP_S = 0.5, 0.01
"""How long the end waits for a terminal to take the last frame, and how often it looks."""


class Terminal(LinuxDriver):
    """Textual's own driver, for which a terminal that hung up or cannot be written to is a SIGHUP of this process."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        file = self._file
        assert file is not None  # open_dashboard has asked whether it is a terminal
        self._descriptor = file.fileno()
        self._sent = 0
        self._out = _Dropping(file, self._hang_up)
        self._file = cast("Any", self._out)
        self._gone = threading.Lock()
        self._watched = False

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has yet to take something that was written."""
        return self._out.taken < self._sent

    def write(self, data: str) -> None:
        """Have it written by the thread for that; waits where a terminal that takes nothing has some thirty to take."""
        self._sent += 1
        super().write(data)

    def start_application_mode(self) -> None:
        """Begin, and notice from now on when the terminal goes."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if not self._watched:
            self._watched = True
            threading.Thread(target=self._watch, name="terminal-hangup", daemon=True).start()

    def stop_application_mode(self) -> None:
        """End, and leave the terminal as it was; one that takes nothing gets only that, once it takes something."""
        deadline = time.monotonic() + GRACE_S
        while self.is_behind and time.monotonic() < deadline:
            time.sleep(STEP_S)
        if self.is_behind:
            with suppress(termios.error):
                termios.tcflush(self._descriptor, termios.TCOFLUSH)
        super().stop_application_mode()

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, 0)  # a hang-up is told without being asked for
        poll.poll()
        self._hang_up()

    def _hang_up(self) -> None:
        if self._gone.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGHUP)


class _Dropping:
    """A text stream that drops what cannot be written, and says so each time.

    `taken` is how many of the writes the other side has had.
    """

    def __init__(self, file: IO[str], failed: Callable[[], None]) -> None:
        self._file = file
        self._failed = failed
        self._written = self.taken = 0

    def write(self, text: str) -> int:
        """Write, or drop."""
        self._written += 1
        try:
            return self._file.write(text)
        except OSError:
            self._failed()
            return 0

    def flush(self) -> None:
        """Send what was written, or drop it."""
        try:
            self._file.flush()
        except OSError:
            self._failed()
        self.taken = self._written

    def fileno(self) -> int:
        """The descriptor of the terminal."""
        return self._file.fileno()
