"""What a recording takes: bytes per 1,000 versions, time per version, and how fast it is read and judged again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from store.events import Event
from store.js import JsonObject, encode
from store.recording.judge import recorded_judge
from store.recording.recorder import Recorder
from store.recording.recording import Recording
from store.text.document import Document, decode_object
from store.text.read import open_store
from tests.bench.measure import Figure
from tests.support.recorded import Feed, text

VERSIONS = 1000


def measure(path: Path, scratch: Path) -> list[Figure]:
    """Runs of a gateway on the entries of this store; then such that also renew what is told to the model."""
    figures: list[Figure] = []
    with open_store(path) as opened:
        figures.append(_first_version(opened.document, scratch / "first.rec"))
        for what, report in (("runs", 0), ("runs with a new 8 KB report each", 8192)):
            figures += _measure(opened.document, scratch / f"{report}.rec", what, report)
    return figures


def _first_version(document: Document, file: Path) -> Figure:
    feed = Feed()
    recorder = Recorder(file, [feed.store])
    start = time.perf_counter()
    recorder.take(feed.loaded(dict(document.raws())), feed)
    recorder.close()
    took = time.perf_counter() - start
    what = f"recording, first version of {len(document):,} entries"
    return Figure(what, f"{file.stat().st_size / 1e6:.1f} MB in {took:.2f} s")


def _measure(document: Document, file: Path, what: str, report: int) -> Iterator[Figure]:
    feed = Feed()
    recorder = Recorder(file, [feed.store])
    recorder.take(feed.loaded(dict(document.raws())), feed)
    events = list(_runs(feed, report))
    start = time.perf_counter()
    for event in events:
        recorder.take(event, feed)
    per_version = (time.perf_counter() - start) / VERSIONS
    recorder.close()
    grown = file.stat().st_size - file.with_name("first.rec").stat().st_size
    yield Figure(f"recording, 1,000 {what}", f"{grown / 1e6:.2f} MB, {1000 * per_version:.2f} ms a version")
    recording = Recording(file)
    judge = recorded_judge(recording)
    start = time.perf_counter()
    found = sum(len(judge(event)) for event in recording.events())
    took = time.perf_counter() - start
    recording.close()
    yield Figure(f"reading and judging 1,000 {what}", f"{took:.1f} s, {found} findings")


def _runs(feed: Feed, report: int) -> Iterator[Event]:
    chance = random.Random(1)
    keys = list(feed.texts)
    for number in range(VERSIONS):
        key = chance.choice(keys[:50] if number % 5 else keys)
        entry = decode_object(feed.texts[key]) or {}
        now = 1_771_900_000_000 + number * 1000
        run: JsonObject = {
            "updatedAt": now,
            "inputTokens": chance.randrange(10**6),
            "outputTokens": chance.randrange(10**5),
            "totalTokens": chance.randrange(10**6),
            "estimatedCostUsd": chance.randrange(10**6) / 1e6,
            "status": "done" if number % 2 else "running",
            "startedAt": now - 900,
        }
        if report:
            run["systemPromptReport"] = {"generatedAt": now, "text": _words(chance, report)}
        yield feed.changed({key: text({**entry, **run})})


def _words(chance: random.Random, length: int) -> str:
    words = [f"tool_{chance.randrange(200)}" for _ in range(length // 8)]
    return encode(" ".join(words))
