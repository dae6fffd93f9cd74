"""The scenarios by name: who writes how often, and which paths are racy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from store.errors import UsageError
from store.gateway.rules import DEFAULT_RELEASE
from store.gateway.scenarios import acts
from store.gateway.scenarios.acts import Make

HERO: Final = "agent:main:telegram:group:-1001987654321:topic:42"
"""The session that the incident happens to first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A race that is certain: after so many undisturbed acts, this path, in its racy form, while these happen."""

    after: int
    path: Make
    rivals: tuple[Make, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of traffic. `often` says how often an act is drawn; `racy` are the paths that can be so.

    `source` is the report it answers; `look_for` tells an onlooker what to look for. `whole`: racy runs save the
    snapshot of every session. `keys` limits the acts to keys with one of these beginnings.
    """

    name: str
    source: str
    look_for: str
    often: Mapping[Make, int]
    racy: frozenset[Make]
    whole: bool = False
    keys: tuple[str, ...] = ()
    script: tuple[Hit, ...] = ()
    release: str = field(default=DEFAULT_RELEASE)


_TRAFFIC: Final[dict[Make, int]] = {
    acts.run: 6,
    acts.handler: 3,
    acts.message: 3,
    acts.delivery: 3,
    acts.update: 4,
    acts.beat: 1,
    acts.model: 1,
    acts.level: 1,
    acts.label: 1,
    acts.new_session: 1,
}


def _mostly(path: Make) -> dict[Make, int]:
    return {**_TRAFFIC, path: 12}


_ALL: Final = (
    Scenario(
        "stale-agent-handler",
        "#5369, #52786, PR #19328",
        "a model, level or label that was just set is gone after the agent method was called",
        _mostly(acts.handler),
        frozenset({acts.handler}),
    ),
    Scenario(
        "after-run-snapshot",
        "#15882",
        "what was set during a run goes back when the run's figures are written",
        _mostly(acts.run),
        frozenset({acts.run}),
    ),
    Scenario(
        "delivery-residue",
        "#70575",
        "replies go to the chat before last; chats do that by themselves too, so it is possible only: f lists it",
        _mostly(acts.delivery),
        frozenset({acts.delivery}),
    ),
    Scenario(
        "cached-read-in-lock",
        "#10331",
        "a small update takes back what the cache had not noticed, in every session at once",
        {**_mostly(acts.update), acts.message: 6},
        frozenset({acts.update, acts.message}),
    ),
    Scenario(
        "heartbeat-store-save",
        "2026.1.29 to 2026.4.29",
        "one heartbeat, and several sessions are as they were a while ago",
        _mostly(acts.beat),
        frozenset({acts.beat}),
    ),
    Scenario(
        "forked-session",
        "#84575, PR #85404",
        "a session gets two new ids one after the other; the first transcript is orphaned",
        _mostly(acts.new_session),
        frozenset({acts.new_session}),
    ),
    Scenario(
        "three-agents",
        "#15882",
        "one agent's run puts the direct chats of the other two back",
        _mostly(acts.run),
        frozenset({acts.run}),
        whole=True,
        keys=("agent:main:telegram:direct", "agent:coder:telegram:direct", "agent:ops:signal:direct"),
    ),
    Scenario(
        "unlocked-editor",
        "tools that rewrite sessions.json",
        "the store is replaced without its lock, and what was written meanwhile is gone",
        {**_TRAFFIC, acts.editor: 6},
        frozenset({acts.editor}),
    ),
    Scenario(
        "clean",
        "every path in its right form",
        "nothing: many sessions change, and nothing is lost",
        {**_TRAFFIC, acts.editor: 1},
        frozenset(),
    ),
    Scenario(
        "incident",
        "all of the above",
        "a pinned model is gone, then a route; the heartbeat takes three sessions back; a tool ignores the lock",
        {**_TRAFFIC, acts.update: 8},
        frozenset({acts.handler, acts.run, acts.delivery, acts.beat}),
        script=(
            Hit(10, acts.run, (acts.update, acts.model), HERO),
            Hit(16, acts.delivery, (acts.message,), "agent:main:main"),
            Hit(20, acts.beat, (acts.model, acts.level, acts.label, acts.model)),
            Hit(16, acts.editor, (acts.level, acts.model)),
            Hit(16, acts.new_session, (acts.new_session,), "agent:main:whatsapp:direct:+4915112345678"),
            Hit(16, acts.handler, (acts.level, acts.label), HERO),
        ),
    ),
)
SCENARIOS: Final[Mapping[str, Scenario]] = {scenario.name: scenario for scenario in _ALL}


def scenario_named(name: str) -> Scenario:
    """The scenario of this name. Raises UsageError."""
    if name not in SCENARIOS:
        raise UsageError(f"no such scenario: {name!r}; there are {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
