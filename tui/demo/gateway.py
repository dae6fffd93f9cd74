"""The process of the simulated gateway: `python -m tui.demo.gateway STORE SEED [SCENARIO]`.

It plays the scenario, or an everyday one, and does what the lines of its standard input ask, until that ends, which
happens when the process that started it does, however that dies; then it removes the store's directory, if that is
one of the demo's own.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from store.errors import Busy, StoreError
from store.gateway.scenarios.catalogue import scenario_named
from store.gateway.scenarios.play import RACE, Player
from tui.demo.everyday import EVERYDAY
from tui.demo.place import DIRECTORY_PREFIX, keep_alive
from tui.demo.stagehand import Stagehand

PAUSE_S: Final = (0.25, 0.65)
"""The shortest and the longest time between two acts."""
OFTEN: Final = 0.6
"""How often a path is racy where one kind of loss is to be seen, and no script says when."""
_FOREVER: Final = 1 << 62


class Ended(Exception):
    """Nobody is there any more to write for."""


def main(arguments: Sequence[str]) -> int:
    """Write until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the dashboard
    store, seed, name = Path(arguments[0]), int(arguments[1]), "".join(arguments[2:])
    with keep_alive(store.parent):
        try:
            SimulatedGateway(store, seed, name).run()
        finally:
            if store.parent.name.startswith(DIRECTORY_PREFIX):
                shutil.rmtree(store.parent, ignore_errors=True)
    return 0


class SimulatedGateway:
    """Ordinary traffic, with what the tour asks for in its pauses."""

    def __init__(self, store: Path, seed: int, name: str = "") -> None:
        self._random = Random(seed)
        self._stagehand = Stagehand(store, self._random)
        self._unread = b""
        scenario = scenario_named(name) if name else EVERYDAY
        self._player = Player(
            store,
            scenario,
            seed,
            lambda _: None,
            race=RACE if scenario.script else OFTEN,
            pause=self._pause,
            spared=self._stagehand.spared,
        )

    def run(self) -> None:
        """Act until standard input ends; a store that cannot be written any more is told on stderr."""
        while True:
            try:
                self._player.play(_FOREVER)
            except Busy:
                continue
            except Ended:
                return
            except StoreError as error:
                sys.stderr.write(f"{error.reason}\n")
                return

    def _pause(self) -> None:
        end = time.time() + self._random.uniform(*PAUSE_S)
        while (now := time.time()) < end:
            self._listen(min(end, self._stagehand.next_due) - now)
            if self._stagehand.next_due <= time.time():
                self._stagehand.do_next()

    def _listen(self, seconds: float) -> None:
        if not select.select([0], [], [], max(0.0, seconds))[0]:
            return
        octets = os.read(0, 4096)
        if not octets:
            raise Ended
        *lines, self._unread = (self._unread + octets).split(b"\n")
        for line in lines:
            self._stagehand.told(line.decode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
