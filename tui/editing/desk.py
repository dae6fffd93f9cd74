"""What an operator has in hand across screens: drafts, watched edits, the journal, what was acknowledged."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from store.events import FileId
from store.findings.acknowledged import Acknowledged
from store.js import Edit, JsonObject
from store.openclaw.paths import user_state_dir
from store.writing.journal import Journal
from store.writing.own import OwnWrites
from tui.editing.drafts import Drafts, InHand
from tui.editing.standing import Standing


class OurJournal(Journal):
    """The journal, which says beforehand what it is about to note: the watcher asks for it, journalled or not."""

    def __init__(self, directory: Path, own: OwnWrites) -> None:
        super().__init__(directory)
        self._own = own

    def intent(
        self, store: str, base: FileId, temp: FileId, edits: Mapping[str, Edit], originals: Mapping[str, JsonObject]
    ) -> str:
        """Announce the file before it can be seen, then journal it."""
        self._own.expect(temp)
        return super().intent(store, base, temp, edits, originals)


class Desk:
    """One per run. `held_s` is how long each store's lock was held at our last write to it, in seconds.

    `many` is what was typed for many rows and not written, by the unit of its form.
    """

    def __init__(self, directory: Path, own: OwnWrites) -> None:
        self.drafts = Drafts(directory / "drafts")
        self.standing = Standing()
        self.journal = OurJournal(directory, own)
        self.acknowledged = Acknowledged(directory)
        self.held_s: dict[Path, float] = {}
        self.many: dict[str, dict[str, str]] = {}
        self.last_unit = "model"
        self.last_field = ""

    def in_hand(self, stores: Collection[Path], since: float) -> frozenset[InHand]:
        """What leaving now would leave behind: drafts for these stores typed since then, and the watched edits."""
        drafts = [one for one in self.drafts.all() if one.store in stores and one.at >= since]
        found = [InHand(True, one.store, one.key, one.texts.get("field") or one.unit) for one in drafts]
        return frozenset([*found, *(InHand(False, one.store, one.key, one.unit) for one in self.standing.edits)])

    def drop_drafts(self, stores: Collection[Path], since: float) -> int:
        """Forget what was typed for these stores since then and not written; how many drafts that were."""
        dropped = [one for one in self.drafts.all() if one.store in stores and one.at >= since]
        for one in dropped:
            self.drafts.remove(one.store, one.key, one.unit)
        return len(dropped)


def open_desk(own: OwnWrites) -> Desk:
    """The desk of this user; where no directory can be made for it, drafts and journal say so when they are used."""
    try:
        return Desk(user_state_dir(), own)
    except OSError:
        return Desk(Path(os.devnull) / "clobberwatch", own)
