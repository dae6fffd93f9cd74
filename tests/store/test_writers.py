"""Who wrote a version, from the name of the temp file it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.events import FileId, Version, Writer
from store.recording.codec import version_body, version_from
from store.watching.writers import Evidence
from store.writing import names
from store.writing.names import private_name
from tui.look.who import by, known_by, who, who_at_length

ALICE = Writer(os.getpid(), "clobberwatch", "alice")


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    found = Evidence(tmp_path / "sessions.json")
    found.start_over()
    return found


def temp_of(user: str, store: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    with monkeypatch.context() as patch:
        patch.setattr(names, "user", lambda: user)
        return os.fsencode(private_name(store, "tmp", "5-6"))


def test_an_edit_of_another_operator_has_the_name(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    assert evidence.writer(temp_of("alice", "sessions.json", monkeypatch)) == ALICE
    assert evidence.writer(temp_of(names.user(), "sessions.json", monkeypatch)) == Writer(os.getpid(), "temp")
    assert evidence.writer(temp_of("alice", "other.json", monkeypatch)) == Writer(None, "no lock")
    assert evidence.writer(b"sessions.json.77.00000000-0000.tmp") == Writer(77, "temp")


def test_it_reads_so(evidence: Evidence) -> None:
    assert (who(ALICE), by(ALICE)) == ("alice, clobberwatch", "by alice")
    assert "alice" in who_at_length(ALICE) and "temp file" in known_by(ALICE)


def test_a_recording_keeps_the_name() -> None:
    for writer in (ALICE, Writer(5, "lock"), Writer(None, "unknown")):
        version = Version(3, 1.5, FileId(1, 2, 3, 4), writer, 1.25, 2)
        assert version_from(version_body(version)) == version
