"""How the program ends: by a key, by a second Ctrl+C, by a signal; always as `q` does, asking once where need be."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.core import Core
    from tui.editing.drafts import InHand

INTERRUPT_S = 2.0
ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the program as `q` does, so that the terminal is left as it was found."""


class Leaving:
    """The ends of a run; what is in hand is asked about once."""

    def __init__(self, app: Core) -> None:
        self._app = app
        self._began = app.dashboard.clock()
        self._interrupted_at = -INTERRUPT_S
        self._asked_about: frozenset[InHand] = frozenset()

    def end_on_signals(self) -> None:
        """Take the signals that end a program."""
        if threading.current_thread() is threading.main_thread():
            for ending in ENDING:
                asyncio.get_running_loop().add_signal_handler(ending, self._ended_by, ending)

    def _ended_by(self, ending: signal.Signals) -> None:
        self._app.exit(return_code=128 + ending)

    def interrupt(self) -> None:
        """Quit at the second Ctrl+C within two seconds."""
        now = time.monotonic()
        if now - self._interrupted_at < INTERRUPT_S:
            self.leave()
        else:
            self._app.tell("Ctrl+C again quits.")
        self._interrupted_at = now

    def drop_drafts(self) -> str:
        """Forget what was typed in this run and not written; the sentence about it."""
        from tui.look.sentences import drafts_dropped

        app = self._app
        if app.made_desk is None:
            return drafts_dropped(0)
        return drafts_dropped(app.made_desk.drop_drafts(app.dashboard.stores, self._began))

    def leave(self) -> None:
        """Quit; asks once about drafts of this run and edits that are watched."""
        app = self._app
        in_hand = app.made_desk.in_hand(app.dashboard.stores, self._began) if app.made_desk is not None else frozenset()
        if in_hand <= self._asked_about:
            app.exit()
        else:
            from tui.look.sentences import asks_to_quit

            self._asked_about = in_hand
            app.tell(asks_to_quit(in_hand))
