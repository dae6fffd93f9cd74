"""A grid of fields that fills a screen: a cursor on one of them, and, of two entries, the way to what differs."""

from __future__ import annotations

from collections.abc import Sequence

from store.js import ABSENT
from tui.layout.pair_grid import SHOWS, Pair, Show
from tui.screens.guard_keys import guard_field
from tui.screens.moving import Moving
from tui.screens.narrowing import Narrowing
from tui.state import RowId

PAGE = 10


class FieldGrid(Moving, inherit_bindings=False):
    """The cursor is on no field until it is moved for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ""
        self._top = 0
        self._cursor: int | None = None

    def names(self) -> Sequence[str]:
        """The fields there are, from the top."""
        raise NotImplementedError

    @property
    def cursor_at(self) -> int | None:
        """Which of them the cursor is on."""
        names = self.names()
        return names.index(self.chosen) if self.chosen in names else None

    def cursor_in_body(self) -> int | None:
        """The line of the field under the cursor."""
        return self._cursor

    @property
    def rows_in_sight(self) -> int:
        """About as many fields as there is room for beside what is said of them."""
        return PAGE

    def step_by(self, lines: int) -> None:
        """Another field; the first step down leads to the first one."""
        names, at = self.names(), self.cursor_at
        if names:
            self.chosen = names[max(0, min((-1 if at is None else at) + lines, len(names) - 1))]
        self.redraw()


class PairScreen(Narrowing, FieldGrid, inherit_bindings=False):
    """An older and a newer entry side by side."""

    row: RowId

    def __init__(self) -> None:
        super().__init__()
        self._show_at = 0

    @property
    def show(self) -> Show:
        """Which fields are shown; of those that `/` leaves all."""
        return "all" if self.filter_text else SHOWS[self._show_at]

    def shown_of(self) -> tuple[int, int]:
        """The fields that `/` leaves, and all."""
        return self.the_pair().fields(), self.the_pair(narrowed=False).fields()

    def narrowed(self) -> None:
        """The grid begins anew."""
        self._top = 0

    def the_pair(self, *, narrowed: bool = True) -> Pair:
        """The two entries, with only the fields that `/` leaves."""
        raise NotImplementedError

    def titles(self) -> tuple[str, str]:
        """What the two are called over their columns."""
        raise NotImplementedError

    def all_alike(self) -> str:
        """What is said when no field differs."""
        raise NotImplementedError

    def names(self) -> Sequence[str]:
        """The fields that are shown."""
        return self.the_pair().names(self.show)

    def asked_about(self) -> list[str]:
        """The field under the cursor; before there is one, those that differ."""
        return [self.chosen] if self.chosen else [one.field for one in self.the_pair().differences()]

    def action_open(self) -> None:
        """The whole values of the field under the cursor, or of the first that differs."""
        name, pair = next(iter(self.asked_about()), ""), self.the_pair()
        if name:
            values = (side.get(name, ABSENT) for side in (pair.older, pair.newer))
            self.host.open_value(name, tuple(zip(self.titles(), values, strict=True)))
        else:
            self.say(self.all_alike())

    def action_edit(self, what: str) -> None:
        """A form for this entry."""
        self.host.open_form(self.row, what)

    def action_fields(self) -> None:
        """Differing fields, editable fields, all fields."""
        self._show_at = (self._show_at + 1) % len(SHOWS)
        self._top = 0
        self.redraw()

    def action_guard(self, how: str) -> None:
        """Guard the unit of the field under the cursor, or of the first that differs."""
        guard_field(self, self.row, next(iter(self.asked_about()), ""), how)

    def action_next_match(self) -> None:
        """The next field that differs; after the last the first."""
        self._go_to_difference(1)

    def action_previous_match(self) -> None:
        """The field before that differs."""
        self._go_to_difference(-1)

    def _go_to_difference(self, step: int) -> None:
        names = [difference.field for difference in self.the_pair().differences()]
        if not names:
            self.say(self.all_alike())
            return
        before_first = -1 if step > 0 else 0
        at = names.index(self.chosen) if self.chosen in names else before_first
        self.chosen = names[(at + step) % len(names)]
        self.redraw()
