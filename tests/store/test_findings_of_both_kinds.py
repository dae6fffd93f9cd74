"""Every kind of finding, from a store that is written on disk: in a file and in a database alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest

from store.entry.routes import Route
from store.events import Broken, Changed, Event, Loaded
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.findings.finding import Kind as FindingKind
from store.findings.judge import Judge
from store.js import ABSENT, Edit, JsonObject
from store.watch import Watch
from tests.support.kinds import KINDS, Kept
from tests.support.past import with_edit

BEGAN = int(time.time() * 1000) - 60_000
MAIN, DIRECT, OTHER = "agent:main:main", "agent:main:telegram:direct:12345", "agent:main:telegram:direct:77777"
IDS = [f"{n}{n}{n}{n}{n}{n}{n}{n}-bbbb-4bbb-8bbb-222222222222" for n in range(1, 6)]
MODEL: Edit = {"providerOverride": "openai", "modelOverride": "gpt-5.2"}
RUN: Edit = {"inputTokens": 20111, "outputTokens": 777, "model": "opus", "modelProvider": "anthropic"}
CHOSEN: Edit = {"displayName": "Alice", "elevatedLevel": "ask", "execHost": "node", "spawnedBy": "agent:x"}

Entries = Mapping[str, JsonObject | None]
Story = Callable[[Kept], list[Entries]]
"""The first version of a store, and the writes that follow."""


def entry(number: int, edit: Edit, *, after_ms: int = 0) -> JsonObject:
    base: JsonObject = {"sessionId": IDS[number], "thinkingLevel": "low", "inputTokens": 12034, "outputTokens": 511}
    return with_edit({**base, "updatedAt": BEGAN + after_ms, "lastInteractionAt": BEGAN - 100}, edit)


def lost_update(_: Kept) -> list[Entries]:
    """A run ends and writes the copy from before the model was chosen."""
    return [{MAIN: entry(0, {})}, {MAIN: entry(0, MODEL, after_ms=9)}, {MAIN: entry(0, {"label": "x"}, after_ms=5)}]


def stale_write_back(_: Kept) -> list[Entries]:
    """The same, when only a run was lost."""
    run = entry(0, {**RUN, "lastInteractionAt": BEGAN + 500}, after_ms=600)
    return [{MAIN: entry(0, {})}, {MAIN: run}, {MAIN: entry(0, {"heartbeatTaskState": {"mail": 1}}, after_ms=5)}]


def store_write_back(_: Kept) -> list[Entries]:
    """A whole stale copy of the store is saved."""
    old = {key: entry(n, {"label": key}) for n, key in enumerate((MAIN, DIRECT, OTHER))}
    new = {key: entry(n, {"label": key, **MODEL}, after_ms=9) for n, key in enumerate(old)}
    return [old, new, old]


def dropped_field(_: Kept) -> list[Entries]:
    """A handler that knows few fields drops the others."""
    gone = entry(0, {"inputTokens": ABSENT}, after_ms=9)
    return [{MAIN: entry(0, CHOSEN)}, {MAIN: gone}]


def resurrected_field(_: Kept) -> list[Entries]:
    """What was cleared comes back with a run."""
    named: Edit = {"label": "old name", "sendPolicy": "deny"}
    return [{MAIN: entry(0, named)}, {MAIN: entry(0, {}, after_ms=9)}, {MAIN: entry(0, {**named, **RUN}, after_ms=20)}]


def torn_pair(_: Kept) -> list[Entries]:
    """Half of the model is set back."""
    first: Edit = {"providerOverride": "anthropic", "modelOverride": "opus"}
    torn = entry(0, {**MODEL, "providerOverride": "anthropic"}, after_ms=20)
    return [{MAIN: entry(0, first)}, {MAIN: entry(0, MODEL, after_ms=9)}, {MAIN: torn}]


def forked_session(_: Kept) -> list[Entries]:
    """Two new sessions, the second from a copy that is older than the first."""
    first = entry(1, {**MODEL, "label": "release train", "lastInteractionAt": BEGAN + 990}, after_ms=1000)
    second = entry(2, {}, after_ms=1010)
    third = entry(3, {**MODEL, "label": "release train", "lastInteractionAt": BEGAN + 990}, after_ms=1020)
    return [{MAIN: entry(1, {})}, {MAIN: first}, {MAIN: second}, {MAIN: third}]


def cross_session(kept: Kept) -> list[Entries]:
    """The replies of one chat go to another one's."""
    own, others = (kept.delivery(Route("telegram", f"telegram:{to}")) for to in ("12345", "77777"))
    stray = entry(0, others, after_ms=9)
    return [{DIRECT: entry(0, own), OTHER: entry(1, others)}, {DIRECT: stray}]


