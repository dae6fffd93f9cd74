"""Two new sessions in a short time: somebody who starts over twice, and a writer that had not seen the first."""

from __future__ import annotations

from store.events import Changed, EntryChange
from store.findings.finding import Finding
from store.js import ABSENT, Edit, JsonObject
from tests.support.past import BASE, MODEL, RUN, START, STORE, Life, text, told

RESET: Edit = {
    "systemSent": False,
    "abortedLastRun": False,
    "inputTokens": 0,
    "outputTokens": 0,
    "totalTokens": 0,
    **dict.fromkeys(("providerOverride", "modelOverride", "authProfileOverride", "deliveryContext"), ABSENT),
    **dict.fromkeys(("compactionCount", "systemPromptReport", "elevatedLevel", "cacheRead", "modelProvider"), ABSENT),
}
"""What the `sessions.reset` of the gateway does to an entry, besides the new id."""
USED: Edit = {
    **MODEL,
    "authProfileOverride": "openai:a",
    "elevatedLevel": "on",
    "compactionCount": 1,
    "deliveryContext": {"channel": "telegram", "to": "1"},
}


def session(number: int) -> str:
    return f"{number}{number}{number}{number}{number}{number}{number}{number}-bbbb-4bbb-8bbb-222222222222"


def test_a_second_reset_gives_the_values_that_an_earlier_one_gave() -> None:
    life = Life()
    for number in (2, 3, 4):
        life.wrote({**RESET, "sessionId": session(number)}, after=60)
        life.wrote({**USED, "thinkingLevel": ("high", "low")[number % 2]}, after=2)
        life.wrote({**RUN, "totalTokens": 20888, "cacheRead": 22016, "systemPromptReport": {"chars": number}})
    assert told(life.wrote({**RESET, "sessionId": session(5)})) == [("forked-session", "possible", {"sessionId"})]


def test_a_second_session_that_brings_back_what_the_first_one_dropped_is_probable() -> None:
    life = Life()
    life.wrote({**MODEL, "label": "release train", "lastInteractionAt": 1_790_000_000_990})
    dropped: Edit = {"label": ABSENT, "lastInteractionAt": ABSENT}
    life.wrote({**RESET, **dropped, "sessionId": session(2)})
    found = life.wrote({"sessionId": session(3)}, copy=1, after=0.4)
    assert told(found) == [("forked-session", "probable", {"sessionId"})]
    assert "made from v2" in found[0].because()


def test_a_second_reset_in_the_millisecond_of_the_first_is_no_proof() -> None:
    life = Life(now=START + 0.0002)
    life.wrote({"sessionId": session(2)}, stamp=START + 0.9)
    found = life.wrote({"sessionId": session(3)}, after=0.0006)
    assert told(found) == [("forked-session", "possible", {"sessionId"})]


NEW = "agent:main:telegram:direct:77"


def first_messages(*entries: JsonObject, apart: float = 0.2, overtaken: int = 0) -> tuple[Finding, ...]:
    """What is found in the last of these texts of an entry that was not there before the first."""
    life, before = Life(), None
    found: tuple[Finding, ...] = ()
    for entry in entries:
        life.number, life.now = life.number + 1, life.now + apart
        change = EntryChange(NEW, before, text(entry))
        found = life.tell(Changed(STORE, life.version(overtaken=overtaken), (change,), 2))
        before = text(entry)
    return found


def message(number: int, at: float) -> JsonObject:
    """An entry as the first message of its chat leaves it."""
    fresh: JsonObject = {"sessionId": session(number), "updatedAt": int(at * 1000), "systemSent": False}
    return fresh | {name: BASE[name] for name in ("lastChannel", "lastTo")}


def test_two_first_messages_at_once_are_a_fork() -> None:
    one, two = message(2, START + 0.19), message(3, START + 0.15)
    found = first_messages(one, two)
    assert told(found) == [("forked-session", "confirmed", {"sessionId"})]
    assert [witness.number for witness in found[0].witness] == [1, 2, 3]
    begun_before = message(3, START + 0.199)
    assert told(first_messages(one, begun_before)) == [("forked-session", "probable", {"sessionId"})]
    unseen = message(3, START + 0.4)
    assert told(first_messages(one, unseen, overtaken=1)) == [("forked-session", "confirmed", {"sessionId"})]


def test_a_new_session_right_after_the_first_message_is_no_alarm() -> None:
    again = {**message(3, START + 0.4), "inputTokens": 0, "totalTokens": 0}
    assert told(first_messages(message(2, START + 0.19), again)) == [("forked-session", "possible", {"sessionId"})]
    later = message(3, START + 24)
    assert first_messages(message(2, START + 11.9), later, apart=12) == ()


def test_an_entry_that_gets_its_first_session_is_no_fork() -> None:
    patched: JsonObject = {"updatedAt": int(START * 1000) + 190, "label": "x"}
    assert first_messages(patched, {**patched, **message(2, START + 0.3)}) == ()
