"""Edits of ours that no longer stand: seen, and after a restart from the journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store.events import Changed, EntryChange, FileId, Loaded, Version, Writer
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.findings.own_edits import OwnEdit, edit_between, own_edit
from store.js import ABSENT, Edit, JsonObject, Value, same
from tests.support.past import BASE, KEY, LOCK, MODEL, NO_MODEL, RUN, START, STORE, YOU, Life, text, told, with_edit

PAIR = {"providerOverride", "modelOverride"}
OTHER: Edit = {"providerOverride": "zai", "modelOverride": "glm-4.7"}
FILE = FileId(1, 77, 500, int((START - 3600) * 1e9))
STAMP = int((START - 3600) * 1000)


def gone(findings: tuple[Finding, ...]) -> list[tuple[str, set[str]]]:
    return [(found.grade, set(found.yours)) for found in findings if found.yours]


def edit_of(edit: Edit, entry: JsonObject = BASE) -> OwnEdit:
    found = edit_between(STORE, KEY, FILE, entry, with_edit(entry, {**edit, "updatedAt": STAMP}))
    assert found is not None
    return found


def restarted(entry: JsonObject | None, *edits: OwnEdit, now: float = START) -> tuple[Detector, tuple[Finding, ...]]:
    """What a new detector says that finds this entry in the first version."""
    detector = Detector(STORE, own_edits=edits, raw={KEY: text(entry)}.get)
    return detector, detector.observe(Loaded(STORE, Version(1, now, FileId(1, 1, 1, int(now * 1e9))), 1))


def test_a_lost_edit_is_graded_as_the_loss_in_the_same_write() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    (loss,) = life.wrote(RUN, copy=0, writer=LOCK, after=1.6)
    assert told((loss,)) == [("lost-update", "probable", PAIR)]
    assert loss.to_json()["yours"] == ["providerOverride", "modelOverride"]
    assert loss.because().startswith("Your model gpt-5.2 is gone after 1.6 s. v2 (")
    assert len(loss.told_here) == 1


def test_an_edit_from_before_the_start_is_told_by_the_loss_that_took_it() -> None:
    entry = with_edit(BASE, {**MODEL, "label": "a", "sendPolicy": "deny"})
    life = Life(entry, detector=Detector(STORE, own_edits=[edit_of(MODEL)], raw={KEY: text(entry)}.get))
    (loss,) = life.wrote({**NO_MODEL, "label": ABSENT, "sendPolicy": ABSENT}, stamp=START - 1)
    assert (loss.kind, loss.grade, set(loss.yours)) == ("dropped-field", "confirmed", PAIR)
    assert "is in this tool's journal, and v2" in loss.because()
    assert [one.role for one in loss.witness] == ["lost", "write"]


def test_only_what_was_ours_is_called_yours() -> None:
    life = Life()
    life.wrote({"verboseLevel": "on"})
    life.wrote({"label": "mine"}, writer=YOU)
    lost = life.wrote({}, copy=0, stamp=life.now - 1.5)[0]
    assert "Your label mine is gone and verboseLevel on is gone" in lost.because()


def test_a_value_that_was_never_there_loses_the_edit_too_when_an_old_copy_brings_it() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    assert gone(life.wrote(OTHER, copy=0, overtaken=1)) == [("confirmed", PAIR)]


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([OTHER], id="a third value"),
        pytest.param([OTHER, NO_MODEL], id="a third value, then the old one"),
        pytest.param(
            [{**dict(MODEL), "authProfileOverride": "openai:a", **dict(RUN)}], id="it stands, with a profile and a run"
        ),
    ],
)
def test_no_finding(edits: list[Edit]) -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    for edit in edits:
        assert gone(life.wrote(edit)) == []


def test_what_another_operator_puts_back_with_this_program_is_no_loss() -> None:
    alice = Writer(31, "clobberwatch", "alice")
    life = Life()
    life.wrote({**dict(MODEL), "sendPolicy": "deny"}, writer=YOU)
    (found,) = life.wrote({**dict(NO_MODEL), "sendPolicy": ABSENT}, writer=alice)
    assert (found.kind, found.grade, set(found.yours)) == ("edit-gone", "possible", {*PAIR, "sendPolicy"})
    assert found.to_json()["writer"] == {"pid": 31, "how": "clobberwatch", "user": "alice"}


def test_a_later_edit_of_ours_takes_the_place_of_the_one_before() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    life.wrote(NO_MODEL, writer=YOU)
    assert gone(life.wrote(RUN)) == []
    life.wrote({"label": "a"}, writer=YOU)
    life.wrote(OTHER, writer=YOU)
    assert gone(life.wrote({"label": ABSENT})) == [("possible", {"label"})]
    assert gone(life.wrote(NO_MODEL)) == [("possible", PAIR)]


def test_half_of_a_model_set_to_something_else_is_a_third_value() -> None:
    life = Life(with_edit(BASE, MODEL))
    life.wrote({"providerOverride": "azure"}, writer=YOU)
    assert gone(life.wrote({"providerOverride": "openai", "modelOverride": "gpt-6"})) == []


def test_a_route_is_held_by_its_members() -> None:
    life = Life({**BASE, "deliveryContext": {"channel": "telegram", "to": "1"}, "origin": {"label": "A", "to": "1"}})
    there: dict[str, Value] = {
        "deliveryContext": {"channel": "telegram", "to": "2"},
        "lastTo": "2",
        "origin": {"label": "A", "to": "2"},
    }
    life.wrote(there, writer=YOU)
    filled: dict[str, Value] = {**there, "deliveryContext": {"channel": "telegram", "to": "2", "accountId": "default"}}
    assert gone(life.wrote({**filled, "origin": {"label": "Bob", "to": "2"}})) == []
    back = life.wrote({**filled, "deliveryContext": {"channel": "telegram", "to": "1"}, "lastTo": "1"})
    assert gone(back) == [("possible", {"deliveryContext", "lastTo"})]
    lost = next(field for found in back for field in found.fields if field.field == "deliveryContext")
    assert lost.lost == {"channel": "telegram", "to": "2"}


def test_an_entry_that_was_removed_and_an_edit_of_long_ago_are_no_findings() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    life.number += 1
    assert gone(life.tell(Changed(STORE, life.version(), (EntryChange(KEY, text(life.texts[-1]), None),), 0))) == []
    life = Life()
    life.wrote(MODEL, writer=YOU)
    assert gone(life.wrote(NO_MODEL, after=25 * 3600)) == []


def test_a_lost_edit_is_found_after_a_restart() -> None:
    detector, found = restarted({**BASE, "updatedAt": STAMP - 700}, edit_of(MODEL))
    assert told(found) == [("edit-gone", "confirmed", PAIR)]
    because = found[0].because()
    assert because.startswith("Your model gpt-5.2 is gone after 60 min. The edit of ")
    assert because.endswith("The entry's updatedAt lies 0.7 s before the edit's.")
    assert [(one.role, one.number, one.writer.how) for one in found[0].witness] == [
        ("lost", 0, "you"),
        ("write", 1, "unknown"),
    ]
    assert restarted({**BASE, "updatedAt": STAMP - 700}, edit_of(MODEL), now=START + 99)[1][0].id == found[0].id
    assert detector.observe(Loaded(STORE, Version(9, START, FILE), 1)) == ()


@pytest.mark.parametrize(
    ("entry", "grades"),
    [
        pytest.param({**BASE, "updatedAt": STAMP + 5}, ["unknown"], id="the time did not fall"),
        pytest.param({**BASE, "updatedAt": STAMP / 1000}, ["unknown"], id="the time is in seconds"),
        pytest.param({**BASE, "updatedAt": "now"}, ["unknown"], id="the time is no number"),
        pytest.param(with_edit(BASE, {**OTHER, "updatedAt": 1}), [], id="a third value"),
        pytest.param(with_edit(BASE, MODEL), [], id="it stands"),
        pytest.param(None, [], id="the entry is gone"),
    ],
)
def test_what_a_restart_tells(entry: JsonObject | None, grades: list[str]) -> None:
    assert [found.grade for found in restarted(entry, edit_of(MODEL))[1]] == grades


def test_a_restart_leaves_out_old_and_replaced_edits_and_those_of_a_clock_ahead() -> None:
    assert restarted(BASE, edit_of(MODEL), now=START + 24 * 3600)[1] == ()
    assert restarted(BASE, edit_of(MODEL), now=START - 7200)[1] == ()
    undo = edit_between(STORE, KEY, FILE, with_edit(BASE, MODEL), BASE)
    assert undo and restarted(BASE, edit_of(MODEL), undo)[1] == ()


def test_an_edit_that_stands_at_the_start_is_watched_on() -> None:
    _, found = restarted(with_edit(BASE, MODEL), edit_of(MODEL))
    assert found == ()
    life = Life(
        with_edit(BASE, MODEL),
        detector=Detector(STORE, own_edits=[edit_of(MODEL)], raw={KEY: text(with_edit(BASE, MODEL))}.get),
    )
    assert gone(life.wrote(NO_MODEL)) == [("possible", PAIR)]


def test_live_and_after_a_restart_it_is_the_same_finding() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    file = life.version().file
    (found,) = life.wrote(NO_MODEL)
    edit = edit_between(STORE, KEY, file, life.texts[0], life.texts[1])
    assert edit and restarted(life.texts[2], edit, now=START + 60)[1][0].id in found.told_here


def test_an_edit_is_kept_as_json() -> None:
    edit = edit_of({**dict(MODEL), "label": ABSENT, "deliveryContext": {"channel": "slack"}}, {**BASE, "label": "x"})
    again = own_edit(json.loads(json.dumps(edit.to_json())))
    assert again == edit
    assert own_edit({"store": "/s"}) is None and own_edit({**edit.to_json(), "file": ["1", 2, 3, 4]}) is None


def test_the_edit_of_many_entries_keeps_to_its_bound() -> None:
    life = Life()
    changes = tuple(EntryChange(f"k{n}", text(BASE), text(with_edit(BASE, MODEL))) for n in range(1500))
    life.number += 1
    life.tell(Changed(STORE, life.version(YOU), changes, 1500))
    undone = tuple(EntryChange(change.key, change.after, change.before) for change in changes)
    life.number += 1
    found = life.tell(Changed(STORE, life.version(), undone, 1500))
    assert sum(bool(one.told_here) for one in found) == 1000


def test_same_is_what_stands() -> None:
    edit = edit_of({"queueCap": 5})
    assert edit.stands_in({"queueCap": 5.0}) and same(edit.laid_over({})["queueCap"], 5)
    assert Path(STORE) == edit.store
