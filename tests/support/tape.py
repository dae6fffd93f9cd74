"""What a program sends to its terminal, with the time of every piece; looked at when it is over."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from tests.support.pty_screen import PtyScreen

Looks = Callable[[list[str]], Hashable]


@dataclass
class Tape:
    """Records a program while keys are sent to it; nothing of what comes is interpreted meanwhile.

    Times are seconds of `time.perf_counter`.
    """

    screen: PtyScreen
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    keys: list[tuple[float, str]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Tape:
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._reader.join()

    def _read(self) -> None:
        while not self._over.is_set():
            if octets := self.screen.take(0.05):
                self.pieces.append((time.perf_counter(), octets))

    def press(self, key: str) -> None:
        """Send a key now."""
        self.keys.append((time.perf_counter(), key))
        self.screen.send(key)

    def answers(self, looks: Looks) -> list[float | None]:
        """Seconds from each key until the screen `looks` another way; None: not before the next key.

        Shows all that was recorded, so it can be asked once.
        """
        pieces = iter([*self.pieces, (math.inf, b"")])
        at, octets = next(pieces)
        found: list[float | None] = []
        for (pressed, _), (following, _) in zip(self.keys, [*self.keys[1:], (math.inf, "")], strict=True):
            while at < pressed:
                self.screen.show(octets)
                at, octets = next(pieces)
            before, answered = looks(self.screen.text()), None
            while answered is None and at < following:
                self.screen.show(octets)
                answered = at - pressed if looks(self.screen.text()) != before else None
                at, octets = next(pieces)
            found.append(answered)
        return found
