"""Whatever an entry holds: a right form changes the fields of its path and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.entry.routes import Route
from store.gateway import after_run, agent_handler, delivery_patch, entry_update, heartbeat, last_route, resolution
from store.gateway.contexts import over
from store.gateway.gateway import Moment, merged
from store.gateway.rules import Rules
from store.js import JsonObject, same
from tests.support.strategies import ENTRIES

MOMENT = Moment(1_790_000_000_000, "minted")
RELEASES = ("2026.1.29", "2026.3.2", "2026.4.29", "2026.6.6")
DELIVERY = {"deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId", "channel", "route"}
STAMPS = {"updatedAt", "sessionId"}
REQUEST = agent_handler.Request(label="told", route=Route("slack", "c1"))
RESULT = after_run.RunResult("openai", "gpt-5.2", 1, after_run.Usage(5, 6))
Next = Callable[[JsonObject, Rules], JsonObject | None]
PATHS: dict[str, tuple[Next, set[str]]] = {
    "agent-handler": (
        lambda fresh, rules: agent_handler.next_entry(fresh, REQUEST, MOMENT, rules),
        {"label", *DELIVERY},
    ),
    "after-run": (
        lambda fresh, rules: after_run.next_entry(fresh, RESULT, MOMENT, rules),
        set(after_run.figures(RESULT, MOMENT, Rules("2026.6.6"))),
    ),
    "delivery-patch": (
        lambda fresh, rules: delivery_patch.next_entry(fresh, Route("slack", "c1"), MOMENT, rules),
        DELIVERY,
    ),
    "last-route": (
        lambda fresh, rules: last_route.next_entry(fresh, Route("slack", "c1"), MOMENT, rules),
        DELIVERY,
    ),
    "entry-update": (
        lambda fresh, _rules: entry_update.next_entry(fresh, {"displayName": "x"}, MOMENT),
        {"displayName"},
    ),
    "heartbeat": (
        lambda fresh, _rules: heartbeat.next_entry(fresh, "well", MOMENT),
        {"lastHeartbeatText", "lastHeartbeatSentAt"},
    ),
    "new-session": (lambda fresh, _rules: resolution.started(fresh, MOMENT), set()),
}


@pytest.mark.parametrize("path", PATHS)
@given(fresh=ENTRIES, release=st.sampled_from(RELEASES))
def test_other_fields_are_kept(path: str, release: str, fresh: JsonObject) -> None:
    next_entry, own = PATHS[path]
    entry = next_entry(fresh, Rules(release))
    assert entry is not None
    changed = {name for name in {**fresh, **entry} if not same(fresh.get(name), entry.get(name))}
    assert changed <= own | STAMPS
    assert entry["sessionId"] is not None and isinstance(entry["updatedAt"], (int, float))


@given(fresh=ENTRIES, patch=ENTRIES)
def test_a_merge_never_goes_back_in_time(fresh: JsonObject, patch: JsonObject) -> None:
    stamp = merged(fresh, patch, MOMENT)["updatedAt"]
    assert isinstance(stamp, (int, float)) and stamp >= MOMENT.now
    before = fresh.get("updatedAt")
    assert isinstance(before, (bool, str)) or not isinstance(before, (int, float)) or stamp >= before


def test_what_the_path_needs_of_an_entry_is_not_changed_in_place() -> None:
    fresh: JsonObject = {"sessionId": "1", "updatedAt": 1, "deliveryContext": {"channel": "telegram", "to": "1"}}
    kept = {**fresh, "deliveryContext": {"channel": "telegram", "to": "1"}}
    for next_entry, _own in PATHS.values():
        next_entry(fresh, Rules("2026.6.6"))
        assert fresh == kept


@pytest.mark.parametrize(("release", "account"), [("2026.3.2", "work"), ("2026.3.7", "")])
def test_routes_of_two_channels_mix_until_a_release_keeps_them_apart(release: str, account: str) -> None:
    assert over(Route("slack", "c1"), Route("telegram", "1", "work"), Rules(release)) == Route("slack", "c1", account)
