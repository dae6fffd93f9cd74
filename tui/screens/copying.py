"""Copying from any screen: the key, the entry's text, the entry as JSON, or a command."""

from __future__ import annotations

import json
import os

from store.text.document import decode_object
from tui.look.clipboard import LONGEST, into_tmux, osc52
from tui.look.figures import count, counted
from tui.screens.base import WatchScreen
from tui.state import RowId


def copy_text(screen: WatchScreen, what: str, text: str) -> None:
    """Have the text copied, and say which way it went."""
    octets = counted(len(text.encode("utf-8", "replace")), "byte", "bytes")
    if not text:
        screen.say(f"Nothing to copy: {what} is empty or not set.")
        return
    if into_tmux(text, os.environ):
        screen.say(f"Copied {what}, {octets}, into tmux (and the clipboard, if set-clipboard is on).")
        return
    asked = osc52(text, os.environ)
    if asked is None:
        said = f"Not copied: {octets}, and terminals take {count(LONGEST)}."
        screen.say(f"{said} clobberwatch show KEY --json > FILE has it all.")
        return
    screen.host.write_to_terminal(asked)
    in_tmux = " In tmux it needs: set -g allow-passthrough on." if os.environ.get("TMUX") else ""
    screen.say(f"Copied {what}, {octets}, through the terminal.{in_tmux}")


def row_text(screen: WatchScreen, row: RowId, what: str, raw: bytes | None = None) -> str:
    """The key, the entry's own text, the command that shows it, or all of it as JSON; `raw` is an older text of it."""
    if what == "key":
        return row.key
    if what == "command":
        import shlex

        return f"clobberwatch show {shlex.quote(row.key)} --store {shlex.quote(str(row.store))}"
    raw = raw or screen.dashboard.raw(row.store, row.key) or b""
    if what == "entry":
        return raw.decode("utf-8", "replace")
    entry = decode_object(raw)
    return json.dumps({"key": row.key, "store": str(row.store), "entry": entry}, indent=2)
