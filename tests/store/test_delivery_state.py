"""Delivery as one object, since entries are kept in SQLite."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.entry.delivery import ClearDelivery, Route, SetDelivery, delivery_as_in, next_route, torn_route
from store.entry.delivery_state import inert
from store.entry.fields import edited
from store.entry.intent import as_in
from store.entry.overrides import ClearModel, SetModel
from store.js import ABSENT, JsonObject
from store.summary import summarise
from tests.support.databases import entry, text
from tests.support.strategies import VALUES

EXTERNAL: JsonObject = {
    "kind": "external",
    "route": {
        "channel": "telegram",
        "accountId": "work",
        "target": {"to": "telegram:1", "chatType": "direct"},
        "thread": {"id": 7, "kind": "topic"},
    },
    "context": {"channel": "telegram", "to": "telegram:1", "accountId": "work", "threadId": 7},
    "origin": {"label": "Ann", "provider": "telegram", "to": "telegram:1", "accountId": "work", "threadId": 7},
}
OLDER: JsonObject = {"lastChannel": "slack", "lastTo": "C1", "deliveryContext": {"channel": "discord", "to": "9"}}
WORK = Route("telegram", "telegram:1", "work", 7)


def test_the_object_decides_and_older_fields_mean_nothing() -> None:
    both: JsonObject = {"delivery": EXTERNAL, **OLDER}
    assert next_route(both) == WORK
    assert torn_route(both) == ""
    assert inert(both) == ("deliveryContext", "lastChannel", "lastTo")
    assert inert(OLDER) == inert({"delivery": EXTERNAL}) == ()


def test_none_and_internal() -> None:
    assert not next_route({"delivery": {"kind": "none"}, **OLDER})
    assert next_route({"delivery": {"kind": "internal"}}) == Route("webchat")
    assert delivery_as_in({"delivery": {"kind": "none"}}) == ClearDelivery()
    assert SetDelivery(Route("webchat")).edits({"delivery": EXTERNAL}) == {"delivery": {"kind": "internal"}}


def test_the_channel_of_the_origin_fills_in() -> None:
    context: JsonObject = {"to": "telegram:1"}
    assert next_route({"delivery": {**EXTERNAL, "context": context}}) == Route("telegram", "telegram:1")


def test_a_row_of_a_database_shows_its_route() -> None:
    row = entry(delivery=EXTERNAL, lastTo="somewhere else")
    assert summarise("agent:main:main", text(row).encode()).route == WORK


def test_an_edit_rewrites_the_object_alone() -> None:
    before: JsonObject = {"delivery": EXTERNAL, **OLDER}
    assert SetDelivery(Route("telegram", "telegram:2")).edits(before) == {
        "delivery": {
            "kind": "external",
            "route": {"channel": "telegram", "target": {"to": "telegram:2"}},
            "context": {"channel": "telegram", "to": "telegram:2"},
            "origin": {"label": "Ann", "provider": "telegram", "to": "telegram:2"},
        }
    }
    assert ClearDelivery().edits(before) == {"delivery": {"kind": "none"}}


def test_an_edit_that_holds_already_changes_nothing() -> None:
    assert SetDelivery(WORK).edits({"delivery": EXTERNAL}) == {}
    assert ClearDelivery().edits({"delivery": {"kind": "none"}}) == {}
    other_sender: JsonObject = {"delivery": {**EXTERNAL, "origin": {"provider": "telegram", "to": "telegram:9"}}}
    assert SetDelivery(WORK).edits(other_sender) == {}


def test_the_precondition_is_the_route_and_not_what_is_known_of_its_origin() -> None:
    one: JsonObject = {"delivery": EXTERNAL, "lastTo": "x"}
    other: JsonObject = {"delivery": {**EXTERNAL, "origin": {"label": "Bob"}}, "lastTo": "y"}
    assert ClearDelivery().guarded(one) == ClearDelivery().guarded(other)
    assert ClearDelivery().guarded(one) != ClearDelivery().guarded({"delivery": {"kind": "none"}})


ROUTES = st.builds(
    Route,
    st.sampled_from(["telegram", "slack", "webchat"]),
    st.text("ab01:", min_size=1, max_size=6).map(str.strip),
    st.sampled_from(["", "work"]),
    st.none() | st.integers(0, 99) | st.sampled_from(["t1"]),
)


@given(route=ROUTES, present=st.sampled_from([EXTERNAL, {"kind": "none"}, {"kind": "internal"}, {"kind": 7}]), x=VALUES)
def test_a_route_that_was_set_is_the_next_one(route: Route, present: JsonObject, x: object) -> None:
    before: JsonObject = {"sessionId": "s", "delivery": present}
    after = edited(before, SetDelivery(route).edits(before))
    expected = Route("webchat") if route.channel == "webchat" else route
    assert next_route(after) == expected
    assert SetDelivery(route).edits(after) == {}
    assert next_route(edited(after, as_in("delivery", before).edits(after))) == next_route(before)


def test_a_model_set_here_is_marked_as_resolved() -> None:
    """As applyModelOverrideToSessionEntry of 2026.9.6 does; unmarked, the gateway would resolve it anew."""
    row: JsonObject = {"delivery": {"kind": "none"}, "fallbackNotice": {"kind": "active"}, "contextTokensSource": "x"}
    edit = SetModel("openai", "gpt-5.2").edits(row)
    assert edit["modelOverrideRouteResolution"] == "resolved"
    assert edit["fallbackNotice"] is edit["contextTokensSource"] is ABSENT
    assert "modelOverrideRouteResolution" not in SetModel("openai", "gpt-5.2").edits({})
    after = edited(row, edit)
    assert ClearModel().edits(after)["modelOverrideRouteResolution"] is ABSENT
    assert SetModel("openai", "gpt-5.2").edits(after) == {}
