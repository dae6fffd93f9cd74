"""`clobberwatch report`: what a recording, or a store and the copies beside it, tell of a span of time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.events import Loaded, Version
from store.findings.detector import Detector
from store.openclaw.paths import user_path
from store.past.files import copied, is_recording, old_files
from store.past.read import judged
from store.past.teller import Teller
from store.recording.judge import recorded_judge
from store.recording.recording import Recording
from store.writing.own import own_writes
from tui.cli.find import chosen_stores, store_text
from tui.cli.output import say_json
from tui.cli.times import moment
from tui.report.gather import Told, Wanted, alarming, gather
from tui.report.markdown import report_markdown
from tui.report.redact import Redactor, redacted

if TYPE_CHECKING:
    from tui.cli.options import Options


def run(options: Options) -> int:
    """Print the report; 1 when it has a confirmed or probable finding."""
    report = _made(options)
    if options.redact:
        report = redacted(report, Redactor())
    if options.json:
        say_json(report)
    else:
        sys.stdout.write(report_markdown(report))
    return int(alarming(report))


def _made(options: Options) -> dict[str, Any]:
    file = user_path(options.stores[0]) if len(options.stores) == 1 else None
    if file is not None and not file.is_dir() and is_recording(file):
        with closing(Recording(file)) as recording:
            judge = recorded_judge(recording)
            judged_events = ((event, judge(event)) for event in recording.events())
            return gather(store_text(file), judged_events, _wanted(options, recording.ended), recorded=True)
    stores = [store.path for store in chosen_stores(options)]
    olds = {store: old_files(store) for store in stores}
    whole = all(any(old.recording for old in olds[store]) for store in stores)
    told = (each for store in stores for each in _told_of(store, [old.path for old in olds[store]]))
    source = ", ".join(map(store_text, stores))
    return gather(source, told, _wanted(options, 0.0), recorded=whole)


def _told_of(store: Path, olds: list[Path]) -> Iterator[Told]:
    """What the old files tell of a store up to now; and whether this user's edits still stand."""
    file, texts = copied(store, {})
    now = Version(1, file.mtime_ns / 1e9, file)
    teller = Teller(olds, store, now, texts)
    yield from judged(teller)
    present = Loaded(store, now, len(texts))
    gone = Detector(store, own_edits=own_writes().edits(store), raw=texts.get).observe(present)
    if gone or not teller.told:
        yield present, gone


def _wanted(options: Options, ended: float) -> Wanted:
    since = moment(options.since, max(ended, time.time())) if options.since else None
    return Wanted(since, partial(_has, options.key), options.key)


def _has(part: str, key: str) -> bool:
    return part in key
