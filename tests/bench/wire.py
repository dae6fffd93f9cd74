"""What the dashboard sends for each event, at two sizes of terminal, against what it may (`screens.md` 2.17)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from store.summary import summarise
from store.text.parsing import parse
from store.text.splice import splice
from tests.bench.measure import Figure
from tests.bench.screen import dashboard, has_rows
from tests.support.pty_screen import PtyScreen

SIZES = ((80, 24), (160, 45))
CEILINGS = {
    "first paint": (7000, 22_000),
    "idle for 3 s": (0, 0),
    "cursor down, entry part follows": (700, 2300),
    "page down": (2000, 7000),
    "second-key line": (135, 210),
    "message": (135, 210),
    "a form opens": (2400, 8300),
    "back to the table": (2400, 8300),
    "an entry opens": (2400, 8300),
    "one visible row changes, its line in the feed included": (400, 600),
    "all visible rows change, and all of the feed": (2000, 7000),
}
"""Bytes at each size. The last two are those of the table and the lines of the feed."""
QUIET_S = 1.2
"""Counts move once a second: by then everything that an event costs was sent."""
_KEYS = {
    "cursor down, entry part follows": ("", "j"),
    "page down": ("", "\x1b[6~"),
    "second-key line": ("", "e"),
    "message": ("x", "]"),
    "a form opens": ("j", "em"),
    "back to the table": ("", "\x1b"),
    "an entry opens": ("", "\r"),
}
"""What is pressed before it counts, and then."""


def measure(store: Path, home: Path) -> Iterator[Figure]:
    """Every event at both sizes."""
    for at, (columns, rows) in enumerate(SIZES):
        with dashboard(store, home, columns, rows) as screen:
            screen.read_until(has_rows, 30)
            screen.read_until_quiet(QUIET_S)
            for what, sent in [("first paint", len(screen.received)), *_events(screen, store, rows)]:
                ceiling = CEILINGS[what][at]
                yield Figure(f"{columns}x{rows}: {what}", f"{sent:,} B", f"<= {ceiling:,}", sent <= ceiling)


def _events(screen: PtyScreen, store: Path, rows: int) -> Iterator[tuple[str, int]]:
    yield "idle for 3 s", _cost(screen, lambda: screen.read(3.0))
    for what, (before, keys) in _KEYS.items():
        screen.send(before)
        screen.read_until_quiet(QUIET_S)
        yield what, _cost(screen, partial(screen.send, keys))
    screen.send("qg")
    screen.read_until_quiet(QUIET_S)
    newest = _newest(store, rows)
    yield (
        "one visible row changes, its line in the feed included",
        _cost(screen, partial(_change, store, newest[1:2], 1)),
    )
    yield "all visible rows change, and all of the feed", _cost(screen, partial(_change, store, newest, 2))


def _cost(screen: PtyScreen, act: Callable[[], object]) -> int:
    screen.forget()
    act()
    screen.read_until_quiet(QUIET_S)
    return len(screen.received)


def _newest(store: Path, count: int) -> list[str]:
    """The keys that stand on top of the table."""
    rows = [summarise(*item) for item in parse(store.read_bytes(), check=False).raws()]
    return [row.key for row in sorted(rows, key=lambda row: row.updated_at or 0, reverse=True)[:count]]


def _change(store: Path, keys: Sequence[str], turn: int) -> None:
    """Another level, and with it a mark, in each of these rows."""
    document = parse(store.read_bytes(), check=False)
    level = ("minimal", "xhigh")[turn % 2]
    temp = store.with_suffix(".tmp")
    temp.write_bytes(b"".join(splice(document, {key: {"thinkingLevel": level} for key in keys}, {})))
    os.replace(temp, store)
