"""`clobberwatch record`: everything that happens to the stores into a file, without a screen, until it is stopped."""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import UsageError
from store.events import Broken, Event, Recovered, Watching
from store.openclaw.release import discipline
from store.recording.recorder import Recorder
from store.recording.retention import DEFAULT_LIMIT
from store.watch import Watch
from store.writing.own import own_writes
from tui.cli.ending import stopped_by_signals
from tui.cli.find import chosen_stores
from tui.cli.output import warn
from tui.look.figures import counted, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.openclaw.paths import StorePath
    from tui.cli.options import Options


def run(options: Options) -> int:
    """Record until SIGINT or SIGTERM, then end with 0; raises what ended the recording by itself."""
    if not options.output:
        raise UsageError("name the file to record into: clobberwatch record -o FILE")
    stores = chosen_stores(options)
    own = own_writes()
    watch = Watch([store.path for store in stores], ours=own.wrote)
    recorder = Recorder(
        Path(os.path.expanduser(options.output)),
        [store.path for store in stores],
        keep_s=options.keep,
        limit=options.max_size or DEFAULT_LIMIT,
        lock_is_rule=partial(_takes_the_lock, {store.path: store for store in stores}),
        own_edits=own.edits,
    )
    stop = _Stop(recorder)
    try:
        with stopped_by_signals(stop.asked):
            warn(f"recording {_named(stores)} into {recorder.path}; Ctrl-C ends it")
            for event in watch.events(stop):
                recorder.take(event, watch)
                _say_trouble(event)
    finally:
        recorder.close()
    written = _size_of(recorder.path)
    warn(f"recorded {counted(recorder.versions, 'version', 'versions')}, {_missed(stores, watch)}; {written}")
    return 0


class _Stop:
    """Set by a signal, or when the recording has ended by itself."""

    def __init__(self, recorder: Recorder) -> None:
        self.asked = threading.Event()
        self._recorder = recorder

    def is_set(self) -> bool:
        """Whether to stop."""
        return self.asked.is_set() or self._recorder.trouble is not None


def _takes_the_lock(stores: dict[Path, StorePath], path: Path) -> bool:
    return discipline(stores[path]).kind == "locked"


def _size_of(recording: Path) -> str:
    """How large the file is once everything is in it."""
    try:
        return size(recording.stat().st_size)
    except OSError:
        return "the file is gone"


def _named(stores: Sequence[StorePath]) -> str:
    return str(stores[0].path) if len(stores) == 1 else f"{len(stores)} stores"


def _missed(stores: Sequence[StorePath], watch: Watch) -> str:
    counts = [watch.missed(store.path) for store in stores]
    known = [count for count in counts if count is not None]
    return f"{sum(known):,} missed" if len(known) == len(counts) else "some missed"


def _say_trouble(event: Event) -> None:
    match event:
        case Watching(why=why) if why:
            warn(f"{event.store} is watched by {event.how}: {why}")
        case Broken():
            warn(f"{event.store}: {event.kind}: {event.detail}")
        case Recovered():
            warn(f"{event.store} can be read again")
