from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.entry import intent
from store.entry.delivery import (
    ClearDelivery,
    Route,
    SetDelivery,
    agrees,
    delivery_as_in,
    key_route,
    next_route,
    parse_route,
    torn_route,
    wrong_route,
)
from store.entry.fields import edited
from store.entry.keys import parse_key
from store.entry.overrides import torn
from store.entry.routes import account_id, channel_id, thread_id
from store.errors import UsageError
from store.js import ABSENT, JsonObject, same
from tests.support.strategies import ENTRIES, SCALARS, VALUES

UNIT = ("deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId", "channel", "origin", "route")
WORK = Route("telegram", "telegram:1", "work", 7)
ENTRY: JsonObject = {
    "sessionId": "s",
    "channel": "telegram",
    "origin": {"label": "Ann", "provider": "telegram", "to": "telegram:1", "accountId": "work", "threadId": 7},
    "route": {
        "channel": "telegram",
        "accountId": "work",
        "target": {"to": "telegram:1", "chatType": "direct"},
        "thread": {"id": 7, "kind": "topic"},
    },
    "deliveryContext": {"channel": "telegram", "to": "telegram:1", "accountId": "work", "threadId": 7},
    "lastChannel": "telegram",
    "lastTo": "telegram:1",
    "lastAccountId": "work",
    "lastThreadId": 7,
}

CHANNEL_NAMES = st.sampled_from(["telegram", "slack", "discord", "webchat", "whatsapp"])
ADDRESSES = st.text("ab019-+:@._", min_size=1, max_size=9)
THREADS = st.none() | st.integers(0, 2**53) | st.text("019.ab", min_size=1, max_size=6)
ROUTES = st.builds(Route, CHANNEL_NAMES, ADDRESSES, st.sampled_from(["", "default", "Work", "a b"]), THREADS)
CONTEXTS = st.dictionaries(
    st.sampled_from(["channel", "provider", "to", "accountId", "threadId", "label", "from", "target", "thread"]),
    SCALARS | CHANNEL_NAMES | st.fixed_dictionaries({"to": SCALARS | ADDRESSES, "id": SCALARS}),
)
DELIVERY_FIELDS = st.dictionaries(st.sampled_from(UNIT), VALUES | CHANNEL_NAMES | CONTEXTS, max_size=8)
DELIVERY_ENTRIES = st.builds(lambda some, others: {**others, **some}, DELIVERY_FIELDS, ENTRIES)


def test_a_consistent_entry_goes_where_all_fields_say() -> None:
    assert next_route(ENTRY) == WORK
    assert torn(ENTRY) == ""


@pytest.mark.parametrize(
    ("entry", "route"),
    [
        ({}, Route()),
        ({"deliveryContext": {"channel": "slack", "to": "channel:C1"}}, Route("slack", "channel:C1")),
        ({"channel": "discord"}, Route("discord")),
        ({"origin": {"provider": "signal", "to": "signal:1", "accountId": "a"}}, Route("signal", "", "a")),
        ({"lastChannel": "teams", "lastTo": " x "}, Route("msteams", "x")),
        ({"lastTo": "1", "deliveryContext": {"channel": "telegram", "to": "2"}}, Route("telegram", "1")),
        ({"route": {"channel": "slack"}, "lastChannel": "telegram", "lastTo": "1"}, Route("slack")),
        ({"route": {"target": {"to": "9"}}, "lastChannel": "telegram", "lastTo": "1"}, Route("telegram", "9")),
        ({"lastChannel": "webchat", "deliveryContext": {"channel": "slack", "to": "1"}}, Route("slack", "1")),
        ({"route": {"channel": "cron"}, "deliveryContext": {"channel": "slack", "to": "1"}}, Route("slack", "1")),
        ({"lastChannel": "a", "lastThreadId": 7.9}, Route("a", thread=7)),
        ({"lastChannel": "a", "lastThreadId": "1771204418.334519"}, Route("a", thread="1771204418.334519")),
        ({"lastChannel": "a", "lastThreadId": True}, Route("a")),
        ({"lastChannel": "a", "lastTo": 7, "deliveryContext": "?", "route": [], "origin": None}, Route("a")),
    ],
)
def test_the_next_route_follows_the_precedence_of_the_gateway(entry: JsonObject, route: Route) -> None:
    assert next_route(entry) == route


