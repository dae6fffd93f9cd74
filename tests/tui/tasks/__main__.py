"""`python -m tests.tui.tasks` prints the README's table of what things take."""

from __future__ import annotations

import sys

from tests.tui.tasks.declared import table

if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
