"""An update of single fields of an entry (`updateSessionStoreEntry`).

Until 2026.2.21 it took the entry from the cache, inside the lock: a write that the cache had not noticed was undone,
in every entry of the store (#10331).
"""

from __future__ import annotations

from store.gateway.after_run import put_whole
from store.gateway.gateway import Change, Copy, Entries, Gateway, Moment, Think, merged, no_time
from store.js import Edit, JsonObject


def update_entry(
    gateway: Gateway, key: str, patch: Edit, think: Think = no_time, *, expected: str = ""
) -> JsonObject | None:
    """Set these fields of the fresh entry, inside the lock; None when there is no such entry, or not that session."""
    moment = gateway.moment()
    think()
    return gateway.change(key, lambda fresh: next_entry(fresh, patch, moment), expected=expected)


def next_entry(fresh: JsonObject | None, patch: Edit, moment: Moment) -> JsonObject | None:
    """The entry with the patch in it; None where there is none."""
    return None if fresh is None else merged(fresh, patch, moment)


def update_entry_racy(gateway: Gateway, key: str, patch: Edit, think: Think = no_time) -> JsonObject | None:
    """The same on the cached store."""
    moment = gateway.moment()
    return write_from_cache(gateway, key, lambda cached: next_entry(cached, patch, moment), think)


def write_from_cache(gateway: Gateway, key: str, change: Change, think: Think) -> JsonObject | None:
    """Read the cache inside the lock and save it whole, with one entry changed.

    The cache was filled by an earlier read, and believes to know the version written while it read: its stamp is
    that of the file afterwards. So `think` is when somebody else writes.
    """
    held = gateway.load(while_reading=think)

    def mutate(entries: Entries) -> tuple[Copy, JsonObject | None]:
        copy = gateway.cached()
        entry = change(copy.entries.get(key))
        if entry is not None:
            put_whole(copy, entries)
            entries[key] = entry
        return copy, entry

    return gateway.write_back(held, mutate)[1]
