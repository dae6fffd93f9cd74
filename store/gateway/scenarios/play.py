"""Playing a scenario: acts drawn by a seed; while one of them thinks, others happen."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Final

from store.commit import update_store
from store.errors import UsageError
from store.gateway.gateway import Change, Gateway, Moment, Think, no_time, read_copy
from store.gateway.rules import Rules
from store.gateway.scenarios.acts import RIVALS, SETTINGS, Act, Make, Scene
from store.gateway.scenarios.catalogue import Hit, Scenario
from store.gateway.scenarios.ledger import Ledger, Truth, is_simulated, make_store
from store.gateway.scenarios.scribe import Scribe, Tell
from store.gateway.scenarios.sessions import make_entries, make_uuid
from store.js import JsonObject
from store.writing.permit import Permit

RACE: Final = 0.03
"""How often a path that can be racy is: about the share of runs that were hit in the reports."""
PERMIT: Final = Permit.allowed("a store that the simulator made")
_THINKS: Final = 0.3
"""How often a path in its right form is interrupted."""
_HOT_KEYS: Final = 4


def open_simulation(store: Path, seed: int, clock: Callable[[], float] = time.time) -> Path:
    """The simulator's store at this path, made if it is not there. Raises UsageError for a store of anybody else."""
    if is_simulated(store):
        return store
    if store.exists():
        raise UsageError(f"{store} was not made by the simulator; name a file that does not exist yet")
    return make_store(store, make_entries(Random(seed), int(clock() * 1000)))


@dataclass
class Player:
    """Plays one scenario on a simulated store; the same seed, store and clock give the same writes.

    `pause` is called before every act, and is the time that passes. `alone`: what happens while a path thinks is acts
    of this player, so that every interleaving is forced; otherwise it is more pauses, for others to write in.
    `mended`: every path takes its right form, interrupted just as the racy one would be. No act begins on a session
    that is `spared`; what a hit names happens to another one then.
    """

    store: Path
    scenario: Scenario
    seed: int
    tell: Tell
    race: float = RACE
    pause: Think = no_time
    alone: bool = True
    mended: bool = False
    clock: Callable[[], float] = time.time
    spared: Container[str] = ()
    written: int = 0
    _random: Random = field(init=False)
    _ledger: Ledger = field(init=False)
    _keys: list[str] = field(init=False)
    _agents: dict[str, Gateway] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = Random(f"{self.scenario.name} {self.seed}")
        self._ledger = Ledger(self.store)
        keys = [key for key in read_copy(self.store).entries if key.startswith(self.scenario.keys or "")]
        self._keys = keys if self.alone else keys[:_HOT_KEYS]

    def play(self, writes: int) -> None:
        """Act until so many versions of the store were written, give or take those of the last act."""
        end = self.written + writes
        script = cycle(self.scenario.script)
        hit = next(script, None)
        left = hit.after if hit else 0
        while self.written < end:
            if hit is None or left:
                self._draw()
                left -= bool(hit)
            else:
                self._strike(hit)
                hit = next(script)
                left = hit.after

    def _draw(self) -> None:
        often = self.scenario.often
        make = self._random.choices(list(often), list(often.values()))[0]
        key = self._any_key()
        chance, thought = self._random.random(), self._random.random()
        racy = make in self.scenario.racy and chance < self.race
        if racy or thought < _THINKS:
            self._perform(make, key, racy=racy, think=lambda: self._meanwhile(make, key, racy=racy))
        else:
            self._perform(make, key)

    def _strike(self, hit: Hit) -> None:
        key = hit.key if hit.key and hit.key not in self.spared else self._any_key()

        def think() -> None:
            for rival in hit.rivals:
                other = self._any_key() if rival in SETTINGS and not hit.key else key
                self._perform(rival, other, racy=rival is hit.path)
            self.pause()

        self._perform(hit.path, key, racy=True, think=think)

    def _meanwhile(self, make: Make, key: str, *, racy: bool) -> None:
        """Some acts of others, one of them about the same session."""
        if not self.alone:
            for _ in range(self._random.randint(2, 6)):
                self.pause()
            return
        others = self._random.randint(0, 3)
        place = self._random.randint(0, others)
        for number in range(others + 1):
            rivals = RIVALS.get(make, SETTINGS) if number == place else SETTINGS
            rival = self._random.choice(rivals)
            self._perform(rival, key if number == place else self._any_key(), racy=racy and rival is make)
        self.pause()

    def _perform(self, make: Make, key: str, *, racy: bool = False, think: Think = no_time) -> None:
        self.pause()
        act = make(self._scene(key))
        scribe = self._scribe(act, racy=racy and act.racy is not None and not self.mended)
        (act.racy if scribe.racy and act.racy else act.right)(scribe, think)

    def _scribe(self, act: Act, *, racy: bool) -> Scribe:
        agent = self._agent(act.key)

        def intended(moment: Moment) -> Change:
            return lambda fresh: act.intended(fresh, moment, agent.rules)

        return Scribe(
            path=self.store,
            permit=PERMIT,
            rules=agent.rules,
            memory=agent.memory,
            clock=self.clock,
            mint=lambda: make_uuid(self._random),
            cache=agent.cache,
            put=act.put if racy else update_store,
            ledger=self._ledger,
            tell=self._told,
            act=act.path,
            key=act.key,
            racy=racy,
            intended=intended,
        )

    def _agent(self, key: str) -> Gateway:
        name = key.split(":")[1]
        if name not in self._agents:
            self._agents[name] = Gateway(self.store, PERMIT, Rules(self.scenario.release))
        return self._agents[name]

    def _scene(self, key: str) -> Scene:
        entry: JsonObject = self._agent(key).fresh(key) or {}
        return Scene(self._random, key, entry, self.scenario.whole)

    def _any_key(self) -> str:
        return self._random.choice([key for key in self._keys if key not in self.spared])

    def _told(self, truth: Truth) -> None:
        self.written += 1
        self.tell(truth)