def store_truncated(_: Kept) -> list[Entries]:
    """Nearly all sessions are gone at once."""
    many = {f"agent:main:cron:{number}": entry(0, {"sessionId": f"s{number}"}) for number in range(30)}
    return [{MAIN: entry(0, {}), **many}, dict.fromkeys(many)]


STORIES: dict[FindingKind, Story] = {
    "lost-update": lost_update,
    "stale-write-back": stale_write_back,
    "store-write-back": store_write_back,
    "dropped-field": dropped_field,
    "resurrected-field": resurrected_field,
    "torn-pair": torn_pair,
    "forked-session": forked_session,
    "cross-session": cross_session,
    "store-truncated": store_truncated,
}
CONFIRMED_OF_FILES = {"lost-update", "stale-write-back", "store-write-back"}
"""Of a database it is not known what stood there between two looks, so that these are at most probable."""


@pytest.fixture(params=list(KINDS))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    return KINDS[request.param](tmp_path / "state")


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


class Watched:
    """A store that is watched, and the findings its events bring."""

    def __init__(self, kept: Kept, stop: threading.Event, *, lock_is_rule: bool = False) -> None:
        watch = Watch([kept.path])
        self._judge = Judge(watch, lambda store: Detector(store, lock_is_rule=lambda: lock_is_rule))
        self._events: Iterator[Event] = watch.events(stop)
        self.until(Loaded)

    def until(self, *kinds: type[Event]) -> tuple[Finding, ...]:
        """What the next event of one of these kinds brings."""
        for event in self._events:
            found = self._judge(event)
            if isinstance(event, kinds):
                return found
        raise AssertionError("the stream ended")


@pytest.mark.parametrize("kind", STORIES)
def test_it_is_found(kept: Kept, stop: threading.Event, kind: FindingKind) -> None:
    first, *writes = STORIES[kind](kept)
    kept.put_all(first)
    watched = Watched(kept, stop)
    for write in writes:
        kept.put_all(write)
        found = {finding.kind: finding.grade for finding in watched.until(Changed, Broken)}
    certain = kind in CONFIRMED_OF_FILES and kept.path.suffix != ".sqlite"
    assert found[kind] == ("confirmed" if certain else "probable"), found


def test_a_store_that_cannot_be_read(kept: Kept, stop: threading.Event) -> None:
    kept.put(MAIN, entry(0, {}))
    watched = Watched(kept, stop)
    kept.spoil()
    assert [(one.kind, one.grade) for one in watched.until(Broken)] == [("store-unreadable", "confirmed")]


def test_only_a_file_has_a_lock_to_be_taken(kept: Kept, stop: threading.Event) -> None:
    kept.put(MAIN, entry(0, {}))
    watched = Watched(kept, stop, lock_is_rule=True)
    kept.put(MAIN, entry(0, {"label": "x"}, after_ms=9))
    found = [finding.kind for finding in watched.until(Changed)]
    assert found == ([] if kept.path.suffix == ".sqlite" else ["unlocked-write"])


def test_every_kind_is_tried() -> None:
    others = {"store-unreadable", "unlocked-write", "edit-gone"}  # the last one in tests/tui/test_both_kinds.py
    assert {*STORIES, *others} == set(get_args(FindingKind))
