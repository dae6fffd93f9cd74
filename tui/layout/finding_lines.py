"""One finding as a line, and the line below it that says what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from tui.look.figures import clock_time
from tui.look.findings import in_short, lost_words
from tui.look.grades import ROLES, SIGNS
from tui.look.keyforms import short_key
from tui.look.line import Line, Span, cut_right, fit, pad
from tui.look.printable import printable

if TYPE_CHECKING:
    from store.findings.finding import Finding

KIND_AT: Final = 23
KIND_CELLS, LOST_CELLS = 17, 15
SENTENCE_AT: Final = 12


def finding_line(
    finding: Finding, now: float, cells: int, right: str = "", *, units: bool = True, selected: bool = False
) -> Line:
    """Time, how sure, what, which units, which entry; a word at the right end takes its room from the entry."""
    kind_cells = max(KIND_CELLS, len(finding.kind) + 1)
    lost_cells, right = LOST_CELLS if units else 0, cut_right(right, cells // 4)
    room = cells - KIND_AT - kind_cells - lost_cells - (cell_len(right) + 2 if right else 0)
    where = short_key(finding.key, room) if finding.key else f"the store {printable(finding.store.name)}"
    lost = lost_words(finding, LOST_CELLS - 1)
    role = ROLES[finding.grade]
    spans = (
        Span(f"{'▌' if selected else ' '}{clock_time(finding.at, now)[-8:]} "),
        Span(f"{SIGNS[finding.grade]} {finding.grade}", role),
        Span(" " * (9 - len(finding.grade)) + " " + fit(finding.kind, kind_cells)),
        Span(fit(lost, lost_cells)),
        Span(fit(cut_right(where, room), room)),
    )
    return pad((*spans, Span(f"  {right}")) if right else spans, cells)


def sentence_line(finding: Finding, now: float, cells: int) -> Line:
    """What happened, below the line of a finding."""
    return pad(
        (Span(" " * SENTENCE_AT + cut_right(in_short(finding, now, cells - SENTENCE_AT), cells - SENTENCE_AT)),), cells
    )
