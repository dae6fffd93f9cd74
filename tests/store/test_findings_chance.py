"""Values that meet by chance: a busy store has thousands of runs, and some end with the same figures."""

from __future__ import annotations

import pytest

from store.js import ABSENT, Edit
from tests.support.past import MODEL, NO_MODEL, RUN, Life, told

OTHER_MODEL: Edit = {"model": "gpt-5.2", "modelProvider": "openai", "contextTokens": 400_000}


def test_a_run_with_the_total_and_the_model_of_an_older_one_is_nothing() -> None:
    life = Life()
    life.wrote({**RUN, "totalTokens": 5783})
    life.wrote({**RUN, **OTHER_MODEL, "inputTokens": 31_117, "outputTokens": 1911, "totalTokens": 5227})
    assert life.wrote({**RUN, "inputTokens": 44_021, "outputTokens": 3090, "totalTokens": 5783}) == ()


def test_the_time_of_an_older_run_does_not_come_back_by_chance() -> None:
    life = Life()
    life.wrote({**RUN, "endedAt": 1_790_000_000_900})
    life.wrote({**RUN, **OTHER_MODEL, "inputTokens": 31_117, "outputTokens": 1911, "endedAt": 1_790_000_001_900})
    (found,) = life.wrote({"lastHeartbeatSentAt": 1_790_000_002_900}, copy=1)
    assert (found.kind, found.grade) == ("stale-write-back", "confirmed")


def test_a_message_from_a_chat_that_wrote_before_does_not_hide_a_loss() -> None:
    life = Life()
    telegram: Edit = {"lastChannel": "telegram", "lastTo": "1", "deliveryContext": {"channel": "telegram", "to": "1"}}
    slack: Edit = {"lastChannel": "slack", "lastTo": "c1", "deliveryContext": {"channel": "slack", "to": "c1"}}
    life.wrote(telegram)
    life.wrote(slack)
    life.wrote({"sendPolicy": "deny"})
    life.wrote({"sendPolicy": ABSENT})
    found = life.wrote(telegram, copy=3)
    assert told(found) == [("resurrected-field", "probable", {"sendPolicy"})]
    assert found[0].base and found[0].base.version.number == 4
    assert told(life.wrote(slack)) == [("lost-update", "possible", {"lastChannel", "lastTo", "deliveryContext"})]


def test_settings_that_one_patch_clears_together_are_no_dropped_fields() -> None:
    life = Life()
    life.wrote({**MODEL, "verboseLevel": "on", "sendPolicy": "deny", "model": "opus", "modelProvider": "anthropic"})
    names = ("verboseLevel", "sendPolicy", "thinkingLevel", "model", "modelProvider")
    found = life.wrote({**NO_MODEL, **dict.fromkeys(names, ABSENT)}, after=4000)
    assert [finding for finding in found if finding.alarming] == []


@pytest.mark.parametrize("between", [0, 1, 9])
def test_a_route_and_one_number_that_return_prove_little_when_many_versions_were_looked_at(between: int) -> None:
    life = Life()
    life.wrote({"lastChannel": "slack", "lastTo": "c1", "totalTokens": 5783})
    for number in range(between):
        life.wrote({"lastChannel": "web", "lastTo": "w", "totalTokens": 6000 + number})
    life.wrote({"lastChannel": "telegram", "lastTo": "1", "totalTokens": 7000})
    found = life.wrote({"lastChannel": "slack", "lastTo": "c1", "totalTokens": 5783})
    grade = "possible" if between == 9 else "probable"
    assert told(found) == [("lost-update", grade, {"lastChannel", "lastTo"})]