def test_an_address_is_never_taken_from_another_channel() -> None:
    entry: JsonObject = {"lastChannel": "discord", "deliveryContext": {"channel": "telegram", "to": "telegram:1"}}
    assert next_route(entry) == Route("discord")
    assert torn(entry) == "deliveryContext and last* name two channels: telegram, discord"


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [("lastTo", "telegram:2", "addresses"), ("lastAccountId", "home", "accounts"), ("lastThreadId", 8, "threads")],
)
def test_fields_that_contradict_each_other_are_torn(field: str, value: str | int, what: str) -> None:
    assert f"two {what}" in torn_route({**ENTRY, field: value})


@pytest.mark.parametrize(("field", "value"), [("lastTo", None), ("lastThreadId", "7"), ("lastAccountId", "WORK")])
def test_a_gap_or_another_spelling_is_no_contradiction(field: str, value: str | None) -> None:
    assert torn_route({**ENTRY, field: value}) == ""


def test_setting_a_route_rewrites_every_field_that_names_one() -> None:
    assert SetDelivery(Route("telegram", "telegram:2")).edits(ENTRY) == {
        "deliveryContext": {"channel": "telegram", "to": "telegram:2"},
        "lastTo": "telegram:2",
        "lastAccountId": ABSENT,
        "lastThreadId": ABSENT,
        "origin": {"label": "Ann", "provider": "telegram", "to": "telegram:2"},
        "route": {"channel": "telegram", "target": {"to": "telegram:2"}},
    }


def test_another_channel_reaches_every_field_that_names_one() -> None:
    after = edited(ENTRY, SetDelivery(Route("slack", "channel:C1", "", "17.33")).edits(ENTRY))
    assert (after["channel"], after["lastChannel"]) == ("slack", "slack")
    assert after["origin"] == {"label": "Ann", "provider": "slack", "to": "channel:C1", "threadId": "17.33"}
    assert after["route"] == {"channel": "slack", "target": {"to": "channel:C1"}, "thread": {"id": "17.33"}}


def test_what_the_route_object_says_beyond_the_unit_stays_while_it_is_about_the_same() -> None:
    edits = SetDelivery(Route("telegram", "telegram:1", "work", 9)).edits(ENTRY)
    assert edits["route"] == {**dict(ENTRY["route"]), "thread": {"id": 9}}  # type: ignore[arg-type]


def test_fields_that_a_release_does_not_have_are_not_made_up() -> None:
    edits = SetDelivery(WORK).edits({"sessionId": "s"})
    assert set(edits) == {"deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId"}


def test_a_thread_keeps_the_type_it_has() -> None:
    assert SetDelivery(Route("telegram", "telegram:1", "work", "7")).edits(ENTRY) == {}
    assert SetDelivery(Route("slack", "c", thread="8")).edits(ENTRY)["lastThreadId"] == "8"


def test_a_route_is_written_as_the_gateway_would_write_it() -> None:
    chosen = SetDelivery(Route(" Teams ", " 19:x ", "My Bot!", " 5 "))
    assert chosen.route == Route("msteams", "19:x", "my-bot", "5")


@pytest.mark.parametrize("route", [Route(), Route("", "1"), Route("telegram"), Route("telegram", "a\x1bb")])
def test_half_a_route_is_refused(route: Route) -> None:
    with pytest.raises(UsageError):
        SetDelivery(route)


def test_clearing_leaves_nothing_a_save_could_bring_back_and_keeps_the_rest_of_the_origin() -> None:
    after = edited(ENTRY, ClearDelivery().edits(ENTRY))
    assert after == {"sessionId": "s", "origin": {"label": "Ann"}}
    assert not next_route(after)


