"""Each scenario in two halves: racy, it destroys what it says, and that is found; mended, nothing is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from store.errors import NoSafeWrite, UsageError
from store.findings import settings
from store.findings.units import unit_of
from store.gateway.gateway import Gateway, no_time
from store.gateway.scenarios.acts import Scene, label
from store.gateway.scenarios.catalogue import SCENARIOS, scenario_named
from store.gateway.scenarios.ledger import Ledger, make_store, truths
from store.gateway.scenarios.play import PERMIT, open_simulation
from store.gateway.scenarios.unlocked import put_without_lock
from store.js import JsonObject, same
from tests.support.simulated import Seen, Watched
from tests.support.stores import write_store

RACY = sorted(SCENARIOS.keys() - {"clean"})
TWINS = {"delivery-residue"}
"""Their losses look like an honest message from the chat before: nobody can be sure of them."""


def lost(seen: Seen) -> set[tuple[str, str]]:
    """What a write destroyed that somebody had chosen: sessions and units."""
    units = {(field.key, unit_of(field.field)) for field in seen.truth.destroyed}
    return {(key, unit) for key, unit in units if unit in settings.STICKY}


@pytest.mark.parametrize("name", RACY)
def test_racy_it_destroys_fields_and_that_is_found(tmp_path: Path, name: str) -> None:
    writes = Watched(tmp_path / "sessions.json", name, seed=3, race=0.5).play(60)
    losing = [seen for seen in writes if lost(seen)]
    assert losing
    assert all(seen.truth.racy for seen in writes if seen.truth.destroyed)
    found = [finding for seen in losing for finding in seen.found]
    assert any(finding.alarming or name in TWINS for finding in found)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_mended_it_destroys_nothing_under_the_same_interruptions(tmp_path: Path, name: str) -> None:
    writes = Watched(tmp_path / "sessions.json", name, seed=3, race=0.5, mended=True).play(60)
    assert [seen.truth for seen in writes if seen.truth.destroyed or seen.truth.racy] == []
    assert [finding for seen in writes for finding in seen.found if finding.alarming] == []


@pytest.mark.parametrize("name", RACY)
def test_the_truth_is_what_the_versions_say(tmp_path: Path, name: str) -> None:
    for seen in Watched(tmp_path / "sessions.json", name, seed=5, race=0.5).play(30):
        texts = {
            change.key: (json.loads(change.before or b"{}"), json.loads(change.after or b"{}"))
            for change in seen.changes
        }
        for gone in seen.truth.destroyed:
            before, after = texts[gone.key]
            told: JsonObject = gone.to_json()
            assert same(before.get(gone.field), told.get("old")) and same(after.get(gone.field), told.get("now"))


def test_a_seed_gives_the_same_writes(tmp_path: Path) -> None:
    played = []
    for number in range(2):
        writes = Watched(tmp_path / str(number) / "sessions.json", "incident", seed=9, race=0.3).play(60)
        lines = [seen.truth.to_json() for seen in writes]
        played.append([{**line, "inode": 0, "mtimeNs": "", "pid": 0} for line in lines])
    assert played[0] == played[1]


def test_writes_are_numbered_and_say_what_they_were_made_of(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    writes = [seen.truth for seen in Watched(store, "heartbeat-store-save", race=0.5).play(60)]
    assert [truth.write for truth in writes] == list(range(1, len(writes) + 1))
    assert all(truth.base == truth.write - 1 for truth in writes if not truth.racy)
    assert all(truth.base < truth.write - 1 for truth in writes if truth.racy)
    assert [line["write"] for line in truths(store)] == [truth.write for truth in writes]
    assert [truth.to_json() for truth in writes] == truths(store)


def test_the_race_is_a_matter_of_chance(tmp_path: Path) -> None:
    assert not any(seen.truth.racy for seen in Watched(tmp_path / "a.json", "after-run-snapshot", race=0.0).play(40))
    always = Watched(tmp_path / "b.json", "after-run-snapshot", race=1.0).play(40)
    assert all(seen.truth.racy for seen in always if seen.truth.path == "after-run")


def test_three_agents_keep_to_themselves_unless_they_save_everything(tmp_path: Path) -> None:
    def strangers(mended: bool) -> set[str]:
        store = tmp_path / f"{mended}.json"
        writes = Watched(store, "three-agents", seed=2, race=0.5, mended=mended).play(80)
        return {
            change.key
            for seen in writes
            for change in seen.changes
            if change.key.split(":")[1] != seen.truth.key.split(":")[1]
        }

    assert strangers(mended=True) == set()
    assert strangers(mended=False)


def test_a_simulation_goes_on_with_its_own_store(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    Watched(store, "clean").play(10)
    count = len(truths(store))
    Watched(store, "clean", seed=2).play(10)
    assert truths(store)[count]["write"] == count + 1


def test_a_real_store_is_never_touched(tmp_path: Path) -> None:
    store = write_store(tmp_path / "sessions.json", {"agent:main:main": {"sessionId": "1", "updatedAt": 1}})
    before = store.read_bytes()
    for attempt in (lambda: open_simulation(store, 1), lambda: Ledger(store), lambda: make_store(store, {})):
        with pytest.raises(UsageError):
            attempt()
    with pytest.raises(NoSafeWrite):
        Gateway(store, PERMIT, put=put_without_lock).update(lambda _entries: None)
    assert store.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["sessions.json"]


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="incident"):
        scenario_named("nonsense")


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_scenario_says_where_it_is_from_and_what_to_look_for(name: str) -> None:
    scenario = SCENARIOS[name]
    assert scenario.source and scenario.look_for and scenario.name == name


def test_a_label_that_another_session_has_is_refused_and_the_play_goes_on(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "sessions.json", "clean")
    taken = Gateway(watched.store, PERMIT)
    scene = Scene(Random(1), "agent:main:main", taken.fresh("agent:main:main") or {})
    for key in ("agent:main:main", "agent:coder:main"):
        act = label(replace(scene, key=key, random=Random(1)))
        act.right(taken, no_time)
    labels = [(taken.fresh(key) or {}).get("label") for key in ("agent:main:main", "agent:coder:main")]
    assert labels[0] and labels[1] is None
