"""The findings of a recording: what whoever had watched would have been told."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from store.events import Event
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.findings.judge import Judge
from store.recording.recording import Recording
from store.summary import EntrySummary


class RecordedDetector:
    """A detector for one store of a recording; each run of the recorder is judged by itself, as each watch is."""

    def __init__(self, recording: Recording, store: Path) -> None:
        self._recording, self._store = recording, store
        self._run, self._detector = recording.run, self._made()

    def learn(self, summary: EntrySummary) -> None:
        """An entry of the first version."""
        self._detector.learn(summary)

    def observe(self, event: Event) -> tuple[Finding, ...]:
        """The findings of an event that was yielded last."""
        if self._recording.run != self._run:
            self._run, self._detector = self._recording.run, self._made()
        return self._detector.observe(event)

    def _made(self) -> Detector:
        recording, store = self._recording, self._store
        return Detector(
            store,
            lock_is_rule=partial(recording.lock_is_rule, store),
            own_edits=recording.own_edits(store),
            raw=partial(recording.raw, store),
        )


def recorded_judge(recording: Recording) -> Judge:
    """To be called with each event of one iteration over the recording."""
    return Judge(recording, partial(RecordedDetector, recording))
