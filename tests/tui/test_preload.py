"""What the first keys need is there before they are pressed."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading, tui.app
from tui.preload import SCREENS, load_screens
early = [name for name in SCREENS if name in sys.modules]
load_screens(threading.Event())
print(early, [name for name in SCREENS if name not in sys.modules])
"""


def test_the_screens_are_loaded_by_their_names_and_not_with_the_app() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"
