"""News on their way to the screen: what comes between two frames is shown together."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message_pump import MessagePump

from tui.pace import FRAME_S, Pace
from tui.state import Update


class Frames:
    """The updates that wait for the next frame; `show` puts one on the screen, `sent` counts bytes to the terminal."""

    def __init__(self, pump: MessagePump, show: Callable[[Update], None], sent: Callable[[], int]) -> None:
        self._pump, self._show = pump, show
        self._pace = Pace(sent, time.monotonic)
        self._waiting: Update | None = None
        self._running = False

    def soon(self, update: Update) -> None:
        """Show it with the next frame, at once where none is running."""
        self._waiting = update if self._waiting is None else self._waiting.then(update)
        if not self._running:
            self._pace.begin()
            self.now()
            self._running = True
            self._pump.set_timer(FRAME_S, self._over)

    def now(self) -> None:
        """Show what waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._show(waiting)

    def _over(self) -> None:
        if (rest := self._pace.rest_s()) > 0:
            self._pump.set_timer(rest, self._over)
            return
        self._running = False
        if self._waiting is not None:
            self.soon(Update())
