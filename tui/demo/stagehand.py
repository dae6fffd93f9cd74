"""What the simulated gateway does for the tour: it is told in lines, and does it through the gateway's own paths.

copy            read the store now, and hold that copy
spare KEY       let the ordinary traffic leave this session alone
pinned KEY      somebody edited this session: end a run of it that began with the held copy
colleague KEY   set another model in this session, and lose it the same way
again KEY       set that model once more; it stays
rival KEY       set a third model in this session
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from store.entry.fields import text
from store.gateway import after_run, entry_update, sessions_patch
from store.gateway.gateway import Copy, Gateway, read_copy
from store.gateway.scenarios.acts import DEFAULT_MODELS
from store.gateway.scenarios.play import PERMIT
from store.gateway.scenarios.sessions import MODELS
from store.js import JsonObject

BEGINS_S: Final = 0.6
ENDS_S: Final = 2.2
"""So long after an edit a run of the session is noted to begin, and ends; a user who looks sees both."""
LOST_S: Final = 2.5
RIVAL_S: Final = 0.1


@dataclass
class Behind(Gateway):
    """A process of the gateway that read the store a while ago, and believes that copy."""

    held: Copy = field(kw_only=True)

    def cached(self) -> Copy:
        """Whatever is on disk by now."""
        return self.held


class Stagehand:
    """Does what the tour asks, each thing when it is due; `clock` is in seconds, as every time and delay here."""

    def __init__(self, store: Path, random: Random, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._random = random
        self._clock = clock
        self._gateway = Gateway(store, PERMIT)
        self._held = read_copy(store)
        self._order = 0
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self.spared: set[str] = set()

    @property
    def next_due(self) -> float:
        """When there is something to do; infinity while nothing is."""
        return self._due[0][0] if self._due else float("inf")

    def do_next(self) -> None:
        """Do what is due next, whatever time it is. Raises StoreError when that could not be done."""
        _, _, deed = heapq.heappop(self._due)
        deed()

    def told(self, line: str) -> None:
        """Take a line of the tour; one that means nothing is ignored."""
        word, _, key = line.partition(" ")
        self.spared |= {key} - {""}
        match word:
            case "copy":
                self._held = read_copy(self._store)
            case "pinned":
                self._later(BEGINS_S, lambda: self._begin_run(key))
                self._later(ENDS_S, lambda: self._end_run(key, self._held))
            case "colleague":
                held = read_copy(self._store)
                self._later(0.0, lambda: self._choose(key, "opus", "gemini"))
                self._later(LOST_S, lambda: self._end_run(key, held))
            case "again":
                self._later(0.0, lambda: self._choose(key, "opus", "gemini"))
            case "rival":
                self._later(RIVAL_S, lambda: self._choose(key, "glm", "qwen"))

    def _later(self, seconds: float, deed: Callable[[], object]) -> None:
        self._order += 1
        heapq.heappush(self._due, (self._clock() + seconds, self._order, deed))

    def _begin_run(self, key: str) -> None:
        started: JsonObject = {"status": "running", "startedAt": int(self._clock() * 1000)}
        entry_update.update_entry(self._gateway, key, started)

    def _end_run(self, key: str, held: Copy) -> None:
        """The run writes the snapshot it began with; what was set meanwhile goes back."""
        before = held.entries.get(key, {})
        provider, model = text(before, "providerOverride"), text(before, "modelOverride")
        if not model:
            provider, model = DEFAULT_MODELS.default
        usage = after_run.Usage(self._random.randint(900, 60_000), self._random.randint(40, 4000), 18_432)
        result = after_run.RunResult(provider, model, 200_000, usage)
        after_run.record_racy(Behind(self._store, PERMIT, held=held), key, result)

    def _choose(self, key: str, *names: str) -> None:
        """Set the first of these models that the session does not have."""
        entry = self._gateway.fresh(key) or {}
        present = text(entry, "providerOverride"), text(entry, "modelOverride")
        wanted = next(MODELS[name] for name in names if MODELS[name] != present)
        sessions_patch.patch_session(self._gateway, key, {"model": "/".join(wanted)}, DEFAULT_MODELS)
