"""What the app does with findings: how each store's detector is made, and the keeping of what was acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from store.source import Source
from tui.leaving import Leaving
from tui.state import RowId, Update

if TYPE_CHECKING:
    from store.findings.acknowledged import Acknowledged, Mark
    from store.findings.finding import Finding
    from store.writing.own import OwnWrites
    from tui.news import Finder


class Casework(Leaving, inherit_bindings=False):
    """Findings, from the detector to the mark that this user has seen them."""

    store_watch: Source
    own_writes: OwnWrites
    _marks_known = False

    def make_detector(self, store: Path) -> Finder:
        """For the thread that follows the stores."""
        from store.findings.detector import Detector

        return Detector(
            store,
            lock_is_rule=lambda: self.dashboard.stores[store].discipline.kind == "locked",
            own_edits=self.own_writes.edits(store),
            raw=partial(self.store_watch.raw, store),
        )

    def show_soon(self, update: Update) -> None:
        """Bring the update onto the screen with the next frame."""
        raise NotImplementedError

    def know_marks(self) -> None:
        """Read what was acknowledged in runs before; once, when the first finding is there."""
        if not self._marks_known:
            self._marks_known = True
            self.dashboard.findings.know(self.desk.acknowledged.marks())

    def acknowledge(self, findings: Sequence[Finding]) -> None:
        """Take these off the list of open findings, now and in runs to come."""
        from store.findings.acknowledged import Mark
        from store.writing.names import user

        mark = Mark(user(), self.dashboard.clock())
        for finding in findings:
            self.dashboard.findings.acknowledge(finding, mark)
        rows = (RowId(finding.store, finding.key) for finding in findings)
        self.show_soon(Update(changed=frozenset(row for row in rows if row in self.dashboard.rows)))
        self._keep([finding.id for finding in findings], mark)

    @work(group="acknowledged")
    async def _keep(self, findings: Sequence[str], mark: Mark) -> None:
        why_not = await asyncio.to_thread(_kept, self.desk.acknowledged, findings, mark)
        if why_not:
            self.tell(f"Acknowledged for this run only: it could not be kept ({why_not}).")


def _kept(acknowledged: Acknowledged, findings: Sequence[str], mark: Mark) -> str:
    """Why the marks could not be kept, '' when they were."""
    try:
        for finding in findings:
            acknowledged.add(finding, mark)
    except OSError as error:
        return error.strerror or str(error)
    return ""
