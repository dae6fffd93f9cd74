"""A process that changes rows of a store as told: `python -m tests.bench.storm_writer STORE RATE ROWS SECONDS`.

RATE is writes per second, each of a whole new file with ROWS entries changed: half of them among the newest, which are
on the screen, the others anywhere. Says "ready", waits for a line, then prints {written, seconds}.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

from store.js import JsonObject, encode, encode_string
from store.text.document import decode_object
from store.text.parsing import parse

NEWEST = 40
MODELS = ("claude-opus-4-6", "gpt-5.2", "gemini-3-pro", "glm-4.7")


class Store:
    """The texts of the entries, in file order."""

    def __init__(self, content: bytes) -> None:
        self._chance = random.Random(1)
        document = parse(content, check=False)
        self._keys = document.keys()
        entries = {key: decode_object(raw) or {} for key, raw in document.raws()}
        self._newest = sorted(self._keys, key=lambda key: _stamp(entries[key]), reverse=True)[:NEWEST]
        self._entries = entries
        self._texts = {key: _text(key, entry) for key, entry in entries.items()}

    def change(self, rows: int) -> None:
        """Let so many entries end a run that gives them another name: values that come back would be findings."""
        chance = self._chance
        for turn in range(rows):
            key = chance.choice(self._newest if turn % 2 or (rows == 1 and chance.random() < 0.5) else self._keys)
            entry = self._entries[key]
            entry |= {
                "updatedAt": int(time.time() * 1000),
                "inputTokens": chance.randrange(10**6),
                "label": f"run {chance.randrange(10**9)}",
                "model": chance.choice(MODELS),
                "status": chance.choice(("running", "done")),
            }
            self._texts[key] = _text(key, entry)

    def content(self) -> bytes:
        """The file as the gateway writes it."""
        return b"{\n  " + b",\n  ".join(self._texts.values()) + b"\n}"


def _stamp(entry: JsonObject) -> float:
    stamp = entry.get("updatedAt")
    return float(stamp) if isinstance(stamp, (int, float)) else 0.0


def _text(key: str, entry: JsonObject) -> bytes:
    return f"{encode_string(key)}: {encode(entry, chr(10) + '  ')}".encode()


def main(path: str, rate: str, rows: str, seconds: str) -> None:
    store = Store(Path(path).read_bytes())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun, number = time.perf_counter(), 0
    while time.perf_counter() - begun < float(seconds):
        number += 1
        store.change(int(rows))
        temp = f"{path}.{os.getpid()}.{number:08d}-0000-4000-8000-000000000000.tmp"
        Path(temp).write_bytes(store.content())
        os.rename(temp, path)
        time.sleep(max(0.0, begun + number / float(rate) - time.perf_counter()))
    sys.stdout.write(json.dumps({"written": number, "seconds": time.perf_counter() - begun}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
