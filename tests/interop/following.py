"""Real writers of OpenClaw driven line by line, and a detector that follows what they do to a store."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from store.events import Changed, Event, FileId, Loaded, Missed
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.js import JsonObject
from store.watch import Watch
from tests.interop.openclaw import release

CATCH_UP_S = 60.0


class Writer:
    """A driver process that takes one command after the other."""

    def __init__(self, version: str, state: Path, store: Path, driver: Path) -> None:
        self.process = release(version).start(state, store, driver=driver)
        assert self.answer() == "ready"

    def ask(self, **command: object) -> None:
        """Send a command; its answer is to be fetched."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """The next thing the driver says."""
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.communicate(timeout=100)


@dataclass
class Seen:
    """What came of a store, and, once it is no longer followed, what was found in each version."""

    store: Path
    events: list[Event] = field(default_factory=list)
    found: dict[int, tuple[Finding, ...]] = field(default_factory=dict)

    def follow(self, stop: threading.Event) -> None:
        """Watch until told to stop; only then is anything judged, so that no version is missed for that."""
        for event in Watch([self.store]).events(stop):
            self.events.append(event)

    def judge(self) -> None:
        """Let a detector see all of it."""
        detector = Detector(self.store, lock_is_rule=lambda: True)
        for event in self.events:
            found = detector.observe(event)
            if isinstance(event, Changed):
                self.found[event.version.number] = found

    @property
    def writes(self) -> list[Changed]:
        """The versions after the first."""
        return [event for event in self.events if isinstance(event, Changed)]

    @property
    def missed(self) -> int:
        """How many versions nobody read."""
        return sum(event.count or 1 for event in self.events if isinstance(event, Missed))

    def alarms(self, but: Collection[int] = ()) -> list[Finding]:
        """The confirmed and probable findings, those of some versions aside."""
        found = (found for number, found in self.found.items() if number not in but)
        return [finding for findings in found for finding in findings if finding.alarming]

    def texts(self, key: str, before: Changed) -> Iterator[tuple[int, JsonObject]]:
        """The texts an entry had before a version, with the versions that brought them."""
        first = 1
        for event in self.writes:
            for change in event.changes:
                if change.key == key and first:
                    yield first, json.loads(change.before or b"{}")
                    first = 0
                if change.key == key and event is not before:
                    yield event.version.number, json.loads(change.after or b"{}")
            if event is before:
                return

    def gap_between(self, first: int, last: int) -> bool:
        """Whether versions were missed after the first and before the last of these."""
        numbers = {event.version.number for event in self.writes}
        return not numbers.issuperset(range(first + 1, last + 1))

    def caught_up(self) -> None:
        """Wait until the version on disk is the last one seen."""

        def on_disk() -> FileId:
            status = os.stat(self.store)
            return FileId(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

        def last() -> FileId | None:
            seen = (event.version.file for event in reversed(self.events) if isinstance(event, (Loaded, Changed)))
            return next(seen, None)

        deadline = time.monotonic() + CATCH_UP_S
        while last() != on_disk():
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def write_of(self, key: str, name: str, value: object) -> Changed | None:
        """The write that gave a field of an entry this value; None when that version was missed."""
        for event in reversed(self.writes):
            for change in event.changes:
                before, after = (json.loads(text or b"{}").get(name) for text in (change.before, change.after))
                if change.key == key and before != value == after:
                    return event
        return None


@contextmanager
def following(store: Path) -> Iterator[Seen]:
    """Follow a store while the block runs; afterwards it is judged."""
    seen, stop = Seen(store), threading.Event()
    thread = threading.Thread(target=seen.follow, args=(stop,))
    thread.start()
    try:
        seen.caught_up()
        yield seen
    finally:
        stop.set()
        thread.join()
    seen.judge()


def described(finding: Finding) -> str:
    """A finding in one line."""
    return f"v{finding.version} {finding.kind} {finding.grade} {finding.key}: {finding.because()}"
