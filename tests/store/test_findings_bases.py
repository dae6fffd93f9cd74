"""Losses that hide among coincidences: the copy that explains them is told from those that only look like it."""

from __future__ import annotations

from store.events import Changed, EntryChange
from store.findings.detector import Detector
from store.js import ABSENT, Edit, JsonObject
from tests.support.past import BASE, RUN, START, STORE, Life, text, told, with_edit

OTHER_RUN: Edit = {
    "inputTokens": 911,
    "outputTokens": 5020,
    "model": "gpt-5.2",
    "modelProvider": "openai",
    "contextTokens": 400_000,
    "cacheRead": 18_432,
}


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
