"""The findings of this run: which are open, which were acknowledged or restored, how bad it is for each row.

Pure, like the state it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from store.findings.acknowledged import Mark

if TYPE_CHECKING:
    from store.findings.finding import Finding, Grade

LIMIT: Final = 1000
"""So many findings are kept; of the rest the oldest possible ones go first, then the ones that are done with."""

Row: TypeAlias = "tuple[Path, str]"


class CaseBook:
    """Every list is newest first, of one write the surest. A finding that is known already is not taken twice."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._known: dict[str, Finding] = {}
        self._marks: dict[str, Mark] = {}
        self._of_row: dict[Row, tuple[Finding, ...]] = {}
        self._listed: tuple[Finding, ...] = ()
        self._possible: tuple[Finding, ...] = ()
        self._restored: tuple[Finding, ...] = ()
        self._acknowledged: tuple[Finding, ...] = ()

    def copied(self) -> CaseBook:
        """Another with the same findings and marks."""
        copy = CaseBook(self._limit)
        copy._known, copy._marks = dict(self._known), dict(self._marks)
        copy._sort()
        return copy

    @property
    def marks(self) -> Mapping[str, Mark]:
        """By whom and when what was acknowledged or restored, by the id of its finding."""
        return self._marks

    def add(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Take findings in; those among them that were not known. One that another of them tells goes."""
        new = {name: finding for finding in findings if (name := finding.id) not in self._known}
        if new:
            self._known |= new
            for name in {name for finding in self._known.values() for name in finding.told_here}:
                self._known.pop(name, None)
            self._make_room()
            self._sort()
        return tuple(new.values())

    def know(self, marks: Mapping[str, Mark]) -> None:
        """What was done with, in this run or before; the first mark of a finding counts."""
        self._marks = {**marks, **self._marks}
        self._sort()

    def done_with(self, findings: Iterable[Finding], mark: Mark) -> None:
        """They are open no longer."""
        self.know({finding.id: mark for finding in findings})

    def mark(self, finding: Finding) -> Mark | None:
        """By whom and when it was acknowledged or restored; None while it is open."""
        return self._mark(finding.id, finding)

    def open_of(self, row: Row) -> tuple[Finding, ...]:
        """The open findings of an entry, first those that are shown everywhere."""
        return self._of_row.get(row, ())

    def worst(self, row: Row) -> Grade | None:
        """How bad it is: the surest grade of the row's open findings that are shown everywhere."""
        grades = {finding.grade for finding in self.open_of(row) if finding.listed}
        return next((grade for grade in ("confirmed", "probable", "unknown") if grade in grades), None)

    def rows(self) -> dict[Row, Finding]:
        """The entries with an open finding that is shown everywhere, each with its newest."""
        return {(one.store, one.key): one for one in reversed(self._listed) if one.key}

    def listed(self) -> tuple[Finding, ...]:
        """The open ones that are shown everywhere."""
        return self._listed

    def possible(self) -> tuple[Finding, ...]:
        """The open ones that are counted and only listed on demand: possible, or unknown as versions were missed."""
        return self._possible

    def restored(self) -> tuple[Finding, ...]:
        """The ones whose loss was put back by this user."""
        return self._restored

    def acknowledged(self) -> tuple[Finding, ...]:
        """The ones that were acknowledged."""
        return self._acknowledged

    def everything(self) -> tuple[Finding, ...]:
        """All of them: the open ones first, then the possible, the restored, and the acknowledged."""
        return (*self._listed, *self._possible, *self._restored, *self._acknowledged)

    def place(self, finding: Finding) -> tuple[int, int, str]:
        """Its number among those that are as it is, how many these are, and what they are called; blank: open."""
        kinds = {"": self._listed, "possible": self._possible, "restored": self._restored}
        for name, found in (kinds | {"acknowledged": self._acknowledged}).items():
            if finding in found:
                return found.index(finding) + 1, len(found), name
        return 1, 1, ""

    def _sort(self) -> None:
        latest_first = reversed(self._known.items())
        in_order = sorted(latest_first, key=lambda pair: _rank(pair[1]), reverse=True)
        still_open = [finding for name, finding in in_order if self._mark(name, finding) is None]
        self._listed = tuple(finding for finding in still_open if finding.listed)
        self._possible = tuple(finding for finding in still_open if not finding.listed)
        done = [(finding, mark) for name, finding in in_order if (mark := self._mark(name, finding)) is not None]
        self._restored = tuple(finding for finding, mark in done if mark.restored)
        self._acknowledged = tuple(finding for finding, mark in done if not mark.restored)
        of_row: dict[Row, list[Finding]] = {}
        for finding in (*self._listed, *self._possible):
            of_row.setdefault((finding.store, finding.key), []).append(finding)
        self._of_row = {row: tuple(found) for row, found in of_row.items()}

    def _make_room(self) -> None:
        spare = len(self._known) - self._limit
        if spare > 0:
            least_first = sorted(self._known.items(), key=lambda pair: (self._worth(*pair), pair[1].at))
            for name, _ in least_first[:spare]:
                del self._known[name]

    def _mark(self, name: str, finding: Finding) -> Mark | None:
        """The mark of the finding with this id, or of one that it tells."""
        names = (name, *finding.told_here) if self._marks else ()
        return next((self._marks[one] for one in names if one in self._marks), None)

    def _worth(self, name: str, finding: Finding) -> int:
        return 1 if self._mark(name, finding) is not None else 2 if finding.listed else 0


def _rank(finding: Finding) -> tuple[float, bool, bool]:
    return finding.at, finding.grade == "confirmed", bool(finding.key)
