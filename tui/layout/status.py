"""Line 1: which store, how a write would go now, who holds the lock, what was missed."""

from __future__ import annotations

from store.events import Version
from store.openclaw.databases import is_database
from tui.layout.feed import writer_words
from tui.look.figures import age, clock_time, count, counted, short_clock, size
from tui.look.line import Line, Span, cut_right, pad
from tui.look.printable import printable
from tui.state import Dashboard, StoreState

_HOW_AT = 32
_LOCK_ENDS, _MISSED_ENDS = 59, 79
_NAME_SHARE, _LEAST_NAME = 6, 8
"""A store's name takes a sixth of the line at most, and 8 cells in any case."""
_NORMAL_HOW = {"locked writes", "writes under lock", "offline writes", "model via gateway", "not known yet"}
_NORMAL_LOCK = {"", "lock free", "no locks"}
_LONG_HOW = {"locked writes": "writes under lock"}
WIDE_FROM = 150
"""From this width on there is room for longer words, the size and the last write."""


def status_line(dashboard: Dashboard, cells: int, demo: bool = False, title: str = "") -> Line:
    """The line for one store, or for several; when it gets narrow the release goes first, how a write goes never.

    `title` stands in place of the name, as the time of a recording does.
    """
    states = list(dashboard.stores.values())
    name = title or _name(states, cells, demo)
    entries = counted(sum(state.entries for state in states), "entry", "entries")
    release = "simulated" if demo else states[0].discipline.release if len(states) == 1 else ""
    how = _how(dashboard, states)
    lock = _lock(states, dashboard.clock(), cells, clock=dashboard.calm)
    missed = _missed(states)
    if cells >= WIDE_FROM and not demo and (wide := _wide(dashboard, name, how, lock, cells)) is not None:
        return wide
    for parts in (
        (name, entries, release, how, lock, missed),
        (name, entries, "", how, lock, missed),
        (name, "", "", how, lock, missed),
        (name, "", "", how, "", missed),
        (name, "", "", how, "", ""),
    ):
        if (laid_out := _lay_out(parts, cells)) is not None:
            return laid_out
    return pad((Span(f" {printable(how)}", "strong"),), cells)


def _wide(dashboard: Dashboard, name: str, how: str, lock: str, cells: int) -> Line | None:
    """The same in longer words, with the size of the stores and the last write; None where that does not fit."""
    states = list(dashboard.stores.values())
    entries = counted(sum(state.entries for state in states), "entry", "entries")
    weight = size(sum(state.last.file.size for state in states if state.last is not None))
    owner = states[0].discipline if len(states) == 1 else None
    release = (
        f"OpenClaw {owner.release}{', lock file' if owner.kind == 'locked' else ''}" if owner and owner.release else ""
    )
    left = "   ".join(filter(None, (f" {name}", f"{entries}  {weight}", release)))
    how = _LONG_HOW.get(how, how)
    seen, lost = sum(state.seen for state in states), [state.missed for state in states]
    known = [number for number in lost if number is not None]
    missed = f"{count(sum(known))} missed" if len(known) == len(lost) else "some missed"
    missed = f"{counted(seen, 'version', 'versions')} seen  {'' if missed == '0 missed' else '! '}{missed}"
    for right in (("   ".join(filter(None, (_last_write(dashboard), missed)))), missed):
        between = cells - 1 - sum(len(printable(text)) for text in (left, how, lock, right)) - 6
        if between >= 3:
            return pad(
                (
                    Span(f"{printable(left)}   ", "strong"),
                    Span(printable(how), "text" if how in _NORMAL_HOW else "strong"),
                    Span(" " * between),
                    Span(f"{printable(lock)}   ", "text" if lock in _NORMAL_LOCK else "strong"),
                    Span(printable(right), "strong" if "!" in missed else "text"),
                ),
                cells,
            )
    return None


def _last_write(dashboard: Dashboard) -> str:
    """`last write 14:02:58 pid 48213`."""
    last = max((state.last for state in dashboard.stores.values() if state.last is not None), key=_at, default=None)
    return (
        f"last write {clock_time(last.at, dashboard.clock())} {writer_words(last.writer)}" if last is not None else ""
    )


def _at(version: Version) -> float:
    return version.at


def _lay_out(parts: tuple[str, str, str, str, str, str], cells: int) -> Line | None:
    name, entries, release, how, lock, missed = (printable(part) for part in parts)
    extra = max(0, cells - 80)
    left = f" {name}"
    if entries:
        left += f"  {entries}"
    if release:
        left += f"   {release}"
    how_at = max(len(left) + (2 if left else 0), _HOW_AT if cells >= 80 else 0)
    left = left.ljust(how_at)
    after = how_at + len(how)
    missed_at = max(_MISSED_ENDS + extra, 0) - len(missed) if cells >= 80 else cells - 1 - len(missed)
    if len(missed) >= 20:
        missed_at = cells - len(missed)
    lock_at = max(min(_LOCK_ENDS + extra, missed_at - 1) - len(lock), after + 2 if lock else after)
    if (lock and lock_at + len(lock) + 1 > missed_at) or (missed and after + 1 > missed_at) or after > cells:
        return None
    spans = [Span(left, "strong"), Span(how, "text" if how in _NORMAL_HOW else "strong")]
    spans.append(Span(" " * (lock_at - after)))
    spans.append(Span(lock, "text" if lock in _NORMAL_LOCK else "strong"))
    spans.append(Span(" " * (missed_at - lock_at - len(lock))))
    spans.append(Span(missed, "strong" if missed.startswith("!") else "text"))
    return pad(tuple(spans), cells)


def _how(dashboard: Dashboard, states: list[StoreState]) -> str:
    if any(state.broken is not None for state in states):
        return "NO WRITES"
    if dashboard.read_only:
        return "READ-ONLY"
    lines = {state.discipline.line() for state in states}
    return lines.pop() if len(lines) == 1 else "mixed writes"


def _name(states: list[StoreState], cells: int, demo: bool) -> str:
    if demo:
        return "DEMO"
    return _named(states[0], cells) if len(states) == 1 else f"{len(states)} stores"


def _named(state: StoreState, cells: int) -> str:
    return cut_right(state.name, max(_LEAST_NAME, cells // _NAME_SHARE))


def _lock(states: list[StoreState], now: float, cells: int, *, clock: bool = False) -> str:
    held = [(state, state.holder) for state in states if state.holder is not None]
    if held:
        state, holder = held[0]
        since = short_clock(holder.since, now) if clock else age(now - holder.since)
        if len(states) > 1:
            return f"{_named(state, cells)}: lock {since}"
        return f"lock {holder.pid if holder.pid is not None else '?'} {since}"
    if all(is_database(state.path) for state in states):
        return ""
    return "no locks" if all(state.discipline.kind == "unlocked" for state in states) else "lock free"


def _missed(states: list[StoreState]) -> str:
    """What was missed is counted of files; of a database nobody can know, as commits between two looks are one."""
    missed = [state.missed for state in states]
    if all(is_database(state.path) for state in states):
        seen = sum(state.seen for state in states)
        return f"{'! gaps, ' if None in missed else ''}{counted(seen, 'state', 'states')} seen"
    seen = sum(state.seen for state in states if not is_database(state.path))
    if any(number is None for number in missed):
        return f"! {count(seen)} seen, some missed"
    lost = sum(number for number in missed if number is not None)
    return f"{'! ' if lost else ''}{count(lost)} of {count(seen + lost)} missed"
