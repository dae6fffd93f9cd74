"""A program on a terminal of our own: what it shows, and how many bytes it sent for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

STALL_FRAMES, FRAME_S = 20, 0.1
"""So many whole frames, that far apart, are more than a terminal's buffers take: some 20 KB."""
_SYNCHRONISED = b"\x1b[?2026$p"


class PtyScreen:
    """Runs a command in a pseudo-terminal; `received` counts the bytes since `forget` was last called."""

    def __init__(
        self, command: Sequence[str], columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        self.received = bytearray()
        self._screen = pyte.Screen(columns or 80, rows or 24)
        self._stream = pyte.ByteStream(self._screen)
        self.master, slave = pty.openpty()
        self._say_size(columns, rows)
        self._modes = termios.tcgetattr(slave)
        terminal = {"TERM": "xterm-256color", "COLUMNS": "", "LINES": "", "LANG": "C.UTF-8"}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**(os.environ if env is None else env), **terminal},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> PtyScreen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        with contextlib.suppress(OSError):
            os.close(self.master)

    @property
    def is_as_it_was(self) -> bool:
        """Whether the terminal's modes are those of before the program."""
        return termios.tcgetattr(self.master) == self._modes

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def stall(self, key: str) -> None:
        """Take nothing of what comes while a key is pressed that paints everything, until there is no room for more."""
        for _ in range(STALL_FRAMES):
            self.send(key)
            time.sleep(FRAME_S)

    def resize(self, columns: int, rows: int) -> None:
        """Another size, or the same once more; of what stood there nothing is left."""
        self._screen.resize(rows, columns)
        self._screen.erase_in_display(2)
        self._say_size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def _say_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def forget(self) -> None:
        """Count from here."""
        self.received.clear()

    def text(self) -> list[str]:
        """The lines on the screen."""
        return list(self._screen.display)

    def read(self, seconds: float) -> int:
        """Take in whatever comes within this time; the number of bytes."""
        before, end = len(self.received), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self._read_once(left):
                break
        return len(self.received) - before

    def read_until(self, shown: Callable[[list[str]], bool], seconds: float = 10.0) -> float:
        """Take in until the screen shows what is asked; seconds since the program started, or TimeoutError."""
        end = time.monotonic() + seconds
        while not shown(self.text()):
            left = end - time.monotonic()
            if left <= 0 or not self._read_once(left):
                raise TimeoutError("\n".join(self.text()))
        return time.monotonic() - self.started

    def read_until_quiet(self, quiet_s: float = 0.3, seconds: float = 10.0) -> None:
        """Take in until nothing comes for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._read_once(quiet_s):
            pass

    def take(self, seconds: float) -> bytes:
        """What comes next within this time, not yet shown."""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            octets = os.read(self.master, 65536)
        except OSError:
            return b""
        if _SYNCHRONISED in octets:
            os.write(self.master, b"\x1b[?2026;2$y")
        self.received += octets
        return octets

    def show(self, octets: bytes) -> None:
        """Show what was taken."""
        self._stream.feed(octets)

    def _read_once(self, seconds: float) -> bool:
        octets = self.take(seconds)
        self.show(octets)
        return bool(octets)
