"""The entry part below the table: which model and since when, and where the next reply goes."""

from __future__ import annotations

from rich.cells import cell_len

from store.entry.overrides import ModelOverride
from store.summary import EntrySummary
from tui.look.figures import clock_time, size, updated_words
from tui.look.line import Line, Span, cut_right, first_fitting, pad, rule
from tui.look.printable import visible_key
from tui.look.routes import route_sign, route_words, route_words_in_short
from tui.state import Dashboard, RowId

_LABEL_CELLS = 12


def entry_part(dashboard: Dashboard, row: RowId | None, cells: int, rows: int, guarded: str = "") -> list[Line]:
    """A rule with the whole key and what is guarded, then as many as fit of: model, replies, thinking, session."""
    if row is None:
        return [rule(cells), *([()] * rows)]
    title = rule(cells, visible_key(row.key), guarded)
    summary = dashboard.rows.get(row)
    if summary is None:
        at = dashboard.removed.get(row)
        said = f"removed {clock_time(at, dashboard.clock())}" if at is not None else "removed"
        return [title, _labelled("entry", said, cells), *([()] * (rows - 1))]
    if summary.invalid:
        return [title, _labelled("entry", summary.invalid, cells), *([()] * (rows - 1))]
    parts = (
        ("model", model_words(dashboard, row, summary, cells - _LABEL_CELLS)),
        ("replies", reply_words(summary, cells - _LABEL_CELLS)),
        ("thinking", thinking_words(dashboard, row, summary)),
        ("session", session_words(dashboard, summary)),
    )
    return [title, *(_labelled(label, text, cells) for label, text in parts[:rows])]


def model_words(dashboard: Dashboard, row: RowId, summary: EntrySummary, cells: int) -> str:
    """`openai/gpt-5.2 · user · was anthropic/claude-opus-4-6 until 14:02:09`; no old provider where it is too long."""
    used = _pair(summary.used_provider, summary.used_model)
    set_to = summary.override
    if set_to is not None:
        text = f"{_override_words(set_to)} · {set_to.source or 'no source'}"
        if dashboard.used_another_model(row):
            text += f" · ≠ last run used {used}"
    else:
        text = f"the agent's default · last run used {used}" if used else "the agent's default"
    change = dashboard.last(row, "model")
    if change is not None and change.before is not None:
        until = f"until {clock_time(change.at, dashboard.clock())}"
        told = [f"{text} · was {was} {until}" for was in _was(change.before.override, set_to)]
        return next((said for said in told if cell_len(said) <= cells), told[-1])
    return text


def _was(before: ModelOverride | None, now: ModelOverride | None) -> tuple[str, ...]:
    if before is None:
        return ("not set",)
    if now is not None and (before.provider, before.model) == (now.provider, now.model):
        return (before.source or "no source",)
    return (_override_words(before), before.model)


def reply_words(summary: EntrySummary, cells: int) -> str:
    """`telegram -1001987654321 · topic 42 · account default · allowed`; shorter where that is too long."""
    sign = route_sign(summary)
    if not summary.route:
        return f"no route yet · {_policy(summary)}"
    warning = {"≠": " · ≠ not the chat the key names", "~": " · ~ cannot be right"}.get(sign, "")
    route = route_words(summary.route)
    whole = f"{route} · {_policy(summary)}{warning}"
    if cell_len(whole) <= cells:
        return whole
    brief = f"{route_words_in_short(summary.route)} · {_policy(summary)}"
    short = {"≠": "≠ not the key's chat · ", "~": "~ cannot be right · "}.get(sign, "")
    return first_fitting([f"{short}{brief}", f"{short}{brief.removesuffix(' · allowed')}"], cells)


def thinking_words(dashboard: Dashboard, row: RowId, summary: EntrySummary) -> str:
    """`medium · was high until 14:02:09`."""
    text = summary.thinking or "not set"
    change = dashboard.last(row, "think")
    if change is not None and change.before is not None:
        text += f" · was {change.before.thinking or 'not set'} until {clock_time(change.at, dashboard.clock())}"
    return text


def session_words(dashboard: Dashboard, summary: EntrySummary) -> str:
    """`5b0c71e2… · done · updated 50s ago · 58.2 KB`."""
    said = updated_words(summary.updated_at, dashboard.clock(), clock=dashboard.calm)
    parts = [f"{summary.session_id[:8]}…" if summary.session_id else "no session id"]
    parts += [summary.status] if summary.status else []
    parts += [said, size(summary.size)]
    parts += [f"label {summary.label}"] if summary.label else []
    return " · ".join(parts)


def _policy(summary: EntrySummary) -> str:
    return {"": "allowed", "allow": "allowed", "deny": "denied"}.get(summary.send_policy, summary.send_policy)


def _override_words(override: ModelOverride) -> str:
    return _pair(override.provider, override.model)


def _pair(provider: str, model: str) -> str:
    return f"{provider}/{model}" if provider and model else provider or model


def _labelled(label: str, text: str, cells: int) -> Line:
    value = cut_right(text, max(1, cells - _LABEL_CELLS))
    return pad((Span(f"  {label:<{_LABEL_CELLS - 2}}", "faint"), Span(value)), cells)
