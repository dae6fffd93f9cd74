from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.query.pattern import MOST_STATES, Pattern
from tui.query.syntax import WrongPattern

LITERALS = st.sampled_from(["a", "b", "c", "B", r"\.", "-", ":", "é"])
SINGLES = LITERALS | st.sampled_from(
    [".", "[ab]", "[^ab]", "[a-c]", "[^A-B:]", r"\d", r"\D", r"\w", r"\W", r"\s", "[]a]", r"[\d-]"]
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeat = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?"])
    grouped = inner.map(lambda part: f"({part})")
    return (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
        | st.tuples(grouped | SINGLES, repeat).map("".join)
    )


PATTERNS = st.tuples(
    st.sampled_from(["", "^"]), st.recursive(SINGLES, combined, max_leaves=6), st.sampled_from(["", "$"])
).map("".join)
TEXTS = st.text("abc.-:é1 _", max_size=10)


@given(PATTERNS, TEXTS)
def test_it_finds_what_re_finds(pattern: str, text: str) -> None:
    expected = re.search(pattern.replace("$", r"\Z"), text, re.IGNORECASE | re.DOTALL) is not None
    assert Pattern(pattern).found_in(text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("", "", True),
        ("^$", "", True),
        ("^$", "a", False),
        ("a|^b$|c", "b", True),
        ("a|^b$|c", "bb", False),
        ("OPUS", "claude-opus-4-6", True),
        ("straße", "strasse", True),
        ("[A-Z]-[0-9]", "opus-4", True),
        ("a{,2}b", "b", True),
        ("a{x}", "a{x}", True),
        ("{2}", "{2}", True),
        (r"\\", "\\", True),
        ("x$", "x\n", False),
        (".", "", False),
        ("(^|:)run", "cron:run", True),
        ("0$?", "01", True),
        ("0$$", "10", True),
        ("^^1", "10", True),
        ("a^*b", "ab", True),
        ("0$+", "01", False),
    ],
)
def test_forms(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).found_in(text) is found


@pytest.mark.parametrize(
    ("pattern", "at"),
    [
        ("a(b", 1),
        ("ab)", 2),
        ("a[b", 1),
        ("*a", 0),
        ("a|+", 2),
        ("a\\", 1),
        (r"a\1", 1),
        (r"\bword", 0),
        ("(?=a)", 0),
        ("a{3,1}", 1),
        ("[z-a]", 0),
        ("(((a{30}){30}){30})", 0),
        ("(" * 30 + ")" * 30, 21),
        ("a" * 201, 200),
    ],
)
def test_what_is_no_pattern_says_where(pattern: str, at: int) -> None:
    with pytest.raises(WrongPattern) as wrong:
        Pattern(pattern)
    assert wrong.value.at == at


@given(st.text("ab()[]{}|*+?^$.\\-,:019dwsx", max_size=12), TEXTS)
def test_anything_typed_is_a_pattern_or_says_why_not(pattern: str, text: str) -> None:
    try:
        Pattern(pattern).found_in(text)
    except WrongPattern as wrong:
        assert 0 <= wrong.at <= len(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*c", ".*.*.*.*.*x", "(x+x+)+y"])
def test_patterns_that_never_end_elsewhere_take_a_step_a_character(pattern: str) -> None:
    steps: list[str] = []
    searched = Pattern(pattern)
    searched.step = counting(searched, steps)  # type: ignore[assignment,method-assign]
    assert not searched.found_in("a" * 5000 + "!")
    assert len(steps) < 20


def counting(pattern: Pattern, steps: list[str]) -> object:
    step = pattern.step

    def counted(places: int, character: str) -> object:
        steps.append(character)
        return step(places, character)

    return counted


def test_a_pattern_with_many_states_keeps_few() -> None:
    searched = Pattern("a(a|b){12}c")
    text = "".join("ab"[number.bit_count() % 2] for number in range(20_000))
    assert not searched.found_in(text)
    assert len(searched._states) <= MOST_STATES + 1
