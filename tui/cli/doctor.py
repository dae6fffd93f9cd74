"""`clobberwatch doctor`: what stands and what is wrong, by one look at each store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from store.checkup import Checkup, Problem, StoreRule, check_up
from store.entry.lint import RULES
from store.events import LockHolder
from store.openclaw.databases import is_database
from store.openclaw.paths import StorePath
from tui.cli.find import chosen_stores, is_of_agent, store_text
from tui.cli.output import say, say_json
from tui.look.figures import clock_time, counted, size
from tui.look.printable import visible_key

if TYPE_CHECKING:
    from tui.cli.options import Options

FOUND: Final = 1
_WORST_FIRST: Final = (*get_args(StoreRule), *RULES)
SHOWN: Final = 20
"""So many problems of a rule are listed as text; `--json` has them all."""


def run(options: Options) -> int:
    """Print the checkups: exit code 0 with nothing wrong, 1 with something, 6 when a store could not be read."""
    checkups = [_look(store, options) for store in chosen_stores(options)]
    problems = sum(len(checkup.problems) for checkup in checkups)
    if options.json:
        say_json({"stores": [to_json(checkup) for checkup in checkups], "problems": problems})
    else:
        for number, checkup in enumerate(checkups):
            _say_checkup(checkup, first=not number)
    unreadable = max(checkup.unreadable for checkup in checkups)
    return unreadable or (FOUND if problems else 0)


def _look(store: StorePath, options: Options) -> Checkup:
    return check_up(store, wanted=lambda key: is_of_agent(key, options))


def to_json(checkup: Checkup) -> dict[str, object]:
    """One store of `doctor --json`; times are ms since 1970, `entries` is null for a store that cannot be read."""
    known, holder = checkup.discipline, checkup.holder
    return {
        "store": store_text(checkup.store.path),
        "agent": checkup.store.agent or None,
        "entries": checkup.entries,
        "size": checkup.size,
        "discipline": {"kind": known.kind, "release": known.release, "how": known.how, "gatewayPid": known.gateway_pid},
        "writes": checkup.writes,
        "lock": holder and {"pid": holder.pid, "since": round(holder.since * 1000), "alive": holder.alive},
        "problems": [_problem_json(problem) for problem in checkup.problems],
    }


def _problem_json(problem: Problem) -> dict[str, object]:
    return {"rule": problem.rule, "key": problem.key or None, "because": problem.because}


def _say_checkup(checkup: Checkup, *, first: bool) -> None:
    known = checkup.discipline
    if not first:
        say("")
    say(str(checkup.store.path))
    if checkup.entries is not None:
        say(f"  entries   {counted(checkup.entries, 'entry', 'entries')}, {size(checkup.size)}")
    say(f"  release   {f'OpenClaw {known.release}' if known.release else 'not known'} ({known.how})")
    say(f"  writes    {checkup.writes}")
    said = "no lock file: SQLite has its own" if is_database(checkup.store.path) else _lock_words(checkup.holder)
    say(f"  lock      {said}")
    if not checkup.problems:
        say("  problems  none")
        return
    say(f"  problems  {len(checkup.problems):,}")
    rules = {problem.rule for problem in checkup.problems}
    for rule in sorted(rules, key=_WORST_FIRST.index):
        _say_problems(rule, [problem for problem in checkup.problems if problem.rule == rule])


def _say_problems(rule: str, problems: list[Problem]) -> None:
    say("")
    say(f"  {rule}{f' {len(problems):,}' if len(problems) > 1 else ''}")
    for problem in problems[:SHOWN]:
        if problem.key:
            say(f"    {visible_key(problem.key)}")
        say(f"    {'  ' if problem.key else ''}{problem.because}")
    if len(problems) > SHOWN:
        say(f"    and {len(problems) - SHOWN:,} more; --json has them all")


def _lock_words(holder: LockHolder | None) -> str:
    if holder is None:
        return "free"
    from time import time

    name = f"pid {holder.pid}" if holder.pid is not None else "somebody unnamed"
    return f"held by {name}{'' if holder.alive else ', not running here'} since {clock_time(holder.since, time())}"
