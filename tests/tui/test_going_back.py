"""What `u` does where the cursor is, and that the screens say just that before, and what it undoes after."""

from __future__ import annotations

import json

import pytest

from store.entry.overrides import ClearModel
from tests.support import clobbered, incident
from tests.support.incident import PINNED, local
from tests.support.story import STORE, Story
from tui.editing.proposal import Proposal
from tui.editing.restore import back_from
from tui.layout.loss import loss_words
from tui.layout.preview_lines import scope_line
from tui.look.line import plain, width
from tui.state import RowId

ROW, YET = RowId(STORE, PINNED), "nothing is written yet"


def foot(story: Story, field: str) -> str:
    words = loss_words(story.dashboard, ROW, field, 76)
    assert words is not None
    return words.text


def test_a_narrow_screen_has_the_key_that_puts_it_back_and_no_cut_words() -> None:
    story = Story(clobbered.watch(STORE))
    words = loss_words(story.dashboard, ROW, "modelOverride", 58)
    assert words is not None and len(words.text) <= 58
    assert "u puts it back" in words.text and "…" not in words.text


@pytest.mark.parametrize("field", ["providerOverride", "modelOverrideSource", "thinkingLevel"])
def test_on_a_field_of_a_unit_that_was_lost_the_whole_loss_is_put_back(field: str) -> None:
    story = Story(clobbered.watch(STORE))
    back = back_from(story.dashboard, ROW, field)
    assert (back.said, [one.unit for one in back.intents]) == (
        "restores what was lost at 14:02:09",
        ["model", "thinkingLevel"],
    )
    assert foot(story, field).endswith("was lost here 50s ago: u puts it back, f shows the proof")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("lastTo", "Nothing to undo: no change of delivery was seen here since watching began."),
        ("sessionId", "Nothing to undo: sessionId is not edited here."),
    ],
)
def test_on_any_other_field_the_loss_is_left_alone(field: str, said: str) -> None:
    story = Story(clobbered.watch(STORE))
    assert back_from(story.dashboard, ROW, field) == ((), said)
    assert foot(story, field).endswith("was lost here 50s ago: f, then u puts it back")


def test_a_row_whose_loss_cannot_be_put_back_plainly_undoes_nothing_else_instead() -> None:
    watch = clobbered.watch(STORE)
    there = json.loads(watch.raw(STORE, PINNED) or b"{}")
    watch.change(local("14:02:59"), {PINNED: {**there, **incident.override(*incident.GLM, "user")}})
    back = back_from(Story(watch).dashboard, ROW)
    assert back.intents == ()
    assert back.said.startswith("Not put back: model, thinkingLevel changed again at 14:02:59. f, then u restores")


def test_an_undo_says_whose_write_it_undoes() -> None:
    story = Story(incident.watch(STORE))
    digest = RowId(STORE, "agent:ops:cron:daily-digest")
    assert back_from(story.dashboard, digest).said == "undoes pid 48213's write of 14:00:59"
    assert back_from(story.dashboard, digest, "modelOverride").said == "undoes pid 48213's write of 14:00:59"


def test_what_is_undone_stands_in_the_second_line_whole() -> None:
    base = {**incident.override(*incident.OPUS, "user")}
    proposal = Proposal(STORE, PINNED, base, (ClearModel(),), 0.0)
    for purpose in ("restores what was lost at 14:02:09", "undoes pid 48213's write of 14:00:59"):
        narrow = scope_line(proposal, 80, YET, purpose)
        assert purpose in plain(narrow) and "nothing is written yet" in plain(narrow) and width(narrow) <= 80
        assert plain(scope_line(proposal, 120, YET, purpose)).startswith(" preview   nothing is")