def test_an_origin_without_anything_else_goes() -> None:
    assert ClearDelivery().edits({"origin": {"provider": "slack"}}) == {"origin": ABSENT}


def test_the_precondition_names_the_members_of_the_origin() -> None:
    guarded = SetDelivery(WORK).guarded(ENTRY)
    assert guarded["origin.threadId"] == 7
    assert "origin" not in guarded
    assert guarded == ClearDelivery().guarded(ENTRY)
    assert ClearDelivery().guarded({"origin": "odd"})["origin.to"] is ABSENT


def test_undo_brings_back_a_whole_route_and_clears_one_that_was_not() -> None:
    assert delivery_as_in(ENTRY) == SetDelivery(WORK)
    assert intent.as_in("delivery", {"channel": "telegram"}) == ClearDelivery()
    assert delivery_as_in({"lastChannel": "webchat"}) == SetDelivery(Route("webchat"))


def test_what_will_hold_is_said_in_words() -> None:
    assert SetDelivery(WORK).describe() == "next reply goes to telegram telegram:1 #7 account work"
    assert Route().describe() == "nowhere"


@pytest.mark.parametrize(
    ("given_text", "route"),
    [
        ("telegram:-1001987654321", Route("telegram", "-1001987654321")),
        ("telegram:-1001987654321:42", Route("telegram", "-1001987654321", thread=42)),
        ("telegram:-1001:topic:42", Route("telegram", "-1001", thread=42)),
        ("telegram@Work:telegram:1", Route("telegram", "telegram:1", "work")),
        ("telegram:1:007", Route("telegram", "1", thread="007")),
        ("slack:channel:C1", Route("slack", "channel:C1")),
        ("slack:channel:C1:1771204418.334519", Route("slack", "channel:C1", thread="1771204418.334519")),
        ("discord:channel:9:118273645511229904", Route("discord", "channel:9", thread="118273645511229904")),
        ("matrix:!room:server.org", Route("matrix", "!room:server.org")),
        ("matrix:!room:server.org:thread:$e", Route("matrix", "!room:server.org", thread="$e")),
        ("msteams:conversation:19:a@thread.tacv2", Route("msteams", "conversation:19:a@thread.tacv2")),
        (" WhatsApp:+12065550142 ", Route("whatsapp", "+12065550142")),
        ("webchat", Route("webchat")),
    ],
)
def test_a_route_is_typed_as_channel_address_and_thread(given_text: str, route: Route) -> None:
    assert parse_route(given_text) == route


@pytest.mark.parametrize("given_text", ["", "telegrm:1", "telegram", "telegram:", "telegram:1:2:3", "12065550142"])
def test_a_route_that_cannot_be_meant_is_refused(given_text: str) -> None:
    with pytest.raises(UsageError):
        parse_route(given_text)


def test_channels_of_plugins_can_be_named_by_the_caller() -> None:
    assert parse_route("wecom:u1", channels=["wecom"]) == Route("wecom", "u1")


