"""`clobberwatch watch`: one line per change and per finding, until it is stopped or, if asked to, something is lost."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from store.entry.schema import is_noise
from store.errors import StoreError, TooDeep
from store.events import Broken, Changed, EntryChange, Event, Loaded, Missed, Recovered, Version, Watching
from store.history import field_changes
from store.js import Json, Value
from store.text.document import decode
from store.watch import Watch
from tui.cli.find import chosen_stores, is_of_agent, store_text
from tui.cli.findings import Findings, finding_line, finding_record
from tui.cli.output import change_json, say, say_json, value_text, warn
from tui.look.figures import counted
from tui.look.who import who

if TYPE_CHECKING:
    from store.findings.finding import Finding
    from tui.cli.options import Options

VALUE_LIMIT = 60
FieldChanges: TypeAlias = "list[tuple[str, Value, Value]]"


def run(options: Options) -> int:
    """Print what happens to the stores until SIGINT or SIGTERM, then end with 0; with 1 at an awaited finding."""
    stores = chosen_stores(options)
    watch = Watch([store.path for store in stores])
    findings = Findings(stores, watch)
    stop = threading.Event()
    with _stopped_by_signals(stop):
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
        for record in (*json_records(event, options), *map(finding_record, found)):
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


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def json_records(event: Event, options: Options) -> Iterator[dict[str, object]]:
    """The JSON objects of one event; times are milliseconds since 1970."""
    match event:
        case Loaded():
            yield _record("snapshot", event.store, event.version.at) | {"entries": event.entries}
        case Changed():
            for change in event.changes:
                if is_of_agent(change.key, options):
                    yield from _change_records(event.store, event.version, change, options.all)
        case Missed():
            exact = event.count is not None
            yield _record("missed", event.store, event.at) | {"count": event.count, "exact": exact}
        case Broken():
            yield _record("unreadable", event.store, event.at) | {"kind": event.kind, "detail": event.detail}
        case Recovered():
            yield _record("recovered", event.store, event.at)


def _record(kind: str, store: Path, at: float) -> dict[str, object]:
    return {"event": kind, "at": int(at * 1000), "store": store_text(store)}


def _change_records(
    store: Path, version: Version, change: EntryChange, with_noise: bool
) -> Iterator[dict[str, object]]:
    writer = {"pid": version.writer.pid, "how": version.writer.how}
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    record = _record(kind, store, version.at) | {"key": change.key, "writer": writer}
    if kind == "added":
        yield record | {"entry": _decoded(change.after)}
    elif kind == "removed":
        yield record | {"entry": _decoded(change.before)}
    else:
        fields, after = [change_json(*field) for field in _fields(change, with_noise)], _decoded(change.after)
        broken = {} if isinstance(after, dict) else {"entry": after}
        if fields or broken:
            yield record | {"changes": fields} | broken


def _fields(change: EntryChange, with_noise: bool) -> FieldChanges:
    return [field for field in field_changes(change.before, change.after) if with_noise or not is_noise(field[0])]


def _decoded(raw: bytes | None) -> Json:
    try:
        return decode(raw) if raw is not None else None
    except StoreError:
        return None


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
    for field, old, new in _fields(change, with_noise):
        yield f"{field} {value_text(old, VALUE_LIMIT)} -> {value_text(new, VALUE_LIMIT)}"
    if not isinstance(_decoded(change.after), dict):
        yield "is no object any more"


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
