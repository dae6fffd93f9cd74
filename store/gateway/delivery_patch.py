"""Where a run's reply went, noted in the entry for the next one.

The racy form takes what the run did not say from a cached entry (`effective.X ?? entry?.X`): a route that changed
meanwhile goes back, and a channel or thread that was cleared returns (#70575).
"""

from __future__ import annotations

from typing import Final

from store.entry.fields import text
from store.entry.routes import Route
from store.gateway.contexts import normalised
from store.gateway.gateway import Entries, Gateway, Moment, Think, merged, no_time
from store.gateway.rules import Rules
from store.js import ABSENT, JsonObject, Value

_LAST: Final = ("lastChannel", "lastTo", "lastAccountId", "lastThreadId")


def record(gateway: Gateway, key: str, run: Route, think: Think = no_time, *, expected: str = "") -> JsonObject | None:
    """Note the route that the run defined, in the fresh entry inside the lock; None when the session was replaced."""
    think()
    moment = gateway.moment()
    return gateway.change(key, lambda fresh: next_entry(fresh, run, moment, gateway.rules), expected=expected)


def next_entry(fresh: JsonObject | None, run: Route, moment: Moment, rules: Rules) -> JsonObject:
    """The entry with this route in it, its delivery fields in agreement as every save leaves them."""
    entry = merged(fresh, patch_of(run, fresh or {}), moment)
    return normalised(_without_route(entry, run), rules)


def patch_of(run: Route, fresh: JsonObject) -> dict[str, Value]:
    """Only what the run defined; `channel` only where the fresh entry has none."""
    patch = _defined(run)
    if run.channel and not text(fresh, "channel"):
        patch["channel"] = run.channel
    return patch


def record_racy(gateway: Gateway, key: str, run: Route, think: Think = no_time) -> JsonObject:
    """The same, with every gap of the run filled from a cached read."""
    copy = gateway.cached()
    cached = copy.entries.get(key, {})
    think()
    moment = gateway.moment()
    residue: dict[str, Value] = {name: cached[name] for name in (*_LAST, "channel") if name in cached}
    patch = {**dict.fromkeys(_LAST, ABSENT), "channel": run.channel or ABSENT, **residue, **_defined(run)}

    def mutate(entries: Entries) -> JsonObject:
        fresh = entries.get(key)
        entries[key] = entry = normalised(_without_route(merged(fresh, patch, moment), run), gateway.rules)
        return entry

    return gateway.write_back(copy, mutate)


def _defined(run: Route) -> dict[str, Value]:
    values: tuple[Value, ...] = (run.channel, run.to, run.account, ABSENT if run.thread is None else run.thread)
    return {name: value for name, value in zip(_LAST, values, strict=True) if value not in ("", ABSENT)}


def _without_route(entry: JsonObject, run: Route) -> JsonObject:
    """`route` would win over `last*` at the next save; a run that says where it replied makes it anew."""
    return {name: value for name, value in entry.items() if not run or name != "route"}
