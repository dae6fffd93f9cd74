"""The strip below the table: the open findings, newest first, and the last changes in the lines they leave free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tui.layout.feed import feed_lines
from tui.look.figures import count, counted
from tui.look.line import Line, rule
from tui.state import Dashboard

if TYPE_CHECKING:
    from store.findings.finding import Finding

TWO_LINES_FROM: Final = 100
"""From this width on, and where there are lines, a finding has its sentence too."""
ROOMY: Final = 8
"""From so many lines on it always has, and half of them are left to the last changes."""


def strip_lines(dashboard: Dashboard, cells: int, rows: int) -> list[Line]:
    """A rule with the count, and so many lines of findings and changes."""
    listed, possible = dashboard.findings.listed(), len(dashboard.findings.possible())
    unlisted = f"{count(possible)} possible not listed" if possible else ""
    if not listed:
        return [rule(cells, "last changes", unlisted, "faint"), *feed_lines(dashboard, cells, rows)]
    from tui.layout.finding_lines import finding_line, sentence_line

    now = dashboard.clock()
    each = 2 if (cells >= TWO_LINES_FROM and rows >= 4) or rows >= ROOMY else 1
    most = rows // 2 if rows >= ROOMY else rows
    lines = [
        told
        for finding in listed[: most // each]
        for told in (finding_line(finding, now, cells), sentence_line(finding, now, cells))[:each]
    ]
    left = rows - len(lines)
    if left >= 3:
        lines += [rule(cells, "last changes"), *feed_lines(dashboard, cells, left - 1)]
    elif left:
        lines += feed_lines(dashboard, cells, left)
    return [rule(cells, _title(listed), unlisted, "faint"), *lines[:rows]]


def _title(listed: Sequence[Finding]) -> str:
    """`findings 3`; where that is not one an entry: `findings 20 in 13 entries and the store`."""
    entries = len({(one.store, one.key) for one in listed if one.key})
    if entries == len(listed):
        return f"findings {count(entries)}"
    places = [counted(entries, "entry", "entries")] if entries else []
    places += ["the store"] if any(not one.key for one in listed) else []
    return f"findings {count(len(listed))} in {' and '.join(places)}"
