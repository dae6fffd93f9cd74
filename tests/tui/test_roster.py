from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import incident
from tests.support.fake_watch import FakeWatch
from tests.support.story import STORE, Story
from tui.layout.columns import SortColumn
from tui.query.language import parse
from tui.roster import Roster, View, view_counts

SORTS: tuple[SortColumn, ...] = ("agent", "key", "model", "think", "reply", "upd", "chg", "size")


def taken(story: Story, view: View = "1", words: str = "") -> Roster:
    roster = Roster()
    roster.choose_view(view)
    roster.filter_by(parse(words))
    roster.take(story.dashboard)
    return roster


def keys(roster: Roster) -> list[str]:
    return [row.key for row in roster.order]


def test_rows_hold_still_while_entries_move() -> None:
    story = Story()
    roster = taken(story)
    before = keys(roster)
    story.watch.change(incident.NOW, {before[-1]: incident.entry(0, thinkingLevel="max")})
    assert not roster.update(story.dashboard, story.catch_up(), None)
    assert keys(roster) == before
    roster.take(story.dashboard)
    assert keys(roster)[0] == before[-1]


def test_new_entries_come_in_on_top_and_removed_ones_stay_until_the_order_is_taken() -> None:
    story = Story()
    roster = taken(story)
    before = keys(roster)
    story.watch.change(incident.NOW, {"agent:main:hook:1": incident.entry(5000), before[3]: None})
    assert roster.update(story.dashboard, story.catch_up(), None)
    assert keys(roster) == ["agent:main:hook:1", *before]
    roster.take(story.dashboard)
    assert before[3] not in keys(roster)


def test_a_row_that_stops_matching_stays_only_while_the_cursor_is_on_it() -> None:
    story = Story()
    roster = taken(story, "2")
    row = story.row(incident.PINNED)
    story.watch.change(incident.NOW, {row.key: incident.entry(0)})
    update = story.catch_up()
    assert not roster.update(story.dashboard, update, row)
    assert row in roster.order
    assert roster.leave_behind(story.dashboard, row)
    assert row not in roster.order


def test_views() -> None:
    story = Story()
    assert view_counts(story.dashboard, incident.NOW) == {"1": 15, "2": 7, "3": 2, "4": 5, "5": 0, "6": 1}
    assert {view: len(taken(story, view).order) for view in ("2", "3", "4", "6")} == {"2": 7, "3": 2, "4": 5, "6": 1}
    assert keys(taken(story, "4"))[:2] == [incident.CODER, incident.PINNED]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("TOPIC", 2),
        ("topic telegram:group", 2),
        ("gemini", 1),
        ("home", 0),
        ("webchat", 1),
        ("cron -run", 2),
        ("no such thing", 0),
        ("", 15),
    ],
)
def test_all_words_must_match_key_label_model_or_route(words: str, found: int) -> None:
    assert len(taken(Story(), words=words).order) == found


@pytest.mark.parametrize("column", SORTS)
def test_blanks_sort_last_in_both_directions(column: SortColumn) -> None:
    story = Story(FakeWatch(STORE, {"blank": {}, **incident.at_first()}, incident.NOW))
    roster = taken(story)
    roster.choose_sort(column)
    for _ in range(2):
        roster.take(story.dashboard)
        assert len(roster.order) == 16
        if column not in ("key", "chg", "size"):
            assert "blank" in keys(roster)[8 if column in ("model", "reply") else 4 :]
            assert keys(roster)[0] != "blank"
        roster.choose_sort(column)


def test_sorting_by_the_same_column_again_turns_it_round() -> None:
    story = Story()
    roster = taken(story)
    roster.choose_sort("key")
    roster.take(story.dashboard)
    first = keys(roster)
    roster.choose_sort("key")
    roster.take(story.dashboard)
    assert first == sorted(first) == list(reversed(keys(roster)))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=30))
def test_no_row_is_lost_or_shown_twice_whatever_comes_and_goes(steps: list[tuple[str, bool]]) -> None:
    story = Story(FakeWatch(STORE, {"a": {}, "b": {}}, incident.NOW))
    roster = taken(story)
    for key, present in steps:
        story.watch.change(incident.NOW, {key: {} if present else None})
        roster.update(story.dashboard, story.catch_up(), None)
        assert len(set(roster.order)) == len(roster.order)
        assert set(story.dashboard.rows) <= set(roster.order)


@pytest.mark.parametrize("words", ["tg", "main:tg:-100", "tg topic:42"])
def test_what_the_table_shows_of_a_key_finds_it(words: str) -> None:
    assert incident.PINNED in keys(taken(Story(), words=words))
    assert incident.PINNED not in keys(taken(Story(), words="-tg"))
