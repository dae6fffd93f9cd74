"""What the dashboard knows: the rows of every store, what changed in them, and how each store stands.

Pure: no Textual, no threads, no clock of its own. It belongs to the UI thread; `apply` is the only way in for news.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from store.events import (
    Broken,
    Changed,
    Event,
    Loaded,
    LockHolder,
    LockState,
    Missed,
    Recovered,
    Version,
    Watching,
)
from store.history import FieldChange, History, Written
from store.js import JsonObject
from store.openclaw.paths import STORE_NAME, StorePath
from store.openclaw.release import NOT_LOOKED, Discipline, write_permit
from store.summary import EntrySummary
from store.text.document import decode_object
from store.writing.permit import Permit
from tui.casebook import CaseBook

if TYPE_CHECKING:
    from store.findings.finding import Finding
    from store.past.read import StorePast

ColumnId: TypeAlias = Literal["model", "think", "reply", "send", "chg"]
Freshness: TypeAlias = Literal["", "since", "recent", "now"]

NOW_S = 10.0
RECENT_S = 300.0
_GAPS_KEPT = 1000

_FIELDS_OF: Mapping[ColumnId, tuple[str, ...]] = {
    "model": ("providerOverride", "modelOverride", "modelOverrideSource", "modelOverrideRouteResolution"),
    "think": ("thinkingLevel",),
    "reply": (
        *("delivery", "deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId"),
        *("channel", "origin", "route"),
    ),
    "send": ("sendPolicy",),
}
_COLUMN_OF = {name: column for column, names in _FIELDS_OF.items() for name in names}


def column_of(field_name: str) -> ColumnId:
    """The column that shows a field; `chg` when none does."""
    return _COLUMN_OF.get(field_name.split(".", 1)[0], "chg")


class RowId(NamedTuple):
    """Which entry of which store."""

    store: Path
    key: str


class Olds(NamedTuple):
    """How many older copies and recordings lie beside the stores, and from when the oldest is (wall-clock seconds)."""

    files: int
    since: float


class CellChange(NamedTuple):
    """When a cell last changed (wall-clock seconds), and the row before that; None for a row that was not there."""

    at: float
    before: EntrySummary | None


@dataclass(slots=True)
class StoreState:
    """How one store stands; `missed` is None once versions went by uncounted.

    `gaps` says after which version how many were missed.
    """

    path: Path
    name: str
    discipline: Discipline
    permit: Permit
    entries: int = 0
    seen: int = 0
    missed: int | None = 0
    gaps: deque[tuple[int, int | None]] = field(default_factory=lambda: deque(maxlen=_GAPS_KEPT))
    holder: LockHolder | None = None
    broken: Broken | None = None
    watching: Watching | None = None
    first_at: float = 0.0
    last: Version | None = None

    def missed_between(self, first: int, last: int) -> int | None:
        """How many versions after the one numbered `first` and before `last` were not seen; None: nobody knows."""
        counts = [count for number, count in self.gaps if first <= number < last]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    @classmethod
    def unseen(cls, store: StorePath) -> StoreState:
        """A store nobody has looked at yet; without an agent of its own it is named by where it lies."""
        file = store.path
        place = file.parent.name if file.name == STORE_NAME and file.parent.name else file.name
        return cls(file, store.agent or place, NOT_LOOKED, write_permit(NOT_LOOKED))


@dataclass(frozen=True, slots=True)
class Update:
    """What news changed on the screen; `stores`: the status line may differ; `loaded`: a whole store came in."""

    changed: frozenset[RowId] = frozenset()
    added: tuple[RowId, ...] = ()
    removed: tuple[RowId, ...] = ()
    stores: bool = False
    loaded: bool = False

    @property
    def rows(self) -> frozenset[RowId]:
        """Every row it touches."""
        return self.changed | frozenset(self.added) | frozenset(self.removed)

    def then(self, later: Update) -> Update:
        """Both as one; a row that came and went is in both lists."""
        return Update(
            self.changed | later.changed,
            self.added + later.added,
            self.removed + later.removed,
            self.stores or later.stores,
            self.loaded or later.loaded,
        )


@dataclass(slots=True)
class Dashboard:
    """The state behind every screen; `raw` gives an entry's JSON text, `clock` wall-clock seconds."""

    stores: dict[Path, StoreState]
    raw: Callable[[Path, str], bytes | None]
    clock: Callable[[], float]
    read_only: bool = False
    calm: bool = False
    """Whether little is to move: times of day stand in place of ages."""
    replayed: bool = False
    """Whether all this is a recording."""
    rows: dict[RowId, EntrySummary] = field(default_factory=dict)
    removed: dict[RowId, float] = field(default_factory=dict)
    histories: dict[Path, History] = field(default_factory=dict)
    findings: CaseBook = field(default_factory=CaseBook)
    olds: Olds | None = None
    cleared_at: float = 0.0
    _cells: dict[RowId, Mapping[ColumnId, CellChange]] = field(default_factory=dict)
    _changed_at: dict[RowId, float] = field(default_factory=dict)
    _ran_at: dict[RowId, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, stores: Iterable[StoreState], raw: Callable[[Path, str], bytes | None], clock: Callable[[], float]
    ) -> Dashboard:
        """A dashboard that has seen nothing yet."""
        by_path = {state.path: state for state in stores}
        return cls(by_path, raw, clock, histories={path: History() for path in by_path})

    def copied(self) -> Dashboard:
        """The same state once more; from here on each goes its own way."""
        return replace(
            self,
            stores={path: replace(state, gaps=state.gaps.copy()) for path, state in self.stores.items()},
            rows=dict(self.rows),
            removed=dict(self.removed),
            histories={path: history.copied() for path, history in self.histories.items()},
            findings=self.findings.copied(),
            _cells=dict(self._cells),
            _changed_at=dict(self._changed_at),
            _ran_at=dict(self._ran_at),
        )

    def apply(
        self,
        event: Event,
        summaries: Mapping[str, EntrySummary],
        findings: Sequence[Finding] = (),
        known: Sequence[Written] | None = None,
    ) -> Update:
        """Take in one event and what was found in it; `summaries` has every entry of a Loaded version.

        Of a Changed it has every changed one, and `known` may be what `written` makes of it. Of a store's first
        version some entries may be missing; `add` brings them.
        """
        update = self._take_in(event, summaries, known)
        return update.then(self.found(findings)) if findings else update

    def found(self, findings: Sequence[Finding]) -> Update:
        """Take in findings; the rows they are about may look worse now."""
        rows = (RowId(finding.store, finding.key) for finding in self.findings.add(findings))
        return Update(frozenset(row for row in rows if row in self.rows))

    def _take_in(self, event: Event, summaries: Mapping[str, EntrySummary], known: Sequence[Written] | None) -> Update:
        match event:
            case Loaded():
                return self._load(event, summaries)
            case Changed():
                return self._change(event, summaries, known)
            case Broken(last_good=None):
                self._note(event)
                return self._forget(event.store)
            case _:
                self._note(event)
                return Update(stores=True)

    def add(self, store: Path, summaries: Mapping[str, EntrySummary]) -> None:
        """More rows of the version that was loaded last; a row that is known already stays as it is."""
        for key, summary in summaries.items():
            self.rows.setdefault(RowId(store, key), summary)

    def entry(self, row: RowId) -> JsonObject | None:
        """The whole entry, decoded now; None when it is not there or not an object."""
        return decode_object(self.raw(row.store, row.key))

    def store(self, row: RowId) -> StoreState:
        """The store a row belongs to."""
        return self.stores[row.store]

    def changed_at(self, row: RowId) -> float | None:
        """When a field that is not noise was last seen to change, in wall-clock seconds."""
        return self._changed_at.get(row)

    def cell(self, row: RowId, column: ColumnId) -> CellChange | None:
        """The last change of a cell, unless it was waved through by `all_seen`."""
        change = self.last(row, column)
        return change if change is not None and change.at > self.cleared_at else None

    def last(self, row: RowId, column: ColumnId) -> CellChange | None:
        """The last change of a cell that was seen."""
        return self._cells.get(row, {}).get(column)

    def freshness(self, row: RowId, column: ColumnId, now: float) -> Freshness:
        """How new the last change of a cell is."""
        change = self.cell(row, column)
        if change is None:
            return ""
        age = now - change.at
        return "now" if age < NOW_S else "recent" if age < RECENT_S else "since"

    def used_another_model(self, row: RowId) -> bool:
        """Whether a run that may have ended after the override was set used another model than that."""
        summary = self.rows[row]
        set_to = summary.override
        if set_to is None or not summary.used_model:
            return False
        provider_differs = bool(set_to.provider and summary.used_provider) and summary.used_provider != set_to.provider
        if summary.used_model == set_to.model and not provider_differs:
            return False
        override = self._cells.get(row, {}).get("model")
        return override is None or self._ran_at.get(row, 0.0) > override.at

    def changes(self, row: RowId, field_name: str | None = None) -> list[FieldChange]:
        """The changes of a row that are not noise, newest first."""
        return self.histories[row.store].changes(row.key, field_name)

    def known_since(self, store: Path) -> float:
        """From when on a store's versions are known, those of a loaded past included."""
        first = self.histories[store].first
        return first.at if first is not None else self.stores[store].first_at

    def take_past(self, past: StorePast, first: Version) -> Update:
        """What was before the first watched version goes before what was seen since."""
        past.history.followed_by(self.histories[past.store], first)
        self.histories[past.store] = past.history
        rows = [row for row in self.rows if row.store == past.store]
        for row in rows:
            write = next((write for write in past.history.writes(row.key) if write.changes and not write.gap), None)
            if write is not None:
                self._changed_at.setdefault(row, write.version.at)
        return self.found(past.findings).then(Update(changed=frozenset(rows), stores=True))

    def recent(self, count: int) -> list[tuple[RowId, FieldChange]]:
        """The newest changes of all stores, newest first."""
        found = [
            (RowId(path, change.key), change)
            for path, history in self.histories.items()
            for change in history.recent(count)
        ]
        found.sort(key=lambda pair: pair[1].version.at, reverse=True)
        return found[:count]

    def all_seen(self) -> None:
        """Clear every mark up to now."""
        self.cleared_at = self.clock()

    def permit(self, path: Path) -> Permit:
        """The permission to write to a store, as the run stands now."""
        permit = self.stores[path].permit
        if self.read_only and permit.kind != "read-only":
            return Permit.read_only("Not written: this run is read-only; W, then y, lifts it.")
        return permit

    def _load(self, event: Loaded, summaries: Mapping[str, EntrySummary]) -> Update:
        state = self.stores[event.store]
        state.entries, state.last, state.broken = event.entries, event.version, None
        state.seen += 1
        state.first_at = state.first_at or event.version.at
        self.histories[event.store].record(event)
        fresh = {RowId(event.store, key): summary for key, summary in summaries.items()}
        before = {row for row in self.rows if row.store == event.store}
        for row in before - fresh.keys():
            del self.rows[row]
            self.removed[row] = event.version.at
        self.rows.update(fresh)
        for row in fresh:
            self.removed.pop(row, None)
        return Update(
            frozenset(before & fresh.keys()),
            tuple(row for row in fresh if row not in before),
            tuple(before - fresh.keys()),
            stores=True,
            loaded=True,
        )

    def _change(self, event: Changed, summaries: Mapping[str, EntrySummary], known: Sequence[Written] | None) -> Update:
        state = self.stores[event.store]
        state.entries, state.last = event.entries, event.version
        state.seen += 1
        moved: dict[RowId, set[ColumnId]] = {}
        for change in self.histories[event.store].record(event, known):
            moved.setdefault(RowId(event.store, change.key), set()).add(column_of(change.field))
        changed, added, removed = [], [], []
        for entry in event.changes:
            row = RowId(event.store, entry.key)
            before = self.rows.get(row)
            if entry.after is None:
                self._remove(row, event.version.at)
                removed.append(row)
                continue
            self.rows[row] = summaries[entry.key]
            self.removed.pop(row, None)
            if before is None:
                added.append(row)
                self._mark(row, ("chg",), CellChange(event.version.at, None))
            else:
                changed.append(row)
                if _ended_a_run(before, summaries[entry.key]):
                    self._ran_at[row] = event.version.at
                self._mark(row, moved.get(row, ()), CellChange(event.version.at, before))
        return Update(frozenset(changed), tuple(added), tuple(removed))

    def _forget(self, store: Path) -> Update:
        """What was announced of a store turned out not to be a version of it: no row of it was ever the truth."""
        rows = tuple(row for row in self.rows if row.store == store)
        for row in rows:
            del self.rows[row]
        self.stores[store].entries = 0
        return Update(removed=rows, stores=True, loaded=bool(rows))

    def _remove(self, row: RowId, at: float) -> None:
        self.rows.pop(row, None)
        self._cells.pop(row, None)
        self._changed_at.pop(row, None)
        self.removed[row] = at

    def _mark(self, row: RowId, columns: Iterable[ColumnId], change: CellChange) -> None:
        for column in columns:
            self._cells[row] = {**self._cells.get(row, {}), column: change}
            self._changed_at[row] = change.at

    def _note(self, event: Missed | Broken | Recovered | LockState | Watching) -> None:
        state = self.stores[event.store]
        match event:
            case Missed():
                self.histories[event.store].record(event)
                state.gaps.append((state.last.number if state.last is not None else 0, event.count))
                state.missed = None if event.count is None or state.missed is None else state.missed + event.count
            case Broken():
                state.broken = event
            case Recovered():
                state.broken = None
            case LockState():
                state.holder = event.holder
            case Watching():
                state.watching = event


def _ended_a_run(before: EntrySummary, after: EntrySummary) -> bool:
    """Whether the entry shows that a run ended between the two: its status, or the model last used, says so."""
    used = (before.used_provider, before.used_model) != (after.used_provider, after.used_model)
    return used or (before.status == "running" and after.status != "running")
