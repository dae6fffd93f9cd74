"""`clobberwatch set` and `clobberwatch clear`: one compare-and-set edit of each entry that is meant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from store.edit import RowEdit, apply_edits, failed_edit
from store.entry.intent import Intent
from store.errors import Unreadable
from store.openclaw.paths import StorePath, user_state_dir
from store.openclaw.release import discipline, write_permit
from store.remote.patch import permit_for
from store.writing.journal import Journal
from store.writing.permit import Permit
from tui.cli.assignments import clearing, expectations, setting
from tui.cli.find import chosen_stores, exact_entry
from tui.cli.output import say, say_json, warn
from tui.cli.results import NOWHERE, Done, say_one, say_several
from tui.cli.targets import Wish, asked_for, check_for_many, keys_and_fields
from tui.cli.verify import Written, stands

if TYPE_CHECKING:
    from tui.cli.options import Options

RISK_WATCHED_S: Final = 10.0
"""So long is watched what was written at a risk, unless it is said how long."""


def run(options: Options) -> int:
    """Apply the edit and say what became of it; the exit code is that of the entry that fared worst."""
    keys, fields = keys_and_fields(options)
    intents = clearing(fields) if options.verb == "clear" else setting(fields)
    wish = Wish(tuple(intents), expectations(options.expect, options.expect_absent))
    several = len(keys) != 1
    if several:
        check_for_many(wish.intents)
    journal, unjournalled = (None, "") if options.dry_run else _journal()
    writing = _Writing(wish, options, journal)
    done = writing.named(keys) if keys else writing.asked_for()
    if not done and not options.json:
        say(f"No entry matches {options.where}")
        return 0
    if unjournalled and any(one.written for one in done):
        warn(unjournalled)
    if not options.json:
        _say(wish.intents, done, several=several, dry_run=options.dry_run)
    seconds = _watched_s(done, options)
    if seconds:
        _verify(wish.intents, done, seconds, options)
    for one in done if options.json else ():
        if one.result.exit_code and not several:
            warn(one.result.reason)
        say_json(one.to_json(dry_run=options.dry_run, watched=bool(seconds or options.verify)))
    return max((one.exit_code for one in done), default=0)


def _say(intents: Sequence[Intent], done: Sequence[Done], *, several: bool, dry_run: bool) -> None:
    if several:
        say_several(intents, done, dry_run=dry_run)
    else:
        say_one(intents, done[0].result, dry_run=dry_run)


class _Writing:
    """The writes of one command, one for each store."""

    def __init__(self, wish: Wish, options: Options, journal: Journal | None) -> None:
        self._wish, self._options, self._journal = wish, options, journal

    def named(self, keys: Sequence[str]) -> list[Done]:
        """Of the entries with these keys, in their order; UsageError for one that is not the whole of a key."""
        stores, done = chosen_stores(self._options), dict[str, Done]()
        rows: dict[StorePath, list[RowEdit]] = {}
        for key in keys:
            try:
                store = exact_entry(stores, key, self._options)
            except Unreadable as error:
                done[key] = Done(replace(failed_edit(error, key, NOWHERE, None), reason=error.advice))
            else:
                rows.setdefault(store, []).append(RowEdit(key, self._wish.intents, None, self._wish.expect))
        for store, edits in rows.items():
            done |= {one.result.key: one for one in self._written(store, edits)}
        return [done[key] for key in keys]

    def asked_for(self) -> list[Done]:
        """Of the entries that the query finds."""
        return [one for store, rows in asked_for(self._wish, self._options) for one in self._written(store, rows)]

    def _written(self, store: StorePath, rows: Sequence[RowEdit]) -> list[Done]:
        if not rows:
            return []
        permit, options = permitted(store, self._wish.intents, self._options), self._options
        results = apply_edits(
            store.path,
            rows,
            permit=permit,
            dry_run=options.dry_run,
            journal=self._journal,
            progress=_progress(len(rows)),
        )
        return [Done(result) for result in results]


def permitted(store: StorePath, intents: Sequence[Intent], options: Options) -> Permit:
    """Whether this may be written; with `--unsafe` also where only a risk is left, which is offered without it."""
    permit = permit_for(write_permit(discipline(store), options.read_only), intents, at_risk=options.unsafe)
    if not permit.may_be_risked:
        return permit
    return Permit.refused(f"{permit.reason} With --unsafe it is written beside it, and may not hold.")


def _progress(rows: int) -> Callable[[int], None] | None:
    """Tell somebody who waits before a terminal how far a gateway has got."""
    if rows == 1 or not sys.stderr.isatty():
        return None
    return lambda done: warn(f"{done:,} of {rows:,} rows")


def _journal() -> tuple[Journal | None, str]:
    """The journal, or None and what that means for the edit."""
    try:
        return Journal(user_state_dir()), ""
    except OSError as error:
        return None, (
            f"Written, but not journalled ({error.strerror}). "
            "If this edit is lost after a restart, that can be called probable, not confirmed."
        )


def _watched_s(done: Sequence[Done], options: Options) -> float:
    """How long to watch what was written, if anything was."""
    if options.dry_run or not any(one.written for one in done):
        return 0.0
    if options.verify is not None:
        return options.verify
    return RISK_WATCHED_S if any(one.result.caveat for one in done) else 0.0


def _verify(intents: Sequence[Intent], done: Sequence[Done], seconds: float, options: Options) -> None:
    written = [one for one in done if one.written]
    for one, stood in zip(written, stands([Written(intents, one.result) for one in written], seconds), strict=True):
        one.stands = stood
    if not options.json and all(one.stands for one in written):
        say(f"{'It still stands' if len(written) == 1 else 'They still stand'} after {seconds:g} s.")
