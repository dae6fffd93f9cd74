"""`clobberwatch replay`: the dashboard on a recording."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from store.openclaw.paths import StorePath
from store.recording.playback import Playback
from store.recording.recording import Recording
from tui.cli.dashboard import open_replay

if TYPE_CHECKING:
    from tui.cli.options import Options


def run(options: Options) -> int:
    """Open the dashboard and stay until it is left. Raises Unreadable for what is no recording."""
    recording = Recording(Path(os.path.expanduser(options.file)))
    try:
        stores = [StorePath(path, _agent(path), None) for path in recording.stores]
        return open_replay(stores, Playback(recording, real_time=options.real_time), calm=options.calm)
    finally:
        recording.close()


def _agent(store: Path) -> str:
    """Whose store it is, by where it lies: `agents/<agent>/sessions/`."""
    place = store.parent
    return place.parent.name if place.name == "sessions" and place.parent.parent.name == "agents" else ""
