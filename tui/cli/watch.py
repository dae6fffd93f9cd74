"""`clobberwatch watch`: one line per change and per finding, until it is stopped or, if asked to, something is lost."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from store.errors import TooDeep
from store.events import Broken, Changed, EntryChange, Event, Loaded, Missed, Recovered, Watching
from store.watch import Watch
from store.writing.own import own_writes
from tui.cli.ending import stopped_by_signals
from tui.cli.find import chosen_stores, is_of_agent
from tui.cli.findings import Findings, finding_line, finding_record
from tui.cli.output import say, say_json, value_text, warn
from tui.cli.records import decoded, json_records, told_fields
from tui.look.figures import counted
from tui.look.who import who

if TYPE_CHECKING:
    from store.findings.finding import Finding
    from tui.cli.options import Options

VALUE_LIMIT = 60


def run(options: Options) -> int:
    """Print what happens to the stores until SIGINT or SIGTERM, then end with 0; with 1 at an awaited finding."""
    stores = chosen_stores(options)
    own = own_writes()
    watch = Watch([store.path for store in stores], ours=own.wrote)
    findings = Findings(stores, watch, own)
    stop = threading.Event()
    with stopped_by_signals(stop):
        for event in watch.events(stop):
            if isinstance(event, Watching) and event.why:
                warn(f"{event.store} is watched by {event.how}: {event.why}")
            found = findings.of(event, options)
            _say_all(event, found, options)
            if options.until_finding and any(finding.alarming for finding in found):
                return 1
    return 0


def _say_all(event: Event, found: Sequence[Finding], options: Options) -> None:
    if options.json:
        is_about = partial(is_of_agent, options=options)
        for record in (*json_records(event, is_about, with_noise=options.all), *map(finding_record, found)):
            _say_record(record)
    else:
        for line in (*text_lines(event, options), *map(finding_line, found)):
            say(line)
    sys.stdout.flush()


def _say_record(record: dict[str, object]) -> None:
    try:
        say_json(record)
    except TooDeep as error:
        warn(f"{record.get('key')}: {error.reason}")


def text_lines(event: Event, options: Options) -> Iterator[str]:
    """The lines for people: local time, key, what changed, who wrote it as far as known."""
    match event:
        case Loaded():
            yield f"{_clock(event.version.at)}  watching {event.store}, {counted(event.entries, 'entry', 'entries')}"
        case Changed():
            for change in event.changes:
                if is_of_agent(change.key, options):
                    for what in _whats(change, options.all):
                        yield f"{_clock(event.version.at)}  {change.key}  {what}  {who(event.version.writer)}"
        case Missed():
            count = (
                "an unknown number of versions" if event.count is None else counted(event.count, "version", "versions")
            )
            yield f"{_clock(event.at)}  ! {count} of {event.store} came and went unseen"
        case Broken():
            where = "" if str(event.store) in event.detail else f"{event.store}: "
            yield f"{_clock(event.at)}  ! STORE {event.kind.upper()}: {where}{event.detail}"
        case Recovered():
            yield f"{_clock(event.at)}  {event.store} can be read again"


def _whats(change: EntryChange, with_noise: bool) -> Iterator[str]:
    if change.before is None or change.after is None:
        yield "added" if change.before is None else "removed"
        return
    for field, old, new in told_fields(change, with_noise):
        yield f"{field} {value_text(old, VALUE_LIMIT)} -> {value_text(new, VALUE_LIMIT)}"
    if not isinstance(decoded(change.after), dict):
        yield "is no object any more"


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
