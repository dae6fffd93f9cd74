"""A line of the screen as pure data: spans of text, each in one of the style roles.

Layout code makes lines; widgets turn them into strips. Nothing here knows Textual, so screens can be tested as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from rich.cells import cell_len, set_cell_size

from tui.look.printable import printable

Role: TypeAlias = Literal["text", "strong", "faint", "cursor", "accent", "alarm", "active", "now"]
"""`active` is the reversed accent of the current view; `now` the reversed text of a value changed just now."""


class Span(NamedTuple):
    """Some cells of one role."""

    text: str
    role: Role = "text"


Line: TypeAlias = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line from plain and styled parts; every part is made printable here."""
    return tuple(Span(printable(part), "text") if isinstance(part, str) else safe(part) for part in parts)


def safe(span: Span) -> Span:
    """The span with nothing in it that a terminal would obey."""
    return Span(printable(span.text), span.role)


def width(spans: Iterable[Span]) -> int:
    """The cells these spans take."""
    return sum(cell_len(span.text) for span in spans)


def plain(spans: Iterable[Span]) -> str:
    """The text without its styles."""
    return "".join(span.text for span in spans)


def fit(text: str, cells: int) -> str:
    """Exactly this many cells: padded with blanks, or cut on the right with an ellipsis."""
    return set_cell_size(cut_right(text, cells), cells)


def fit_right(text: str, cells: int) -> str:
    """The same, aligned to the right."""
    text = cut_right(text, cells)
    return " " * (cells - cell_len(text)) + text


def cut_right(text: str, cells: int) -> str:
    """At most this many cells; the end is what goes."""
    text = printable(text)
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1).rstrip() + "…" if cells > 0 else ""


def first_fitting(texts: Sequence[str], cells: int) -> str:
    """The first of these that fits, from the longest to the shortest; the end of the last one goes where none does."""
    return next((text for text in texts if cell_len(printable(text)) <= cells), cut_right(texts[-1], cells))


def cut_left(text: str, cells: int) -> str:
    """At most this many cells; the start is what goes (model names differ at the end)."""
    text = printable(text)
    if cell_len(text) <= cells:
        return text
    start, room = len(text), cells - 1
    while start and (room := room - cell_len(text[start - 1])) >= 0:
        start -= 1
    kept = text[start:]
    while kept and cell_len(kept) > cells - 1:  # a joined character may be wider than its parts
        kept = kept[1:]
    return "…" + kept if cells > 0 else ""


def cut_middle(text: str, cells: int) -> str:
    """At most this many cells; the middle is what goes (keys differ at both ends)."""
    text = printable(text)
    if cell_len(text) <= cells:
        return text
    head = max(0, (cells - 1) // 2)
    return set_cell_size(text, head).rstrip() + cut_left(text, cells - head)


def pad(spans: Line, cells: int) -> Line:
    """The line filled with blanks, or cut, to exactly this many cells; what is cut ends in an ellipsis."""
    free = cells - width(spans)
    if free >= 0:
        return (*spans, Span(" " * free)) if free else spans
    kept = _first_cells(spans, cells)
    if plain(spans).rstrip() == plain(kept).rstrip() or cells < 1:
        return kept
    kept = _first_cells(spans, cells - 1)
    return (*kept, Span("…", kept[-1].role if kept else "text"))


def _first_cells(spans: Line, cells: int) -> Line:
    kept: list[Span] = []
    for span in spans:
        room = cells - width(kept)
        if room <= 0:
            break
        kept.append(span if cell_len(span.text) <= room else Span(set_cell_size(span.text, room), span.role))
    return tuple(kept)


def rule(cells: int, title: str = "", right: str = "", right_role: Role = "strong") -> Line:
    """A horizontal rule with a title near its left end and a word near its right end."""
    left = f"─ {printable(title)} " if title else "─"
    tail = f" {printable(right)} ─" if right else ""
    room = cells - cell_len(tail)
    if cell_len(left) > room - 1:
        left = cut_right(left.rstrip(), room - 1) + " "
    fill = "─" * (room - cell_len(left))
    if not title:
        return (Span("─" * room, "faint"), *((Span(tail, right_role),) if right else ()))
    middle = Span(left[2:], "strong")
    end = (Span(" ", "faint"), Span(printable(right), right_role), Span(" ─", "faint")) if right else ()
    return (Span(left[:2], "faint"), middle, Span(fill, "faint"), *end)
