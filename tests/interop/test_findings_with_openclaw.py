"""Real stale writers of OpenClaw against a real patch in between: each loss is found, and nothing else is."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from store.events import Changed, Version
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.js import JsonObject
from store.watch import Watch
from tests.interop.openclaw import release
from tests.support.stores import write_store

pytestmark = pytest.mark.heavy

KEY, OTHER = "agent:main:telegram:direct:1", "agent:main:main"
RUNS = 20
DRIVER = Path(__file__).with_name("stale_driver.mjs")
MODELS = (("openai", "gpt-5.2"), ("google", "gemini-3"), ("zai", "glm-4.7"))


def first_entry(number: int) -> JsonObject:
    """What the handler of 2026.1.29 knows of an entry, so that it loses no more than what was set in between."""
    return {
        "sessionId": f"{number}1111111-aaaa-4aaa-8aaa-111111111111",
        "updatedAt": int(time.time() * 1000) - 60_000,
        "thinkingLevel": "low",
        "lastChannel": "telegram",
        "lastTo": str(number),
        "deliveryContext": {"channel": "telegram", "to": str(number)},
        "label": f"chat {number}",
    }


class Writer:
    """A driver process that takes one command after the other."""

    def __init__(self, version: str, state: Path, store: Path) -> None:
        self.process = release(version).start(state, store, driver=DRIVER)
        assert self.answer() == "ready"

    def ask(self, **command: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        """End the process and close its pipes."""
        self.process.communicate(timeout=20)


@dataclass
class Seen:
    """The writes as they came, with what was found in each."""

    store: Path
    writes: list[tuple[Changed, tuple[Finding, ...]]] = field(default_factory=list)
    last: Version | None = None

    def follow(self, stop: threading.Event) -> None:
        detector = Detector(self.store)
        for event in Watch([self.store]).events(stop):
            found = detector.observe(event)
            if isinstance(event, Changed):
                self.writes.append((event, found))
            self.last = getattr(event, "version", self.last)

    def caught_up(self) -> None:
        """Wait until the version on disk is the last one seen."""
        deadline = time.monotonic() + 10
        while self.last is None or self.last.file.inode != os.stat(self.store).st_ino:
            assert time.monotonic() < deadline
            time.sleep(0.005)


@contextmanager
def following(store: Path) -> Iterator[Seen]:
    seen, stop = Seen(store), threading.Event()
    thread = threading.Thread(target=seen.follow, args=(stop,))
    thread.start()
    try:
        seen.caught_up()
        yield seen
    finally:
        stop.set()
        thread.join()


@dataclass
class Run:
    """One write of a writer that thought, and what was found in it."""

    event: Changed
    found: tuple[Finding, ...]
    held: dict[str, JsonObject]

    def model(self, after: bool) -> tuple[object, object] | None:
        """The model of KEY before or after the write; None when the write left the entry alone."""
        change = next((change for change in self.event.changes if change.key == KEY), None)
        return model_of(json.loads((change.after if after else change.before) or b"{}")) if change else None

    @property
    def lost(self) -> bool:
        """Whether the model set meanwhile went back to what the writer held."""
        return self.model(after=False) != self.model(after=True) == model_of(self.held[KEY])

    def wrong(self, grades: tuple[str, ...], held_since: int) -> str:
        """What is wrong with the finding of a loss."""
        found = [finding for finding in self.found if finding.key == KEY and finding.kind == "lost-update"]
        if len(found) != 1:
            return f"{len(found)} findings"
        (finding,) = found
        lost = {field.field: field.lost for field in finding.fields}
        before = self.model(after=False)
        if finding.grade not in grades:
            return f"{finding.grade}: {finding.because()}"
        if before != (lost.get("providerOverride"), lost.get("modelOverride")):
            return f"lost {lost}, not {before}"
        if finding.base is None or finding.base.version.number != held_since:
            return f"base {finding.base}, not {held_since}"
        return ""


def model_of(entry: JsonObject) -> tuple[object, object]:
    return entry.get("providerOverride"), entry.get("modelOverride")


def marked(seen: Seen, mark: list[Any]) -> tuple[Changed, tuple[Finding, ...]]:
    """The write that put this value there."""
    key, name, value = mark
    for event, found in reversed(seen.writes):
        for change in event.changes:
            before, after = (json.loads(text or b"{}").get(name) for text in (change.before, change.after))
            if change.key == key and before != value == after:
                return event, found
    raise AssertionError(f"no write of {mark}")


def since(seen: Seen, event: Changed, held: JsonObject) -> int:
    """The number of the newest version before a write in which the entry came to be as the writer held it."""
    number = 1
    for earlier, _ in seen.writes:
        if earlier is event:
            break
        for change in earlier.changes:
            if change.key == KEY and json.loads(change.after or b"{}") == held:
                number = earlier.version.number
    return number


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions"
    folder.mkdir()
    return write_store(folder / "sessions.json", {KEY: first_entry(1), OTHER: first_entry(2)})


@pytest.mark.parametrize(
    ("version", "writes", "key", "grades"),
    [
        ("2026.1.29", "handler", KEY, ("confirmed",)),
        ("2026.1.29", "afterRun", KEY, ("confirmed", "probable")),
        ("2026.1.29", "heartbeat", OTHER, ("confirmed",)),
        ("2026.3.2", "heartbeat", OTHER, ("confirmed",)),
    ],
)
def test_each_loss_is_found_and_nothing_else(
    version: str, writes: str, key: str, grades: tuple[str, ...], store: Path, tmp_path: Path
) -> None:
    rng = random.Random(f"{version} {writes}")
    thinker, patcher = (Writer(version, tmp_path / name, store) for name in ("thinker", "patcher"))
    runs: list[Run] = []
    with following(store) as seen:
        for number in range(RUNS):
            provider, model = MODELS[number % len(MODELS)]
            early, wait = rng.random() < 0.2, rng.randint(50, 300)
            patch = {"do": "patch", "key": KEY, "provider": provider, "model": model}
            if early:
                patcher.ask(**patch)
                patcher.answer()
            thinker.ask(do=writes, key=key, wait=wait)
            assert thinker.answer() == "loaded"
            if not early:
                time.sleep(rng.uniform(0.002, 0.25))
                patcher.ask(**patch)
                patcher.answer()
            answer = thinker.answer()
            seen.caught_up()
            runs.append(Run(*marked(seen, answer["mark"]), answer["held"]))
    for writer in (thinker, patcher):
        writer.stop()
    judge(seen, runs, grades, f"{version} {writes}")


def judge(seen: Seen, runs: list[Run], grades: tuple[str, ...], name: str) -> None:
    """Every loss is told, with its field, its value and its base; no alarm in any other write."""
    lost = [run for run in runs if run.lost]
    wrong = [why for run in lost if (why := run.wrong(grades, since(seen, run.event, run.held[KEY])))]
    losing = {run.event.version.number for run in lost}
    false = [
        f"{finding.kind} {finding.grade} {finding.because()}"
        for event, found in seen.writes
        if event.version.number not in losing
        for finding in found
        if finding.alarming
    ]
    sys.stdout.write(f"\n{name}: {len(runs)} runs, {len(lost)} losses, {len(wrong)} told wrongly, {len(false)} false\n")
    assert len(lost) >= 5
    assert wrong == []
    assert false == []
