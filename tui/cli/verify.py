"""Watching whether what was written still holds a while later.

A stale copy in some process's memory can overwrite an edit that was written correctly, any time later.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from store.edit import EditResult
from store.entry.intent import Intent
from store.events import Broken, Changed, Loaded, Recovered
from store.js import ABSENT, JsonObject, same
from store.text.document import decode_object
from tui.cli.output import warn


@dataclass(frozen=True, slots=True)
class Written:
    """One entry as it was written."""

    intents: Sequence[Intent]
    result: EditResult

    def gone_in(self, raw: bytes | None) -> str:
        """The first unit that is not as it was written, or the session itself; blank where all stands."""
        if raw is None:
            return "the session"
        entry = {**(self.result.theirs or {}), **{change.field: change.new for change in self.result.changes}}
        after: JsonObject = {field: value for field, value in entry.items() if value is not ABSENT}
        now = decode_object(raw) or {}
        for intent in self.intents:
            was, found = intent.guarded(after), intent.guarded(now)
            if not all(same(was.get(name, ABSENT), found.get(name, ABSENT)) for name in was.keys() | found.keys()):
                return intent.unit
        return ""


def stands(written: Sequence[Written], seconds: float) -> list[bool | None]:
    """Watch the stores for so many seconds: of each entry, whether what was written holds at the end.

    An entry whose edit no longer stands is told on stderr, and not watched further. None where it cannot be told: cut
    short by Ctrl-C, or no good version of the store at the end.
    """
    from store.watch import Watch

    watch, began = Watch(list(dict.fromkeys(one.result.store for one in written))), time.monotonic()
    pending, readable, cut_short = dict(enumerate(written)), set[Path](), False
    try:
        for event in watch.events(_Deadline(began + seconds)):
            if isinstance(event, (Loaded, Changed, Recovered)):
                readable.add(event.store)
            elif isinstance(event, Broken):
                readable.discard(event.store)
            looked_at = pending.items() if event.store in readable else ()
            for at, one in [(at, one) for at, one in looked_at if one.result.store == event.store]:
                if unit := one.gone_in(watch.raw(event.store, one.result.key)):
                    _tell(one, unit, time.monotonic() - began, len(written))
                    del pending[at]
            if not pending:
                break
    except KeyboardInterrupt:
        cut_short = True
    for store in () if cut_short else {one.result.store for one in pending.values()} - readable:
        warn(f"Written, but whether it stands cannot be told: {store} cannot be read. See clobberwatch show.")
    known = set() if cut_short else readable
    return [at in pending and (True if one.result.store in known else None) for at, one in enumerate(written)]


def _tell(one: Written, unit: str, passed: float, of: int) -> None:
    which = f" of {one.result.key}" if of > 1 else ""
    warn(f"Your edit{which} no longer stands: {unit} changed within {passed:.1f} s; set it again, or find who did.")


@dataclass(frozen=True, slots=True)
class _Deadline:
    """Ends a watch at a time of the monotonic clock."""

    at: float

    def is_set(self) -> bool:
        return time.monotonic() >= self.at
