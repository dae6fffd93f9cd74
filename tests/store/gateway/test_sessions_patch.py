"""The rules of sessions.patch: named fields only, null clears, what cannot be meant is an error and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.entry.overrides import model_override
from store.errors import UsageError
from store.gateway.sessions_patch import Models, patch_session
from store.js import Json, JsonObject
from tests.support.gateways import FULL, KEY, MODELS, OTHER, entry_of, gateway, store_of

SUB = "agent:main:subagent:11111111-aaaa-4aaa-8aaa-111111111111"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return store_of(tmp_path)


def patched(path: Path, key: str = KEY, release: str = "2026.6.6", **patch: Json) -> JsonObject:
    patch_session(gateway(path, release), key, patch, MODELS)
    return entry_of(path, key)


def test_only_the_named_fields_change(path: Path) -> None:
    entry = patched(path, thinkingLevel="low", verboseLevel=None)
    expected = {**FULL, "thinkingLevel": "low"}
    del expected["verboseLevel"]
    assert {**entry, "updatedAt": 0} == {**expected, "updatedAt": 0}


def test_a_missing_entry_is_created(path: Path) -> None:
    entry = patched(path, "agent:main:new", thinkingLevel="low")
    assert set(entry) == {"sessionId", "updatedAt", "thinkingLevel"}


@pytest.mark.parametrize(
    ("key", "patch", "said"),
    [
        (KEY, {"lastChannel": "slack"}, "no field lastChannel"),
        (KEY, {"thinkingLevel": "loud"}, "thinkingLevel"),
        (KEY, {"label": ""}, "label"),
        (KEY, {"sendPolicy": "maybe"}, "sendPolicy"),
        (KEY, {"model": "gpt"}, "provider/model"),
        (KEY, {"model": 7}, "provider/model"),
        (KEY, {"spawnedBy": None}, "cannot be cleared"),
        (KEY, {"spawnDepth": 1}, "subagents only"),
        (KEY, {"inheritedToolDeny": ["exec"]}, "subagents only"),
        (SUB, {"spawnDepth": -1}, "whole number"),
        (SUB, {"spawnDepth": 2}, "cannot be changed"),
        (SUB, {"subagentRole": "boss"}, "orchestrator or leaf"),
        (SUB, {"spawnedCwd": " "}, "spawnedCwd"),
    ],
)
def test_what_cannot_be_meant_is_an_error_and_writes_nothing(
    tmp_path: Path, key: str, patch: dict[str, Json], said: str
) -> None:
    subagent: JsonObject = {"sessionId": "3", "updatedAt": 1, "spawnDepth": 1}
    path = store_of(tmp_path, **{SUB: subagent})
    before = path.read_bytes()
    with pytest.raises(UsageError, match=said):
        patch_session(gateway(path), key, {"thinkingLevel": "low", **patch}, MODELS)
    assert path.read_bytes() == before


def test_a_label_belongs_to_one_session(path: Path) -> None:
    patched(path, label="mine")
    assert patched(path, label="mine")["label"] == "mine"
    with pytest.raises(UsageError, match="label already in use"):
        patched(path, OTHER, label=" mine ")
    assert patched(path, label=None).get("label") is None
    assert patched(path, OTHER, label="mine")["label"] == "mine"


def test_the_fields_of_a_subagent_are_written_once(path: Path) -> None:
    entry = patched(path, SUB, spawnDepth=1, subagentRole="Leaf", inheritedToolDeny=[" exec", "exec", ""])
    assert (entry["subagentRole"], entry["inheritedToolDeny"]) == ("leaf", ["exec"])
    assert patched(path, SUB, spawnDepth=1, subagentRole="leaf")["spawnDepth"] == 1
    assert "inheritedToolDeny" not in patched(path, SUB, inheritedToolDeny=[])


def test_off_is_kept_or_removed_as_the_release_does(path: Path) -> None:
    assert "thinkingLevel" not in patched(path, release="2026.1.29", thinkingLevel="off")
    assert patched(path, thinkingLevel="off")["thinkingLevel"] == "off"
    assert "responseUsage" not in patched(path, responseUsage="off")


def test_a_model_is_set_as_a_whole(path: Path) -> None:
    override = model_override(patched(path, model="google/gemini-3"))
    assert override is not None
    assert (override.provider, override.model, override.source) == ("google", "gemini-3", "user")
    assert "authProfileOverride" not in entry_of(path)


def test_a_model_with_a_profile(path: Path) -> None:
    entry = patched(path, model="google/gemini-3@google:work")
    assert (entry["modelOverride"], entry["authProfileOverride"]) == ("gemini-3", "google:work")


@pytest.mark.parametrize("model", [None, "anthropic/claude-opus-4-6"])
def test_the_default_model_is_no_override(path: Path, model: str | None) -> None:
    entry = patched(path, model=model)
    assert model_override(entry) is None
    assert "modelOverrideSource" not in entry


def test_a_release_without_sources_writes_none(path: Path) -> None:
    assert "modelOverrideSource" not in patched(path, "agent:main:new", release="2026.3.2", model="google/gemini-3")


def test_only_allowed_models(path: Path) -> None:
    models = Models(default=("anthropic", "claude-opus-4-6"), allowed={("google", "gemini-3")})
    patch_session(gateway(path), KEY, {"model": "google/gemini-3"}, models)
    patch_session(gateway(path), KEY, {"model": "anthropic/claude-opus-4-6"}, models)
    with pytest.raises(UsageError, match=r"not allowed: openai/gpt-5\.2"):
        patch_session(gateway(path), KEY, {"model": "openai/gpt-5.2"}, models)
