"""`clobberwatch show KEY`: one entry, its fields by group."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from store.errors import StoreError
from store.js import Json, JsonObject
from store.text.document import decode
from tui.cli.find import chosen_stores, find_entry, store_text
from tui.cli.output import say, say_json, value_text
from tui.look.printable import visible_key

if TYPE_CHECKING:
    from store.openclaw.paths import StorePath
    from tui.cli.options import Options

VALUE_LIMIT = 100
"""A longer value is cut in text; `--json` has it whole."""


def run(options: Options) -> int:
    """Print the entry. A one-shot process has no cached copy to compare with, so `cached` is null."""
    store, key, raw = find_entry(chosen_stores(options), options.key, options)
    if options.json:
        say_json({"key": key, "store": store_text(store.path), "entry": decode(raw), "cached": None, "differs": []})
        return 0
    print_head(store, key, raw)
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


def print_head(store: StorePath, key: str, raw: bytes) -> None:
    """The answer to the two usual questions: which model, and where does the next reply go."""
    from store.summary import summarise
    from tui.cli.listing import model_text, route_text
    from tui.look.figures import ago, size, updated_age

    row = summarise(key, raw)
    say(visible_key(key))
    say(f"  store    {store.path}")
    say(f"  size     {size(row.size)}")
    say(f"  updated  {ago(updated_age(row.updated_at, time.time()))}")
    if row.invalid:
        return
    used = "/".join(filter(None, (row.used_provider, row.used_model)))
    chosen = f"{model_text(row.override)} ({row.override.source})" if row.override else "default"
    say(f"  model    {chosen}; {f'the last run used {used}' if used else 'no run has named its model'}")
    say(f"  replies  {route_text(row)}{f', send policy {row.send_policy}' if row.send_policy else ''}")
    for remark in row.lint:
        say(f"  wrong    {remark.because} ({remark.rule})")
    say("  cached   not compared: one read has no earlier copy; the dashboard compares the two")


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
