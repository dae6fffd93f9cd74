"""`clobberwatch simulate`: a gateway writes a made-up store; each write is told with what it destroyed."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from store.gateway.scenarios.catalogue import scenario_named
from store.gateway.scenarios.ledger import Truth
from store.gateway.scenarios.play import RACE, Player, open_simulation
from tui.cli.output import say_json

if TYPE_CHECKING:
    from tui.cli.options import Options


def run(options: Options) -> int:
    """Play the scenario, one JSON object a line."""
    scenario = scenario_named(options.scenario)
    seed = options.seed if options.seed is not None else time.time_ns()
    store = open_simulation(Path(options.path).absolute(), seed)
    chance = Random(seed)

    def pause() -> None:
        time.sleep(chance.expovariate(options.rate))

    race = RACE if options.race is None else options.race
    Player(store, scenario, seed, _say, race=race, pause=pause).play(options.writes)
    return 0


def _say(truth: Truth) -> None:
    say_json(truth.to_json())
    sys.stdout.flush()
