"""What `!` does on the screens where a field is selected."""

from __future__ import annotations

from tui.layout.entry_fields import unit_of
from tui.screens.base import WatchScreen
from tui.state import RowId


def guard_field(screen: WatchScreen, row: RowId, field: str, how: str) -> None:
    """Guard the unit of this field, or the field where it is in none: with `bell` or `hook`, no longer with `off`."""
    if not field:
        screen.say("Nothing to guard: no field is selected.")
        return
    screen.say(screen.host.guarding.choose(row, unit_of(field) or field, how))
