"""What changed last in an entry, in one cell."""

from __future__ import annotations

from collections.abc import Mapping

from tui.layout.feed import FeedItem, change_words, feed_items
from tui.look.line import cut_right
from tui.state import Dashboard, RowId

_FIRST: Mapping[str, int] = {"model": 0, "reply": 1, "think": 2, "send": 2, "last run": 9}
"""Of several changes in one write the first of these is told."""


def last_change(dashboard: Dashboard, row: RowId, cells: int) -> str:
    """`model claude-opus-4-6 → gpt-5.2`, `3 fields gone: label, …`, `new`; blank where nothing was seen."""
    write = dashboard.histories[row.store].last_write(row.key)
    if write is None:
        return ""
    items = feed_items((row, change) for change in reversed(write.changes))
    if not items:
        return "new" if write.did == "added" else ""
    return cut_right(change_words(min(items, key=_rank), cells), cells)


def _rank(item: FeedItem) -> int:
    return 3 if not item.new else _FIRST.get(item.name, 5)
