"""The newest changes as one line each: when, where, what went from what to what, who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from store.entry.delivery import next_route
from store.entry.schema import FIELDS, field
from store.events import Writer
from store.history import FieldChange
from store.js import ABSENT, Value, encode
from tui.layout.marks import MARKS
from tui.look.figures import clock_time, counted
from tui.look.keyforms import short_key
from tui.look.line import Line, Span, cut_left, cut_right, fit, pad
from tui.look.printable import printable
from tui.look.routes import route_words_in_short
from tui.state import NOW_S, RECENT_S, ColumnId, Dashboard, Freshness, RowId, column_of

KEY_CELLS, WRITER_CELLS = 26, 10
CHANGES_READ = 400
"""So many changes are looked through for the lines of the feed."""
SHORT_NAMES: Mapping[str, str] = {
    "thinkingLevel": "think",
    "sendPolicy": "send",
    "verboseLevel": "verbose",
    "reasoningLevel": "reasoning",
    "elevatedLevel": "elevated",
}
_ROUTES = frozenset({"delivery", "deliveryContext", "route"})
_LAST_RUN = {"model", "modelProvider"}
_SPEAKS_FIRST = ("model", "modelOverride", "providerOverride", "delivery", "lastTo", "lastChannel", "deliveryContext")
_ONE_UNIT: frozenset[ColumnId] = frozenset({"model", "reply"})


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One change to say, or several fields that were lost in one write; `old`, `new` are printable."""

    row: RowId
    at: float
    writer: Writer
    name: str
    old: str
    new: str


def writer_words(writer: Writer) -> str:
    """Who wrote, as short as it is known."""
    if writer.how in ("lock", "temp") and writer.pid is not None:
        return f"pid {writer.pid}"
    return writer.user or writer.how


def value_words(value: Value) -> str:
    """A value on one line; `-` where there is none."""
    if value is ABSENT:
        return "-"
    return printable(value if isinstance(value, str) else " ".join(encode(value).split()))


def feed_items(changes: Iterable[tuple[RowId, FieldChange]]) -> list[FeedItem]:
    """The changes, newest first, as they are said: a unit once per write, lost fields together.

    A field that the catalogue does not know may change with every write: of an entry's only the newest change is said.
    """
    by_write: dict[tuple[RowId, int], list[FieldChange]] = {}
    told: set[tuple[RowId, str]] = set()
    for row, change in changes:
        if change.field not in FIELDS:
            if (row, change.field) in told:
                continue
            told.add((row, change.field))
        by_write.setdefault((row, change.version.number), []).append(change)
    return [item for (row, _), together in by_write.items() for item in _of_one_write(row, together)]


def _of_one_write(row: RowId, changes: list[FieldChange]) -> list[FeedItem]:
    groups: dict[str, list[FieldChange]] = {}
    for change in changes:
        column = "model" if field(change.field).unit == "model" else column_of(change.field)
        if column in _ONE_UNIT:
            groups.setdefault(column, []).append(change)
        elif change.field in _LAST_RUN:
            groups.setdefault("last run", []).append(change)
        elif change.new is ABSENT:
            groups.setdefault("gone", []).append(change)
        else:
            groups.setdefault(change.field, []).append(change)
    return [_item(row, name, group) for name, group in groups.items()]


def _item(row: RowId, name: str, group: list[FieldChange]) -> FeedItem:
    first = min(group, key=lambda change: _SPEAKS_FIRST.index(change.field) if change.field in _SPEAKS_FIRST else 99)
    at, writer = first.version.at, first.version.writer
    if name == "gone" and len(group) > 1:
        fields = ", ".join(change.field for change in reversed(group))
        return FeedItem(row, at, writer, f"{len(group)} fields gone: {printable(fields)}", "", "")
    if name == "last run":
        return FeedItem(row, at, writer, name, value_words(first.old), value_words(first.new))
    if name in _ONE_UNIT and first.field not in _SPEAKS_FIRST:
        name = first.field
    shown_name = SHORT_NAMES.get(first.field, first.field) if name in (first.field, "gone") else name
    old, new = (_route_words(first.field, value) or value_words(value) for value in (first.old, first.new))
    return FeedItem(row, at, writer, printable(shown_name), old, new)


def _route_words(name: str, value: Value) -> str:
    """Where an object leads that says so in several members; blank for any other value."""
    if name not in _ROUTES or not isinstance(value, dict):
        return ""
    route = next_route({name: value})
    return printable(route_words_in_short(route)) if route else "not set"


def change_words(item: FeedItem, cells: int) -> str:
    """`model claude-opus-4-6 → gpt-5.2`; the old value is cut before the new one."""
    if not item.new:
        return cut_right(item.name, cells)
    whole = f"{item.name} {item.old} → {item.new}"
    if cell_len(whole) <= cells:
        return whole
    room = cells - cell_len(item.name) - 4
    new = cut_left(item.new, max(4, room - min(cell_len(item.old), 4)))
    old = cut_left(item.old, max(1, room - cell_len(new)))
    return cut_right(f"{item.name} {old} → {new}", cells)


def feed_line(item: FeedItem, now: float, cells: int) -> Line:
    """The line of one change."""
    age = now - item.at
    fresh: Freshness = "now" if age < NOW_S else "recent" if age < RECENT_S else "since"
    writer = writer_words(item.writer)
    key_cells = KEY_CELLS + max(0, (cells - 80) // 3)
    change_cells = max(8, cells - 11 - key_cells - 2 - max(WRITER_CELLS, cell_len(writer) + 1))
    spans = (
        Span(f" {clock_time(item.at, now)[-8:]} "),
        Span(MARKS[fresh], "accent"),
        Span(f" {fit(short_key(item.row.key, key_cells - 1), key_cells)} "),
        Span(fit(change_words(item, change_cells), change_cells), "strong" if fresh != "since" else "text"),
        Span(f" {writer}", "faint"),
    )
    return pad(spans, cells)


def feed_lines(dashboard: Dashboard, cells: int, rows: int) -> list[Line]:
    """The newest changes, newest first; one sentence without."""
    now = dashboard.clock()
    items = feed_items(dashboard.recent(CHANGES_READ))[:rows]
    if items:
        return [feed_line(item, now, cells) for item in items]
    since = min((state.first_at for state in dashboard.stores.values() if state.first_at), default=None)
    if since is None:
        return [pad((Span(" Reading the store.", "faint"),), cells)]
    return [pad((Span(f" {said}", "faint"),), cells) for said in _nothing_seen(dashboard, since, now)[:rows]]


def _nothing_seen(dashboard: Dashboard, since: float, now: float) -> list[str]:
    """Since when nothing was seen to change, and what could tell of the time before."""
    began = clock_time(since, now)
    if dashboard.removed:
        went = counted(len(dashboard.removed), "entry", "entries")
        said = f"No field changed, but {went} went. Watching since {began}."
    else:
        none = "No changes" if dashboard.findings.listed() else "No findings"
        said = f"{none}. Watching since {began}; what was lost before that cannot be seen."
    known = min((dashboard.known_since(store) for store in dashboard.stores), default=since)
    if known < since:
        past = f"From older files the past is known back to {clock_time(known, now)}."
        return [f"{said.partition(';')[0].removesuffix('.')}.", past]
    olds = dashboard.olds
    if dashboard.replayed:
        return [f"No findings up to here. The recording begins at {began}."]
    if olds is None:
        return [said, ":load FILE opens a recording or an old copy (.bak)."]
    found = counted(olds.files, "older copy", "older copies")
    return [said, f"{found} found: :load shows what changed since {clock_time(olds.since, now)}."]
