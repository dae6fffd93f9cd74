"""A scenario and the detector together, on a clock of their own: every version is seen, none of it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from store.events import Changed, EntryChange, FileId, Loaded, Version, Writer
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.gateway.scenarios.catalogue import scenario_named
from store.gateway.scenarios.ledger import Truth
from store.gateway.scenarios.play import RACE, Player, open_simulation
from store.text.document import Document
from store.text.read import read_store

START = 1_790_000_000.0
PAUSE_S = 0.7


@dataclass(frozen=True, slots=True)
class Seen:
    """One write: the truth about it, what it changed, and what was found in it."""

    truth: Truth
    changes: tuple[EntryChange, ...]
    found: tuple[Finding, ...]


@dataclass
class Watched:
    """A store being played on, watched without a gap; a second is 1 in its time, however long it takes."""

    store: Path
    name: str
    seed: int = 1
    race: float = RACE
    mended: bool = False
    writes: list[Seen] = field(default_factory=list)
    now: float = START

    def __post_init__(self) -> None:
        open_simulation(self.store, self.seed, self.clock)
        self.detector = Detector(self.store, lock_is_rule=lambda: True)
        self.document = self._read()
        self.detector.observe(Loaded(self.store, self._version(1, Writer(1, "lock")), len(self.document)))

    def clock(self) -> float:
        return self.now

    def play(self, writes: int) -> Sequence[Seen]:
        """Let it write so often; all that was written so far."""
        scenario = scenario_named(self.name)
        options = {"race": self.race, "mended": self.mended, "clock": self.clock, "pause": self._pause}
        Player(self.store, scenario, self.seed, self._tell, **options).play(writes)  # type: ignore[arg-type]
        return self.writes

    def _pause(self) -> None:
        self.now += PAUSE_S

    def _tell(self, truth: Truth) -> None:
        self.now += 0.003
        before, self.document = self.document, self._read()
        changes = tuple(
            EntryChange(key, before.raw(key) if key in before else None, self.document.raw(key))
            for key in self.document.keys()
            if key not in before or before.raw(key) != self.document.raw(key)
        )
        without_lock = truth.racy and truth.path == "unlocked-editor"
        version = self._version(truth.write + 1, Writer(None, "no lock") if without_lock else Writer(1, "lock"))
        found = self.detector.observe(Changed(self.store, version, changes, len(self.document)))
        self.writes.append(Seen(truth, changes, found))

    def _version(self, number: int, writer: Writer) -> Version:
        return Version(number, self.now, FileId(1, number, 100, int(self.now * 1e9)), writer)

    def _read(self) -> Document:
        return read_store(self.store)
