"""The findings of a recording: what whoever had watched would have been told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from store.events import Event, Loaded
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.findings.judge import Judge
from store.recording.playback import Playback
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


class PlaybackJudge(Judge):
    """Judges each event of a playback when it comes for the first time; when it comes again, it brings the very same.

    So nothing has to be judged anew after a jump back, and what is found never depends on the way there.
    """

    def __init__(self, playback: Playback) -> None:
        super().__init__(playback.recording, partial(RecordedDetector, playback.recording))
        self._playback = playback
        self._judged = 0
        self._found: dict[int, tuple[Finding, ...]] = {}

    def __call__(self, event: Event) -> tuple[Finding, ...]:
        """The findings the event brings."""
        return self._once(partial(super().__call__, event))

    def begin(self, event: Loaded, summaries: Iterable[EntrySummary]) -> tuple[Finding, ...]:
        """The same for a whole store."""
        return self._once(partial(super().begin, event, summaries))

    def _once(self, judge: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
        number = self._playback.recording.number
        if number > self._judged:
            found = judge()
            self._judged = number
            if found:
                self._found[number] = found
        found = self._found.get(number, ())
        if any(finding.grade != "possible" for finding in found):
            self._playback.found()
        return found
