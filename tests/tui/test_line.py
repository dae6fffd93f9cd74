from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.look.line import Role, Span, cut_left, cut_middle, cut_right, fit, fit_right, line, pad, plain, rule, width
from tui.look.printable import printable
from tui.widgets.strips import changed_cells

TEXT = st.one_of(st.text(max_size=40), st.text("ab長🔎é", max_size=40))
CELLS = st.integers(1, 60)
ROLES: tuple[Role, ...] = ("text", "strong", "now")
LINE = st.lists(st.tuples(TEXT, st.sampled_from(ROLES)), max_size=5).map(
    lambda parts: line(*(Span(text, role) for text, role in parts))
)


@given(TEXT, CELLS)
def test_cutting_never_takes_more_than_the_cells_there_are(text: str, cells: int) -> None:
    for cut in (cut_left, cut_right, cut_middle):
        assert cell_len(cut(text, cells)) <= cells
    assert cell_len(fit(text, cells)) == cells == cell_len(fit_right(text, cells))


def test_each_kind_of_cut_keeps_its_end() -> None:
    assert cut_left("claude-opus-4-6", 9) == "…opus-4-6"
    assert cut_right("claude-opus-4-6", 9) == "claude-o…"
    assert cut_middle("claude-opus-4-6", 9) == "clau…-4-6"
    assert cut_middle("whole", 9) == "whole"


def test_a_text_of_any_length_is_cut_at_once() -> None:
    text = "agent:main:" + "k" * 3_000_000
    started = time.perf_counter()
    assert cut_left(text, 9) == "…kkkkkkkk" == cut_left(text, 9)
    assert cut_middle(text, 9) == "agen…kkkk"
    assert time.perf_counter() - started < 3.0


def test_a_wide_character_at_the_cut_leaves_no_blank_in_the_middle() -> None:
    assert cut_middle("漢字漢字漢字", 8) == "漢…漢字"


@given(LINE, CELLS)
def test_a_padded_line_is_exactly_as_wide_as_asked(made: tuple[Span, ...], cells: int) -> None:
    assert width(pad(made, cells)) == cells


@given(TEXT, TEXT, st.integers(20, 100))
def test_a_rule_is_exactly_as_wide_as_asked(title: str, right: str, cells: int) -> None:
    assert width(pad(rule(cells, title, right[:6]), cells)) == cells


def test_a_line_that_does_not_fit_shows_that_it_is_cut() -> None:
    made = line(Span("last run  ", "faint"), "anthropic/claude-opus-4-6")
    assert plain(pad(made, 20)) == "last run  anthropic…"
    assert plain(pad(made, 10)) == "last run …"
    assert plain(pad(line("abc", "   "), 4)) == "abc "


def test_a_rule_as_drawn() -> None:
    assert plain(rule(24, "lock", "L")) == "─ lock ───────────── L ─"


@given(LINE, LINE, CELLS)
def test_what_is_outside_of_the_changed_cells_is_equal(
    old: tuple[Span, ...], new: tuple[Span, ...], cells: int
) -> None:
    start, length = changed_cells(old, new, cells)
    assert 0 <= start <= start + length <= cells
    before, after = _cells(pad(old, cells)), _cells(pad(new, cells))
    assert before[:start] == after[:start]
    assert before[start + length :] == after[start + length :]


def _cells(spans: tuple[Span, ...]) -> list[tuple[str, str]]:
    """Role and character of each cell; the second cell of a wide character has none, a joined mark has no cell."""
    found: list[tuple[str, str]] = []
    for span in spans:
        for character in filter(cell_len, span.text):
            found += [(span.role, character)] + [(span.role, "")] * (cell_len(character) - 1)
    return found


@given(st.text(st.sampled_from("a1❤👍👩🇦\ufe0f\u200d\U0001f3fd\u20e3日e\u0301\u202e"), max_size=12))
def test_no_character_changes_the_width_of_another_for_terminals_disagree_about_that(text: str) -> None:
    shown = printable(text)
    assert cell_len(shown) == sum(map(cell_len, shown))
