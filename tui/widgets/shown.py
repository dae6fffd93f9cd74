"""What stands on the terminal, cell by cell, and the least that has to be sent to change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, repeat
from operator import itemgetter
from typing import Final, TypeAlias

from rich.cells import get_character_cell_size, split_graphemes
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Cell: TypeAlias = "tuple[str, Style | None] | tuple[str, Style | None, bool] | tuple[()]"
"""A character and its style, with all that joins it, and whether this is the right half of a wide one, where that may
be asked; nothing where nobody knows what stands. A blank has no style where none would show."""
Row: TypeAlias = Sequence[Cell]

SKIPPED: Final = 8
"""Moving over fewer cells that are right already takes more bytes than sending them again."""
BLANKS: Final = 4
"""From so many blanks at the end of a line on, one command clears them."""
_CLEAR_TO_END: Final = "\x1b[K"
_UNKNOWN: Final[Cell] = ()
_BLANK: Final[Cell] = (" ", None)
_narrow: Final = set(map(chr, range(0x20, 0x7F)))
"""Characters that were found to take one cell."""


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
        return row if len(row) == width else [_UNKNOWN] * width


def cells_of(strip: Strip) -> list[Cell]:
    """The strip cell by cell."""
    cells: list[Cell] = []
    for text, style, _ in strip:
        shows = _shows_on_blanks(style)
        if not _is_narrow(text):
            for start, end, size in split_graphemes(text)[0]:
                cells += [(text[start:end], style, half) for half in (False, True)[:size]]
        elif shows or " " not in text:
            cells += zip(text, repeat(style))
        else:
            cells += [_BLANK if character == " " else (character, style) for character in text]
    return cells


def _is_narrow(text: str) -> bool:
    """Whether every character takes one cell by itself."""
    unknown = set(text) - _narrow
    _narrow.update(character for character in unknown if get_character_cell_size(character) == 1)
    return unknown <= _narrow


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
    whole = max(map(len, new)) > 2 or max(map(len, old)) > 2
    start = stop = -1
    for at, (before, after) in enumerate(zip(old, new, strict=True)):
        if after == _UNKNOWN or (before == after and not whole):
            continue
        if start < 0 or at - stop > SKIPPED or _UNKNOWN in new[stop:at]:
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
    for style, run in groupby(cells, key=itemgetter(1)):
        text = "".join([cell[0] for cell in run if cell and not any(cell[2:])])
        before = runs[-1] if runs else None
        joins = style is None and text.isspace() and before is not None and not _shows_on_blanks(before.style)
        if before is not None and (joins or style == before.style):
            runs[-1] = Segment(before.text + text, before.style)
        else:
            runs.append(Segment(text, style))
    return Strip(runs).render(console)
