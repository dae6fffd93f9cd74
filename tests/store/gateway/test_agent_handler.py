"""The agent handler notes a request and keeps everything else; from a cached read it did not (#5369, #52786)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from store.entry.routes import Route
from store.gateway.agent_handler import Form, Request, handle, handle_racy
from store.js import JsonObject
from tests.support.gateways import FULL, KEY, entry_of, gateway, patches, store_of

TIMES = {"updatedAt"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return store_of(tmp_path)


def without(entry: JsonObject, *names: str) -> JsonObject:
    return {name: value for name, value in entry.items() if name not in {*TIMES, *names}}


def test_every_field_of_the_entry_is_preserved(path: Path) -> None:
    handled = handle(gateway(path), KEY, Request())
    assert not handled.denied
    assert without(entry_of(path)) == without(FULL)
    assert entry_of(path)["updatedAt"] != FULL["updatedAt"]


def test_a_model_set_while_it_thought_stands(path: Path) -> None:
    handle(gateway(path), KEY, Request(), patches(path, model="google/gemini-3"))
    assert entry_of(path)["modelOverride"] == "gemini-3"


@pytest.mark.parametrize("form", ["assigned", "merged"])
def test_from_a_cached_read_the_model_goes_back(path: Path, form: Form) -> None:
    handle_racy(gateway(path), KEY, Request(), patches(path, model="google/gemini-3"), form)
    entry = entry_of(path)
    assert (entry["providerOverride"], entry["modelOverride"]) == ("openai", "gpt-5.2")


def test_assigned_whole_it_drops_what_the_handler_does_not_know(path: Path) -> None:
    handle_racy(gateway(path), KEY, Request())
    lost = FULL.keys() - entry_of(path).keys()
    assert {"authProfileOverride", "elevatedLevel", "chatType", "somethingNew", "queueMode"} <= lost
    assert not {"modelOverride", "thinkingLevel", "label", "cliSessionIds"} & lost


def test_merged_it_erases_what_was_set_meanwhile_and_is_not_in_the_copy(path: Path) -> None:
    handle(gateway(path), "agent:main:main", Request())
    handle_racy(gateway(path), "agent:main:main", Request(), patches(path, "agent:main:main", label="new"), "merged")
    assert "label" not in entry_of(path, "agent:main:main")


@pytest.mark.parametrize("form", ["merged"])
def test_both_forms_agree_when_the_cached_entry_is_fresh(tmp_path: Path, form: Form) -> None:
    request = Request(label="told", spawned_by="agent:main:x")
    written = []
    for name in ("right", "racy"):
        (tmp_path / name).mkdir()
        path = store_of(tmp_path / name)
        if name == "right":
            handle(gateway(path), KEY, request)
        else:
            handle_racy(gateway(path), KEY, request, form=form)
        written.append(without(entry_of(path)))
    assert written[0] == written[1]


def test_both_forms_agree_on_all_the_handler_knows(tmp_path: Path) -> None:
    known = without(FULL, "authProfileOverride", "authProfileOverrideSource", "elevatedLevel", "chatType")
    known = without(known, "modelOverrideSource", "queueMode", "somethingNew") | {"updatedAt": 1}
    path = store_of(tmp_path, **{"agent:main:a": dict(known), "agent:main:b": dict(known)})
    handle(gateway(path), "agent:main:a", Request(label="x"))
    handle_racy(gateway(path), "agent:main:b", Request(label="x"))
    assert without(entry_of(path, "agent:main:a")) == without(entry_of(path, "agent:main:b"))


def test_what_the_request_says_overrides_the_fresh_entry(path: Path) -> None:
    request = Request(label=" told ", spawned_by="agent:ops:main", group_id="g2", group_channel="c2", space="s2")
    handle(gateway(path), KEY, request, patches(path, label="set meanwhile"))
    entry = entry_of(path)
    told = {"label": "told", "spawnedBy": "agent:ops:main", "groupId": "g2", "groupChannel": "c2", "space": "s2"}
    assert {name: entry[name] for name in told} == told


def test_the_channel_is_the_requests_only_where_the_entry_has_none(path: Path) -> None:
    request = Request(route=Route("slack", "c1"))
    handle(gateway(path), KEY, request)
    handle(gateway(path), "agent:main:new", request)
    assert entry_of(path)["channel"] == "telegram"
    assert entry_of(path)["lastTo"] == "1"
    assert entry_of(path, "agent:main:new")["channel"] == "slack"


def test_a_missing_entry_is_created(path: Path) -> None:
    handled = handle(gateway(path), "agent:main:new", Request(label="first"))
    entry = entry_of(path, "agent:main:new")
    assert entry == handled.entry
    assert len(str(entry["sessionId"])) == 36 and entry["label"] == "first"
    again = handle(gateway(path), "agent:main:new", Request()).entry
    assert again is not None and again["sessionId"] == entry["sessionId"]


def test_an_explicit_session_id_is_taken(path: Path) -> None:
    handle(gateway(path), "agent:main:new", Request(session_id="mine"))
    assert entry_of(path, "agent:main:new")["sessionId"] == "mine"


def test_a_denial_set_while_it_thought_counts_and_writes_nothing(path: Path) -> None:
    denies = patches(path, sendPolicy="deny")
    before: list[bytes] = []

    def think() -> None:
        denies()
        before.append(path.read_bytes())

    assert handle(gateway(path), KEY, Request(label="never"), think).denied
    assert path.read_bytes() == before[0]


def test_a_denial_that_was_lifted_while_it_thought_does_not_count(path: Path) -> None:
    patches(path, sendPolicy="deny")()
    assert not handle(gateway(path), KEY, Request(), patches(path, sendPolicy=None)).denied
    patches(path, sendPolicy="deny")()
    assert handle_racy(gateway(path), KEY, Request(), patches(path, sendPolicy=None)).denied


def test_without_a_store_it_works_on_the_memory() -> None:
    memory = {KEY: dict(FULL)}
    alone = gateway(None, memory=memory)
    handled = handle(alone, KEY, replace(Request(), label="told"))
    assert handled.entry == memory[KEY]
    assert without(memory[KEY]) == without(FULL | {"label": "told"})
    assert handle(alone, "agent:main:new", Request()).entry == memory["agent:main:new"]