@pytest.mark.parametrize(
    ("key", "route", "same_chat"),
    [
        ("agent:main:telegram:direct:512388041", Route("telegram", "telegram:512388041"), True),
        ("agent:main:telegram:direct:512388041", Route("telegram", "512388042"), False),
        ("agent:main:telegram:direct:512388041", Route("slack", "512388041"), False),
        ("agent:main:telegram:group:-1001:topic:42", Route("telegram", "telegram:-1001", thread=42), True),
        ("agent:main:telegram:group:-1001:topic:42", Route("telegram", "-1001:topic:42"), True),
        ("agent:main:telegram:group:-1001:topic:42", Route("telegram", "-1001"), False),
        ("agent:main:telegram:group:-1001:topic:42", Route("telegram", "-1001", thread="43"), False),
        ("agent:main:telegram:group:-1001", Route("telegram", "telegram:group:-1001", thread=42), True),
        ("agent:main:slack:channel:c0a1:thread:17.33", Route("slack", "channel:C0A1", thread="17.33"), True),
        ("agent:main:slack:direct:u1", Route("slack", "user:U1"), True),
        ("agent:main:whatsapp:direct:+12065550142", Route("whatsapp", "12065550142@s.whatsapp.net"), True),
        ("agent:main:whatsapp:group:1203@g.us", Route("whatsapp", "1203@g.us"), True),
        ("agent:main:whatsapp:direct:+12065550142", Route("whatsapp", "+4915112345678"), False),
        ("agent:main:telegram:work:direct:1", Route("telegram", "1", "work"), True),
        ("agent:main:telegram:work:direct:1", Route("telegram", "1", "home"), False),
        ("agent:main:direct:+4366055501", Route("signal", "signal:+4366055501"), True),
        ("agent:main:telegram:direct:1", Route(), False),
    ],
)
def test_whether_a_route_leads_to_the_chat_its_key_names(key: str, route: Route, same_chat: bool) -> None:
    named = key_route(parse_key(key))
    assert named is not None
    assert agrees(route, named) is same_chat


@pytest.mark.parametrize(
    "key", ["agent:main:main", "agent:ops:cron:daily", "agent:main:subagent:b90e", "hook:1", "global"]
)
def test_keys_of_no_chat_name_no_route(key: str) -> None:
    assert key_route(parse_key(key)) is None


@pytest.mark.parametrize(
    ("route", "wrong"),
    [
        (Route("telegram", "heartbeat"), True),
        (Route("cron", "x"), True),
        (Route("", "1"), True),
        (Route("webchat"), False),
        (Route("telegram", "1"), False),
        (Route(), False),
    ],
)
def test_routes_that_reach_nobody_are_told(route: Route, wrong: bool) -> None:
    assert bool(wrong_route(route)) is wrong


@given(DELIVERY_ENTRIES, ROUTES)
def test_what_was_set_is_where_the_next_reply_goes(entry: JsonObject, route: Route) -> None:
    chosen = SetDelivery(route)
    after = edited(entry, chosen.edits(entry))
    there = next_route(after)
    assert (there.channel, there.to, there.account) == (route.channel, route.to.strip(), account_id(route.account))
    assert str(there.thread) == str(thread_id(route.thread))
    assert chosen.edits(after) == {}
    assert torn_route(after) == ""


@given(DELIVERY_ENTRIES)
def test_after_clearing_nothing_is_left(entry: JsonObject) -> None:
    after = edited(entry, ClearDelivery().edits(entry))
    assert not next_route(after)
    assert ClearDelivery().edits(after) == {}


@given(DELIVERY_ENTRIES, ROUTES.map(SetDelivery) | st.just(ClearDelivery()))
def test_no_edit_reaches_beyond_the_unit(entry: JsonObject, choice: SetDelivery | ClearDelivery) -> None:
    edits = choice.edits(entry)
    assert set(edits) <= set(UNIT)
    assert all(not same(entry.get(name, ABSENT), value) for name, value in edits.items())
    before, after = entry.get("origin"), edited(entry, edits).get("origin")
    if isinstance(before, dict):
        kept = {
            name: value for name, value in before.items() if name not in ("provider", "to", "accountId", "threadId")
        }
        assert kept.items() <= (after if isinstance(after, dict) else {}).items() or not kept


@given(ROUTES.map(SetDelivery) | st.just(ClearDelivery()))
def test_a_draft_is_read_back_as_it_was(choice: SetDelivery | ClearDelivery) -> None:
    assert intent.from_json(choice.to_json()) == choice


@given(DELIVERY_ENTRIES)
def test_no_entry_is_too_odd_to_be_read(entry: JsonObject) -> None:
    route = next_route(entry)
    assert channel_id(route.channel) == route.channel
    assert isinstance(torn(entry) + wrong_route(route) + route.describe(), str)
