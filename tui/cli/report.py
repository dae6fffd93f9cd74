"""`clobberwatch report`: what a recording tells of a span of time, for a ticket."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.openclaw.paths import user_path
from store.recording.judge import RecordedJudge
from store.recording.recording import Recording
from tui.cli.find import store_text
from tui.cli.output import say_json
from tui.cli.times import moment
from tui.report.gather import Wanted, alarming, gather
from tui.report.markdown import report_markdown
from tui.report.redact import Redactor, redacted

if TYPE_CHECKING:
    from tui.cli.options import Options


def run(options: Options) -> int:
    """Print the report; 1 when it has a confirmed or probable finding."""
    report = _made(user_path(options.file), options)
    if options.redact:
        report = redacted(report, Redactor())
    if options.json:
        say_json(report)
    else:
        sys.stdout.write(report_markdown(report))
    return int(alarming(report))


def _made(file: Path, options: Options) -> dict[str, Any]:
    with closing(Recording(file)) as recording:
        since = moment(options.since, max(recording.ended, time.time())) if options.since else None
        wanted = Wanted(since, partial(_has, options.key), options.key)
        return gather(store_text(file), recording.events(), RecordedJudge(recording), wanted)


def _has(part: str, key: str) -> bool:
    return part in key
