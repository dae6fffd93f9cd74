"""Losses that hide among coincidences: the copy that explains them is told from those that only look like it."""

from __future__ import annotations

from store.events import Changed, EntryChange, Loaded
from store.findings.detector import Detector
from store.js import ABSENT, Edit, JsonObject
from tests.support.past import BASE, MODEL, NO_MODEL, RUN, START, STORE, YOU, Life, text, told, with_edit

OTHER_RUN: Edit = {
    "inputTokens": 911,
    "outputTokens": 5020,
    "model": "gpt-5.2",
    "modelProvider": "openai",
    "contextTokens": 400_000,
    "cacheRead": 18_432,
}


CHATS: tuple[JsonObject, ...] = tuple(
    {"lastChannel": channel, "lastTo": to}
    for channel, to in (("telegram", "1"), ("slack", "2"), ("web", "3"), ("x", "4"))
)


def test_a_run_on_the_model_of_an_earlier_one_hides_no_loss() -> None:
    life = Life()
    life.wrote({**RUN, "cacheRead": 22_016})
    life.wrote(OTHER_RUN)
    life.wrote({"sendPolicy": "deny"})
    life.wrote({"sendPolicy": ABSENT, "displayName": "A"})
    found = life.wrote({**RUN, "cacheRead": 22_016, "inputTokens": 3, "outputTokens": 4, "sendPolicy": "deny"})
    assert told(found) == [("resurrected-field", "probable", {"sendPolicy"})]


def test_what_a_handler_does_not_know_says_nothing_of_its_copy() -> None:
    rest: JsonObject = {"displayName": "A", "execHost": "node", "origin": {"label": "A"}, "compactionCount": 1}
    life = Life(BASE)
    life.wrote({"label": "old"})
    life.wrote({**rest, "label": "old"})
    life.wrote({"label": ABSENT})
    life.wrote({"displayName": ABSENT, "origin": ABSENT, "queueMode": "steer"})
    found = life.wrote({**dict.fromkeys(("execHost", "compactionCount", "queueMode"), ABSENT), "label": "old"})
    assert ("resurrected-field", "probable", {"label"}) in told(found)


def test_the_exact_old_text_is_no_persons_undo() -> None:
    seconds = START // 1000
    life = Life({**BASE, "updatedAt": int(seconds)})
    life.wrote({"verboseLevel": "on"})
    assert told(life.wrote({}, copy=0, stamp=seconds / 1000)) == [("lost-update", "probable", {"verboseLevel"})]


def test_an_entry_that_was_touched_in_a_stale_store_is_judged_with_the_others() -> None:
    keys = [f"agent:main:{n}" for n in range(4)]
    old = {key: {**BASE, "label": key, "updatedAt": int(START / 1000)} for key in keys}
    new = {key: with_edit(entry, {"label": "b", "updatedAt": int(START)}) for key, entry in old.items()}
    stale = {**old, keys[0]: {**old[keys[0]], "lastHeartbeatSentAt": 5}}
    life = Life(detector=Detector(STORE))
    for before, after in ((old, new), (new, stale)):
        life.number, life.now = life.number + 1, life.now + 1
        changes = tuple(EntryChange(key, text(before[key]), text(after[key])) for key in keys)
        found = life.tell(Changed(STORE, life.version(), changes, 4))
    assert [(one.kind, one.grade) for one in found] == [
        *[("lost-update", "probable")] * 4,
        ("store-write-back", "probable"),
    ]


def test_the_handler_erases_a_model_and_leaves_its_source() -> None:
    life = Life({**BASE, "modelOverrideSource": "user"})
    life.wrote({**MODEL, "modelOverrideSource": "user", "modelOverrideRouteResolution": "resolved", **CHATS[1]})
    found = life.wrote({**NO_MODEL, **CHATS[0]})
    assert told(found) == [("lost-update", "probable", {*NO_MODEL, *CHATS[0]})]
    life.wrote({**MODEL, "verboseLevel": "on"})
    assert told(life.wrote(NO_MODEL)) == [("lost-update", "possible", {*NO_MODEL})]
    life.wrote({**MODEL, "thinkingLevel": "high"})
    (gone,) = life.wrote(NO_MODEL)
    assert gone.base and gone.base.version.number == 5


def test_the_route_of_a_message_from_a_chat_that_wrote_often_does_not_make_the_copy_older() -> None:
    life = Life()
    for number in (1, 2, 3, 1, 2, 3):
        life.wrote(CHATS[number])
    for number, level in ((1, "high"), (2, "max"), (3, "off")):
        life.wrote({"thinkingLevel": level})
        (found,) = life.wrote(CHATS[number], copy=-2)
        assert told((found,)) == [("lost-update", "probable", {"thinkingLevel"})]
        assert (found.fields[0].lost, found.fields[0].now) == (level, "low")
        assert found.base and found.base.version.number == found.version - 2
        assert found.base.rival and found.base.rival.version.number < found.version - 2
        assert found.base_age_s and found.base_age_s > 2 and found.stale_s == 1.0
        assert "It may also have been v" in found.because()


def test_the_first_time_that_a_route_returns_both_copies_are_named() -> None:
    life = Life()
    life.wrote(CHATS[1])
    life.wrote({"thinkingLevel": "high"})
    (found,) = life.wrote(CHATS[0], copy=1)
    assert {one.field: one.lost for one in found.fields} == {"thinkingLevel": "high", **CHATS[1]}
    assert found.base and found.base.rival
    assert (found.base.version.number, found.base.rival.version.number) == (1, 2)
    assert (found.base_age_s, found.stale_s) == (3.0, 1.0)


def test_the_time_of_a_message_says_whose_route_it_is() -> None:
    life = Life()
    life.wrote(CHATS[1])
    life.wrote({"thinkingLevel": "high"})
    (found,) = life.wrote({**CHATS[0], "lastInteractionAt": int(START * 1000) + 2990}, copy=1)
    assert told((found,)) == [("lost-update", "probable", {"thinkingLevel"})]
    assert found.base and (found.base.version.number, found.base.rival) == (2, None)


def test_a_version_from_before_the_first_has_a_time_and_no_number() -> None:
    life = Life()
    life.number = -2
    life.tell(Loaded(STORE, life.version(), 1))
    life.wrote(MODEL, writer=YOU)
    life.number = 0
    said = [finding.because() for finding in life.wrote(RUN, copy=0)]
    assert said and all("v-" not in because and "v0" not in because for because in said)
    assert "the version of " in said[0] and ". The version of " in said[0]
