from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.entry import intent
from store.entry.fields import edited
from store.entry.overrides import (
    ClearModel,
    ModelOverride,
    SetModel,
    model_as_in,
    model_override,
    observed_model,
    parse_model,
    torn,
)
from store.errors import UsageError
from store.js import ABSENT, Json, JsonObject, same
from tests.support.strategies import ENTRIES, SCALARS

UNIT = ("providerOverride", "modelOverride", "modelOverrideSource")
PROFILE = ("authProfileOverride", "authProfileOverrideSource", "authProfileOverrideCompactionCount")
RESIDUE = (
    *("model", "modelProvider", "contextTokens", "contextBudgetStatus", "liveModelSwitchPending"),
    *("fallbackNoticeSelectedModel", "fallbackNoticeActiveModel", "fallbackNoticeReason"),
    *("modelOverrideFallbackOriginProvider", "modelOverrideFallbackOriginModel"),
)
PINNED: JsonObject = {
    "sessionId": "s",
    "providerOverride": "openai",
    "modelOverride": "gpt-5.2",
    "modelOverrideSource": "user",
    "authProfileOverride": "openai:default",
    "authProfileOverrideSource": "auto",
    "authProfileOverrideCompactionCount": 2,
    "modelProvider": "openai",
    "model": "gpt-5.2",
    "contextTokens": 200000,
    "fallbackNoticeReason": "rate limit",
    "outputTokens": 12,
}
OPUS = SetModel("anthropic", "claude-opus-4-6")

NAMES = st.text("abz019-._:/", min_size=1, max_size=8)
PROVIDERS = st.sampled_from(["openai", "anthropic", "zai", "Z.AI"]) | NAMES.map(lambda name: name.replace("/", "-"))
MODEL_FIELDS = st.dictionaries(
    st.sampled_from([*UNIT, *PROFILE, *RESIDUE, "sessionStartedAt", "updatedAt", "traceLevel"]),
    SCALARS | PROVIDERS | PROVIDERS.map(lambda provider: f"{provider}:work"),
    max_size=9,
)
MODEL_ENTRIES = st.builds(lambda some, others: {**others, **some}, MODEL_FIELDS, ENTRIES)
CHOICES = st.builds(SetModel, PROVIDERS, NAMES, st.sampled_from(["user", "auto", "default", "old"]))


def test_an_override_without_a_source_is_old() -> None:
    assert model_override({"providerOverride": "zai", "modelOverride": "glm"}) == ModelOverride("zai", "glm", "old")
    assert model_override(PINNED) == ModelOverride("openai", "gpt-5.2", "user")


@pytest.mark.parametrize(
    "entry", [{}, {"modelOverrideSource": "default"}, {"modelOverride": None}, {"modelOverride": 7}]
)
def test_without_provider_and_model_there_is_no_override(entry: JsonObject) -> None:
    assert model_override(entry) is None
    assert torn(entry) == ""


def test_half_an_override_is_shown_and_called_torn() -> None:
    half: JsonObject = {"modelOverride": "gpt-5.2"}
    assert model_override(half) == ModelOverride("", "gpt-5.2", "old")
    assert torn(half) == "model gpt-5.2 without a provider"
    assert torn({"providerOverride": "openai", "modelOverride": " "}) == "provider openai without a model"


def test_the_observed_model_is_what_the_last_run_used() -> None:
    assert observed_model(PINNED) == ("openai", "gpt-5.2")
    assert observed_model({"model": None}) == ("", "")


def test_a_model_is_split_at_its_first_slash() -> None:
    assert parse_model(" openrouter/z-ai/glm-4.7 ") == ("openrouter", "z-ai/glm-4.7")


@pytest.mark.parametrize("given", ["", "gpt-5.2", "openai/", "/gpt", "open ai/gpt", "openai/g\x1bpt"])
def test_half_a_model_is_refused(given: str) -> None:
    with pytest.raises(UsageError):
        parse_model(given)


@pytest.mark.parametrize(("provider", "model", "source"), [("", "m", "user"), ("p", "", "user"), ("p", "m", "admin")])
def test_no_intent_holds_half_a_unit(provider: str, model: str, source: str) -> None:
    with pytest.raises(UsageError):
        SetModel(provider, model, source)


def test_setting_a_model_drops_what_belonged_to_the_other() -> None:
    assert OPUS.edits(PINNED) == {
        "providerOverride": "anthropic",
        "modelOverride": "claude-opus-4-6",
        **dict.fromkeys(PROFILE, ABSENT),
        **dict.fromkeys(("model", "modelProvider", "contextTokens", "fallbackNoticeReason"), ABSENT),
    }


def test_a_profile_of_the_same_provider_stays() -> None:
    edits = SetModel("openai", "gpt-5.1").edits(PINNED)
    assert not set(PROFILE) & set(edits)


@pytest.mark.parametrize(
    ("profile", "entry", "stays"),
    [
        ("Z.AI:me", {}, True),
        ("work", {"providerOverride": "z-ai"}, True),
        ("work", {"modelProvider": "zai"}, True),
        ("work", {}, False),
        ("zairo:me", {}, False),
    ],
)
def test_whether_a_profile_fits_is_told_by_its_provider(profile: str, entry: JsonObject, stays: bool) -> None:
    edits = SetModel("zai", "glm").edits({**entry, "authProfileOverride": profile})
    assert ("authProfileOverride" not in edits) is stays


