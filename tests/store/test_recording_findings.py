"""What is found while it happens and what is found in the recording of it are the same, as JSON, in order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from store.events import Changed, Event, Loaded
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.js import JsonObject, encode
from store.recording.judge import recorded_judge
from store.recording.recorder import Recorder
from store.recording.recording import Recording
from store.summary import summarise
from store.watch import Watch
from store.writing.own import OwnWrites
from tests.support.past import STORE
from tests.support.recorded import Feed
from tests.support.traffic import Traffic
from tests.support.watching import replace


class LiveJudge:
    """A detector beside a watch, as `clobberwatch watch` has one."""

    def __init__(self, store: Path, texts: Feed | Watch, own: OwnWrites | None = None) -> None:
        self._store, self._texts = store, texts
        edits = own.edits(store) if own else ()
        self._detector = Detector(store, lock_is_rule=lambda: True, own_edits=edits, raw=partial(texts.raw, store))

    def __call__(self, event: Event) -> tuple[Finding, ...]:
        found = self._detector.observe(event)
        if isinstance(event, Loaded):
            for key in self._texts.keys(self._store):
                self._detector.learn(summarise(key, self._texts.raw(self._store, key) or b""))
        return found


def told(found: Sequence[Finding]) -> list[str]:
    return [json.dumps({"id": finding.id, **finding.to_json()}) for finding in found]


def found_in(file: Path) -> Iterator[str]:
    recording = Recording(file)
    judge = recorded_judge(recording)
    for event in recording.events():
        yield from told(judge(event))
    recording.close()


def lock_is_rule(_store: Path) -> bool:
    return True


def traffic(seed: int, writes: int, feed: Feed) -> Iterator[Event]:
    made = Traffic(seed, stale=0.08)
    feed.texts = {key: encode(texts.now, "\n  ").encode() for key, texts in made.texts.items()}
    for step in made.told(writes):
        yield step.event


@pytest.mark.parametrize(("seed", "writes"), [(1, 250), pytest.param(3, 600, marks=pytest.mark.heavy)])
def test_generated_traffic(tmp_path: Path, seed: int, writes: int) -> None:
    file, feed = tmp_path / "traffic.rec", Feed()
    recorder, judge = Recorder(file, [STORE], lock_is_rule=lock_is_rule), LiveJudge(STORE, feed)
    live: list[str] = []
    for event in traffic(seed, writes, feed):
        recorder.take(event, feed)
        live += told(judge(event))
    recorder.close()
    assert len(live) > 10
    assert list(found_in(file)) == live


def test_each_run_of_the_recorder_is_judged_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "traffic.rec"
    live: list[str] = []
    for seed in (4, 5):
        feed = Feed()
        recorder, judge = Recorder(file, [STORE], lock_is_rule=lock_is_rule), LiveJudge(STORE, feed)
        for event in traffic(seed, 150, feed):
            recorder.take(event, feed)
            live += told(judge(event))
        recorder.close()
    assert list(found_in(file)) == live


def versions_of(seed: int, writes: int) -> Iterator[JsonObject]:
    """A store's versions, whole."""
    made = Traffic(seed, stale=0.1)
    store: JsonObject = {key: texts.now for key, texts in made.texts.items()}
    yield store
    for step in made.told(writes):
        if isinstance(step.event, Changed):
            store = {**store, **{change.key: json.loads(change.after or b"") for change in step.event.changes}}
            yield store


def test_a_real_store(tmp_path: Path) -> None:
    store, file = tmp_path / "s" / "sessions.json", tmp_path / "real.rec"
    store.parent.mkdir()
    first, *rest = versions_of(6, 120)
    store.write_text(encode(first))
    watch = Watch([store])
    recorder = Recorder(file, [store], lock_is_rule=lock_is_rule)
    judge = LiveJudge(store, watch)
    live: list[str] = []
    stop = threading.Event()
    for event in watch.events(stop):
        recorder.take(event, watch)
        live += told(judge(event))
        if isinstance(event, Loaded | Changed):
            if not rest:
                stop.set()
            else:
                replace(store, encode(rest.pop(0)).encode())
    recorder.close()
    assert len(live) > 3
    assert list(found_in(file)) == live
    recording = Recording(file)
    assert sum(1 for _ in recording.events()) == recording.versions + 1
    assert {key: recording.raw(store, key) for key in watch.keys(store)} == {
        key: watch.raw(store, key) for key in watch.keys(store)
    }
    recording.close()
