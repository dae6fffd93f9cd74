"""One request to a gateway: to patch one entry, or many alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from store.js import JsonObject
from store.remote.call import Declined, Gateway, SessionChangedError, refusal
from store.remote.patch import guards

MOST: Final = 100
"""So many entries are the most that `sessions.patchMany` takes; it is there since the first release with a database."""

Declines: TypeAlias = dict[str, Exception]
"""By key, why the gateway left an entry alone: Declined, SessionChangedError, or whatever else it said of that one."""


def ask(gateway: Gateway, patch: JsonObject, entries: Mapping[str, JsonObject], *, guarded: bool) -> Declines:
    """Have these entries patched alike; what it declined. Raises what `Gateway.call` raises, for all of them.

    `guarded`: this gateway declines where the session is another one by now. Only such a one takes several entries.
    """
    targets: list[JsonObject] = [{"key": key, **(guards(entry) if guarded else {})} for key, entry in entries.items()]
    try:
        if len(targets) > 1:
            return _declined(gateway.call("sessions.patchMany", {"targets": [*targets], "patch": patch}))
        for target in targets:
            gateway.call("sessions.patch", {**target, **patch})
    except SessionChangedError as why:
        return dict.fromkeys(entries, why)
    except Declined as why:
        if len(targets) > 1:
            raise
        return dict.fromkeys(entries, why)
    return {}


def _declined(answer: JsonObject) -> Declines:
    outcomes = answer.get("outcomes")
    found: Declines = {}
    for outcome in outcomes if isinstance(outcomes, list) else ():
        match outcome:
            case {"ok": False, "key": str(key), "error": dict(error)}:
                found[key] = refusal(error)
            case {"ok": False, "key": str(key)}:
                found[key] = refusal({})
    return found
