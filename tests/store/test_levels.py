from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.entry import intent
from store.entry.fields import edited
from store.entry.levels import SetField, check_label, editable_levels, parse_value
from store.entry.schema import field
from store.errors import UsageError
from store.js import ABSENT, Json, JsonObject, Value, same
from tests.support.strategies import ENTRIES

NAMES = st.sampled_from(editable_levels())


def _values(name: str) -> st.SearchStrategy[Value]:
    if field(name).allowed:
        return st.sampled_from(field(name).allowed)
    if field(name).type == "number":
        return st.integers(1, 10_000)
    return (
        st.booleans() if field(name).type == "boolean" else st.text("ab ü🔎", min_size=1).map(lambda text: f"x{text}")
    )


SETS = NAMES.flatmap(lambda name: _values(name).map(lambda value: SetField(name, value)))


def test_the_levels_are_those_the_design_names() -> None:
    assert set(editable_levels()) == {
        *(
            "thinkingLevel",
            "verboseLevel",
            "reasoningLevel",
            "elevatedLevel",
            "fastMode",
            "traceLevel",
            "responseUsage",
        ),
        *("sendPolicy", "groupActivation", "execHost", "execSecurity", "execAsk", "execNode", "label"),
        *("queueMode", "queueDebounceMs", "queueCap", "queueDrop"),
    }


@pytest.mark.parametrize(
    ("name", "given_text", "value"),
    [
        ("thinkingLevel", " High ", "high"),
        ("thinkingLevel", "ultrathink", "high"),
        ("thinkingLevel", "off", "off"),
        ("thinkingLevel", "auto", "adaptive"),
        ("verboseLevel", "everything", "full"),
        ("traceLevel", "unfiltered", "raw"),
        ("reasoningLevel", "live", "stream"),
        ("elevatedLevel", "prompt", "ask"),
        ("fastMode", "on", True),
        ("fastMode", "false", False),
        ("responseUsage", "on", "tokens"),
        ("responseUsage", "off", ABSENT),
        ("sendPolicy", "DENY", "deny"),
        ("execHost", "auto", "auto"),
        ("execAsk", "on-miss", "on-miss"),
        ("execNode", " build-1 ", "build-1"),
        ("label", "  Ann's phone ", "Ann's phone"),
        ("queueMode", "steer+backlog", "steer-backlog"),
        ("queueDebounceMs", "0", 0),
        ("queueCap", "3", 3),
        ("queueDrop", "oldest", "old"),
        ("outputTokens", "12", 12),
        ("liveModelSwitchPending", "true", True),
        ("origin", '{"to": "x"}', {"to": "x"}),
        ("lastThreadId", "42", 42),
        ("lastThreadId", "118273645511229904", "118273645511229904"),
        ("sessionId", "12", "12"),
        ("unheardOf", "12", "12"),
    ],
)
def test_a_text_is_typed_by_the_catalogue(name: str, given_text: str, value: Value) -> None:
    meant = parse_value(name, given_text)
    assert same(meant, value)
    assert type(meant) is type(value)


@pytest.mark.parametrize(
    ("name", "given_text"),
    [
        ("thinkingLevel", "very"),
        ("thinkingLevel", ""),
        ("fastMode", "quickly"),
        ("sendPolicy", "maybe"),
        ("execNode", " "),
        ("execNode", "a\x1bb"),
        ("label", "  "),
        ("label", "x" * 513),
        ("label", "🔎" * 257),
        ("queueCap", "0"),
        ("queueCap", "1.5"),
        ("queueCap", "1e999"),
        ("queueDebounceMs", "-1"),
        ("queueDebounceMs", "soon"),
        ("queueDebounceMs", "true"),
        ("outputTokens", "many"),
        ("totalTokensFresh", "maybe"),
    ],
)
def test_a_value_openclaw_would_not_take_is_refused(name: str, given_text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_value(name, given_text)
    assert name in str(refused.value) or "label" in str(refused.value)


def test_the_longest_label_still_fits() -> None:
    assert parse_value("label", "🔎" * 256) == "🔎" * 256


def test_a_label_is_unique_in_the_store() -> None:
    check_label("Ann", ["Bob", "ann"])
    with pytest.raises(UsageError, match="already in use"):
        check_label("Ann", {"Ann"})


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("modelOverride", "model=provider/model"),
        ("lastTo", "delivery=channel:to"),
        ("outputTokens", "not edited here"),
        ("unheardOf", "unheardOf is not edited here; these are: model, delivery, "),
    ],
)
def test_a_field_that_is_no_level_says_what_to_do(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        SetField(name, "x")


def test_a_level_is_its_own_unit_and_its_own_precondition() -> None:
    chosen = SetField("thinkingLevel", "high")
    assert chosen.unit == "thinkingLevel"
    assert chosen.guarded({"thinkingLevel": "low", "label": "x"}) == {"thinkingLevel": "low"}
    assert chosen.guarded({}) == {"thinkingLevel": ABSENT}
    assert chosen.describe() == "thinkingLevel is high"
    assert SetField("fastMode", True).describe() == "fastMode is true"
    assert SetField("label", ABSENT).describe() == "label is not set"


def test_undo_brings_back_what_was_there() -> None:
    assert intent.as_in("sendPolicy", {"sendPolicy": "deny"}) == SetField("sendPolicy", "deny")
    assert intent.as_in("sendPolicy", {}) == SetField("sendPolicy", ABSENT)


@given(ENTRIES, SETS | NAMES.map(lambda name: SetField(name, ABSENT)))
def test_one_field_changes_and_only_once(entry: JsonObject, choice: SetField) -> None:
    edits = choice.edits(entry)
    after = edited(entry, edits)
    assert set(edits) <= {choice.field}
    assert same(after.get(choice.field, ABSENT), choice.value)
    assert choice.edits(after) == {}


@given(SETS | NAMES.map(lambda name: SetField(name, ABSENT)))
def test_a_draft_is_read_back_as_it_was(choice: SetField) -> None:
    assert intent.from_json(choice.to_json()) == choice


@given(NAMES, st.text(max_size=12))
def test_a_text_is_either_a_value_of_the_field_or_refused(name: str, given_text: str) -> None:
    try:
        value = parse_value(name, given_text)
    except UsageError:
        return
    assert SetField(name, value).value == value


@pytest.mark.parametrize(("given", "said"), [(5, "not 5"), ([1], r"not \[1\]"), ("Lots ", "not 'Lots '")])
def test_a_refusal_names_what_was_given(given: Json, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        SetField("thinkingLevel", given)
