"""Which rows the table shows, and in which order: taken when chosen, then the rows hold still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from store.entry.lint import RULES
from store.summary import EntrySummary
from tui.layout.columns import SortColumn
from tui.look.routes import route_sign
from tui.query.facts import NOTHING_MORE, Facts
from tui.state import Dashboard, RowId, Update

if TYPE_CHECKING:
    from tui.config.settings import OwnView
    from tui.query.language import Query
    from tui.query.match import Matcher

View: TypeAlias = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9"]
CHANGED_WITHIN_S = 15 * 60.0
LIVE_VIEWS: frozenset[View] = frozenset({"4", "5"})
"""The views that re-order by themselves."""
VIEW_NAMES: Mapping[View, str] = {
    "1": "all",
    "2": "overridden",
    "3": "auto pins",
    "4": "changed",
    "5": "findings",
    "6": "lint",
}

_SortValue: TypeAlias = "tuple[str | float, ...]"
_THINKING = ("off", "minimal", "low", "medium", "high", "xhigh", "max")
_SIGNS = ("~", "≠", "", "=")
DESCENDING_FIRST: frozenset[SortColumn] = frozenset({"upd", "chg", "find", "size"})
_SORT_OF: Mapping[View, SortColumn] = {"4": "chg", "5": "find", "6": "lint"}
_RULES = tuple(RULES)


@dataclass(slots=True)
class Roster:
    """A view, a filter and a sort, and the order they gave when it was taken."""

    view: View = "1"
    own: Mapping[str, OwnView] = field(default_factory=dict)
    wanted: Matcher | None = None
    sort: SortColumn = "upd"
    descending: bool = True
    order: list[RowId] = field(default_factory=list)
    _of_view: Matcher | None = None

    def choose_view(self, view: View) -> None:
        """Another view, in its own order."""
        self.view = view
        self.sort = self.own[view].sort if view in self.own else _SORT_OF.get(view, "upd")
        self._of_view = _matcher(self.own[view].where) if view in self.own else None
        self.descending = self.sort in DESCENDING_FIRST

    def filter_by(self, query: Query) -> None:
        """Only rows that fulfil this."""
        self.wanted = _matcher(query)

    def choose_sort(self, column: SortColumn) -> None:
        """Sort by this column in its first direction; by the same column again: the other way round."""
        self.descending = not self.descending if column == self.sort else column in DESCENDING_FIRST
        self.sort = column

    def take(self, dashboard: Dashboard) -> None:
        """Take the order anew."""
        now = dashboard.clock()
        rows = [pair for pair in dashboard.rows.items() if self._fits(dashboard, *pair, now)]
        value = _SORT_VALUES[self.sort]
        keyed = [(value(dashboard, row, summary), row) for row, summary in rows]
        blank = sorted((row for sort_value, row in keyed if sort_value is None), key=lambda row: row.key)
        valued = [(sort_value, row) for sort_value, row in keyed if sort_value is not None]
        valued.sort(key=lambda pair: pair[1].key)
        valued.sort(key=lambda pair: pair[0], reverse=self.descending)
        self.order = [row for _, row in valued] + blank

    def update(self, dashboard: Dashboard, update: Update, cursor: RowId | None) -> bool:
        """Let new rows in on top, keep removed ones; whether the order is another one now."""
        if not update.rows:
            return False
        now = dashboard.clock()
        shown = set(self.order)
        incoming = [
            row
            for row in dict.fromkeys((*update.added, *update.changed))
            if row not in shown and row in dashboard.rows and self.matches(dashboard, row, now)
        ]
        leaving = {
            row
            for row in update.changed
            if row != cursor and row in shown and row in dashboard.rows and not self.matches(dashboard, row, now)
        }
        if incoming or leaving:
            self.order = incoming + [row for row in self.order if row not in leaving]
        return bool(incoming or leaving)

    def leave_behind(self, dashboard: Dashboard, row: RowId) -> bool:
        """The cursor left this row: it goes if it no longer matches; whether it went."""
        if row not in dashboard.rows or self.matches(dashboard, row, dashboard.clock()):
            return False
        self.order = [other for other in self.order if other != row]
        return True

    def matches(self, dashboard: Dashboard, row: RowId, now: float) -> bool:
        """Whether a row is one of this view and passes the filter."""
        return self._fits(dashboard, row, dashboard.rows[row], now)

    def _fits(self, dashboard: Dashboard, row: RowId, summary: EntrySummary, now: float) -> bool:
        if self.view == "5":
            if dashboard.findings.worst(row) is None:
                return False
        elif self.view == "4":
            if not _in_view("4", summary, dashboard.changed_at(row), now):
                return False
        elif self._of_view is not None:
            if not _passes(self._of_view, dashboard, row, summary, now):
                return False
        elif not _in_view(self.view, summary, None, now):
            return False
        return self.wanted is None or _passes(self.wanted, dashboard, row, summary, now)


def _matcher(query: Query) -> Matcher | None:
    """None for a query that every row fulfils: the language is not loaded for the sake of it."""
    if not query.terms:
        return None
    from tui.query.match import Matcher

    return Matcher(query, 0.0)


def _passes(matcher: Matcher, dashboard: Dashboard, row: RowId, summary: EntrySummary, now: float) -> bool:
    matcher.now = now
    return matcher(summary, facts_of(dashboard, row) if matcher.facts else NOTHING_MORE)


def facts_of(dashboard: Dashboard, row: RowId) -> Facts:
    """What a filter may ask of a row beside its entry."""
    findings = tuple((finding.kind, finding.grade) for finding in dashboard.findings.open_of(row))
    return Facts(str(row.store), dashboard.changed_at(row), findings)


def view_counts(dashboard: Dashboard, now: float) -> dict[View, int]:
    """How many rows each view has."""
    with_finding = sum(row in dashboard.rows for row in dashboard.findings.rows())
    counts: dict[View, int] = {"1": len(dashboard.rows), "2": 0, "3": 0, "4": 0, "5": with_finding, "6": 0}
    for row, summary in dashboard.rows.items():
        changed_at = dashboard.changed_at(row)
        for view in ("2", "3", "4", "6"):
            counts[view] += _in_view(view, summary, changed_at, now)
    return counts


def _in_view(view: View, summary: EntrySummary, changed_at: float | None, now: float) -> bool:
    match view:
        case "2":
            return summary.override is not None
        case "3":
            return summary.override is not None and summary.override.source == "auto"
        case "4":
            return changed_at is not None and now - changed_at < CHANGED_WITHIN_S
        case "6":
            return bool(summary.lint)
        case _:
            return True


def _by_model(summary: EntrySummary) -> _SortValue | None:
    set_to = summary.override
    return (f"{set_to.provider}/{set_to.model}",) if set_to is not None else None


def _by_level(summary: EntrySummary) -> _SortValue | None:
    level = summary.thinking
    if not level:
        return None
    return (float(_THINKING.index(level)) if level in _THINKING else float(len(_THINKING)), level)


def _by_route(summary: EntrySummary) -> _SortValue | None:
    route = summary.route
    return (float(_SIGNS.index(route_sign(summary))), route.channel, route.to) if route else None


def _by_lint(summary: EntrySummary) -> _SortValue | None:
    return (float(_RULES.index(summary.lint[0].rule)),) if summary.lint else None


def _known(value: float | None) -> _SortValue | None:
    return None if value is None else (value,)


def _by_finding(dashboard: Dashboard, row: RowId) -> _SortValue | None:
    worst = dashboard.findings.worst(row)
    if worst is None:
        return None
    return (1.0 if worst == "confirmed" else 0.0, dashboard.findings.open_of(row)[0].at)


_SORT_VALUES: Mapping[SortColumn, Callable[[Dashboard, RowId, EntrySummary], _SortValue | None]] = {
    "agent": lambda _dashboard, _row, summary: (summary.parts.agent, summary.key) if summary.parts.agent else None,
    "key": lambda _dashboard, row, _summary: (row.key,),
    "model": lambda _dashboard, _row, summary: _by_model(summary),
    "think": lambda _dashboard, _row, summary: _by_level(summary),
    "reply": lambda _dashboard, _row, summary: _by_route(summary),
    "upd": lambda _dashboard, _row, summary: _known(summary.updated_at),
    "chg": lambda dashboard, row, _summary: _known(dashboard.changed_at(row)),
    "find": lambda dashboard, row, _summary: _by_finding(dashboard, row),
    "lint": lambda _dashboard, _row, summary: _by_lint(summary),
    "size": lambda _dashboard, _row, summary: (float(summary.size),),
}
