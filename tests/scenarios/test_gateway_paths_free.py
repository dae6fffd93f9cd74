"""The gateway's paths in processes of their own, nobody telling them when: racy they lose, right they never do."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from store.findings import settings
from store.findings.finding import Finding
from store.findings.units import unit_of
from store.gateway.scenarios.catalogue import SCENARIOS
from store.gateway.scenarios.ledger import truths
from store.gateway.scenarios.play import open_simulation
from store.js import JsonObject
from tests.scoring.live import Followed, following
from tests.scoring.score import score
from tests.support.gateways import store_of
from tests.support.simulated import Watched

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
PROCESSES, WRITES = 3, 60
PLAYER = """
import sys, time
from pathlib import Path
from random import Random
from store.gateway.scenarios.catalogue import scenario_named
from store.gateway.scenarios.play import Player

store, name, seed, race, mended, writes = sys.argv[1:]
chance = Random(seed)
pause = lambda: time.sleep(chance.expovariate(80))
scenario = scenario_named(name)
player = Player(Path(store), scenario, int(seed), lambda _: None, float(race), pause, alone=False, mended=mended == "1")
player.play(int(writes))
"""
RESOLVER = """
import json, sys
from pathlib import Path
from store.gateway.resolution import resolve
from tests.support.gateways import gateway

one = gateway(Path(sys.argv[1]))
sys.stdin.readline()
found = [resolve(one, f"agent:main:telegram:direct:new{number}") for number in range(40)]
print(json.dumps([[resolved.session_id, resolved.is_new] for resolved in found]))
"""


def play(store: Path, name: str, *, mended: bool) -> Followed:
    """Several processes play one scenario on one store, watched meanwhile."""
    open_simulation(store, 1)
    with following(store) as followed:
        command = [sys.executable, "-c", PLAYER, str(store), name]
        how = ["0.5", str(int(mended)), str(WRITES)]
        players = [subprocess.Popen([*command, str(seed), *how], cwd=ROOT) for seed in range(PROCESSES)]
        assert [player.wait(100) for player in players] == [0] * PROCESSES
    return followed


def lost_something(line: JsonObject) -> bool:
    destroyed = line["destroyed"]
    assert isinstance(destroyed, list)
    return any(unit_of(str(lost["field"])) in settings.STICKY for lost in destroyed if isinstance(lost, dict))


def alarms(followed: Followed) -> list[Finding]:
    return [finding for _, found in followed.seen.values() for finding in found if finding.alarming]


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {"clean", "delivery-residue"}))
def test_racy_they_lose_and_it_is_found(tmp_path: Path, name: str) -> None:
    followed = play(tmp_path / "sessions.json", name, mended=False)
    lines = truths(tmp_path / "sessions.json")
    assert any(lost_something(line) for line in lines)
    assert all(line["racy"] for line in lines if line["destroyed"])
    assert alarms(followed)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_in_their_right_form_nothing_is_lost(tmp_path: Path, name: str) -> None:
    followed = play(tmp_path / "sessions.json", name, mended=True)
    lines = truths(tmp_path / "sessions.json")
    assert len(lines) >= PROCESSES * WRITES
    assert [line for line in lines if line["destroyed"]] == []
    assert alarms(followed) == []


def test_processes_that_resolve_the_same_new_sessions_agree(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RESOLVER, store],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    found: list[list[tuple[str, bool]]] = []
    threads = [
        threading.Thread(target=lambda process=process: found.append(json.loads(process.communicate("go\n")[0])))
        for process in processes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == PROCESSES
    for answers in zip(*found, strict=True):
        assert len({session for session, _ in answers}) == 1
        assert sum(is_new for _, is_new in answers) == 1


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_what_is_lost_is_told_and_nothing_else_is(tmp_path: Path, name: str) -> None:
    for seed in range(5):
        counted = score(Watched(tmp_path / f"{seed}.json", name, seed, 0.2).play(150))
        assert counted.false_alarms == 0, counted.wrong
        assert counted.recall >= 0.9, counted.wrong


@pytest.mark.timeout(900)
def test_ten_thousand_clean_writes_raise_no_alarm(tmp_path: Path) -> None:
    counted = score(Watched(tmp_path / "sessions.json", "clean", 7).play(10_000))
    assert counted.writes >= 10_000
    assert (counted.false_alarms, counted.lost(twin=False), counted.lost(twin=True)) == (0, 0, 0)
