"""Base, mine and theirs: what is in conflict, what only moved beside, what is left after deciding."""

from __future__ import annotations

from pathlib import Path

from store.entry.levels import SetField
from store.entry.overrides import SetModel
from store.js import ABSENT
from tests.support.pinned import BASE, KEY, THEIRS
from tui.editing.proposal import Proposal, changed_fields

BOTH = Proposal(
    Path("/s"), KEY, BASE, (SetModel("anthropic", "claude-opus-4-6"), SetField("thinkingLevel", "high")), 10.0
)


def test_only_the_unit_that_moved_is_in_conflict() -> None:
    assert BOTH.moved(BASE) == ()
    assert BOTH.moved(THEIRS) == ("model",)
    assert BOTH.moved({**BASE, "thinkingLevel": "low"}) == ("thinkingLevel",)


def test_another_session_puts_every_unit_in_question() -> None:
    assert BOTH.moved({**BASE, "sessionId": "other"}) == ("model", "thinkingLevel")


def test_an_entry_that_is_gone_puts_every_unit_in_question() -> None:
    assert BOTH.moved(None) == ("model", "thinkingLevel")


def test_somebody_else_having_written_the_same_is_no_conflict() -> None:
    assert BOTH.moved({**BASE, "thinkingLevel": "high"}) == ()


def test_fields_beside_the_units_are_no_conflict() -> None:
    assert BOTH.moved({**BASE, "outputTokens": 5, "label": "x"}) == ()
    assert changed_fields(BASE, {**BASE, "updatedAt": 9, "outputTokens": 5}) == ("outputTokens",)


def test_each_field_says_who_changed_it() -> None:
    sides = {side.field: (side.side, side.mine) for side in BOTH.sides(THEIRS)}
    assert sides == {
        "providerOverride": ("both", "anthropic"),
        "modelOverride": ("both", "claude-opus-4-6"),
        "modelOverrideSource": ("theirs", "user"),
        "authProfileOverride": ("both", ABSENT),
        "thinkingLevel": ("mine", "high"),
    }


def test_taking_theirs_leaves_the_rest_of_the_wish() -> None:
    left = BOTH.keep(THEIRS, frozenset({"model"}), 20.0)
    assert left is not None
    assert left.units == ("thinkingLevel",)
    assert left.base == THEIRS
    assert left.moved(THEIRS) == ()


def test_keeping_mine_is_the_same_wish_on_the_version_on_disk() -> None:
    left = BOTH.keep(THEIRS, frozenset(), 20.0)
    assert left is not None
    assert left.written()["modelOverride"] == "claude-opus-4-6"
    assert left.moved(THEIRS) == ()


def test_taking_everything_of_theirs_leaves_nothing() -> None:
    assert BOTH.keep(THEIRS, frozenset({"model", "thinkingLevel"}), 20.0) is None
