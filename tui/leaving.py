"""How the program ends: by a key, by a second Ctrl+C, by a signal; always as `q` does, asking once where need be."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from typing import TYPE_CHECKING

from tui.loading import Loading

if TYPE_CHECKING:
    from tui.editing.desk import Desk, InHand

INTERRUPT_S = 2.0
ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the program as `q` does, so that the terminal is left as it was found."""


class Leaving(Loading, inherit_bindings=False):
    """The ends of a run; what is in hand is asked about once."""

    _desk: Desk | None = None
    _began = 0.0
    _interrupted_at = -INTERRUPT_S
    _asked_about: frozenset[InHand] = frozenset()

    def end_on_signals(self) -> None:
        """Take the signals that end a program."""
        if threading.current_thread() is threading.main_thread():
            for ending in ENDING:
                asyncio.get_running_loop().add_signal_handler(ending, self._ended_by, ending)

    def _ended_by(self, ending: signal.Signals) -> None:
        self.exit(return_code=128 + ending)

    def interrupt(self) -> None:
        """Quit at the second Ctrl+C within two seconds."""
        now = time.monotonic()
        if now - self._interrupted_at < INTERRUPT_S:
            self.leave()
        else:
            self.tell("Ctrl+C again quits.")
        self._interrupted_at = now

    def leave(self) -> None:
        """Quit; asks once about drafts of this run and edits that are watched."""
        in_hand = self._desk.in_hand(self.dashboard.stores, self._began) if self._desk is not None else frozenset()
        if in_hand <= self._asked_about:
            self.exit()
        else:
            from tui.look.sentences import asks_to_quit

            self._asked_about = in_hand
            self.tell(asks_to_quit(in_hand))
