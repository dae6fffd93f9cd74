"""A process that replaces a store as told: `python -m tests.support.renamer STORE COUNT RATE SECONDS`.

Each version has the next number as `updatedAt` of its last entry. RATE is versions per second, 0 as fast as they go;
it ends after COUNT versions or SECONDS. Says "ready", waits for a line, then prints {written, seconds}.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from store.js import JsonObject, encode

FIRST = 1_700_000_000_000
_FIELD = b'"updatedAt": '
_ROOT = Path(__file__).parents[2]


def write_store(path: Path, entries: int) -> None:
    """A store of so many entries of 3 KB for the process to replace."""
    store: JsonObject = {
        f"agent:main:{number}": {"n": number, "text": "x" * 2900, "updatedAt": FIRST} for number in range(entries)
    }
    path.write_bytes(encode(store).encode())


def number_in(entry: bytes | None) -> int:
    """Which version an entry's text belongs to."""
    return int((entry or b"").rsplit(_FIELD, 1)[1][:13]) - FIRST


def start(store: Path, *, rate: float, count: int = 10**9, seconds: float = 10**9) -> subprocess.Popen[str]:
    """The process, ready to begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.renamer", *map(str, (store, count, rate, seconds))],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def begin(process: subprocess.Popen[str]) -> None:
    """Let it run."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def main(store: str, count: str, rate: str, seconds: str) -> None:
    data = bytearray(Path(store).read_bytes())
    at = data.rindex(_FIELD) + len(_FIELD)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun, number = time.perf_counter(), 0
    while number < int(count) and time.perf_counter() - begun < float(seconds):
        number += 1
        data[at : at + 13] = b"%d" % (FIRST + number)
        temp = f"{store}.{os.getpid()}.{number:08d}-0000-4000-8000-000000000000.tmp"
        with open(temp, "wb") as file:
            file.write(data)
        os.rename(temp, store)
        if float(rate):
            time.sleep(max(0.0, begun + number / float(rate) - time.perf_counter()))
    sys.stdout.write(json.dumps({"written": number, "seconds": time.perf_counter() - begun}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
