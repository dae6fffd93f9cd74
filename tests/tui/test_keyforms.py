from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support import incident
from tui.look.keyforms import short_key
from tui.look.printable import visible_key
from tui.look.routes import TWO_LETTERS

CODER_THREAD = "agent:coder:slack:channel:c0a1b2c3ad:thread:1771204418.334519"
BACKUP = "agent:ops:cron:nightly-backup:run:5d2e6c14-91d4-4b6e-a1f0-2c9b6f0e7a11"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (incident.CODER, "coder:subagent:7f3a01c2…"),
        ("agent:main:main", "main:main"),
        (incident.PINNED, "main:tg:…7654321:topic:42"),
        ("agent:main:signal:direct:+436601234567", "main:sg:+436601234567"),
        (CODER_THREAD, "coder:sl:…71204418.334519"),
        (BACKUP, "ops:cron:…p:run:5d2e6c14…"),
        ("agent:main:discord:channel:118273645511228899", "main:dc:…8273645511228899"),
        ("agent:coder:acp:claude:4c1d9f30-91d4-4b6e-a1f0-2c9b6f0e7a11", "coder:acp:…aude:4c1d9f30…"),
        ("global", "global"),
    ],
)
def test_keys_are_cut_where_they_tell_least(key: str, shown: str) -> None:
    assert short_key(key, 25) == shown


def test_a_key_that_fits_is_whole_but_for_what_columns_say() -> None:
    assert short_key(incident.PINNED, 60) == "main:tg:-1001987654321:topic:42"


@pytest.mark.parametrize(("key", "shown"), [("", "(empty)"), (" ", "(1 blank)"), ("   ", "(3 blanks)")])
def test_a_key_with_nothing_to_see_has_a_stand_in(key: str, shown: str) -> None:
    assert short_key(key, 25) == shown
    assert visible_key(key) == shown


@given(st.text(max_size=200), st.integers(1, 60))
def test_no_key_is_wider_than_its_column(key: str, cells: int) -> None:
    assert cell_len(short_key(key, cells)) <= cells


@given(st.lists(st.sampled_from(["agent", "main", "direct", "thread", "", *TWO_LETTERS]), max_size=8))
def test_any_order_of_the_usual_words_will_do(words: list[str]) -> None:
    assert cell_len(short_key(":".join(words), 25)) <= 25
