"""One row of an entry, whatever the entry's text holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.js import Json, JsonObject, encode
from store.summary import summarise
from tests.support.strategies import SCALARS, VALUES

KEY = "agent:main:telegram:group:-1001:topic:42"


def test_the_row_of_an_entry() -> None:
    entry: JsonObject = {
        "sessionId": "5b0c71e2",
        "updatedAt": 1_771_000_000_000,
        "providerOverride": "openai",
        "modelOverride": "gpt-5.2",
        "modelOverrideSource": "user",
        "modelProvider": "zai",
        "model": "glm-4.7",
        "thinkingLevel": "high",
        "lastChannel": "telegram",
        "lastTo": "-1001",
        "lastThreadId": 42,
        "sendPolicy": "deny",
        "status": "running",
        "label": "ops",
    }
    row = summarise(KEY, encode(entry).encode())
    assert row.override is not None
    assert (row.override.provider, row.override.model, row.override.source) == ("openai", "gpt-5.2", "user")
    assert (row.used_provider, row.used_model) == ("zai", "glm-4.7")
    assert (row.route.channel, row.route.to, row.route.thread) == ("telegram", "-1001", 42)
    assert (row.thinking, row.send_policy, row.status, row.label) == ("high", "deny", "running", "ops")
    assert row.updated_at == 1_771_000_000_000
    assert row.invalid == ""
    assert row.parts.agent == "main"


@pytest.mark.parametrize(
    ("raw", "says"), [(b"[1]", "not an object"), (b'"x"', "not an object"), (b'{"a":', "Not JSON")]
)
def test_an_entry_that_is_no_object_says_so(raw: bytes, says: str) -> None:
    assert says in summarise(KEY, raw).invalid


NAMES = (
    st.sampled_from(["sessionId", "updatedAt", "providerOverride", "modelOverride", "modelOverrideSource"])
    | st.sampled_from(["deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId", "channel"])
    | st.sampled_from(["origin", "route", "thinkingLevel", "sendPolicy", "status", "label", "model", "modelProvider"])
)


@given(st.text(max_size=30), st.dictionaries(NAMES, SCALARS | VALUES, max_size=12))
def test_no_type_in_a_known_field_is_too_wrong_for_a_row(key: str, entry: dict[str, Json]) -> None:
    row = summarise(key, encode(entry).encode())
    assert row.key == key
    assert row.invalid == ""
    texts = (row.label, row.used_model, row.used_provider, row.thinking, row.send_policy, row.status, row.session_id)
    assert all(isinstance(text, str) for text in texts)
    assert all(isinstance(text, str) for text in (row.route.channel, row.route.to, row.route.account))
    if row.override is not None:
        assert all(isinstance(text, str) for text in (row.override.provider, row.override.model, row.override.source))
