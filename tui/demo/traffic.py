"""What the simulated gateway does: runs, new sessions, overrides, and now and then a handler that writes a stale copy.

Every write goes through `update_store`, under the right lock: the losses come from stale data, as the real ones do.
"""

from __future__ import annotations

import copy
import heapq
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final, Literal, TypeAlias

from store.commit import update_store
from store.entry.overrides import ClearModel, SetModel
from store.gateway.scenarios.sessions import MODELS, new_session
from store.js import ABSENT, JsonObject, Value
from store.writing.draft import StoreDraft
from store.writing.permit import Permit

Kind: TypeAlias = Literal["run", "session", "override", "clobber"]
PERMIT: Final = Permit.allowed("the demo's own temporary store")
NEW_SESSIONS_AT_MOST: Final = 20
PINS_UNDONE: Final = 0.5
"""How often a pin of the user is undone, after the first one, which always is."""
_LEVELS: Final = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Write:
    """One write to make: fields to change in the fresh entry, or an entry to put in place whole."""

    kind: Kind
    key: str
    edit: Mapping[str, Value]
    whole: bool = False


class Traffic:
    """The gateway's writes in order of time; `clock` is in seconds, as every time and delay here."""

    def __init__(self, store: Path, random: Random, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._random = random
        self._clock = clock
        self._known: dict[str, JsonObject] = {}
        self._running = ""
        self._sessions = 0
        self._pins = 0
        self._order = 0
        self._due: list[tuple[float, int, Callable[[], Write]]] = []
        for delay, make in ((0.2, self._run), (6.0, self._session), (4.0, self._override), (9.0, self._handler)):
            self._plan(delay, make)

    def next_due(self) -> float:
        """When the next write is to happen."""
        return self._due[0][0]

    def step(self) -> Write:
        """Make the next write, whatever time it is. Raises StoreError when it could not be made; the next one can."""
        _due, _order, make = heapq.heappop(self._due)
        write = make()
        write = replace(write, edit={**write.edit, "updatedAt": self._now_ms()})
        before, after = update_store(self._store, lambda draft: _applied(draft, write), permit=PERMIT).value
        for key, entry in before.items():
            if _model(entry) != _model(self._known.get(key, entry)):
                self._undo_pin(key)
        self._known = after
        return write

    def _plan(self, delay: float, make: Callable[[], Write]) -> None:
        self._order += 1
        heapq.heappush(self._due, (self._clock() + delay, self._order, make))

    def _later(self, least: float, most: float, make: Callable[[], Write]) -> None:
        self._plan(self._random.uniform(least, most), make)

    def _run(self) -> Write:
        """A run begins, or the one that is under way ends."""
        self._later(0.4, 1.2, self._run)
        key, self._running = self._running, ""
        if key:
            return Write("run", key, self._run_fields(self._known[key]))
        self._running = self._any_key()
        return Write("run", self._running, {"status": "running", "startedAt": self._now_ms(), "endedAt": ABSENT})

    def _run_fields(self, entry: JsonObject) -> dict[str, Value]:
        """What a run that ends writes besides the time."""
        tokens = self._random.randrange(200, 9_000)
        total = entry.get("totalTokens")
        return {
            "status": "done",
            "endedAt": self._now_ms(),
            "inputTokens": tokens,
            "outputTokens": tokens // 7,
            "totalTokens": (total if isinstance(total, int) else 0) + tokens,
        }

    def _session(self) -> Write:
        """A session begins; after a while only runs do, so that the store stays as small as it looks."""
        self._sessions += 1
        if self._sessions <= NEW_SESSIONS_AT_MOST:
            self._later(12, 25, self._session)
        key, entry = new_session(self._random, self._now_ms())
        return Write("session", key, entry, whole=True)

    def _override(self) -> Write:
        """Somebody sets or clears an override, or a level, through the gateway."""
        self._later(6, 12, self._override)
        key = self._any_key()
        if self._random.random() < 0.3:
            return Write("override", key, {"thinkingLevel": self._random.choice(_LEVELS)})
        return Write("override", key, self._other_model(key))

    def _other_model(self, key: str) -> dict[str, Value]:
        entry = self._known[key]
        choices = [pair for pair in MODELS.values() if pair != _model(entry)]
        if _model(entry) != (None, None) and self._random.random() < 0.25:
            return ClearModel().edits(entry)
        return SetModel(*self._random.choice(choices)).edits(entry)

    def _handler(self) -> Write:
        """A handler copies an entry and thinks; somebody sets a model meanwhile; the copy is written back whole."""
        self._later(12, 20, self._handler)
        key = self._any_key()
        stale = dict(self._known[key])
        self._later(0.8, 1.6, lambda: Write("override", key, self._other_model(key)))
        self._later(2.5, 4.0, lambda: self._write_back(key, stale))
        return Write("run", key, {"status": "running", "startedAt": self._now_ms()})

    def _undo_pin(self, key: str) -> None:
        """A handler that had read the entry before the user changed its model will soon write what it read."""
        self._pins += 1
        if self._pins == 1 or self._random.random() < PINS_UNDONE:
            stale = dict(self._known[key])
            self._later(1.5, 3.5, lambda: self._write_back(key, stale))

    def _write_back(self, key: str, stale: JsonObject) -> Write:
        return Write("clobber", key, {**stale, **self._run_fields(stale)}, whole=True)

    def _any_key(self) -> str:
        return self._random.choice(sorted(self._known)) if self._known else "agent:main:main"

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _applied(draft: StoreDraft, write: Write) -> tuple[dict[str, JsonObject], dict[str, JsonObject]]:
    """Make the write in the draft; all entries before and after it."""
    before = {key: copy.deepcopy(draft[key]) for key in draft}
    fresh = {} if write.whole else before.get(write.key, {})
    entry = {name: value for name, value in {**fresh, **write.edit}.items() if value is not ABSENT}
    draft[write.key] = entry
    return before, {**before, write.key: copy.deepcopy(entry)}


def _model(entry: JsonObject) -> tuple[Value, Value]:
    return entry.get("providerOverride"), entry.get("modelOverride")
