"""The strip below the table: the open findings, newest first, and the last changes in the lines they leave free."""

from __future__ import annotations

from typing import Final

from tui.layout.feed import feed_lines
from tui.look.figures import count
from tui.look.line import Line, rule
from tui.state import Dashboard

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
    return [rule(cells, f"findings {count(len(listed))}", unlisted, "faint"), *lines[:rows]]
