from __future__ import annotations

import pytest

from tests.support.incident import NOW, local
from tui.look import figures as forms


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "now"),
        (0, "now"),
        (9.9, "now"),
        (10, "10s"),
        (19.9, "10s"),
        (59.9, "50s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (86399, "23h"),
        (86400, "1d"),
        (99 * 86400, "99d"),
        (100 * 86400, "99+"),
    ],
)
def test_ages_move_in_steps_and_take_three_cells(seconds: float, shown: str) -> None:
    assert forms.age(seconds) == shown
    assert len(shown) <= 3


@pytest.mark.parametrize("updated_at", [None, 0, 1_771_200_000, (NOW + 3600) * 1000])
def test_an_impossible_updated_at_is_a_question_mark(updated_at: float | None) -> None:
    assert forms.updated_age(updated_at, NOW) == "?"


def test_a_clock_a_few_seconds_ahead_is_now() -> None:
    assert forms.updated_age((NOW + 5) * 1000, NOW) == "now"


def test_the_date_is_shown_only_when_it_is_not_today() -> None:
    assert forms.clock_time(local("09:12:00"), NOW) == "09:12:00"
    assert forms.clock_time(NOW - 86400, NOW) == "2026-02-15 14:03:00"


@pytest.mark.parametrize(
    ("octets", "shown"),
    [(0, "0 B"), (999, "999 B"), (59_597, "58.2 KB"), (20_761_805, "19.8 MB")],
)
def test_sizes(octets: int, shown: str) -> None:
    assert forms.size(octets) == shown


def test_counts() -> None:
    assert forms.counted(1, "entry", "entries") == "1 entry"
    assert forms.counted(6012, "entry", "entries") == "6,012 entries"


@pytest.mark.parametrize(
    ("column", "words"), [("now", "now"), ("50s", "50s ago"), ("99d", "99d ago"), ("99+", "99+d ago")]
)
def test_an_age_in_words_has_its_unit(column: str, words: str) -> None:
    assert forms.ago(column) == words
