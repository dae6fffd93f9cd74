"""The process of the simulated gateway: `python -m tui.demo.gateway STORE [SEED]`.

It writes until its standard input ends, which happens when the process that started it does, however that dies; then
it removes the store's directory, if that is one of the demo's own.
"""

from __future__ import annotations

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
from tui.demo.traffic import Traffic

DIRECTORY_PREFIX: Final = "clobberwatch-demo-"


def main(arguments: Sequence[str]) -> int:
    """Write until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the dashboard
    store = Path(arguments[0])
    try:
        run(Traffic(store, Random(int(arguments[1]) if len(arguments) > 1 else None)))
    finally:
        if store.parent.name.startswith(DIRECTORY_PREFIX):
            shutil.rmtree(store.parent, ignore_errors=True)
    return 0


def run(traffic: Traffic) -> None:
    """Every write when it is due."""
    while not _input_ended(traffic.next_due() - time.time()):
        try:
            traffic.step()
        except Busy:
            continue
        except StoreError as error:
            sys.stderr.write(f"{error.reason}\n")
            return


def _input_ended(seconds: float) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], max(0.0, seconds))
    return bool(readable)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
