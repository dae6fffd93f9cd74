"""`clobberwatch`: the dashboard over the stores that were named or discovered."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from store.errors import UsageError
from tui.cli.find import chosen_stores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.openclaw.paths import StorePath
    from tui.cli.options import Options


def run(options: Options) -> int:
    """Open the dashboard and stay until it is left."""
    return open_dashboard(chosen_stores(options), read_only=options.read_only)


def open_dashboard(stores: Sequence[StorePath], *, read_only: bool = False, demo: bool = False) -> int:
    """Run the app on this terminal; its exit code."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual paints on stderr
        raise UsageError("the dashboard needs a terminal; without one use clobberwatch list, show or watch")
    gc.disable()  # until the first rows are there: start-up makes nothing but objects that stay
    from tui.app import ClobberwatchApp

    app = ClobberwatchApp(stores, read_only=read_only, demo=demo)
    app.run()
    return app.return_code or 0
