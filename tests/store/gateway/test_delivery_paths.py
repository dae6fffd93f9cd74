"""Where replies go: noted by a run (#70575) and by a message (#10331), right and racy."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.entry.delivery import next_route, torn_route
from store.entry.routes import Route
from store.gateway import delivery_patch, last_route
from store.gateway.gateway import Gateway, Think
from store.js import JsonObject
from tests.support.gateways import FULL, KEY, OTHER, entry_of, gateway, patches, store_of, void

SLACK = Route("slack", "channel:c1", "ops", "1771.1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return store_of(tmp_path)


def message(path: Path, route: Route, key: str = KEY) -> Think:
    return lambda: void(last_route.note_route(gateway(path), key, route))


def without_route() -> JsonObject:
    delivery = {"channel", "deliveryContext", "lastChannel", "lastTo", "lastAccountId"}
    return {name: value for name, value in FULL.items() if name not in delivery}


def test_only_what_the_run_defined_is_written(path: Path) -> None:
    delivery_patch.record(gateway(path), KEY, Route(to="77"))
    entry = entry_of(path)
    assert (entry["lastChannel"], entry["lastTo"], entry["lastAccountId"]) == ("telegram", "77", "work")
    assert torn_route(entry) == ""


def test_a_run_without_a_route_changes_no_route(path: Path) -> None:
    delivery_patch.record(gateway(path), KEY, Route())
    assert {**entry_of(path), "updatedAt": 0} == {**FULL, "updatedAt": 0}


def test_the_channel_is_set_only_where_the_fresh_entry_has_none(tmp_path: Path) -> None:
    path = store_of(tmp_path, **{"agent:main:bare": without_route()})
    for key in (KEY, "agent:main:bare"):
        delivery_patch.record(gateway(path), key, Route("slack", "c9"))
    assert entry_of(path)["channel"] == "telegram"
    assert entry_of(path, "agent:main:bare")["channel"] == "slack"


def test_a_route_that_changed_during_the_run_stands(path: Path) -> None:
    delivery_patch.record(gateway(path), KEY, Route(), message(path, SLACK))
    assert next_route(entry_of(path)) == SLACK


def test_from_the_cached_entry_the_old_route_returns(path: Path) -> None:
    delivery_patch.record_racy(gateway(path), KEY, Route(), message(path, SLACK))
    route = next_route(entry_of(path))
    assert (route.channel, route.to, route.account) == ("telegram", "1", "work")


def test_residue_mixes_the_route_of_the_run_with_an_older_one(path: Path) -> None:
    delivery_patch.record_racy(gateway(path), KEY, Route(to="2"), message(path, SLACK))
    assert entry_of(path)["lastChannel"] == "telegram"


def test_both_forms_agree_when_the_cached_entry_is_fresh(path: Path) -> None:
    right = delivery_patch.record(gateway(path), KEY, Route(to="77"))
    racy = delivery_patch.record_racy(gateway(path), OTHER, Route(to="77"))
    assert right is not None
    assert {**right, "updatedAt": 0, "sessionId": ""} == {**racy, "updatedAt": 0, "sessionId": ""}


def test_a_turn_whose_session_was_replaced_notes_no_route(path: Path) -> None:
    before = path.read_bytes()
    assert delivery_patch.record(gateway(path), KEY, SLACK, expected="another") is None
    assert last_route.note_route(gateway(path), KEY, SLACK, expected="another") is None
    assert path.read_bytes() == before


def test_a_message_moves_the_whole_route(path: Path) -> None:
    message(path, SLACK)()
    entry = entry_of(path)
    assert next_route(entry) == SLACK
    assert entry["deliveryContext"] == {
        "channel": "slack",
        "to": "channel:c1",
        "accountId": "ops",
        "threadId": "1771.1",
    }


@pytest.mark.parametrize(("release", "thread"), [("2026.1.29", "1771.1"), ("2026.3.2", None), ("2026.6.6", None)])
def test_an_address_without_a_thread_forgets_the_thread(path: Path, release: str, thread: str | None) -> None:
    message(path, SLACK)()
    last_route.note_route(gateway(path, release), KEY, Route("slack", "channel:c2"))
    assert entry_of(path).get("lastThreadId") == thread


def test_a_newer_release_writes_the_route_object_too(path: Path) -> None:
    last_route.note_route(gateway(path, "2026.6.6"), KEY, SLACK)
    assert entry_of(path)["route"] == {
        "channel": "slack",
        "accountId": "ops",
        "target": {"to": "channel:c1"},
        "thread": {"id": "1771.1"},
    }


def cache_reader(path: Path) -> Gateway:
    return gateway(path, "2026.3.2")


def test_a_model_set_while_the_message_was_handled_stands(path: Path) -> None:
    last_route.note_route(cache_reader(path), KEY, SLACK, patches(path, model="google/gemini-3"))
    assert entry_of(path)["modelOverride"] == "gemini-3"


def test_read_from_the_cache_inside_the_lock_every_session_goes_back(path: Path) -> None:
    def meanwhile() -> None:
        patches(path, model="google/gemini-3")()
        patches(path, OTHER, thinkingLevel="low")()

    last_route.note_route_racy(cache_reader(path), KEY, SLACK, meanwhile)
    assert entry_of(path)["modelOverride"] == "gpt-5.2"
    assert next_route(entry_of(path)) == SLACK
    assert entry_of(path, OTHER)["thinkingLevel"] == "high"
