"""`clobberwatch list`: every entry in one line, the newest first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from store.errors import Unreadable, UsageError
from store.openclaw.paths import StorePath
from store.summary import EntrySummary, summarise, with_flaw
from tui.cli.find import chosen_stores, is_of_agent, read, store_text
from tui.cli.output import model_json, route_json, say, say_json_array, table, warn
from tui.look.figures import updated_age
from tui.look.printable import visible_key

if TYPE_CHECKING:
    from store.entry.overrides import ModelOverride
    from store.text.document import Document
    from tui.cli.options import Options
    from tui.query.match import Matcher

HEADER = ("~", "UPD", "S", "MODEL", "THINK", "SEND", "REPLIES TO", "KEY")
SOURCE_LETTERS = {"user": "u", "auto": "a", "default": "d", "old": "o"}


def run(options: Options) -> int:
    """Print the entries of all stores; a store that cannot be read is said on stderr and sets the exit code."""
    rows: list[tuple[StorePath, EntrySummary]] = []
    code, where = 0, wanted(options.where)
    stores = chosen_stores(options)
    for store in stores:
        try:
            rows += [(store, summary) for summary in summaries(store, options, where)]
        except Unreadable as error:
            if len(stores) == 1:
                raise
            warn(error.advice)
            code = error.exit_code
    rows.sort(key=lambda row: row[1].updated_at or 0, reverse=True)
    if options.json:
        say_json_array(to_json(store, summary) for store, summary in rows)
    elif rows:
        now = time.time()
        table(HEADER, [cells(summary, now) for _store, summary in rows])
    else:
        say(f"No entry matches {where.query}" if where else "No entries.")
    return code


def wanted(where: str) -> Matcher | None:
    """The condition of `--where`; UsageError for one that cannot be meant, or not of a store that is read once."""
    if not where.strip():
        return None
    from tui.query.language import parse
    from tui.query.match import Matcher

    query = parse(where)
    for mistake in query.mistakes:
        raise UsageError(f"--where, column {mistake.column + 1}: {mistake.message}")
    if "changed" in query.facts:
        raise UsageError("--where: a list reads once and sees no changes: updated:<5m, or clobberwatch watch")
    if "findings" in query.facts:
        raise UsageError("--where: a list reads once and finds nothing: lint:yes, or clobberwatch watch")
    return Matcher(query, time.time())


def summaries(store: StorePath, options: Options, where: Matcher | None) -> list[EntrySummary]:
    """The rows of one store that were asked for. Raises Unreadable, also for a file that is broken inside an entry."""
    return selected(read(store), store, options, where)


def selected(document: Document, store: StorePath, options: Options, where: Matcher | None) -> list[EntrySummary]:
    """The same, of a version of the store that was read already."""
    rows = [
        with_flaw(summarise(key, raw), document.flaws.get(key, ""))
        for key, raw in document.raws()
        if is_of_agent(key, options)
    ]
    if any(row.invalid for row in rows):
        read(store, check=True)
    if where is None:
        return rows
    from tui.query.facts import Facts

    facts = Facts(store_text(store.path))
    return [row for row in rows if where(row, facts)]


def cells(row: EntrySummary, now: float) -> tuple[str, ...]:
    """The text columns: `~` where something is wrong; a model in brackets is what the last run used, none being set."""
    wrong = "~" if row.lint else ""
    if row.invalid:
        return (wrong, "?", "", "", "", "", f"! {row.invalid}", visible_key(row.key))
    override, used = row.override, "/".join(filter(None, (row.used_provider, row.used_model)))
    model = model_text(override) if override else f"({used})" if used else "-"
    source = SOURCE_LETTERS.get(override.source, "?") if override else ""
    return (
        wrong,
        updated_age(row.updated_at, now),
        source,
        model,
        row.thinking,
        row.send_policy,
        route_text(row),
        visible_key(row.key),
    )


def model_text(override: ModelOverride) -> str:
    """`provider/model`; `?` for the missing half of a torn pair."""
    return f"{override.provider or '?'}/{override.model or '?'}"


def route_text(row: EntrySummary) -> str:
    """Channel, address, `#thread` and `@account`, the default account left out; `-` without a route."""
    route = row.route
    if not route:
        return "-"
    thread = f"#{route.thread}" if route.thread is not None else ""
    account = f"@{route.account}" if route.account not in ("", "default") else ""
    return " ".join(filter(None, (route.channel or "?", route.to, thread, account)))


def to_json(store: StorePath, row: EntrySummary) -> dict[str, object]:
    """One entry of `list --json`; `invalid` and `lint` are there only where something is wrong."""
    return {
        "key": row.key,
        "agent": row.parts.agent or store.agent,
        "kind": row.parts.kind,
        "store": store_text(store.path),
        "updatedAt": row.updated_at,
        "model": model_json(row.override),
        "delivery": route_json(row.route),
        "sendPolicy": row.send_policy or None,
        "findings": [],
        **({"invalid": row.invalid} if row.invalid else {}),
        **({"lint": [remark._asdict() for remark in row.lint]} if row.lint else {}),
    }
