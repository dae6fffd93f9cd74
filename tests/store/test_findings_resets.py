"""Two new sessions in a short time: somebody who starts over twice, and a writer that had not seen the first."""

from __future__ import annotations

from store.js import ABSENT, Edit
from tests.support.past import MODEL, RUN, START, Life, told

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
