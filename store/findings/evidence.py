"""What proves that a write was made from an old copy, apart from the values it restored; and the grade of it all."""

from __future__ import annotations

from math import log2

from store.findings import settings
from store.findings.base import Inferred, leaves_out_the_rest, payload
from store.findings.finding import Grade
from store.findings.past import Step, Write
from store.findings.units import automatic, number


def fall_ms(write: Write) -> float:
    """By how much `updatedAt` fell, in ms; 0 where it did not, or where a clock may be to blame.

    Every writer stamps the present, so a stamp older than the one it replaced was computed before that one.
    """
    now, was = number(write.after, "updatedAt"), number(write.before, "updatedAt")
    if now is None or was is None or not settings.MILLISECONDS_FROM <= now < was:
        return 0
    replaced_at = write.step.since.at if not write.older else write.older[-1].version.at
    in_future = was > replaced_at * 1000 + settings.FUTURE_MS or was > write.step.version.at * 1000 + 1
    return 0 if in_future else was - now


def session_came_back(base: Inferred) -> bool:
    """Whether a sessionId that had been replaced returns."""
    return "sessionId" in base.back


def grade_of(write: Write, base: Inferred) -> Grade:
    """How sure it is that the write restored old values because it held an old copy."""
    sure = proven(write, base)
    if not sure and not _likely(write, base):
        return "possible"
    if gap_in(write, base.place):
        return "unknown"
    return "confirmed" if sure and write.exact else "probable"


def _likely(write: Write, base: Inferred) -> bool:
    sticky = base.restored & settings.STICKY
    firm = {unit for unit in sticky - {settings.DELIVERY} if not automatic(unit, write.before, write.after)}
    no_person = len(payload(write, base.restored)) >= settings.PAYLOAD_FIELDS or leaves_out_the_rest(write)
    if firm and (no_person or settings.DELIVERY in base.back):
        return True
    if sticky and base.exact and "updatedAt" in write.step.turns:  # nobody who means it writes the time of then
        return True
    if sticky == {settings.DELIVERY} and not _beyond_a_chat(write, base):
        return False
    return _improbable_by_chance(base, sticky)


def proven(write: Write, base: Inferred) -> bool:
    """Whether no writer that had seen the version it replaced can have written this."""
    surprising = base.score >= settings.CONFIRMED_SCORE and len(base.back) >= 2
    return surprising or bool(fall_ms(write)) or session_came_back(base) or bool(write.overtaken)


def _improbable_by_chance(base: Inferred, sticky: frozenset[str]) -> bool:
    """Enough units at once, and not only such as one person changes together."""
    by_hand = sticky - {settings.DELIVERY}
    several_hands = bool(base.restored - by_hand) and not base.restored <= {settings.MODEL, settings.AUTH}
    enough = settings.PROBABLE_SCORE if sticky else settings.UNCHOSEN_SCORE
    return base.score >= enough and len(base.restored) >= 2 and bool(base.back) and several_hands


def _beyond_a_chat(write: Write, base: Inferred) -> bool:
    """Whether what came back with the route is more than a coincidence with one of the versions looked at.

    Chats take turns, so that the route alone is none.
    """
    tried = len(write.older) - base.place
    return base.score - settings.CHOSEN - log2(tried) >= settings.PROBABLE_SCORE


def gap_in(write: Write, place: int) -> bool:
    """Whether versions were missed since the older version that `place` names was replaced."""
    return write.step.gap or any(step.gap for step in write.older[place:])


def last_turn(write: Write, fields: set[str]) -> Step | None:
    """The write that gave one of these fields the value that stood until now."""
    return next((step for step in reversed(write.older) if fields & step.turns.keys()), None)
