"""The comparison grid: columns where they are drawn, at any width, whatever the values hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.layout.grid import Cell, GridRow, Shape, grid_line, header_line
from tui.look.line import plain, width

SHAPES = (Shape(1, 3, (27, 53)), Shape(1, 10, (31, 47, 64)), Shape(3, 5, (32, 57)), Shape(1, 3, (27, 52, 62), fixed=2))
texts = st.text(max_size=60)


def test_the_columns_begin_where_the_specification_draws_them() -> None:
    row = GridRow(Cell("≠"), Cell("thinkingLevel"), (Cell("low"), Cell("high")))
    assert plain(grid_line(SHAPES[0], row, 80)).rstrip() == " ≠ thinkingLevel           low                       high"


def test_the_selected_line_has_the_cursor_in_its_first_cell() -> None:
    row = GridRow(Cell("decide"), Cell("model"), (Cell("kept or taken as a whole"),))
    assert plain(grid_line(SHAPES[1], row, 80, selected=True)).rstrip() == (
        "▌decide   model                kept or taken as a whole"
    )


def test_a_row_with_fewer_values_lets_its_last_one_run_on() -> None:
    long = "x" * 60
    row = GridRow(Cell(), Cell("field"), (Cell(long),))
    assert plain(grid_line(SHAPES[1], row, 80)).endswith("x" * 48 + "…")


def test_model_names_are_cut_on_the_left() -> None:
    row = GridRow(
        Cell(), Cell("modelOverride"), (Cell("a-very-long-name-of-a-model-opus-4-6", keep_end=True), Cell("x"))
    )
    assert "opus-4-6 x" in plain(grid_line(SHAPES[0], row, 80))


def test_the_header_is_faint() -> None:
    assert {span.role for span in header_line(SHAPES[0], ("FIELD", "A", "B"), 80) if span.text.strip()} == {"faint"}


@given(st.sampled_from(SHAPES), st.integers(60, 220), texts, texts, st.lists(texts, max_size=3), st.booleans())
def test_any_line_fills_exactly_its_cells_and_holds_nothing_a_terminal_obeys(
    shape: Shape, cells: int, verdict: str, name: str, values: list[str], selected: bool
) -> None:
    row = GridRow(Cell(verdict), Cell(name), tuple(Cell(value) for value in values[: len(shape.values)]))
    drawn = grid_line(shape, row, cells, selected=selected)
    assert width(drawn) == cells == cell_len(plain(drawn))
    assert not any(ord(character) < 0x20 or character == "\x7f" for character in plain(drawn))
