"""`clobberwatch show KEY`: one entry, its fields by group."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from store.errors import StoreError
from store.js import Json, JsonObject
from store.openclaw.databases import is_database
from store.text.document import decode
from store.text.lookup import entry_flaw
from tui.cli.find import chosen_stores, find_entry, store_text
from tui.cli.output import say, say_json, value_text
from tui.look.printable import visible_key

if TYPE_CHECKING:
    from store.openclaw.paths import StorePath
    from store.summary import EntrySummary
    from tui.cli.options import Options

VALUE_LIMIT = 100
"""A longer value is cut in text; `--json` has it whole."""


def run(options: Options) -> int:
    """Print the entry. A one-shot process has no cached copy to compare with, so `cached` is null."""
    from store.summary import summarise, with_flaw

    store, key, raw = find_entry(chosen_stores(options), options.key, options)
    row = with_flaw(summarise(key, raw), entry_flaw(store.path, key))
    if options.json:
        say_json(to_json(store, row, raw))
        return 0
    print_head(store, row)
    try:
        entry = decode(raw)
    except StoreError as error:
        say(f"not readable  {error.reason}")
        return error.exit_code
    if isinstance(entry, dict):
        print_fields(entry)
    else:
        say(f"not an object {value_text(entry, VALUE_LIMIT)}")
    return 0


def to_json(store: StorePath, row: EntrySummary, raw: bytes) -> dict[str, object]:
    """`show --json`; `lint` is there only where something is wrong. Raises what `decode` raises."""
    return {
        "key": row.key,
        "store": store_text(store.path),
        "entry": decode(raw),
        "cached": None,
        "cachedBecause": _why_not_compared(store),
        "differs": [],
        **({"lint": [remark._asdict() for remark in row.lint]} if row.lint else {}),
    }


def print_head(store: StorePath, row: EntrySummary) -> None:
    """The answer to the two usual questions, which model and where does the next reply go; and what is wrong."""
    from tui.look.figures import ago, size, updated_age

    say(visible_key(row.key))
    say(f"  store    {store.path}")
    say(f"  size     {size(row.size)}")
    say(f"  updated  {ago(updated_age(row.updated_at, time.time()))}")
    if not row.invalid:
        _print_answers(row)
    for remark in row.lint:
        say(f"  wrong    {remark.because} ({remark.rule})")
    say(f"  cached   {_why_not_compared(store)}")


def _print_answers(row: EntrySummary) -> None:
    from tui.cli.listing import model_text, route_text

    used = "/".join(filter(None, (row.used_provider, row.used_model)))
    chosen = f"{model_text(row.override)} ({row.override.source})" if row.override else "default"
    say(f"  model    {chosen}; {f'the last run used {used}' if used else 'no run has named its model'}")
    say(f"  replies  {route_text(row)}{f', send policy {row.send_policy}' if row.send_policy else ''}")


def _why_not_compared(store: StorePath) -> str:
    kept = (
        "a gateway keeps no row beyond the next commit" if is_database(store.path) else "one read has no earlier copy"
    )
    return f"not compared: {kept}; the dashboard compares with what it saw earlier"


def print_fields(entry: JsonObject) -> None:
    """The fields as they stand, in the groups of the catalogue."""
    from store.entry.schema import GROUPS, field

    width = max(map(len, entry), default=0)
    for group in GROUPS:
        names = [name for name in entry if field(name).group == group]
        if names:
            say("")
            say(group)
        for name in names:
            say(f"  {name:<{min(width, 36)}}  {value_text(entry[name], VALUE_LIMIT)}{_local_time(name, entry[name])}")


def _local_time(name: str, value: Json) -> str:
    """For a time in milliseconds, what the clock showed."""
    from store.entry.schema import field
    from tui.look.figures import clock_time

    if field(name).type != "time" or not isinstance(value, int | float) or not 1e12 <= value < 1e13:
        return ""
    return f"  ({clock_time(value / 1000, time.time())})"
