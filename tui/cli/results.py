"""What became of an edit, said to people and to programs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.edit import EditResult
from store.entry.intent import Intent
from store.js import JsonObject
from tui.cli.output import say, table, value_text, warn
from tui.look.figures import counted
from tui.look.printable import visible_key

VALUE_LIMIT: Final = 60
_WHY: Final = re.compile(r"^(Not written|Nothing to write): ")
NOWHERE: Final = Path()
"""The store of an entry that was not found in any."""
CLOBBERED: Final = 1
"""The exit code when an edit was written and did not last."""


@dataclass(slots=True)
class Done:
    """One entry's outcome; `stands` is whether it held while it was watched, None where that is not known."""

    result: EditResult
    stands: bool | None = None

    @property
    def written(self) -> bool:
        """Whether the store has it, or in a dry run would."""
        return self.result.outcome in ("applied", "rebased")

    def word(self, *, dry_run: bool) -> str:
        """The outcome as people read it: a dry run has written nothing."""
        return "would be written" if dry_run and self.written else self.result.outcome

    @property
    def exit_code(self) -> int:
        """That of the outcome, or that it did not last."""
        return CLOBBERED if self.stands is False else self.result.exit_code

    def to_json(self, *, dry_run: bool, watched: bool) -> JsonObject:
        """The outcome as it is printed; what does not concern it is left out."""
        found = self.result.to_json()
        if self.result.store == NOWHERE:
            found["store"] = None
        added: JsonObject = {"dryRun": True} if dry_run else {}
        return found | added | ({"stands": self.stands} if watched else {})


def say_one(intents: Sequence[Intent], result: EditResult, *, dry_run: bool) -> None:
    """The outcome of the one entry that was meant."""
    if result.exit_code:
        warn(result.told)
        return
    if result.outcome == "unchanged":
        say(result.reason)
        return
    if result.told:
        warn(result.told)
    say(f"{'Would write' if dry_run else 'Written'}: {'; '.join(intent.describe() for intent in intents)}.")
    for change in result.changes:
        old, new = value_text(change.old, VALUE_LIMIT), value_text(change.new, VALUE_LIMIT)
        say(f"  {change.field}  {old} -> {new}")


def say_several(intents: Sequence[Intent], done: Sequence[Done], *, dry_run: bool) -> None:
    """One line an entry, their number by outcome; what holds for all that was written is told once, on stderr."""
    notes = {one.result.told for one in done if one.written}
    common = notes.pop() if len(notes) == 1 else ""
    if common:
        warn(common)
    say(f"{'Would write' if dry_run else 'Wanted'}: {'; '.join(intent.describe() for intent in intents)}.")
    table(("OUTCOME", "KEY", "CHANGES"), [_cells(one, common, dry_run=dry_run) for one in done], limit=60)
    entries = counted(len(done), "entry", "entries")
    counts = ", ".join(
        f"{number:,} {name}" for name, number in Counter(one.word(dry_run=dry_run) for one in done).items()
    )
    say(f"{entries}{', nothing written' if dry_run else ''}: {counts}.")
    left = sum(bool(one.result.exit_code) for one in done)
    if left:
        warn(
            f"{left:,} of {entries} {'could not be' if dry_run else 'not'} written; what keeps each stands in its line."
        )


def _cells(one: Done, common: str, *, dry_run: bool) -> tuple[str, str, str]:
    result = one.result
    if not one.written:
        return result.outcome, visible_key(result.key), _WHY.sub("", result.reason)
    changes = "; ".join(
        f"{change.field} {value_text(change.old, VALUE_LIMIT)} -> {value_text(change.new, VALUE_LIMIT)}"
        for change in result.changes
    )
    note = f"  ({result.told})" if result.told not in ("", common) else ""
    return one.word(dry_run=dry_run), visible_key(result.key), changes + note
