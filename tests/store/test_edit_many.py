"""Edits of many entries: one write, and what became of each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import store.commit
from store.edit import EditResult, RowEdit, apply_edits
from store.entry.levels import SetField
from store.entry.overrides import ClearModel
from store.js import Json, JsonObject
from store.writing.exchange import Swap, commit_by_exchange
from store.writing.journal import Journal
from store.writing.permit import Permit
from tests.support.stores import ALLOWED, beside, entry, replace_store, write_store

GLM = {"providerOverride": "zai", "modelOverride": "glm-4.7", "modelOverrideSource": "auto"}
OPUS = {"providerOverride": "anthropic", "modelOverride": "claude-opus-4-6", "modelOverrideSource": "user"}
HOSTILE = ["", " ", "agent:main:\x1b[2J", "a\nb", '"\\', "__proto__", "\u202eevil", "長い"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", {f"row {at}": entry(**GLM) for at in range(5)})


@pytest.fixture
def renames(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The places that a new version was put in."""
    seen: list[str] = []

    def counted(temp: str, target: str, *rest: Any) -> Swap:
        seen.append(target)
        return commit_by_exchange(temp, target, *rest)

    monkeypatch.setattr(store.commit, "commit_by_exchange", counted)
    return seen


def on_disk(path: Path) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = json.loads(path.read_bytes())
    return found


def clearing(path: Path, *keys: str) -> list[RowEdit]:
    seen = on_disk(path)
    return [RowEdit(key, (ClearModel(),), seen[key]) for key in keys or seen]


def outcomes(results: tuple[EditResult, ...]) -> dict[str, str]:
    return {result.key: result.outcome for result in results}


def test_all_rows_are_one_version(path: Path, renames: list[str], tmp_path: Path) -> None:
    journal, ready = Journal(tmp_path / "journal"), list[int]()
    results = apply_edits(path, clearing(path), permit=ALLOWED, journal=journal, progress=ready.append)
    assert ready == [1, 2, 3, 4, 5]
    assert outcomes(results) == {f"row {at}": "applied" for at in range(5)}
    assert len(renames) == 1 and beside(path) == ["journal"]
    assert {result.version.inode for result in results if result.version} == {path.stat().st_ino}
    assert not any("modelOverride" in found for found in on_disk(path).values())
    noted = [json.loads(line) for line in (tmp_path / "journal" / "edits.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in noted] == ["intent", "outcome"] and len(noted[0]["entries"]) == 5


def test_a_row_in_conflict_is_left_out_and_the_others_are_written(path: Path, renames: list[str]) -> None:
    rows = clearing(path)
    now = on_disk(path)
    now["row 1"] |= OPUS
    now["row 2"] |= {"status": "running"}
    now["row 3"] = entry()
    del now["row 4"]
    replace_store(path, now)
    results = apply_edits(path, rows, permit=ALLOWED)
    assert outcomes(results) == {
        "row 0": "applied",
        "row 1": "conflict",
        "row 2": "rebased",
        "row 3": "unchanged",
        "row 4": "conflict",
    }
    after = on_disk(path)
    assert len(renames) == 1 and after["row 1"] == now["row 1"] and after["row 3"] == now["row 3"]
    assert "modelOverride" not in after["row 0"] and after["row 2"]["status"] == "running" and "row 4" not in after
    assert results[1].reason == "Not written: model is now anthropic/claude-opus-4-6, not zai/glm-4.7 as you saw it."


def test_nothing_is_written_when_no_row_can_be(path: Path, renames: list[str]) -> None:
    rows = clearing(path)
    replace_store(path, {key: entry(**OPUS) for key in on_disk(path)})
    before = path.read_bytes()
    assert set(outcomes(apply_edits(path, rows, permit=ALLOWED)).values()) == {"conflict"}
    assert path.read_bytes() == before and renames == []


def test_every_row_has_its_own_wish_and_its_own_expectation(path: Path) -> None:
    rows = [
        RowEdit("row 0", (SetField("label", "a"),), expect={"modelOverride": "glm-4.7"}),
        RowEdit("row 1", (SetField("label", "b"),), expect={"modelOverride": "gpt-5.2"}),
        RowEdit("nobody", (ClearModel(),)),
    ]
    results = apply_edits(path, rows, permit=ALLOWED)
    assert [result.outcome for result in results] == ["applied", "conflict", "unreadable"]
    assert on_disk(path)["row 0"]["label"] == "a" and "label" not in on_disk(path)["row 1"]
    assert "no session nobody" in results[2].reason


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('{"sessionId":"3f0c","updatedAt":1,"modelOverride":"x","modelOverride":"y"}', "refused"),
        ("7", "unreadable"),
        ('"text"', "unreadable"),
    ],
)
def test_an_entry_that_cannot_be_edited_keeps_none_of_the_others_back(
    path: Path, renames: list[str], text: str, outcome: str
) -> None:
    good = json.dumps(entry(**GLM))
    path.write_text(f'{{"bad": {text}, "good": {good}, "best": {good}}}')
    rows = [RowEdit(key, (ClearModel(),)) for key in ("good", "bad", "best")]
    results = apply_edits(path, rows, permit=ALLOWED)
    assert [result.outcome for result in results] == ["applied", outcome, "applied"]
    assert results[1].reason and len(renames) == 1
    after = path.read_text()
    assert text in after and "glm-4.7" not in after


