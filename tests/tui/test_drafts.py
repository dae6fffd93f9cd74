"""Drafts outlive the run that made them, are private, and a broken one is none."""

from __future__ import annotations

import dataclasses
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tui.editing.drafts import Draft, Drafts

STORE = Path("/somewhere/sessions.json")
DRAFT = Draft(STORE, "agent:main:main", "model", {"set to": "anthropic/cl", "source": "user"}, "openai/gpt-5.2", 1.5)


def test_a_draft_comes_back_in_another_run(tmp_path: Path) -> None:
    assert Drafts(tmp_path / "drafts").save(DRAFT)
    assert Drafts(tmp_path / "drafts").load(STORE, DRAFT.key, "model") == DRAFT


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "state" / "drafts")
    drafts.save(DRAFT)
    assert drafts.directory.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in drafts.directory.iterdir()] == [0o600]


def test_each_unit_of_each_entry_has_its_own(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    drafts.save(DRAFT)
    drafts.save(dataclasses.replace(DRAFT, unit="delivery", at=2.0))
    drafts.save(dataclasses.replace(DRAFT, key="agent:main:other", at=3.0))
    assert [draft.at for draft in drafts.all()] == [3.0, 2.0, 1.5]
    drafts.remove(STORE, DRAFT.key, "model")
    assert drafts.load(STORE, DRAFT.key, "model") is None
    assert len(drafts.all()) == 2


def test_what_another_process_that_still_runs_has_in_hand_is_its_own(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        theirs = Drafts(tmp_path, other.pid)
        assert theirs.save(DRAFT)
        ours = Drafts(tmp_path)
        assert ours.load(STORE, DRAFT.key, "model") is None and ours.all() == []
        ours.remove(STORE, DRAFT.key, "model")
        assert ours.save(dataclasses.replace(DRAFT, at=9.0))
        assert theirs.load(STORE, DRAFT.key, "model") == DRAFT
        other.kill()
    assert [draft.at for draft in ours.all()] == [9.0, 1.5]
    ours.remove(STORE, DRAFT.key, "model")
    assert ours.all() == []


def test_removing_what_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    Drafts(tmp_path / "none").remove(STORE, "key", "model")


def test_a_damaged_file_counts_as_no_draft(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    drafts.save(DRAFT)
    for path in tmp_path.iterdir():
        path.write_bytes(b'{"store": 1, "texts"')
    assert drafts.load(STORE, DRAFT.key, "model") is None
    assert drafts.all() == []


def test_a_disk_that_refuses_is_said_and_costs_only_the_draft(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    drafts = Drafts(tmp_path / "file" / "drafts")
    assert not drafts.save(DRAFT)
    assert drafts.trouble == "Not a directory"
    assert drafts.load(STORE, DRAFT.key, "model") is None


@given(key=st.text(), text=st.text())
def test_any_key_and_any_text_come_back_as_they_were(key: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        drafts = Drafts(Path(directory))
        draft = Draft(STORE, key, "level", {"set to": text}, text, 0.0)
        assert drafts.save(draft)
        assert drafts.load(STORE, key, "level") == draft
