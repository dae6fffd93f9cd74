"""Which field of an entry comes next that is wanted, through all of its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tui.layout.entry_fields import FieldRow, Page
from tui.look.values import value_text

Place: TypeAlias = "tuple[Page, FieldRow]"


def places_from(page: Page, pages: Sequence[Page], rows: Callable[[Page], Sequence[FieldRow]]) -> list[Place]:
    """Every field once: those of this page, then those of the pages after it, then from the first page on."""
    at = pages.index(page) if page in pages else 0
    found: dict[str, Place] = {}
    for one in (*pages[at:], *pages[:at]):
        for row in rows(one):
            found.setdefault(row.name, (one, row))
    return list(found.values())


def next_place(places: Sequence[Place], field: str, wanted: Callable[[FieldRow], bool], step: int) -> Place | None:
    """The next (1) or previous (-1) wanted field, or the first from this one on (0); after the last comes the first."""
    names = [row.name for _page, row in places]
    here = names.index(field) if field in names else 0
    for distance in range(abs(step), len(places) + 1):
        place = places[(here + (step or 1) * distance) % len(places)]
        if wanted(place[1]):
            return place
    return None


def says(row: FieldRow, text: str, now: float) -> bool:
    """Whether the name or the value of a field has this in it, in whatever case."""
    return text.casefold() in f"{row.name}\n{value_text(row.name, row.value, now)}".casefold()
