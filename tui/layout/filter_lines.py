"""What stands around a filter that is being typed: where it is wrong, and how it could go on."""

from __future__ import annotations

from rich.cells import cell_len

from tui.layout.scope import SIGN_CELLS, window_of
from tui.look.line import Line, Span, cut_right, fit, pad, width
from tui.look.printable import printable
from tui.query.completion import Completion, Option
from tui.query.language import Mistake


def mistake_line(mistake: Mistake, text: str, cursor: int, right: str, cells: int) -> Line:
    """Under the text as `typed_line` shows it: a mark below the mistake's column, and what would be right."""
    start, room = window_of(cursor, right, cells)
    column = SIGN_CELLS + cell_len(printable(text)[start : mistake.column]) if mistake.column >= start else SIGN_CELLS
    column = min(column, SIGN_CELLS + room)
    message = printable(mistake.message)
    if column + 3 + cell_len(message) <= cells:
        return (Span(fit(f"{' ' * column}^ {message}", cells), "strong"),)
    before = cut_right(message, max(0, column - 2))
    if len(before) == len(message):
        return (Span(fit(f"{' ' * (column - 1 - cell_len(before))}{before} ^", cells), "strong"),)
    return (Span(fit(f" {message}", cells), "strong"),)


def options_line(completion: Completion, cells: int, *, wrong: bool = False) -> Line:
    """The ways to go on, the one that Tab takes first; a single one with what it means."""
    if not completion.options:
        keep = "What is wrong counts once it is right" if wrong else "Enter keeps the filter"
        return (Span(fit(f" {keep}   Esc lifts it", cells), "faint"),)
    first, *others = completion.options
    note = f"   {first.note}" if not others and first.note else ""
    spans = (Span(" Tab ", "faint"), Span(printable(first.text), "strong"), Span(printable(note), "faint"))
    return pad((*spans, Span(_listed(others, cells - width(spans)))), cells)


def _listed(options: list[Option], cells: int) -> str:
    text = ""
    for option in options:
        longer = f"{text}  {printable(option.text)}"
        if cell_len(longer) > cells - 1:
            return fit(text, max(0, cells - 1)) + "…" if cells > 0 else ""
        text = longer
    return fit(text, max(0, cells))
