"""The simulated gateway of the demo: ordinary traffic with losses in it, and what it does for the tour."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from store.edit import apply_edit
from store.entry.overrides import SetModel, model_override
from store.events import Changed, EntryChange, FileId, Loaded, Version, Writer
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.gateway.scenarios.catalogue import SCENARIOS
from store.gateway.scenarios.ledger import Truth
from store.gateway.scenarios.play import PERMIT, Player, open_simulation
from store.summary import summarise
from store.text.document import Document
from store.text.read import read_store
from tui.demo.everyday import EVERYDAY
from tui.demo.gateway import PAUSE_S
from tui.demo.stagehand import Stagehand

KEY = "agent:main:telegram:group:-1001987654321:topic:42"
PIN = SetModel("google", "gemini-3-pro")


class Over(Exception):
    """Time is up."""


class Stage:
    """A demo's store with somebody who watches every version of it; a clock that moves when told."""

    def __init__(self, directory: Path, seed: int = 1) -> None:
        self.now = self.began = time.time()
        self.store = open_simulation(directory / "sessions.json", seed, self.clock)
        self.random = Random(seed)
        self.hand = Stagehand(self.store, self.random, self.clock)
        self.detector = Detector(self.store, lock_is_rule=lambda: True)
        self.document = read_store(self.store)
        self.versions = 1
        self.found: list[tuple[float, Finding]] = []
        self.detector.observe(Loaded(self.store, self._version(Writer(1, "lock")), len(self.document)))
        for key in self.document.keys():
            self.detector.learn(summarise(key, self.document.raw(key)))

    def clock(self) -> float:
        return self.now

    def see(self, writer: Writer) -> None:
        """Take in the version on disk."""
        before, self.document = self.document, read_store(self.store)
        self.versions += 1
        changed = tuple(self._changes(before))
        event = Changed(self.store, self._version(writer), changed, len(self.document))
        self.found += [(self.now - self.began, finding) for finding in self.detector.observe(event)]

    def pin(self) -> None:
        """As the user does it."""
        assert apply_edit(self.store, KEY, [PIN], None, permit=PERMIT).outcome == "applied"
        self.see(Writer(99, "you"))

    def tell(self, *lines: str) -> None:
        for line in lines:
            self.hand.told(line)

    def do_all(self) -> float:
        """Everything the stagehand was asked for; how long that took."""
        began = self.now
        while self.hand.next_due < float("inf"):
            self.now = max(self.now, self.hand.next_due)
            self.hand.do_next()
            self.see(Writer(1, "lock"))
        return self.now - began

    def play(self, seconds: float) -> None:
        """Let the ordinary traffic pass."""

        def pause() -> None:
            self.now += self.random.uniform(*PAUSE_S)

        end = self.now + seconds

        def told(_truth: Truth) -> None:
            self.see(Writer(1, "lock"))
            if self.now >= end:
                raise Over

        player = Player(self.store, EVERYDAY, 1, told, race=0.0, pause=pause, clock=self.clock, spared=self.hand.spared)
        with suppress(Over):
            player.play(1000)

    @property
    def model(self) -> str:
        entry = self.document.entry(KEY)
        override = model_override(entry) if isinstance(entry, dict) else None
        return override.model if override else ""

    def _changes(self, before: Document) -> list[EntryChange]:
        after = self.document
        changed = [key for key in after.keys() if before.raw(key) != after.raw(key)]
        return [EntryChange(key, before.raw(key), after.raw(key)) for key in changed]

    def _version(self, writer: Writer) -> Version:
        return Version(self.versions, self.now, FileId(1, self.versions, 100, int(self.now * 1e9)), writer)


@pytest.mark.parametrize("traffic_s", [0.0, 12.0])
def test_a_pin_of_the_users_is_lost_within_five_seconds_for_sure(tmp_path: Path, traffic_s: float) -> None:
    stage = Stage(tmp_path)
    stage.tell("copy", f"spare {KEY}")
    before = stage.model
    stage.play(traffic_s)
    stage.pin()
    stage.found.clear()
    stage.tell(f"pinned {KEY}")
    assert stage.do_all() < 5
    assert stage.model == before
    [finding] = [finding for _, finding in stage.found if finding.kind != "edit-gone"]
    assert (finding.kind, finding.grade, finding.key) == ("lost-update", "confirmed", KEY)
    assert finding.because().startswith("Your model gemini-3-pro went back to gpt-5.2")


def test_a_colleagues_pin_is_lost_too_but_less_surely(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    before = stage.model
    stage.tell(f"colleague {KEY}")
    stage.do_all()
    assert stage.model == before
    assert [(found.kind, found.grade, found.key) for _, found in stage.found] == [("lost-update", "probable", KEY)]


@pytest.mark.parametrize("word", ["again", "rival"])
def test_what_is_set_again_and_what_a_rival_sets_stays(tmp_path: Path, word: str) -> None:
    stage = Stage(tmp_path)
    stage.pin()
    stage.tell(f"{word} {KEY}")
    assert stage.do_all() < 0.5, "a form that was opened just now is still open"
    assert stage.model not in ("gpt-5.2", "gemini-3-pro", "")
    assert stage.found == []


def test_a_line_that_means_nothing_changes_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.tell("", "dance", "copy")
    assert stage.do_all() == 0


def test_ordinary_traffic_leaves_the_session_of_the_tour_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.tell(f"spare {KEY}")
    before = stage.document.raw(KEY)
    stage.play(60)
    assert stage.document.raw(KEY) == before


@pytest.mark.parametrize("seed", range(4))
def test_something_that_matters_moves_at_once_and_something_is_lost_within_half_a_minute(
    tmp_path: Path, seed: int
) -> None:
    stage = Stage(tmp_path, seed)
    shown = _shown(stage.document)
    stage.play(5)
    assert _shown(stage.document) != shown
    stage.play(25)
    assert any(finding.alarming for _, finding in stage.found)


def _shown(document: Document) -> list[object]:
    rows = [summarise(key, document.raw(key)) for key in document.keys()]
    return [(row.override, row.thinking, row.route, row.label) for row in rows]


def test_what_each_scenario_tells_an_onlooker_fits_into_two_lines() -> None:
    from tui.demo.tour import Legend

    for scenario in SCENARIOS.values():
        said = Legend(scenario).says
        assert said is not None
        assert max(len(said.first), len(said.second)) <= 78 and "…" not in said.second
        assert json.dumps(scenario.look_for.split()[-1])[1:-1] in f"{said.first} {said.second}"