def test_what_stops_the_write_is_the_result_of_every_row(path: Path) -> None:
    before = path.read_bytes()
    results = apply_edits(path, clearing(path), permit=Permit.read_only("Not written: read-only."))
    assert {(result.outcome, result.reason) for result in results} == {("refused", "Not written: read-only.")}
    assert len(results) == 5 and path.read_bytes() == before
    path.unlink()
    gone = apply_edits(path, [RowEdit("a", (ClearModel(),)), RowEdit("b", (ClearModel(),))], permit=ALLOWED)
    assert {result.outcome for result in gone} == {"unreadable"}


def test_a_dry_run_judges_every_row_and_writes_nothing(path: Path) -> None:
    before = path.read_bytes()
    results = apply_edits(path, clearing(path, "row 0", "row 1"), permit=ALLOWED, dry_run=True)
    assert [result.outcome for result in results] == ["applied", "applied"]
    assert all(result.changes for result in results) and path.read_bytes() == before and beside(path) == []


def test_a_writer_without_the_lock_slips_in_and_only_its_row_is_left_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = clearing(path)
    theirs = on_disk(path) | {"row 2": entry(**OPUS)}
    turns = [theirs]

    def slip_in(*arguments: Any) -> Swap:
        if turns:
            replace_store(path, turns.pop())
        return commit_by_exchange(*arguments)

    monkeypatch.setattr(store.commit, "commit_by_exchange", slip_in)
    results = apply_edits(path, rows, permit=ALLOWED)
    assert [result.outcome for result in results] == ["applied", "applied", "conflict", "applied", "applied"]
    after = on_disk(path)
    assert after["row 2"] == theirs["row 2"] and "modelOverride" not in after["row 4"]


def test_an_edit_that_is_overwritten_at_once_is_told_of_its_row_only(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = clearing(path, "row 0", "row 1")

    def overwrite(*arguments: Any) -> Swap:
        swap = commit_by_exchange(*arguments)
        replace_store(path, on_disk(path) | {"row 1": entry(**GLM)})
        return swap

    monkeypatch.setattr(store.commit, "commit_by_exchange", overwrite)
    first, second = apply_edits(path, rows, permit=ALLOWED)
    assert "no longer stands" not in first.reason
    assert second.reason.endswith("Your edit no longer stands: model changed at once.")


def test_an_entry_is_named_once(path: Path) -> None:
    with pytest.raises(ValueError, match="once"):
        apply_edits(path, clearing(path, "row 0", "row 0"), permit=ALLOWED)


@given(
    st.dictionaries(st.sampled_from(HOSTILE) | st.text(max_size=8), st.booleans(), min_size=1, max_size=8),
    st.sets(st.integers(0, 7)),
)
def test_rows_not_named_and_rows_that_moved_keep_every_byte(
    tmp_path_factory: pytest.TempPathFactory, named: dict[str, bool], moved: set[int]
) -> None:
    entries: dict[str, Json] = {key: entry(**GLM, label=key) for key in named}
    path = write_store(tmp_path_factory.mktemp("many") / "sessions.json", entries)
    rows = [row for row in clearing(path) if named[row.key]]
    now: dict[str, JsonObject] = on_disk(path)
    for at, found in enumerate(now.values()):
        found |= OPUS if at in moved else {}
    replace_store(path, now)
    inode = os.stat(path).st_ino
    results = apply_edits(path, rows, permit=ALLOWED)
    after, moved_keys = on_disk(path), {key for at, key in enumerate(now) if at in moved}
    wanted = {key: "conflict" if key in moved_keys else "applied" for key in named if named[key]}
    assert outcomes(results) == wanted
    for key, found in after.items():
        if wanted.get(key) == "applied":
            assert found == entry(label=key) | {"updatedAt": found["updatedAt"]}
        else:
            assert found == now[key]
    assert (os.stat(path).st_ino != inode) == ("applied" in wanted.values())
