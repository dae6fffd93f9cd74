"""Writers to run as processes of their own: `python -m tests.support.writers VERB STORE ...`.

    increment STORE KEY FIELD COUNT    locked updates of ours; prints a JSON summary
    rival STORE KEY SECONDS            replaces the store without any lock; prints what it wrote and what it lost
    hold STORE                         takes the lock, says "holding" and kills itself

The first two say "ready" and wait for a line on standard input.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from store.commit import update_store
from store.errors import StoreError
from store.writing.draft import StoreDraft
from store.writing.lock import hold
from tests.support.stores import ALLOWED, replace_store

ROOT = Path(__file__).parents[2]
PATIENCE_S = 2.0
"""How long the rival waits for its last version to be back: a put-back takes microseconds."""


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start one of the verbs, with pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.writers", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(*processes: subprocess.Popen[str], ready: str = "ready\n") -> None:
    """Let writers that are ready begin together."""
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == ready
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def summary(process: subprocess.Popen[str], timeout: float = 110) -> Any:
    """What a writer printed last, once it has ended."""
    printed, _ = process.communicate(timeout=timeout)
    assert process.returncode == 0
    return json.loads(printed.splitlines()[-1])


def increment(path: Path, key: str, name: str, count: str) -> dict[str, object]:
    def mutate(draft: StoreDraft) -> None:
        value = draft[key].get(name, 0)
        assert isinstance(value, int)
        draft[key][name] = value + 1

    failed: list[str] = []
    waited = []
    for _ in range(int(count)):
        try:
            waited.append(update_store(path, mutator=mutate, permit=ALLOWED).waited_s)
        except StoreError as error:
            failed.append(error.reason)
    return {"ok": len(waited), "failed": failed, "longestMs": 1000 * max(waited, default=0)}


def rival(path: Path, key: str, seconds: str) -> dict[str, object]:
    rng = random.Random(7)
    end = time.monotonic() + float(seconds)
    lost: list[int] = []
    number = 0
    while time.monotonic() < end and not _told_to_stop():
        entries = _with_number(path, key, number)
        if entries is None:
            lost.append(number)
            entries = json.loads(path.read_bytes())
        number += 1
        entries[key]["rival"] = number
        replace_store(path, entries)
        time.sleep(rng.expovariate(1000))
    return {"written": number, "lost": lost + ([number] if _with_number(path, key, number) is None else [])}


def _with_number(path: Path, key: str, number: int) -> dict[str, Any] | None:
    """The store once it holds our last number; None when that does not come back."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        entries: dict[str, Any] = json.loads(path.read_bytes())
        if entries[key].get("rival", 0) == number:
            return entries
    return None


def _told_to_stop() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


def hold_and_die(path: Path) -> None:
    with hold(path):
        say("holding")
        os.kill(os.getpid(), signal.SIGKILL)


def main(verb: str, path: str, *rest: str) -> None:
    if verb == "hold":
        hold_and_die(Path(path))
    say("ready")
    sys.stdin.readline()
    result = increment(Path(path), *rest) if verb == "increment" else rival(Path(path), *rest)
    say(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
