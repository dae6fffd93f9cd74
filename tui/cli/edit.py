"""`clobberwatch set` and `clobberwatch clear`: one entry, one compare-and-set edit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.edit import EditResult, apply_edit
from store.entry.intent import Intent
from store.errors import StoreError, Unreadable
from store.events import Broken, Changed, Loaded, Recovered
from store.js import ABSENT, JsonObject, same
from store.openclaw.paths import StorePath, user_state_dir
from store.openclaw.release import discipline, write_permit
from store.text.document import decode_object
from store.writing.journal import Journal
from tui.cli.assignments import clearing, expectations, setting
from tui.cli.find import chosen_stores, exact_entry
from tui.cli.output import say, say_json, value_text, warn

if TYPE_CHECKING:
    from tui.cli.options import Options

VALUE_LIMIT = 60
CLOBBERED = 1
"""The exit code when an edit was written and did not last."""


def run(options: Options) -> int:
    """Apply the edit and say what became of it; the exit code is the outcome's."""
    intents = clearing(options.fields) if options.verb == "clear" else setting(options.fields)
    expect = expectations(options.expect, options.expect_absent)
    try:
        store = exact_entry(chosen_stores(options), options.key, options)
    except Unreadable as error:
        if options.json:
            say_json(_nowhere(options, error))
        raise
    permit = write_permit(discipline(store), options.read_only)
    journal, unjournalled = (None, "") if options.dry_run else _journal()
    result = apply_edit(
        store.path,
        options.key,
        intents,
        None,
        permit=permit,
        expect=expect,
        dry_run=options.dry_run,
        journal=journal,
    )
    if unjournalled and _is_written(result):
        warn(unjournalled)
    return _report(options, store, intents, result)


def _journal() -> tuple[Journal | None, str]:
    """The journal, or None and what that means for the edit."""
    try:
        return Journal(user_state_dir()), ""
    except OSError as error:
        return None, (
            f"Written, but not journalled ({error.strerror}). "
            "If this edit is lost after a restart, that can be called probable, not confirmed."
        )


def _is_written(result: EditResult) -> bool:
    return result.outcome in ("applied", "rebased")


def _report(options: Options, store: StorePath, intents: Sequence[Intent], result: EditResult) -> int:
    written = _is_written(result) and not options.dry_run
    if result.exit_code:
        warn(result.reason)
    elif not options.json:
        _say_result(options, intents, result)
    stands = verify(store, intents, result, options.verify) if written and options.verify else None
    if options.json:
        added = ({"dryRun": True} if options.dry_run else {}) | ({"stands": stands} if options.verify else {})
        say_json(result.to_json() | added)
    elif stands:
        say(f"It still stands after {options.verify:g} s.")
    return CLOBBERED if stands is False else result.exit_code


def _say_result(options: Options, intents: Sequence[Intent], result: EditResult) -> None:
    if result.outcome == "unchanged":
        say(result.reason)
        return
    if result.reason:
        warn(result.reason)
    say(f"{'Would write' if options.dry_run else 'Written'}: {'; '.join(intent.describe() for intent in intents)}.")
    for change in result.changes:
        old, new = value_text(change.old, VALUE_LIMIT), value_text(change.new, VALUE_LIMIT)
        say(f"  {change.field}  {old} -> {new}")


def _nowhere(options: Options, error: StoreError) -> JsonObject:
    """The outcome of an edit that found no entry to edit, in the shape of every other."""
    return {
        "outcome": "unreadable",
        "key": options.key,
        "store": None,
        "changes": [],
        "rebased": [],
        "reason": error.reason,
    }


def verify(store: StorePath, intents: Sequence[Intent], result: EditResult, seconds: float) -> bool | None:
    """Watch the store: whether what was written still holds after so many seconds.

    None when that cannot be told: cut short by Ctrl-C, or no good version of the store at the end. A stale copy in some
    process's memory can overwrite an edit that was written correctly, any time later.
    """
    from store.watch import Watch

    entry = {**(result.theirs or {}), **{change.field: change.new for change in result.changes}}
    after = {field: value for field, value in entry.items() if value is not ABSENT}
    watch, began, readable = Watch([store.path]), time.monotonic(), False
    try:
        for event in watch.events(_Deadline(began + seconds)):
            readable = isinstance(event, (Loaded, Changed, Recovered)) or (readable and not isinstance(event, Broken))
            if readable and (gone := _gone(watch.raw(store.path, result.key), intents, after)):
                passed = time.monotonic() - began
                warn(
                    f"Your edit no longer stands: {gone} changed within {passed:.1f} s; set it again, or find who did."
                )
                return False
    except KeyboardInterrupt:
        return None
    if not readable:
        warn("Written, but whether it stands cannot be told: the store cannot be read. See clobberwatch show.")
    return readable or None


@dataclass(frozen=True, slots=True)
class _Deadline:
    """Ends a watch at a time of the monotonic clock."""

    at: float

    def is_set(self) -> bool:
        return time.monotonic() >= self.at


def _gone(raw: bytes | None, intents: Sequence[Intent], after: JsonObject) -> str:
    """The first unit that is no longer as it was written, or the session itself."""
    if raw is None:
        return "the session"
    now = decode_object(raw) or {}
    for intent in intents:
        was, found = intent.guarded(after), intent.guarded(now)
        if not all(same(was.get(name, ABSENT), found.get(name, ABSENT)) for name in was.keys() | found.keys()):
            return intent.unit
    return ""
