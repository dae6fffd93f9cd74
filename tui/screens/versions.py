"""Two versions of one entry in the comparison grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from store.events import Version
from store.js import ABSENT
from tui.commands import ScreenName, bindings
from tui.layout.pair_grid import Pair
from tui.layout.versions_lines import VersionsView, scope_line, titles, versions_lines
from tui.look.hints import hint_line
from tui.look.line import Line
from tui.look.values import value_text
from tui.screens.copying import copy_text, row_text
from tui.screens.field_grid import PairScreen
from tui.screens.row_findings import show_row_finding
from tui.state import RowId
from tui.timeline import EntryText, entry_texts


class VersionsScreen(PairScreen, inherit_bindings=False):
    """An older version beside a newer one; both are held, whatever is written meanwhile."""

    NAME: ClassVar[ScreenName] = "versions"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("versions")]

    def __init__(self, row: RowId, older: EntryText, newer: EntryText) -> None:
        super().__init__()
        self.row = row
        self._choose(older, newer)

    def scope_line(self, cells: int) -> Line:
        """How many fields differ."""
        return self.narrowed_line(cells) or scope_line(self._view(), cells)

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The two versions and the grid."""
        lines, self._top, self._cursor = versions_lines(self._view(), cells, rows)
        return lines

    def the_pair(self, *, narrowed: bool = True) -> Pair:
        """The two versions."""
        return self.pair.having(self.words) if narrowed else self.pair

    def titles(self) -> tuple[str, str]:
        """Their numbers and times."""
        return titles(self._view())

    def all_alike(self) -> str:
        """Neither brought anything."""
        return "No field differs between these two."

    def keys_line(self, cells: int) -> Line:
        """The keys of this screen."""
        return hint_line("versions", cells)

    def action_older_copy(self) -> None:
        """One version further back: both where they are neighbours, else the older one."""
        self._step(1)

    def action_newer_copy(self) -> None:
        """One version further on: both where they are neighbours, else the older one."""
        self._step(-1)

    def action_history(self) -> None:
        """The history of the field under the cursor, or of the first that differs."""
        names = self.asked_about()
        if names:
            self.host.open_history(self.row, names[0])

    def action_findings(self) -> None:
        """The finding of this entry with its witness, else the list."""
        show_row_finding(self, self.row)

    def action_copy(self, what: str) -> None:
        """Copy the key, the entry, or the field's two values."""
        if what != "value":
            copy_text(self, f"the {what}", row_text(self, self.row, what))
            return
        now = self.dashboard.clock()
        names = self.asked_about()
        pairs = [(name, side.get(name, ABSENT)) for name in names for side in (self.pair.older, self.pair.newer)]
        texts = [value_text(name, value, now) for name, value in pairs]
        said = [f"{name} {old} → {new}" for name, old, new in zip(names, texts[::2], texts[1::2], strict=True)]
        copy_text(self, "what differs", "\n".join(said))

    def _choose(self, older: EntryText, newer: EntryText) -> None:
        self.older, self.newer = older, newer
        self.pair = Pair(older.entry, newer.entry)

    def _step(self, step: int) -> None:
        texts = entry_texts(self.dashboard.histories[self.row.store], self.row.key, self.dashboard.raw(*self.row))
        versions = [text.version for text in texts]
        older, newer = (_place(versions, text.version) for text in (self.older, self.newer))
        if older is None or newer is None:
            self.say("These versions are no longer in memory; what is shown of them is all there is.")
            return
        moved_newer = newer + step if older - newer == 1 else newer
        if not (0 <= moved_newer < older + step < len(texts)):
            self.say("No older version of this entry is known." if step > 0 else "This is the newest version.")
            return
        self._choose(texts[older + step], texts[moved_newer])
        self._top = 0
        self.redraw()

    def _view(self) -> VersionsView:
        history, show, at = self.dashboard.histories[self.row.store], self.show, self.cursor_at
        newest = history.first is not None and history.since(self.row.key) == self.newer.version
        now = self.dashboard.clock()
        shown = self.the_pair()
        return VersionsView(
            self.row.key, self.older, self.newer, self.pair, shown, history.first, newest, show, at, self._top, now
        )


def _place(versions: Sequence[Version], version: Version) -> int | None:
    return versions.index(version) if version in versions else None
