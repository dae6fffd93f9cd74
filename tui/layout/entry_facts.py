"""The entry part where there is room: what is set and what it was, what ran, where replies go, what weighs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import orjson
from rich.cells import cell_len

from store.entry.delivery import torn_route
from store.history import FieldChange
from store.js import ABSENT, JsonObject
from store.summary import EntrySummary
from tui.layout.marks import MARKS
from tui.look.figures import clock_time, duration, size, updated_words
from tui.look.line import Line, Span, cut_right, first_fitting, fit, pad
from tui.look.printable import printable
from tui.look.routes import route_sign, route_words, route_words_in_short
from tui.look.values import value_text
from tui.look.who import by
from tui.state import ColumnId, Dashboard, RowId

LABEL_CELLS: Final = 13
SECOND_AT, SECOND_CELLS = 26, 38
"""Where, behind the label, the second fact of a line begins where there is room, and how long one may well be."""
_SOURCES: Final = {
    "user": "user: strict, survives /new",
    "auto": "auto: chosen by OpenClaw",
    "default": "default: set when the session began",
    "old": "no source: counts as user",
}
_SIGNS: Final = {"≠": "not the chat the key names", "~": "cannot be right"}
_MODEL: Final = ("providerOverride", "modelOverride", "modelOverrideSource")
_ROUTE_RULES: Final = ("poisoned-route", "other-channel", "other-chat", "other-thread", "other-account")
_MOST_MS: Final = 1e14
_BIG_SHARE: Final = 50
"""A field that is more than half of an entry, in percent, is named."""


class _Fact(NamedTuple):
    """One line; where there are too few, those with the highest `rank` go. `group` is which blank line is before it."""

    rank: int
    group: int
    label: str
    first: str
    second: str = ""
    mark: str = " "


def entry_facts(dashboard: Dashboard, row: RowId, summary: EntrySummary, cells: int, rows: int) -> list[Line]:
    """At most so many lines; the groups stand apart where that leaves room for everything."""
    entry = dashboard.entry(row) or {}
    facts = list(_facts(dashboard, row, summary, entry, cells))
    while len(facts) > rows:
        facts.remove(max(facts))
    apart = len(facts) + facts[-1].group <= rows
    lines: list[Line] = []
    for before, fact in zip([facts[0], *facts], facts, strict=False):
        if apart and fact.group != before.group:
            lines.append(())
        lines.append(_line(fact, cells))
    return lines


def _line(fact: _Fact, cells: int) -> Line:
    room = cells - LABEL_CELLS
    text = fact.first
    if fact.second:
        at = min(SECOND_AT, max(0, room - SECOND_CELLS))
        text = f"{fit(fact.first, at - 1)} " if cell_len(fact.first) < at else f"{fact.first}  "
        text += fact.second
    label = Span(fit(f"  {fact.label}", LABEL_CELLS - 2), "faint")
    return pad((label, Span(f"{fact.mark} ", "accent"), Span(cut_right(printable(text), room - 1))), cells)


def _facts(dashboard: Dashboard, row: RowId, summary: EntrySummary, entry: JsonObject, cells: int) -> Iterator[_Fact]:
    now = dashboard.clock()
    yield from _model(dashboard, row, summary, now, cells - LABEL_CELLS - 1)
    yield _Fact(4, 0, "last run", _pair(summary.used_provider, summary.used_model) or "none", _run(entry, now))
    thinking = _was(dashboard, row, "thinkingLevel", now)
    yield _Fact(3, 0, "thinking", summary.thinking or "not set", thinking, _dot(dashboard, row, "think", now))
    yield _Fact(1, 1, "replies", _replies(summary, cells - LABEL_CELLS - 1), mark=_dot(dashboard, row, "reply", now))
    policy = f"{summary.send_policy or 'not set'}".ljust(16)
    activation = entry.get("groupActivation")
    told = f" group activation  {activation}" if isinstance(activation, str) else ""
    yield _Fact(6, 1, "policy", f"{policy}{told}".rstrip(), mark=_dot(dashboard, row, "send", now))
    if summary.route:
        yield _Fact(5, 1, "route", _agreement(entry, summary))
    status = f"status {summary.status}, " if summary.status else ""
    updated = updated_words(summary.updated_at, now, clock=dashboard.calm)
    yield _Fact(7, 2, "session", _session(summary, entry, now), f"{status}{updated}")
    label = f"label {summary.label}" if summary.label else ""
    yield _Fact(8, 2, "size", size(summary.size) + _heaviest(entry), label)


def _model(dashboard: Dashboard, row: RowId, summary: EntrySummary, now: float, room: int) -> Iterator[_Fact]:
    override = summary.override
    if override is None:
        yield _Fact(0, 0, "override", "not set", "the agent's default decides")
    else:
        source = _SOURCES.get(override.source, override.source)
        yield _Fact(0, 0, "override", _pair(override.provider, override.model), source)
    change = dashboard.last(row, "model")
    if change is None or change.before is None:
        return
    before = change.before.override
    was = _pair(before.provider, before.model) if before is not None else "not set"
    if override is not None and was == _pair(override.provider, override.model):
        was = (before.source if before is not None else "") or "no source"
    past = [one for name in _MODEL for one in dashboard.changes(row, name)]
    named = [was, before.model or was] if before is not None else [was]
    told = [f"was {name}  {stood}" for stood in _stood(past, change.at, now) for name in named]
    yield _Fact(2, 0, "", first_fitting(told, room), mark=_dot(dashboard, row, "model", now))


def _stood(past: Sequence[FieldChange], until: float, now: float) -> list[str]:
    """`yours, 14:02:07, stood 1.6 s`, and shorter; only until when, where nobody saw it being set."""
    began = max((one.version for one in past if one.version.at < until), key=lambda one: one.at, default=None)
    if began is None:
        return [f"until {clock_time(until, now)}"]
    said = [by(began.writer), clock_time(began.at, now), f"stood {duration(until - began.at)}"]
    return [", ".join(filter(None, said)), said[2]]


def _was(dashboard: Dashboard, row: RowId, field: str, now: float) -> str:
    """`was high, 14:01:51 to 14:02:09`, blank where it was not seen to change."""
    changes = dashboard.changes(row, field)
    if not changes:
        return ""
    old = changes[0].old
    value = "not set" if old is ABSENT else value_text(field, old, now)
    until = clock_time(changes[0].version.at, now)
    if len(changes) > 1:
        return f"was {value}, {clock_time(changes[1].version.at, now)} to {until}"
    return f"was {value} until {until}"


def _run(entry: JsonObject, now: float) -> str:
    """`done 14:02:09, 4.1 s`, as far as the entry says."""
    status, ended, took = entry.get("status"), _number(entry, "endedAt"), _number(entry, "runtimeMs")
    if status == "running":
        started = _number(entry, "startedAt")
        return f"running since {clock_time(started / 1000, now)}" if started else "running"
    said = " ".join([status if isinstance(status, str) else "", clock_time(ended / 1000, now) if ended else ""]).strip()
    return f"{said}, {duration(took / 1000)}" if said and took else said


def _replies(summary: EntrySummary, room: int) -> str:
    if not summary.route:
        return "no route yet"
    warning = _SIGNS.get(route_sign(summary), "")
    before = f"{route_sign(summary)} {warning}: " if warning else ""
    said = route_words(summary.route), route_words_in_short(summary.route)
    return first_fitting([f"{before}{words}" for words in said], room)


def _agreement(entry: JsonObject, summary: EntrySummary) -> str:
    """Whether the places where an entry keeps its route say the same."""
    if torn := torn_route(entry):
        return torn
    kept = [name for name in ("deliveryContext", "lastChannel", "route", "delivery") if name in entry]
    names = ["last*" if name == "lastChannel" else name for name in kept]
    wrong = next((remark.because for remark in summary.lint if remark.rule in _ROUTE_RULES), "")
    return wrong or (
        f"{' and '.join(names)} agree" if len(names) > 1 else f"in {names[0]} only" if names else "derived"
    )


def _session(summary: EntrySummary, entry: JsonObject, now: float) -> str:
    began = _number(entry, "sessionStartedAt")
    since = f" since {clock_time(began / 1000, now)[:-3]}" if began else ""
    return f"{summary.session_id[:8]}…{since}" if summary.session_id else f"no session id{since}"


def _heaviest(entry: JsonObject) -> str:
    """` (91 % systemPromptReport)`, where one field is most of the entry."""
    if len(entry) < 2:
        return ""
    weights = {name: len(orjson.dumps(value)) + len(name) for name, value in entry.items()}
    name = max(weights, key=weights.__getitem__)
    share = weights[name] * 100 // max(1, sum(weights.values()))
    return f"  ({share} % {name})" if share >= _BIG_SHARE else ""


def _dot(dashboard: Dashboard, row: RowId, column: ColumnId, now: float) -> str:
    return MARKS[dashboard.freshness(row, column, now)]


def _pair(provider: str, model: str) -> str:
    return f"{provider}/{model}" if provider and model else provider or model


def _number(entry: JsonObject, name: str) -> float:
    """A number of milliseconds that can be a time or a span; 0 where there is none."""
    value = entry.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _MOST_MS else 0.0
