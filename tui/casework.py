"""What becomes of findings: which were done with in runs before, keeping what is now, saying what is not listed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from store.events import Changed
from tui.look.keyforms import short_key
from tui.state import RowId, Update

if TYPE_CHECKING:
    from store.findings.acknowledged import Acknowledged, Mark
    from store.findings.finding import Finding
    from tui.core import Core


_KEY_CELLS: Final = 26


class Casework:
    """The marks that this user has seen findings, from run to run; and the word on edits that went without an alarm."""

    def __init__(self, app: Core) -> None:
        self._app = app
        self._marks_known = False

    def found(self, findings: Sequence[Finding]) -> None:
        """Findings came up just now: say which edits of this user are gone, where neither list nor watch tells it."""
        self.read_marks(findings)
        untold = [finding for finding in findings if finding.yours and not finding.listed]
        gone = [finding for finding in untold if not self._app.dashboard.replayed and not self._is_watched(finding)]
        if gone:
            for sentence in _told(gone, self._app.dashboard.clock()):
                self._app.tell(sentence)

    def _is_watched(self, finding: Finding) -> bool:
        """Whether the edit is watched since it was written: then that says that it no longer stands."""
        desk = self._app.made_desk
        return desk is not None and any(
            not watched.edit.fields.isdisjoint(finding.yours)
            for watched in desk.standing.of(finding.store, finding.key)
        )

    def read_marks(self, findings: Sequence[Finding]) -> None:
        """With the first finding, read what was acknowledged in runs before."""
        if findings and not self._marks_known:
            self._marks_known = True
            self._app.dashboard.findings.know(self._app.desk.acknowledged.marks())

    def acknowledge(self, findings: Sequence[Finding]) -> None:
        """Take these off the list of open findings, now and in runs to come."""
        self._done_with(findings, restored=False)

    def changed(self, event: Changed) -> None:
        """A write of this user's that puts back all that a finding lost restores it: it is open no longer.

        What others bring back stays open: nobody has said yet that this is how it shall be.
        """
        board = self._app.dashboard
        if event.version.writer.how != "you" or board.replayed:
            return
        there = [one for change in event.changes for one in board.findings.open_of((event.store, change.key))]
        if there:
            from tui.editing.restore import restored_in

            if back := [finding for finding in there if restored_in(board, finding, event.version)]:
                self._done_with(back, restored=True)

    def _done_with(self, findings: Sequence[Finding], *, restored: bool) -> None:
        from store.findings.acknowledged import Mark
        from store.writing.names import user

        board = self._app.dashboard
        mark = Mark(user(), board.clock(), restored)
        board.findings.done_with(findings, mark)
        rows = (RowId(finding.store, finding.key) for finding in findings)
        self._app.show_soon(Update(changed=frozenset(row for row in rows if row in board.rows)))
        seen = [name for finding in findings for name in (finding.id, *finding.told_here)]
        keeping = asyncio.get_running_loop().run_in_executor(None, _kept, self._app.desk.acknowledged, seen, mark)
        self._app.run_worker(self._kept(keeping, mark), group="acknowledged")

    async def _kept(self, keeping: asyncio.Future[str], mark: Mark) -> None:
        if why_not := await keeping:
            done = "Restored" if mark.restored else "Acknowledged"
            self._app.tell(f"{done} for this run only: it could not be kept ({why_not}).")


def _told(gone: Sequence[Finding], now: float) -> list[str]:
    """One sentence an edit; of many only the number."""
    from tui.editing.standing import SAID_ONE_BY_ONE
    from tui.look.sentences import stand_no_longer
    from tui.look.who import by

    if len(gone) > SAID_ONE_BY_ONE:
        return [stand_no_longer(len(gone), by(gone[0].writer))]
    return [_gone(finding, now) for finding in gone]


def _gone(finding: Finding, now: float) -> str:
    from tui.look.findings import in_short

    where = short_key(finding.key, _KEY_CELLS)
    return f"Your edit of {where} no longer stands: {in_short(finding, now)}. f there shows it, u puts it back."


def _kept(acknowledged: Acknowledged, findings: Sequence[str], mark: Mark) -> str:
    """Why the marks could not be kept, '' when they were."""
    try:
        for finding in findings:
            acknowledged.add(finding, mark)
    except OSError as error:
        return error.strerror or str(error)
    return ""
