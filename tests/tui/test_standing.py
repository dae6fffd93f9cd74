"""An edit of ours is watched until a minute after the next run; when it is undone, that is said once."""

from __future__ import annotations

import json
from pathlib import Path

from store.edit import EditResult, FieldEdit
from store.entry.levels import SetField
from store.entry.overrides import SetModel
from store.events import Changed, EntryChange, Writer
from store.js import JsonObject
from tests.support.fake_watch import GATEWAY, version
from tui.editing.standing import Standing

STORE = Path("/s")
KEY = "agent:main:main"
BEFORE: JsonObject = {"sessionId": "5b", "providerOverride": "openai", "modelOverride": "gpt-5.2"}
FILE = version(1, 100.0).file
OPUS = SetModel("anthropic", "claude-opus-4-6")
MINE: JsonObject = {
    **BEFORE,
    "providerOverride": "anthropic",
    "modelOverride": "claude-opus-4-6",
    "modelOverrideSource": "user",
}


def written(standing: Standing, at: float = 100.0) -> None:
    changes = tuple(
        FieldEdit(name, BEFORE.get(name), MINE[name])
        for name in ("providerOverride", "modelOverride", "modelOverrideSource")
    )
    standing.watch(EditResult("applied", KEY, STORE, changes, theirs=BEFORE, version=version(1, at).file), [OPUS], at)


def test_of_many_that_one_version_undoes_the_number_is_said() -> None:
    standing = Standing()
    for number in range(4):
        changes = (FieldEdit("label", "old", "new"),)
        result = EditResult("applied", f"{KEY}:{number}", STORE, changes, theirs={"label": "old"}, version=FILE)
        standing.watch(result, [SetField("label", "new")], 100.0)
    back = [EntryChange(f"{KEY}:{number}", b"{}", b'{"label": "old"}') for number in range(4)]
    (said,) = standing.seen(Changed(STORE, version(2, 101.6, GATEWAY), tuple(back), 4), 101.6)
    assert said == "4 edits of yours no longer stand, by pid 48213. 4 shows the rows; u puts one back."
    assert standing.edits == []


def news(entry: JsonObject | None, writer: Writer = GATEWAY) -> Changed:
    after = None if entry is None else json.dumps(entry).encode()
    return Changed(STORE, version(2, 101.6, writer), (EntryChange(KEY, b"{}", after),), 1)


def test_an_edit_that_went_back_is_said_once_with_its_writer() -> None:
    standing = Standing()
    written(standing)
    (said,) = standing.seen(news(BEFORE), 101.6)
    assert said == (
        "Your edit of main:main no longer stands: after 1.6 s model went from claude-opus-4-6 to gpt-5.2, "
        "by pid 48213. u there puts it back."
    )
    assert standing.seen(news(BEFORE), 102.0) == []


def test_other_fields_and_a_profile_chosen_by_the_gateway_undo_nothing() -> None:
    standing = Standing()
    written(standing)
    assert standing.seen(news({**MINE, "outputTokens": 5, "authProfileOverride": "anthropic:default"}), 110.0) == []
    assert len(standing.edits) == 1


def test_our_own_next_version_undoes_nothing() -> None:
    standing = Standing()
    written(standing)
    assert standing.seen(news(BEFORE, Writer(1, "you")), 110.0) == []
    assert len(standing.edits) == 1


def test_an_entry_that_goes_takes_the_edit_with_it() -> None:
    standing = Standing()
    written(standing)
    (said,) = standing.seen(news(None), 110.0)
    assert "gone with its entry" in said


def test_it_is_held_a_minute_after_the_next_run_ends() -> None:
    standing = Standing()
    written(standing)
    standing.seen(news({**MINE, "status": "running"}), 150.0)
    standing.seen(news({**MINE, "status": "done"}), 200.0)
    assert standing.expired(259.0) == []
    assert standing.expired(260.0) == [
        "Held: model of main:main kept your value through 2 writes and the end of a run. It is no longer watched."
    ]
    assert standing.edits == []


def test_it_is_watched_for_two_minutes_at_least_and_fifteen_at_most() -> None:
    standing = Standing()
    written(standing)
    standing.seen(news({**MINE, "status": "running"}), 101.0)
    standing.seen(news({**MINE, "status": "done"}), 102.0)
    assert standing.expired(219.0) == []
    assert len(standing.expired(220.0)) == 1
    written(standing)
    assert standing.expired(999.0) == []
    assert standing.expired(1000.0) == [
        "Held: model of main:main kept your value through 0 writes. It is no longer watched."
    ]


def test_a_newer_edit_of_the_same_unit_takes_the_place_of_the_older() -> None:
    standing = Standing()
    written(standing)
    written(standing, 200.0)
    assert [edit.at for edit in standing.edits] == [200.0]
