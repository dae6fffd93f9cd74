"""Only what differs is sent to the terminal, and the terminal ends up with every cell."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.widgets.shown import Shown

CELLS = 24
PLAIN, BOLD, REVERSED = Style(), Style(bold=True), Style(reverse=True)
CONSOLE = Console(color_system="standard", force_terminal=True)
TEXTS = st.text(st.sampled_from("ab  ─会"), max_size=CELLS)
LINES = st.lists(st.tuples(TEXTS, st.sampled_from([PLAIN, BOLD, REVERSED])), max_size=4)


def strip(*parts: tuple[str, Style]) -> Strip:
    return Strip([Segment(*part) for part in parts]).adjust_cell_length(CELLS)


class Terminal:
    """A terminal of one line that gets what `Shown` sends."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(CELLS, 1)
        self.screen.reset_mode(7, private=True)  # no wrap, as the dashboard sets it
        self.shown = Shown()

    def paint(self, line: Strip, x: int = 0) -> str:
        """The line, or what it has from a column on; what was sent for it."""
        row = self.shown.painted(0, [(x, line)], CELLS)
        sent = self.shown.send({0: row}, CONSOLE) if self.shown.differs(0, row) else ""
        pyte.Stream(self.screen).feed(sent)
        return sent

    def looks(self) -> list[tuple[str, bool, bool]]:
        """Every cell as it looks: bold does not show on a blank."""
        cells = (self.screen.buffer[0][x] for x in range(CELLS))
        return [(cell.data, cell.bold and cell.data != " ", cell.reverse) for cell in cells]


@given(LINES, LINES, LINES)
def test_whatever_stood_there_the_line_looks_as_painted_anew(
    first: list[tuple[str, Style]], second: list[tuple[str, Style]], third: list[tuple[str, Style]]
) -> None:
    terminal = Terminal()
    for parts in (first, second, third):
        anew = Terminal()
        anew.paint(strip(*parts))
        terminal.paint(strip(*parts))
        assert terminal.looks() == anew.looks()
        assert terminal.paint(strip(*parts)) == ""


def test_one_cell_costs_one_cell_and_an_end_of_blanks_one_command() -> None:
    terminal = Terminal()
    terminal.paint(strip(("model gpt-5.2 used 3", PLAIN)))
    assert terminal.paint(strip(("model gpt-5.2 used 4", PLAIN))) == "\x1b[1;20H4"
    assert terminal.paint(strip(("model", BOLD))) == "\x1b[1;1H\x1b[1mmodel\x1b[0m\x1b[K"
    assert terminal.paint(strip(("x", BOLD)).crop(0, 1), 2) == "\x1b[1;3H\x1b[1mx\x1b[0m"


def test_a_terminal_that_moved_its_lines_gets_all_of_them_again() -> None:
    terminal = Terminal()
    sent = terminal.paint(strip(("some text", PLAIN)))
    terminal.screen.reset()
    terminal.shown.forget()
    assert terminal.paint(strip(("some text", PLAIN))) == sent
