"""The command that a preview copies makes the very edit the preview shows."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.entry.delivery import ClearDelivery, SetDelivery
from store.entry.intent import Intent
from store.entry.levels import SetField, editable_levels
from store.entry.overrides import SOURCES, ClearModel, SetModel
from store.entry.routes import CHANNELS, Route
from store.entry.schema import FIELDS
from store.errors import UsageError
from store.js import ABSENT
from tui.cli.assignments import clearing, command_line, setting
from tui.cli.options import parse_options
from tui.cli.targets import keys_and_fields

STORE = Path("/srv/it's here/sessions.json")
KEY = "agent:main:telegram:group:-1001987654321:topic:42"
NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
IDS = NAMES | st.sampled_from(
    ["-100198", "user:U1", "chat:x:topic:7", "!room:server", "a:thread:b", "a:b:c", "--", "@x"]
)
THREADS = st.none() | st.integers(1, 2**53 - 1) | IDS | st.sampled_from(["42", "1771204418.334519"])
ROUTES = st.builds(Route, st.sampled_from([*CHANNELS, "cron", "a-plugins-own"]), IDS, st.just("") | NAMES, THREADS)
MODELS = st.builds(SetModel, NAMES, NAMES, st.sampled_from(SOURCES), st.just("") | NAMES) | st.builds(
    SetModel, NAMES, NAMES, st.just("auto"), NAMES, st.sampled_from(["user", "auto"])
)


def chosen(name: str) -> st.SearchStrategy[SetField]:
    allowed = FIELDS[name].allowed
    if allowed:
        return st.builds(SetField, st.just(name), st.sampled_from(allowed))
    if name in ("queueCap", "queueDebounceMs"):
        return st.builds(SetField, st.just(name), st.integers(1, 10**6))
    if name == "fastMode":
        return st.builds(SetField, st.just(name), st.booleans())
    return st.builds(SetField, st.just(name), NAMES)


LEVELS = st.sampled_from(editable_levels()).flatmap(lambda name: chosen(name) | st.just(SetField(name, ABSENT)))
INTENTS = st.tuples(
    st.none() | MODELS | st.just(ClearModel()),
    st.none() | ROUTES.map(SetDelivery) | st.just(ClearDelivery()),
    st.lists(LEVELS, max_size=3, unique_by=lambda one: one.field),
).map(lambda found: [one for one in (found[0], found[1], *found[2]) if one is not None])


def read_back(command: str) -> tuple[str, Sequence[str], list[Intent]]:
    program, *arguments = shlex.split(command)
    assert program == "clobberwatch"
    options = parse_options(arguments)
    (key,), fields = keys_and_fields(options)
    return key, options.stores, clearing(fields) if options.verb == "clear" else setting(fields)


@given(INTENTS.filter(bool))
def test_a_copied_command_makes_the_same_edit(intents: list[Intent]) -> None:
    key, stores, found = read_back(command_line(intents, KEY, STORE))
    assert (key, list(stores)) == (KEY, [str(STORE)])
    assert {one.unit: one for one in found} == {one.unit: one for one in intents}


@pytest.mark.parametrize("key", ["-x", "--json", "agent:main:it's", "agent:main:a\nb $HOME", "k=v"])
def test_a_key_may_be_anything(key: str) -> None:
    for intents in ([ClearModel()], [SetField("label", "--json")]):
        found, _stores, wish = read_back(command_line(intents, key, STORE))
        assert (found, wish) == (key, intents)


@pytest.mark.parametrize(
    ("intents", "words"),
    [
        ([SetModel("anthropic", "claude-opus-4-6")], "model=anthropic/claude-opus-4-6"),
        ([SetModel("zai", "glm-4.7", "auto")], "model=zai/glm-4.7 modelOverrideSource=auto"),
        ([ClearModel(), SetField("thinkingLevel", ABSENT)], "model thinkingLevel"),
        (
            [SetDelivery(Route("slack", "channel:C1", "work", "1771.33"))],
            "delivery=slack@work:channel:C1:thread:1771.33",
        ),
        ([SetField("thinkingLevel", "high"), ClearDelivery()], "thinkingLevel=high delivery:=null"),
    ],
)
def test_a_copied_command_reads_well(intents: list[Intent], words: str) -> None:
    assert command_line(intents, "k", Path("/s")).endswith(f" --store /s k {words}")


@pytest.mark.parametrize(
    "assignments",
    [
        ["modelOverrideSource=auto"],
        ["model=a/b", "modelOverride=c"],
        ["modelOverride=c"],
        ["model=a/b", "modelOverrideSource:=1"],
        ["model=a/b", "modelOverrideSource=mine"],
        ["model=a/b", "authProfileOverrideSource=user"],
        ["model=a/b", "model:=null"],
        ["delivery:=1"],
        ["delivery:={}"],
        ["status:=null"],
    ],
)
def test_half_a_unit_is_no_edit(assignments: list[str]) -> None:
    with pytest.raises(UsageError):
        setting(assignments)
