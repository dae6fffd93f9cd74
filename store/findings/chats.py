"""Whether a write may be that of a message, whose chat then is the present one and no stale copy's."""

from __future__ import annotations

from store.findings import settings
from store.findings.base import leaves_out_the_rest, payload
from store.findings.past import Write
from store.findings.units import members


def may_be_a_message(write: Write) -> bool:
    """Whether it sets a route and nothing that only the end of a run would, and keeps what a message does not know."""
    new = payload(write, frozenset())
    return len(new) >= settings.PAYLOAD_FIELDS and new[0] in settings.MESSAGE and not leaves_out_the_rest(write)


def is_a_message(write: Write) -> bool:
    """Whether nothing but a message can have written it: the time of the last one is new."""
    field = "lastInteractionAt"
    _, now = write.step.turns.get(field, (None, None))
    return now is not None and all(step.turns[field][0] != now for step in write.older if field in step.turns)


def times_taken(write: Write, unit: str) -> int:
    """How often the entry took the values before that this write gives to a unit, as far as is remembered."""
    times = [_times_taken(write, field) for field in members(unit) if write.step.turns.get(field, (None, None))[1]]
    return min(times, default=0)


def _times_taken(write: Write, field: str) -> int:
    now = write.step.turns[field][1]
    turns = [step.turns[field] for step in write.older if field in step.turns]
    return sum(after == now for _, after in turns) + bool(turns and turns[0][0] == now)
