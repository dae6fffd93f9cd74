"""Compare-and-set edits by hand, and the one thing that becomes of each."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import store.commit
from store.edit import EditResult, apply_edit, preview_edit
from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel
from store.errors import Busy
from store.js import ABSENT, JsonObject, Value, same
from store.writing.exchange import Swap, commit_by_exchange
from store.writing.lock import lock_path
from store.writing.permit import Permit
from tests.support.stores import ALLOWED, beside, entry, replace_store, write_store

KEY = "agent:main:main"
OLD_MODEL = {"providerOverride": "openai", "modelOverride": "gpt-5.2", "modelOverrideSource": "user"}
OPUS = SetModel("anthropic", "claude-opus-4-6", "user")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", {KEY: entry(**OLD_MODEL, status="done"), "other": entry()})


def on_disk(path: Path) -> JsonObject:
    found: JsonObject = json.loads(path.read_bytes())[KEY]
    return found


def edit(path: Path, *intents: Intent, seen: JsonObject | None = None, **options: Any) -> EditResult:
    return apply_edit(path, KEY, intents, seen, permit=options.pop("permit", ALLOWED), **options)


def test_already_so_is_no_answer_where_something_else_was_expected_even_of_the_field_itself(path: Path) -> None:
    before = path.read_bytes()
    already = SetModel("openai", "gpt-5.2", "user")
    assert edit(path, already, expect={"modelOverride": "gpt-9"}).outcome == "conflict"
    assert edit(path, already, expect={"modelOverride": "gpt-5.2", "status": "done"}).outcome == "unchanged"
    assert edit(path, already, expect={"status": "running"}).outcome == "conflict"
    assert edit(path, already, expect={"label": "home"}).exit_code == 3
    assert path.read_bytes() == before


def test_applied(path: Path) -> None:
    before = on_disk(path)
    result = edit(path, OPUS, seen=before)
    after = on_disk(path)
    assert (result.outcome, result.exit_code, result.reason) == ("applied", 0, "")
    assert after["modelOverride"] == "claude-opus-4-6" and after["providerOverride"] == "anthropic"
    assert after["updatedAt"] != before["updatedAt"]
    assert {change.field: (change.old, change.new) for change in result.changes}["modelOverride"] == (
        "gpt-5.2",
        "claude-opus-4-6",
    )
    assert "updatedAt" not in {change.field for change in result.changes}
    assert result.theirs == before
    assert result.version is not None and result.version.inode == path.stat().st_ino


def test_its_time_is_now_in_ms_and_never_earlier_than_it_was(path: Path) -> None:
    edit(path, OPUS)
    assert abs(float(str(on_disk(path)["updatedAt"])) - time.time() * 1000) < 60_000
    later = 4_000_000_000_000.5
    replace_store(path, {KEY: {**entry(), "updatedAt": later}})
    edit(path, OPUS)
    assert on_disk(path)["updatedAt"] == later


def test_several_units_are_one_write(path: Path) -> None:
    result = edit(path, OPUS, SetField("sendPolicy", "deny"), seen=on_disk(path))
    assert result.outcome == "applied"
    assert on_disk(path)["sendPolicy"] == "deny" and on_disk(path)["modelOverride"] == "claude-opus-4-6"


def test_other_fields_that_moved_are_kept_and_listed(path: Path) -> None:
    seen = on_disk(path)
    replace_store(path, {KEY: {**seen, "status": "running", "outputTokens": 7, "updatedAt": 1_790_000_000_001}})
    result = edit(path, OPUS, seen=seen)
    assert (result.outcome, result.rebased) == ("rebased", ("outputTokens", "status"))
    assert on_disk(path)["outputTokens"] == 7


def test_as_wanted_already(path: Path) -> None:
    inode = path.stat().st_ino
    result = edit(path, SetModel("openai", "gpt-5.2", "user"), seen={})
    assert (result.outcome, result.exit_code) == ("unchanged", 0)
    assert result.reason == "Nothing to write: model is openai/gpt-5.2 already."
    assert path.stat().st_ino == inode


def test_somebody_changed_the_same_unit(path: Path) -> None:
    seen = on_disk(path)
    theirs = {**seen, "providerOverride": "zai", "modelOverride": "glm-4.7"}
    replace_store(path, {KEY: theirs})
    result = edit(path, OPUS, seen=seen)
    assert (result.outcome, result.exit_code) == ("conflict", 3)
    assert result.reason == "Not written: model is now zai/glm-4.7, not openai/gpt-5.2 as you saw it."
    assert [conflict.unit for conflict in result.conflicts] == ["model"]
    assert set(result.conflicts[0].fields) == {"providerOverride", "modelOverride"}
    assert result.theirs == theirs and on_disk(path) == theirs


def test_a_new_session_under_the_key_is_a_conflict(path: Path) -> None:
    seen = on_disk(path)
    replace_store(path, {KEY: {**seen, "sessionId": "new"}})
    result = edit(path, OPUS, seen=seen)
    assert result.outcome == "conflict" and "sessionId is now new, not 3f0c" in result.reason


def test_an_entry_that_is_gone_is_a_conflict(path: Path) -> None:
    seen = on_disk(path)
    replace_store(path, {"other": entry()})
    result = edit(path, OPUS, seen=seen)
    assert result.outcome == "conflict" and result.theirs is None
    assert "no longer in the store" in result.reason


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        ({"status": "done"}, "applied"),
        ({"status": "running"}, "conflict"),
        ({"label": ABSENT}, "applied"),
        ({"status": ABSENT}, "conflict"),
        ({"label": "x"}, "conflict"),
    ],
)
def test_what_was_expected_must_be_there(path: Path, expect: dict[str, Value], outcome: str) -> None:
    result = edit(path, OPUS, expect=expect)
    assert result.outcome == outcome
    assert (on_disk(path)["modelOverride"] == "gpt-5.2") == (outcome == "conflict")


def test_a_dry_run_writes_nothing(path: Path) -> None:
    before, inode = path.read_bytes(), path.stat().st_ino
    result = edit(path, OPUS, seen=on_disk(path), dry_run=True)
    assert result.outcome == "applied" and {change.field for change in result.changes} >= {"modelOverride"}
    assert path.read_bytes() == before and path.stat().st_ino == inode and beside(path) == []


def test_read_only_and_refused(path: Path) -> None:
    for permit in (Permit.read_only("Not written: read-only."), Permit.refused("Not written: no lock.")):
        result = edit(path, OPUS, permit=permit)
        assert (result.outcome, result.exit_code, result.reason) == ("refused", 5, permit.how)


def test_busy_names_the_holder(path: Path) -> None:
    lock_path(path).write_text(json.dumps({"pid": os.getppid(), "createdAt": "2026-03-02T10:00:00.000Z"}))
    result = edit(path, OPUS, timeout=0.0)
    assert (result.outcome, result.exit_code) == ("busy", 4)
    assert f"pid {os.getppid()}" in result.reason


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_unreadable(path: Path, content: str | None) -> None:
    path.unlink() if content is None else path.write_text(content)
    result = edit(path, OPUS)
    assert (result.outcome, result.exit_code) == ("unreadable", 6)
    assert result.reason


def test_no_such_session(path: Path) -> None:
    result = apply_edit(path, "nobody", [OPUS], None, permit=ALLOWED)
    assert result.outcome == "unreadable" and "no session nobody" in result.reason


def test_a_journal_that_fails_is_told(path: Path, tmp_path: Path) -> None:
    from store.writing.journal import Journal

    (tmp_path / "blocked").touch()
    result = edit(path, OPUS, journal=Journal(tmp_path / "blocked"))
    assert result.outcome == "applied" and result.reason.startswith("Written, but not journalled")


def test_a_conflict_that_comes_up_between_look_and_write(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that ignores the lock changes the model in the last microsecond: its model stands, ours is refused."""
    seen = on_disk(path)
    theirs = {**seen, "providerOverride": "zai", "modelOverride": "glm-4.7"}
    turns = [theirs]

    def slip_in(*arguments: Any) -> Swap:
        if turns:
            replace_store(path, {KEY: turns.pop()})
        return commit_by_exchange(*arguments)

    monkeypatch.setattr(store.commit, "commit_by_exchange", slip_in)
    assert edit(path, OPUS, seen=seen).outcome == "conflict"
    assert on_disk(path) == theirs


