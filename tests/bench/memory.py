"""Memory after many versions: what the dashboard, its history and its detector keep, in a process of their own.

`python -m tests.bench.memory VERSIONS FILE` feeds itself with events and prints a JSON object; FILE becomes a recording
of the first few thousand of them.
"""

from __future__ import annotations

import gc
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from store.events import Changed, EntryChange, FileId, Loaded, Version
from store.findings.detector import Detector
from store.js import JsonObject, encode
from store.openclaw.paths import StorePath
from store.recording.recorder import Recorder
from store.summary import summarise
from tests.bench.measure import Figure
from tests.support.past import START, STORE
from tui.state import Dashboard, StoreState

VERSIONS = 100_000
ENTRIES = 300
RECORDED = 5_000


def measure(scratch: Path) -> list[Figure]:
    """Memory, and the size of a recording of such versions."""
    command = [sys.executable, "-m", "tests.bench.memory", str(VERSIONS), str(scratch / "recording.cwrec")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    told = json.loads(done.stdout)
    memory = f"{told['before_mb']:.0f} MB before, {told['after_mb']:.0f} MB after"
    pace = f"{told['seconds'] / VERSIONS * 1e6:.0f} µs"
    return [
        Figure(f"memory over {VERSIONS:,} versions of {ENTRIES} entries of 4 KB", memory),
        Figure("taking in one of them: summary, history, detector", pace),
        Figure("recording, per 1,000 versions", f"{told['recorded'] / RECORDED * 1000 / 1e3:,.0f} KB"),
    ]


class Store:
    """Entries of 4 KB that runs, people and messages change one after the other; the texts are those of now."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        self._entries = {f"agent:main:telegram:direct:{number}": self._new(number) for number in range(ENTRIES)}
        self.texts = {key: encode(entry).encode() for key, entry in self._entries.items()}

    def _new(self, number: int) -> JsonObject:
        skills: JsonObject = {"prompt": "x" * 3500, "version": 1}
        return {"sessionId": f"{number:08d}-aaaa-4aaa-8aaa-111111111111", "updatedAt": 0, "skillsSnapshot": skills}

    def keys(self, _store: Path) -> list[str]:
        """The keys there are."""
        return list(self.texts)

    def raw(self, _store: Path, key: str) -> bytes | None:
        """The text of an entry."""
        return self.texts.get(key)

    def events(self, count: int) -> Iterator[Loaded | Changed]:
        """The first version and so many more."""
        yield Loaded(STORE, self._version(1), len(self.texts))
        for number in range(2, count + 2):
            key = self._chance.choice(list(self.texts))
            before, entry = self.texts[key], self._entries[key]
            entry |= self._write() | {"updatedAt": int((START + number) * 1000)}
            self.texts[key] = encode(entry).encode()
            change = EntryChange(key, before, self.texts[key])
            yield Changed(STORE, self._version(number), (change,), len(self.texts))

    def _write(self) -> JsonObject:
        chance = self._chance
        kind = chance.random()
        if kind < 0.6:
            figures = {name: chance.randrange(10**5) for name in ("inputTokens", "outputTokens", "totalTokens")}
            return {**figures, "model": chance.choice(("opus", "gpt-5.2")), "endedAt": chance.randrange(10**12)}
        if kind < 0.8:
            to = str(chance.randrange(5))
            return {"lastChannel": "telegram", "lastTo": to, "deliveryContext": {"channel": "telegram", "to": to}}
        return {"thinkingLevel": chance.choice(("low", "high")), "label": f"chat {chance.randrange(1000)}"}

    def _version(self, number: int) -> Version:
        return Version(number, START + number, FileId(1, number, 10**6, int((START + number) * 1e9)))


def main(versions: str, file: str) -> None:
    store = Store()
    dashboard = Dashboard.of([StoreState.unseen(StorePath(STORE, "main", None))], store.raw, time.time)
    detector, recorder = Detector(STORE), Recorder(Path(file), [STORE])
    before, start, spent = 0.0, 0.0, 0.0
    for event in store.events(int(versions)):
        keys = [change.key for change in event.changes] if isinstance(event, Changed) else list(store.texts)
        start = time.perf_counter()
        summaries = {key: summarise(key, store.texts[key]) for key in keys}
        dashboard.apply(event, summaries, detector.observe(event))
        spent += time.perf_counter() - start
        before = before or _resident_mb()
        if isinstance(event, Loaded) or event.version.number <= RECORDED + 1:
            recorder.take(event, store)
        elif event.version.number == RECORDED + 2:
            recorder.close()
    after = _resident_mb()
    told = {"before_mb": before, "after_mb": after, "seconds": spent, "recorded": Path(file).stat().st_size}
    sys.stdout.write(json.dumps(told) + "\n")


def _resident_mb() -> float:
    gc.collect()
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main(*sys.argv[1:])