def test_the_same_model_again_changes_nothing_even_when_a_fallback_ran() -> None:
    assert SetModel("openai", "gpt-5.2").edits({**PINNED, "model": "gpt-4"}) == {}


def test_another_source_alone_keeps_what_the_run_said_about_this_model() -> None:
    edits = SetModel("openai", "gpt-5.2", "auto").edits(PINNED)
    assert edits == {"modelOverrideSource": "auto", "fallbackNoticeReason": ABSENT}


def test_another_source_drops_what_a_run_with_another_model_said() -> None:
    edits = SetModel("openai", "gpt-5.2", "auto").edits({**PINNED, "model": "gpt-4"})
    assert {name for name, value in edits.items() if value is ABSENT} == {
        *("model", "modelProvider", "contextTokens", "fallbackNoticeReason"),
    }


def test_an_old_override_is_one_without_a_source() -> None:
    assert SetModel("openai", "gpt-5.2", "old").edits(PINNED)["modelOverrideSource"] is ABSENT


@pytest.mark.parametrize("witness", ["sessionStartedAt", "liveModelSwitchPending", "heartbeatTaskState", "route"])
def test_a_running_agent_is_told_where_the_release_listens(witness: str) -> None:
    assert OPUS.edits({**PINNED, witness: 1})["liveModelSwitchPending"] is True


@pytest.mark.parametrize("witness", ["modelOverrideSource", "traceLevel", "status", "unheardOf"])
def test_fields_of_older_releases_and_our_own_are_no_evidence(witness: str) -> None:
    assert "liveModelSwitchPending" not in OPUS.edits({**PINNED, witness: "x"})


def test_a_fallback_does_not_pretend_to_be_the_users_word() -> None:
    assert "liveModelSwitchPending" not in SetModel("a", "b", "auto").edits({**PINNED, "sessionStartedAt": 1})


def test_clearing_removes_the_unit_and_all_that_came_with_it() -> None:
    cleared = edited(PINNED, ClearModel().edits({**PINNED}))
    assert cleared == {"sessionId": "s", "outputTokens": 12}


def test_clearing_nothing_leaves_a_profile_alone() -> None:
    assert ClearModel().edits({"authProfileOverride": "openai:work", "model": "gpt-5.2"}) == {}


def test_clearing_a_stray_source_says_nothing_about_the_last_run() -> None:
    entry: JsonObject = {"modelOverrideSource": "user", "model": "gpt-5.2", "authProfileOverride": "openai:work"}
    assert ClearModel().edits(entry) == {"modelOverrideSource": ABSENT}


def test_the_precondition_is_the_unit_and_its_profile_never_residue() -> None:
    expected: dict[str, Json | object] = {name: PINNED[name] for name in (*UNIT, "authProfileOverride")}
    assert OPUS.guarded(PINNED) == expected
    assert ClearModel().guarded({}) == dict.fromkeys(expected, ABSENT)


def test_undo_brings_back_model_source_and_profile() -> None:
    gone = edited(PINNED, OPUS.edits(PINNED))
    back = edited(gone, model_as_in(PINNED).edits(gone))
    assert {name: back.get(name) for name in (*UNIT, *PROFILE)} == {
        **{name: PINNED[name] for name in (*UNIT, *PROFILE[:2])},
        PROFILE[2]: None,
    }
    assert model_as_in({"modelOverride": "half"}) == ClearModel()
    assert intent.as_in("model", {}) == ClearModel()


def test_what_will_hold_is_said_in_words() -> None:
    assert OPUS.describe() == "model is anthropic/claude-opus-4-6"
    assert ClearModel().describe() == "model is the agent's default"


@given(MODEL_ENTRIES, CHOICES)
def test_what_was_set_is_read_back_and_setting_it_again_changes_nothing(entry: JsonObject, choice: SetModel) -> None:
    after = edited(entry, choice.edits(entry))
    assert model_override(after) == ModelOverride(choice.provider, choice.model, choice.source)
    assert choice.edits(after) == {}
    assert torn(after) == torn({name: value for name, value in entry.items() if name not in UNIT})


@given(MODEL_ENTRIES)
def test_after_clearing_nothing_is_left(entry: JsonObject) -> None:
    after = edited(entry, ClearModel().edits(entry))
    assert model_override(after) is None
    assert not set(UNIT) & set(after)
    assert ClearModel().edits(after) == {}


@given(MODEL_ENTRIES, CHOICES | st.just(ClearModel()))
def test_no_edit_reaches_beyond_the_unit_and_its_residue(entry: JsonObject, choice: SetModel | ClearModel) -> None:
    edits = choice.edits(entry)
    assert set(edits) <= {*UNIT, *PROFILE, *RESIDUE}
    assert all(not same(entry.get(name, ABSENT), value) for name, value in edits.items())


@given(CHOICES | st.just(ClearModel()) | st.builds(SetModel, PROVIDERS, NAMES, st.just("user"), NAMES, st.just("auto")))
def test_a_draft_is_read_back_as_it_was(choice: SetModel | ClearModel) -> None:
    assert intent.from_json(choice.to_json()) == choice


@pytest.mark.parametrize("stored", [{}, {"intent": "set-model", "provider": "x"}, {"intent": "drop-table"}])
def test_a_draft_of_no_known_form_is_refused(stored: JsonObject) -> None:
    with pytest.raises(UsageError):
        intent.from_json(stored)
