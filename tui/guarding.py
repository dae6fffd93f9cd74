"""Guards in the dashboard: setting them, and the bell or the hook when what they hold goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.core import Core
from tui.hook import Hook
from tui.look.keyforms import short_key
from tui.news import StoreNews
from tui.state import RowId

if TYPE_CHECKING:
    from tui.editing.guards import Alert, Guard, Guards, Loss

_KEY_CELLS = 26
BELL_EVERY_S = 5.0
"""A bell that rings again and again says no more than one that rings once."""


class Guarding:
    """What this run guards; nothing is loaded before something is."""

    def __init__(self, app: Core, hook: Sequence[str], ring: Callable[[], None]) -> None:
        self._app, self._ring = app, ring
        self.hook = Hook(hook, self._tell_from_thread)
        self._guards: Guards | None = None
        self._rung_at: float | None = None

    def words(self, row: RowId | None) -> str:
        """`guarded: model, delivery lost`, blank where nothing is."""
        guards = self._of(row) if row is not None else []
        units = ", ".join(f"{guard.unit}{' lost' if guard.lost else ''}" for guard in guards)
        return f"guarded: {units}" if units else ""

    def choose(self, row: RowId, unit: str, how: str) -> str:
        """Guard a unit with the bell or the hook, or no longer (`off`); what to say of it."""
        from tui.editing.guards import Guards

        board, key = self._app.dashboard, short_key(row.key, _KEY_CELLS)
        guards = self._guards = self._guards or Guards()
        if how == "off":
            lifted = guards.lift(row, unit)
            return f"No longer guarded: {unit} of {key}." if lifted else f"The {unit} of {key} is not guarded."
        if board.replayed:
            return "Nothing guarded: this is a recording."
        if how == "hook" and not self.hook:
            return 'Nothing guarded: no hook is set. In config.toml: [guard], hook = ["your-command"].'
        entry = board.entry(row)
        if entry is None:
            return "Nothing guarded: the entry is gone, or it is no object."
        alert: Alert = "hook" if how == "hook" else "bell"
        guard = guards.hold(row, unit, alert, entry, board.clock())
        what = f"the hook {self.hook.name} runs" if alert == "hook" else "the bell rings"
        return (
            f"Guarded: {unit} of {key} is {guard.text}. When it changes, {what}; ! x ends that, and so does quitting."
        )

    def lift_all(self, row: RowId) -> str:
        """Guard nothing of the row any longer; what to say of it."""
        guards, key = self._of(row), short_key(row.key, _KEY_CELLS)
        if self._guards is None or not guards:
            return f"Nothing of {key} is guarded."
        for guard in guards:
            self._guards.lift(row, guard.unit)
        return f"No longer guarded: {', '.join(guard.unit for guard in guards)} of {key}."

    def seen(self, news: StoreNews) -> None:
        """Sound the alarm for whatever was lost."""
        if self._guards is None:
            return
        board = self._app.dashboard
        losses = self._guards.seen(news.event, news.findings, board.entry, board.clock())
        for loss in losses[1:]:
            self._app.tell(_said(loss))
        if losses:
            together = f"{len(losses)} guarded units changed, :log has all. " if len(losses) > 1 else ""
            self._app.tell(together + _said(losses[0]))
        for loss in losses:
            if loss.guard.alert == "hook":
                self.hook.run(json.dumps(_record(loss)) + "\n")
        if any(loss.guard.alert == "bell" for loss in losses):
            self._ring_unless_rung(board.clock())

    def _ring_unless_rung(self, now: float) -> None:
        if self._rung_at is None or not 0 <= now - self._rung_at < BELL_EVERY_S:
            self._rung_at = now
            self._ring()

    def _tell_from_thread(self, said: str) -> None:
        self._app.call_later(self._app.tell, said)

    def _of(self, row: RowId) -> list[Guard]:
        return self._guards.of(row) if self._guards is not None else []


def _said(loss: Loss) -> str:
    from tui.look.who import by

    guard, writer = loss.guard, by(loss.writer)
    whose = f", {writer}" if writer else ""
    key = short_key(guard.row.key, _KEY_CELLS)
    if loss.found == guard.text and loss.finding is not None:
        return f"Guarded {guard.unit} of {key}: {loss.finding.kind}, {loss.finding.grade}{whose}. f there shows it."
    return f"Guarded {guard.unit} of {key} went from {guard.text} to {loss.found}{whose}. u there puts it back."


def _record(loss: Loss) -> dict[str, object]:
    """The finding as `watch --json` has it, or where none came with the loss an event `guard`; with what was held."""
    from tui.cli.find import store_text
    from tui.cli.findings import finding_record

    guard = loss.guard
    held = {"guard": {"unit": guard.unit, "wanted": guard.text, "found": loss.found}}
    if loss.finding is not None:
        return finding_record(loss.finding) | held
    place = {"at": int(loss.at * 1000), "store": store_text(guard.row.store), "key": guard.row.key}
    return {"event": "guard", **place, "writer": loss.writer.to_json(), **held}
