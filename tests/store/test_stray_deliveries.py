"""Replies that go to the chat of another entry, and what looks like it."""

from __future__ import annotations

import json

import pytest

from store.events import Changed, EntryChange
from store.findings.finding import Finding
from store.js import Edit, Json
from store.summary import summarise
from tests.support.past import BASE, YOU, Life, text, told, with_edit

ALICE, BOB = "agent:main:whatsapp:direct:+12065550142", "agent:main:whatsapp:direct:+4915112345678"


def to(channel: str, address: str, **more: Json) -> Edit:
    return {
        "deliveryContext": {"channel": channel, "to": address, **more},
        "lastChannel": channel,
        "lastTo": address,
        **({"lastThreadId": more["threadId"]} if "threadId" in more else {}),
    }


def life(key: str, route: Edit, *others: str) -> Life:
    found = Life(with_edit(BASE, route), key=key)
    for other in (key, *others):
        found.detector.learn(summarise(other, json.dumps({"sessionId": other}).encode()))
    return found


def stray(findings: tuple[Finding, ...]) -> list[tuple[str, str, set[str]]]:
    return told(tuple(found for found in findings if found.kind == "cross-session"))


MOVED = [("cross-session", "probable", {"deliveryContext", "lastTo"})]


def test_replies_that_go_to_the_chat_of_another_entry() -> None:
    one = life(ALICE, to("whatsapp", "+12065550142"), BOB)
    found = one.wrote(to("whatsapp", "4915112345678@s.whatsapp.net"))
    assert stray(found) == MOVED
    finding = found[-1]
    assert finding.because().startswith("Replies now go to 4915112345678@s.whatsapp.net, the address of another entry")
    assert [(one.role, one.number) for one in finding.witness] == [("lost", 1), ("write", 2)]
    assert finding.witness[0].fields[-1] == ("lastTo", "+12065550142")
    assert stray(one.wrote({"label": "said once"})) == []
    assert stray(one.wrote(to("whatsapp", "+12065550142"))) == []


def test_the_other_entry_may_come_later_and_go_again() -> None:
    one = life(ALICE, to("whatsapp", "+12065550142"))
    assert stray(one.wrote(to("whatsapp", "+4915112345678"))) == []
    one.wrote(to("whatsapp", "+12065550142"))
    for before, after, wanted in ((None, BASE, MOVED), (BASE, None, [])):
        one.number += 1
        one.tell(Changed(one.detector.store, one.version(), (EntryChange(BOB, text(before), text(after)),), 2))
        assert stray(one.wrote(to("whatsapp", "+4915112345678"))) == wanted
        one.wrote(to("whatsapp", "+12065550142"))


@pytest.mark.parametrize(
    ("key", "before", "after", "other"),
    [
        pytest.param(
            "agent:main:main", to("whatsapp", "+12065550142"), to("whatsapp", "+4915112345678"), BOB, id="main, shared"
        ),
        pytest.param(
            "agent:main:cron:digest", to("webchat", ""), to("whatsapp", "+4915112345678"), BOB, id="a cron job told to"
        ),
        pytest.param(
            "agent:main:subagent:7f3a",
            to("whatsapp", "+12065550142"),
            to("whatsapp", "+4915112345678"),
            BOB,
            id="a subagent",
        ),
        pytest.param(
            "agent:main:direct:alice",
            to("telegram", "alice"),
            to("whatsapp", "+4915112345678"),
            BOB,
            id="a person with several channels",
        ),
        pytest.param(
            "agent:main:whatsapp:direct:alice",
            to("whatsapp", "+1"),
            to("whatsapp", "+4915112345678"),
            BOB,
            id="a key with a name of its own for the chat",
        ),
        pytest.param(
            "agent:main:telegram:group:-100",
            to("telegram", "-100"),
            to("telegram", "group:-100"),
            "agent:main:telegram:direct:-100",
            id="a group and a direct chat with one id",
        ),
        pytest.param(
            "agent:main:slack:channel:c1:thread:5",
            to("slack", "c1", threadId="5"),
            to("slack", "channel:C1"),
            "agent:main:slack:channel:c1",
            id="the channel of the thread",
        ),
        pytest.param(
            "agent:main:telegram:a:direct:5",
            to("telegram", "5", accountId="a"),
            to("telegram", "5", accountId="b"),
            "agent:main:telegram:b:direct:5",
            id="another account that reaches the same person",
        ),
        pytest.param(ALICE, to("whatsapp", "+12065550142"), to("webchat", ""), BOB, id="a look from the web"),
        pytest.param(ALICE, to("whatsapp", "+12065550142"), to("whatsapp", "+999"), BOB, id="an address nobody has"),
        pytest.param(
            ALICE,
            to("whatsapp", "+12065550142"),
            to("signal", "+4915112345678"),
            BOB,
            id="the same number elsewhere",
        ),
    ],
)
def test_look_alikes(key: str, before: Edit, after: Edit, other: str) -> None:
    assert stray(life(key, before, other).wrote(after)) == []


def test_our_own_edit_is_meant() -> None:
    one = life(ALICE, to("whatsapp", "+12065550142"), BOB)
    assert one.wrote(to("whatsapp", "+4915112345678"), writer=YOU) == ()
