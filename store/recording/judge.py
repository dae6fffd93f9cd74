"""The findings of a recording: what whoever had watched would have been told."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from store.events import Event, Loaded
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.recording.recording import Recording
from store.summary import summarise


class RecordedJudge:
    """Called with each event of one iteration over the recording, right when it is yielded."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._run = 0
        self._detectors: dict[Path, Detector] = {}

    def __call__(self, event: Event) -> tuple[Finding, ...]:
        """The findings the event brings; each run of the recorder is judged by itself, as each watch is."""
        if self._recording.run != self._run:
            self._run = self._recording.run
            self._detectors.clear()
        detector = self._detectors.get(event.store)
        if detector is None:
            detector = self._detectors[event.store] = self._detector(event.store)
        found = detector.observe(event)
        if isinstance(event, Loaded):
            for key in self._recording.keys(event.store):
                raw = self._recording.raw(event.store, key)
                if raw is not None:
                    detector.learn(summarise(key, raw))
        return found

    def _detector(self, store: Path) -> Detector:
        recording = self._recording
        return Detector(
            store,
            lock_is_rule=partial(recording.lock_is_rule, store),
            own_edits=recording.own_edits(store),
            raw=partial(recording.raw, store),
        )
