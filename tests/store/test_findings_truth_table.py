"""The table of what must be found, and of what must not: one test a row."""

from __future__ import annotations

from store.events import Changed, EntryChange
from store.js import ABSENT, JsonObject
from tests.support.past import BASE, KEY, MODEL, NO_MODEL, RUN, STORE, YOU, Life, text, told

PAIR = {"providerOverride", "modelOverride"}
SECOND: JsonObject = {"sessionId": "22222222-bbbb-4bbb-8bbb-222222222222"}
SLACK: JsonObject = {"lastChannel": "slack", "lastTo": "c1"}


def test_a_stale_handler_is_confirmed_because_updated_at_falls() -> None:
    life = Life()
    life.wrote(MODEL)
    found = life.wrote({"label": "x"}, copy=0, stamp=life.now - 0.5)
    assert told(found) == [("lost-update", "confirmed", PAIR)]
    (finding,) = found
    assert [(field.field, field.lost, field.now) for field in finding.fields] == [
        ("providerOverride", "openai", ABSENT),
        ("modelOverride", "gpt-5.2", ABSENT),
    ]
    assert finding.base and (finding.base.version.number, finding.version) == (1, 3)
    assert (finding.base_age_s, finding.stale_s) == (2.0, 1.0)
    assert [witness.role for witness in finding.witness] == ["base", "lost", "write"]
    assert [witness.number for witness in finding.witness] == [1, 2, 3]
    assert "updatedAt lies 0.5 s before" in finding.because()


def test_an_after_run_update_is_probable_because_no_person_writes_tokens() -> None:
    life = Life()
    life.wrote(MODEL)
    found = life.wrote(RUN, copy=0)
    assert told(found) == [("lost-update", "probable", PAIR)]
    assert "ends a run (inputTokens, outputTokens, model and 2 more)" in found[0].because()


def test_it_is_confirmed_when_another_run_is_undone_with_it() -> None:
    life = Life()
    life.wrote(MODEL)
    life.wrote({**RUN, "inputTokens": 33333})
    found = life.wrote({"heartbeatTaskState": {"mail": 1}}, copy=0)
    assert told(found) == [("lost-update", "confirmed", PAIR)]
    assert found[0].base and found[0].base.version.number == 1


def test_a_stale_copy_laid_over_the_entry_is_probable_when_two_units_return() -> None:
    life = Life()
    life.wrote({**MODEL, "thinkingLevel": "high", **SLACK})
    found = life.wrote({**RUN, **MODEL}, copy=0)
    assert told(found) == [("lost-update", "probable", {"thinkingLevel", "lastChannel", "lastTo"})]


def test_a_model_set_and_reset_by_hand_is_possible_at_most() -> None:
    life = Life()
    life.wrote(MODEL)
    assert told(life.wrote(NO_MODEL)) == [("lost-update", "possible", PAIR)]


def test_a_model_cleared_after_a_run_is_nothing() -> None:
    life = Life()
    life.wrote(MODEL)
    assert life.wrote(RUN) == ()
    assert life.wrote(NO_MODEL) == ()


def test_thinking_toggled_with_a_run_in_between_is_nothing() -> None:
    life = Life()
    life.wrote({"thinkingLevel": "high"})
    life.wrote(RUN)
    assert life.wrote({"thinkingLevel": "low"}) == ()


def test_a_new_session_with_an_id_never_seen_is_nothing() -> None:
    life = Life()
    life.wrote(MODEL)
    assert life.wrote({**NO_MODEL, **SECOND, "inputTokens": ABSENT, "outputTokens": ABSENT}) == ()


def test_an_old_session_id_that_returns_is_confirmed() -> None:
    life = Life()
    life.wrote({**SECOND, "inputTokens": ABSENT, "outputTokens": ABSENT})
    found = life.wrote(RUN, copy=0)
    assert told(found) == [("lost-update", "confirmed", {"sessionId"})]
    assert "sessionId had been replaced" in found[0].because()


def test_a_chat_that_moves_there_and_back_is_possible_at_most() -> None:
    life = Life()
    life.wrote({**SLACK, "lastInteractionAt": 1_790_000_000_990})
    found = life.wrote({"lastChannel": "telegram", "lastTo": "1", "lastInteractionAt": 1_790_000_001_990})
    assert told(found) == [("lost-update", "possible", {"lastChannel", "lastTo"})]


def test_delivery_that_returns_with_the_old_time_is_confirmed() -> None:
    life = Life()
    life.wrote({**SLACK, "lastInteractionAt": 1_790_000_000_990})
    found = life.wrote({"label": "x"}, copy=0)
    assert told(found) == [("lost-update", "confirmed", {"lastChannel", "lastTo"})]


def test_a_status_that_cycles_is_nothing() -> None:
    life = Life()
    for status in ("running", "done", "running", "done"):
        assert life.wrote({"status": status}) == ()
        assert life.wrote({**RUN, "status": "done", "outputTokens": int(life.now)}) == ()


def test_our_own_undo_is_nothing() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    assert life.wrote(NO_MODEL, writer=YOU) == ()


def test_a_third_value_over_our_edit_is_nothing() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    assert life.wrote({"providerOverride": "google", "modelOverride": "gemini-3"}) == ()


def test_a_temp_file_older_than_our_edit_is_confirmed() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    found = life.wrote({"label": "z"}, copy=0, overtaken=1)
    assert told(found) == [("lost-update", "confirmed", PAIR)]
    assert set(found[0].yours) == PAIR
    assert "temp file was made before v2" in found[0].because()


def test_a_value_that_was_never_there_is_confirmed_too_when_the_temp_file_is_older() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    found = life.wrote({"providerOverride": "google", "modelOverride": "gemini-3"}, copy=0, overtaken=1)
    assert told(found) == [("lost-update", "confirmed", PAIR)]
    assert found[0].base and found[0].base.version.number == 1


def test_our_edit_reverted_alone_is_possible_and_told() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    found = life.wrote(NO_MODEL, after=40)
    assert told(found) == [("lost-update", "possible", PAIR)]
    assert found[0].because().startswith("Your model gpt-5.2 is gone after 40 s. v2 (")
    assert found[0].told_unasked and not found[0].listed


def test_a_reversal_across_missed_versions_is_unknown() -> None:
    for count in (1, None):
        life = Life()
        life.wrote(MODEL)
        life.missed(count)
        found = life.wrote(RUN, copy=0)
        assert told(found) == [("lost-update", "unknown", PAIR)]
        assert "missed" in found[0].because()


def test_a_jump_of_the_version_number_is_a_gap_too() -> None:
    life = Life()
    life.wrote(MODEL)
    life.number += 3
    assert told(life.wrote({"label": "x"}, copy=0, stamp=life.now - 0.5)) == [("lost-update", "unknown", PAIR)]


def test_pruned_and_migrated_entries_are_nothing() -> None:
    life = Life()
    life.number, life.now = 2, life.now + 1
    entry = {**BASE, "displayName": "a", "label": "b", "sendPolicy": "deny", "spawnedBy": "c"}
    slim = {name: value for name, value in entry.items() if name not in ("displayName", "label", "sendPolicy")}
    pruned = [EntryChange(f"agent:main:cron:{n}", text(entry), None) for n in range(200)]
    migrated = [EntryChange(f"{KEY}{n}", text(entry), text(slim)) for n in range(3)]
    assert life.tell(Changed(STORE, life.version(), (*pruned, *migrated), 5)) == ()
