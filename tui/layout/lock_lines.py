"""The drawer of `L`: who holds the store's lock."""

from __future__ import annotations

import os

from store.events import LockHolder
from store.openclaw.databases import is_database
from store.writing.permit import Way
from tui.look.figures import age, clock_time, duration
from tui.look.line import Line, Span, cut_right, pad, rule
from tui.state import StoreState

LOCK_ROWS = 5


def lock_lines(state: StoreState, now: float, cells: int) -> list[Line]:
    """File, holder, what it is, how writes go, and the promise never to break a living lock."""
    holder, discipline = state.holder, state.discipline
    if holder is None:
        held, who = "is free", "nobody"
    else:
        held = f"held for {age(now - holder.since)}, since {clock_time(holder.since, now)}"
        pid = f"pid {holder.pid}" if holder.pid is not None else "pid not readable"
        who = f"{pid}, {'alive' if holder.alive else 'not running'}   {holder.command}"
    release = f"OpenClaw {discipline.release}" if discipline.release else "an unknown OpenClaw"
    writes = f"{discipline.line()}: {release} ({discipline.how or 'still looking'})"
    parts = (
        ("file", f"{state.path.name}.lock, {held}"),
        ("holder", who),
        ("writes", writes),
        ("never", "removed by this tool while its holder is alive"),
    )
    if is_database(state.path):
        gateway = f"pid {discipline.gateway_pid}" if discipline.gateway_pid else "none runs"
        parts = (
            ("file", "no lock file: SQLite keeps writers apart, for milliseconds each"),
            ("gateway", gateway),
            ("writes", writes),
            ("never", "written by this tool while a gateway runs, but through it"),
        )
    return [rule(cells, "lock", "L"), *(_labelled(label, text, cells) for label, text in parts)]


def waiting_words(holder: LockHolder | None, now: float, way: Way = "file") -> str:
    """What a write of ours is doing: waiting for another's lock, or under way."""
    if way == "gateway":
        return "Writing: asking the gateway; the openclaw command takes a moment to start…"
    if way == "database":
        return "Writing: one transaction in the database…"
    if holder is None or holder.pid == os.getpid():
        return "Writing: taking the store lock…"
    pid = f"pid {holder.pid}" if holder.pid is not None else "pid not readable"
    return f"Writing: waiting for the store lock ({pid} has held it for {duration(now - holder.since)})…"


def _labelled(label: str, text: str, cells: int) -> Line:
    return pad((Span(f"   {label:<10}", "faint"), Span(cut_right(text, max(1, cells - 13)))), cells)
