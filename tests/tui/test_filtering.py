from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.test_main_screen import desk
from tui.layout.filter_lines import mistake_line, options_line
from tui.layout.scope import typed_line
from tui.look.line import plain, width
from tui.query.completion import Completion, Option, complete
from tui.query.language import Mistake, parse


def drawn(text: str, cells: int = 80, right: str = "9 of 412") -> list[str]:
    (mistake,) = parse(text).mistakes
    typed = typed_line("/", text, len(text), right, cells)
    return [plain(typed), plain(mistake_line(mistake, text, len(text), right, cells))]


def test_a_mistake_stands_under_its_column() -> None:
    typed, wrong = drawn("agent:main source:auto changed:<5x")
    assert typed.startswith(" / agent:main source:auto changed:<5x ") and typed.endswith("9 of 412 ")
    assert wrong.rstrip() == " " * typed.index("5x") + "^ 5x: a time is a number and s, m, h or d"


def test_where_there_is_no_room_behind_it_the_sentence_goes_before_it() -> None:
    typed, wrong = drawn("a" * 40 + " updated:<5x")
    assert wrong.rstrip().endswith("d ^") and wrong.index("^") == typed.index("5x")


def test_of_a_long_text_the_part_that_is_shown_counts() -> None:
    typed, wrong = drawn("word " * 30 + "size:5")
    assert wrong[typed.index("size:5") + 5] == "^"


@given(st.text(max_size=120), st.integers(0, 130), st.text(max_size=60), st.integers(60, 120))
def test_the_line_always_fits(text: str, column: int, message: str, cells: int) -> None:
    mistake = Mistake(min(column, len(text)), message)
    assert width(mistake_line(mistake, text, min(column, len(text)), "1 of 2", cells)) == cells


@given(st.lists(st.builds(Option, st.text(max_size=30), st.text(max_size=30)), max_size=20), st.integers(60, 120))
def test_the_ways_to_go_on_fit(options: list[Option], cells: int) -> None:
    assert width(options_line(Completion(0, tuple(options)), cells)) <= cells


def test_the_fields_are_listed_at_the_beginning() -> None:
    line = plain(options_line(complete("", 0), 80))
    assert line.startswith(" Tab agent:  kind:  key:  label:") and line.endswith("…")
    assert plain(options_line(complete("overr", 5), 80)).rstrip() == " Tab override:   whether a model is set"


async def test_a_field_is_asked_for_with_the_help_of_tab(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("/", "sou")
        assert d.lines[23].startswith(" Tab source:")
        await d.keys("tab", "a")
        assert d.lines[1].startswith(" / source:a ") and d.lines[23].startswith(" Tab auto")
        await d.keys("tab", "enter")
        assert d.lines[1] == " / source:auto   2 of 15   Esc clears"
        assert {line.split()[0] for line in d.lines[3:5]} == {"▌", "coder:acp:…aude:4c1d9f30…"}


async def test_what_is_wrong_is_said_in_place_and_what_is_right_stays_in_force(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("/", "topic changed:<5x")
        assert d.lines[1].endswith("2 of 15")
        assert d.lines[2].rstrip() == "                  ^ 5x: a time is a number and s, m, h or d"
        assert d.lines[23].startswith(" What is wrong counts once it is right   Esc lifts it")
        rows = d.lines[3:6]
        await d.keys("enter")
        assert d.lines[1].startswith(" / topic changed:<5x"), "it is not taken as it is"
        await d.pilot.press("backspace")
        await d.keys("m", "enter")
        assert d.lines[1] == " / topic changed:<5m   1 of 15   Esc clears"
        assert "KEY" in d.lines[2] and rows[0].split()[1:] == d.lines[3].split()[1:]
        await d.keys("escape")
        assert d.lines[1].startswith(" 1:all 15")


async def test_esc_lifts_a_filter_that_is_wrong(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("/", "override:maybe", "escape")
        assert d.lines[1].startswith(" 1:all 15") and "KEY" in d.lines[2]


@pytest.mark.parametrize(
    ("text", "shown"), [("finding:any", 1), ("lint:yes", 1), ("changed:<1m", 2), ("-updated:<1h", 0)]
)
async def test_what_is_known_beside_the_entries_can_be_asked_for(tmp_path: Path, text: str, shown: int) -> None:
    async with desk(tmp_path) as d:
        await d.keys("/", text)
        assert d.lines[1].endswith(f"{shown} of 15")


async def test_lint_is_a_view(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        assert "6:lint 1" in d.lines[1]
        await d.keys("6")
        assert "~ main:cron:morning-brief" in d.lines[3] and not d.lines[4].strip()
