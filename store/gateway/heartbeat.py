"""The heartbeat notes what it last said.

From 2026.1.29 to 2026.4.29 it loaded the store without the lock and saved it whole under the lock, unread: whatever
anybody changed in any session meanwhile went back. 2026.5.2 made it an update of one entry.
"""

from __future__ import annotations

from store.gateway.after_run import put_whole
from store.gateway.gateway import Entries, Gateway, Moment, Think, merged, no_time
from store.js import JsonObject


def beat(gateway: Gateway, key: str, text: str, think: Think = no_time) -> JsonObject | None:
    """Note the text in the fresh entry inside the lock; None when there is no such session."""
    moment = gateway.moment()
    think()
    return gateway.change(key, lambda fresh: next_entry(fresh, text, moment))


def next_entry(fresh: JsonObject | None, text: str, moment: Moment) -> JsonObject | None:
    """The entry with the heartbeat in it; None where there is none."""
    return (
        None if fresh is None else merged(fresh, {"lastHeartbeatText": text, "lastHeartbeatSentAt": moment.now}, moment)
    )


def beat_racy(gateway: Gateway, key: str, text: str, think: Think = no_time) -> JsonObject | None:
    """The same by loading the store, and saving it whole."""
    moment = gateway.moment()
    copy = gateway.cached()
    known = copy.entries.get(key)
    if known is None:
        return None
    think()
    entry = {**known, "lastHeartbeatText": text, "lastHeartbeatSentAt": moment.now}

    def mutate(entries: Entries) -> JsonObject:
        put_whole(copy, entries)
        entries[key] = entry
        return entry

    return gateway.write_back(copy, mutate)