def test_the_json_form(path: Path) -> None:
    result = edit(path, SetField("label", "x"), seen=on_disk(path))
    assert result.to_json() == {
        "outcome": "applied",
        "key": KEY,
        "store": str(path),
        "changes": [{"field": "label", "old": None, "new": "x"}],
        "rebased": [],
        "reason": "",
    }


def test_a_preview_is_what_would_be_written(path: Path) -> None:
    changes = preview_edit(on_disk(path), [ClearModel(), OPUS])
    edit(path, ClearModel(), OPUS)
    after = on_disk(path)
    assert changes and all(same(after.get(change.field, ABSENT), change.new) for change in changes)


def test_no_store_error_escapes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Busy("Not written: busy.")

    monkeypatch.setattr("store.edit.update_store", busy)
    assert edit(path, OPUS).outcome == "busy"


@given(moved=st.dictionaries(st.sampled_from(["status", "label", "model", "fastMode"]), st.integers(0, 9), max_size=4))
def test_fields_not_meant_are_never_touched(tmp_path_factory: pytest.TempPathFactory, moved: dict[str, int]) -> None:
    path = write_store(tmp_path_factory.mktemp("edit") / "sessions.json", {KEY: entry(status="done")})
    seen = on_disk(path)
    replace_store(path, {KEY: {**seen, **moved}})
    result = edit(path, SetField("sendPolicy", "deny"), seen=seen)
    assert result.outcome == ("rebased" if moved else "applied")
    assert result.rebased == tuple(sorted(moved))
    after = on_disk(path)
    assert after == {**seen, **moved, "sendPolicy": "deny", "updatedAt": after["updatedAt"]}
