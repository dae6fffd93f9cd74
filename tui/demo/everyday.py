"""What the simulated gateway does while no scenario is asked for: an ordinary day, with a loss now and then."""

from __future__ import annotations

from typing import Final

from store.gateway.scenarios import acts
from store.gateway.scenarios.catalogue import Hit, Scenario

_PINNED: Final = (
    "agent:coder:slack:channel:c0a1b2c3d4:thread:1771204418.334519",
    "agent:main:discord:channel:118273645511228899",
    "agent:main:telegram:direct:512388041",
)
"""Sessions whose model is set, near the top of the table: there the return of an old one is seen."""

EVERYDAY: Final = Scenario(
    "everyday",
    "#15882, #70575",
    "most writes are as they should be; now and then a run writes back what it had read before it began",
    {
        acts.run: 6,
        acts.update: 5,
        acts.message: 3,
        acts.delivery: 2,
        acts.model: 3,
        acts.level: 2,
        acts.label: 1,
        acts.beat: 1,
    },
    frozenset(),
    script=(
        Hit(14, acts.run, (acts.update, acts.model), _PINNED[0]),
        Hit(40, acts.run, (acts.update, acts.model), _PINNED[1]),
        Hit(40, acts.delivery, (acts.message,), "agent:main:main"),
        Hit(40, acts.run, (acts.update, acts.model), _PINNED[2]),
    ),
)
"""It writes one session back at a time and drops no field whose return would prove something: a tour is under way."""
