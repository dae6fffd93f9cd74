"""What becomes of findings: which were acknowledged in runs before, and keeping what is acknowledged now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.state import RowId, Update

if TYPE_CHECKING:
    from store.findings.acknowledged import Acknowledged, Mark
    from store.findings.finding import Finding
    from tui.core import Core


class Casework:
    """The marks that this user has seen findings, from run to run."""

    def __init__(self, app: Core) -> None:
        self._app = app
        self._marks_known = False

    def found(self, findings: Sequence[Finding]) -> None:
        """With the first finding, read what was acknowledged in runs before."""
        if findings and not self._marks_known:
            self._marks_known = True
            self._app.dashboard.findings.know(self._app.desk.acknowledged.marks())

    def start_over(self) -> None:
        """The dashboard is a new one."""
        self._marks_known = False

    def acknowledge(self, findings: Sequence[Finding]) -> None:
        """Take these off the list of open findings, now and in runs to come."""
        from store.findings.acknowledged import Mark
        from store.writing.names import user

        board = self._app.dashboard
        mark = Mark(user(), board.clock())
        for finding in findings:
            board.findings.acknowledge(finding, mark)
        rows = (RowId(finding.store, finding.key) for finding in findings)
        self._app.show_soon(Update(changed=frozenset(row for row in rows if row in board.rows)))
        seen = [name for finding in findings for name in (finding.id, *finding.told_here)]
        self._app.run_worker(self._keep(seen, mark), group="acknowledged")

    async def _keep(self, findings: Sequence[str], mark: Mark) -> None:
        why_not = await asyncio.to_thread(_kept, self._app.desk.acknowledged, findings, mark)
        if why_not:
            self._app.tell(f"Acknowledged for this run only: it could not be kept ({why_not}).")


def _kept(acknowledged: Acknowledged, findings: Sequence[str], mark: Mark) -> str:
    """Why the marks could not be kept, '' when they were."""
    try:
        for finding in findings:
            acknowledged.add(finding, mark)
    except OSError as error:
        return error.strerror or str(error)
    return ""
