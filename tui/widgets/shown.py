"""What stands on the terminal, cell by cell, and the least that has to be sent to change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from rich.cells import split_graphemes
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

SKIPPED: Final = 8
"""Moving over fewer cells that are right already takes more bytes than sending them again."""
BLANKS: Final = 4
"""From so many blanks at the end of a line on, one command clears them."""
_CLEAR_TO_END: Final = "\x1b[K"


class Cell(NamedTuple):
    """A character with all that joins it, its style, and whether this is the right half of a wide one.

    A blank has no style where none would show.
    """

    text: str
    style: Style | None
    right_half: bool = False


_BLANK: Final = Cell(" ", None)


Row: TypeAlias = Sequence["Cell | None"]
"""The cells of a line; None where nobody knows what stands."""


class Shown:
    """The lines as they were sent. A terminal that may have moved them by itself has to be forgotten.

    `sent` is how many bytes all of it took.
    """

    def __init__(self) -> None:
        self.sent = 0
        self._rows: dict[int, Row] = {}

    def forget(self) -> None:
        """Nothing is known of the terminal any more."""
        self._rows = {}

    def painted(self, y: int, pieces: Iterable[tuple[int, Strip]], width: int) -> Row:
        """The line as it would be with these strips painted over it, each from a column on."""
        row = [*self._row(y, width)]
        for x, strip in pieces:
            cells = cells_of(strip)[: width - x]
            row[x : x + len(cells)] = cells
        return row

    def differs(self, y: int, row: Row) -> bool:
        """Whether the line is not on the terminal yet."""
        return row != self._row(y, len(row))

    def send(self, rows: Mapping[int, Row], console: Console) -> str:
        """What makes the terminal have these lines; from now on they are known to be there."""
        text = "".join(_patches(y, self._row(y, len(row)), row, console) for y, row in rows.items())
        self._rows.update(rows)
        self.sent += len(text.encode())
        return text

    def _row(self, y: int, width: int) -> Row:
        row = self._rows.get(y, ())
        return row if len(row) == width else [None] * width


def cells_of(strip: Strip) -> list[Cell]:
    """The strip cell by cell."""
    cells: list[Cell] = []
    for text, style, _ in strip:
        blank = Cell(" ", style) if _shows_on_blanks(style) else _BLANK
        if text.isascii():
            cells += [blank if character == " " else Cell(character, style) for character in text]
            continue
        for start, end, size in split_graphemes(text)[0]:
            character = text[start:end]
            cells += [blank if character == " " else Cell(character, style, half) for half in (False, True)[:size]]
    return cells


def _shows_on_blanks(style: Style | None) -> bool:
    return style is not None and bool(style.reverse or style.underline or style.bgcolor)


def _patches(y: int, old: Row, new: Row, console: Console) -> str:
    """The sequences that turn one line into the other."""
    spans = [*_spans(old, new)]
    end = _end_of_text(new)
    clears = sum(stop - max(start, end) for start, stop in spans if stop > end) >= BLANKS
    if clears:
        spans = [(start, min(stop, end)) for start, stop in spans if start < end]
    sent = [Control.move_to(start, y).segment.text + _text(new[start:stop], console) for start, stop in spans]
    if clears:
        if not spans or spans[-1][1] != end:
            sent.append(Control.move_to(end, y).segment.text)
        sent.append(_CLEAR_TO_END)
    return "".join(sent)


def _spans(old: Row, new: Row) -> Iterator[tuple[int, int]]:
    """First cell and the one after the last of what has to be sent; what lies close together is one.

    Of a line with characters that a terminal may measure otherwise, everything.
    """
    whole = any(cell is not None and (cell.right_half or len(cell.text) != 1) for row in (old, new) for cell in row)
    start = stop = -1
    for at, (before, after) in enumerate(zip(old, new, strict=True)):
        if after is None or (before == after and not whole):
            continue
        if start < 0 or at - stop > SKIPPED or None in new[stop:at]:
            if start >= 0:
                yield start, stop
            start = at
        stop = at + 1
    if start >= 0:
        yield start, stop


def _end_of_text(row: Row) -> int:
    """Where the blanks begin that end the line."""
    end = len(row)
    while end and row[end - 1] == _BLANK:
        end -= 1
    return end


def _text(cells: Row, console: Console) -> str:
    """The cells in as few changes of style as look the same: blanks join what they stand behind."""
    runs: list[Segment] = []
    for cell in cells:
        if cell is None or cell.right_half:
            continue
        before = runs[-1] if runs else None
        if before and (cell.style == before.style or (cell == _BLANK and not _shows_on_blanks(before.style))):
            runs[-1] = Segment(before.text + cell.text, before.style)
        else:
            runs.append(Segment(cell.text, cell.style))
    return Strip(runs).render(console)
