"""How the cells of the table are shared out among its columns, on a terminal of any width."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

Amount: TypeAlias = Literal["usual", "more", "fewer"]
"""How many columns are wanted."""
AMOUNTS: Final[tuple[Amount, ...]] = get_args(Amount)

GUTTER: Final = 5
CHG_SLOT: Final = 2
CHANGE_FROM, AGENT_FROM, WIDE_FROM, WIDEST_FROM = 100, 120, 160, 200
CLOCK: Final = 5
"""Cells of a time of day, in place of an age."""
_LEAST_CHANGE, _LEAST_KEY = 16, 16
"""What columns that were asked for leave to those that are there anyway."""


@dataclass(frozen=True, slots=True)
class Widths:
    """The cells of each column, 0 for one that is not shown.

    One cell for a mark lies before model, think, reply and send, two lie before chg, a blank before change and what
    comes after it.
    """

    key: int
    model: int
    think: int
    reply: int
    upd: int = 3
    chg: int = 3
    agent: int = 0
    kind: int = 0
    source: int = 0
    used: int = 0
    send: int = 0
    run: int = 0
    change: int = 0
    size: int = 0
    session: int = 0
    store: int = 0

    @property
    def taken(self) -> int:
        """The cells of a line."""
        plain = self.agent + self.kind + self.key + self.source + self.used + self.run + self.upd + self.chg
        marked = self.model + self.think + self.reply + 3 + (self.send + 1 if self.send else 0)
        after = sum(cells + 1 for cells in (self.change, self.size, self.session, self.store) if cells)
        return GUTTER + plain + marked + CHG_SLOT + after

    def says(self, wanted: Amount) -> str:
        """What asking for more or fewer columns came to."""
        if wanted == "usual":
            return "As many columns as usual."
        if wanted == "fewer":
            return "Fewer columns: the room is the key's. v shows as many as usual."
        extra = {"size": self.size, "session": self.session, "store": self.store}
        shown, hidden = ([name for name in extra if bool(extra[name]) == there] for there in (True, False))
        wider = " A wider terminal has room for the session." if "session" in hidden else ""
        return f"More columns: {', '.join(shown)}.{wider}" if shown else "There is no room for more columns."


_AT_120: Final = Widths(agent=6, key=28, model=18, think=7, reply=23, change=21)
_AT_160: Final = Widths(agent=6, kind=9, key=28, model=16, source=5, used=18, think=7, reply=23, change=31)
_AT_200: Final = replace(
    _AT_160, agent=7, key=36, model=20, source=8, used=19, reply=28, send=6, run=5, upd=4, chg=4, change=35
)


def widths(cells: int, wanted: Amount = "usual", *, clock: bool = False, stores: int = 1) -> Widths:
    """The columns of a terminal this wide; `clock`: times of day stand in place of ages."""
    shape = _usual(cells)
    if wanted == "fewer":
        shape = replace(shape, change=0, used=0, kind=0, send=0, run=0)
    if clock:
        shape = replace(shape, upd=CLOCK, chg=CLOCK)
        shape = _with_room(shape, cells) or shape
    if wanted == "more":
        shape = _more(shape, cells, stores)
    return replace(shape, key=max(1, shape.key + cells - shape.taken))


def _usual(cells: int) -> Widths:
    """The widths of the drawings; what a terminal has beyond the drawn ones goes to the key and to the last change."""
    if cells >= AGENT_FROM:
        base = _AT_200 if cells >= WIDEST_FROM else _AT_160 if cells >= WIDE_FROM else _AT_120
        extra = cells - base.taken
        more_key = min(8, extra // 3)
        return replace(base, key=base.key + more_key, change=base.change + extra - more_key)
    if cells >= CHANGE_FROM:
        extra = cells - CHANGE_FROM
        return Widths(26 + extra // 2, 18, 5, 15, change=19 + extra - extra // 2)
    extra, short = max(0, cells - 80), max(0, 80 - cells)
    reply = 15 + min(8, extra // 3) - min(6, max(0, short - 10))
    model = 18 + min(8, extra // 6) - min(4, max(0, short - 16))
    return Widths(26, model, 5, reply)  # the key takes the rest


def _more(shape: Widths, cells: int, stores: int) -> Widths:
    """With size, session and, where there are several, the store: as many as fit, in this order."""
    for wider in ({"size": 6}, {"session": 9}, {"store": 10} if stores > 1 else {}):
        shape = _with_room(replace(shape, **wider), cells) or shape
    return shape


def _with_room(shape: Widths, cells: int) -> Widths | None:
    """The shape with so much taken from the last change, then from the key, that it fits; None where it cannot."""
    over = shape.taken - cells
    from_change = max(0, min(over, shape.change - _LEAST_CHANGE))
    shape = replace(shape, change=shape.change - from_change)
    if shape.key + cells - shape.taken < _LEAST_KEY:
        return None
    return replace(shape, key=shape.key + min(0, cells - shape.taken))
