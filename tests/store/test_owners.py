"""What is said of a file that belongs to somebody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.owners import not_readable, owner_name


def test_a_stranger_is_told_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sessions.json"
    file.touch(0o600)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    name = owner_name(own)
    said = f"Cannot read {file} (owner {name}, mode 0600). Run as that user: sudo -u {name} clobberwatch"
    assert str(not_readable(file)) == said


def test_a_user_without_a_name_is_named_as_sudo_takes_it() -> None:
    assert owner_name(3_999_999_999) == "#3999999999"


def test_what_cannot_even_be_looked_at(tmp_path: Path) -> None:
    assert "its directory may not be entered" in str(not_readable(tmp_path / "gone"))
