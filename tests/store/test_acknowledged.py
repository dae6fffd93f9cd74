"""What was acknowledged outlives the run."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from store.findings.acknowledged import FILE_NAME, Acknowledged, Mark

ADA = Mark("ada", 1_790_000_000.25)


def test_a_mark_is_there_in_the_next_run_for_this_user_only(tmp_path: Path) -> None:
    Acknowledged(tmp_path / "state").add("0123456789ab", ADA)
    assert Acknowledged(tmp_path / "state").marks() == {"0123456789ab": ADA}
    assert stat.S_IMODE((tmp_path / "state" / FILE_NAME).stat().st_mode) == 0o600


def test_the_first_mark_of_a_finding_counts(tmp_path: Path) -> None:
    kept = Acknowledged(tmp_path)
    kept.add("0123456789ab", ADA)
    kept.add("0123456789ab", Mark("bob", 1_790_000_009.0))
    assert kept.marks() == {"0123456789ab": ADA}


@pytest.mark.parametrize(
    "damage", [b"\xff\x00\n", b"[1]\n", b'{"finding": 1, "by": "x", "at": 1}\n', b'{"finding": "a", "by": "x", "at"']
)
def test_damaged_lines_are_passed_over(tmp_path: Path, damage: bytes) -> None:
    kept = Acknowledged(tmp_path)
    kept.add("0123456789ab", ADA)
    with (tmp_path / FILE_NAME).open("ab") as file:
        file.write(damage)
    kept.add("ba9876543210", ADA)
    assert kept.marks() == {"0123456789ab": ADA, "ba9876543210": ADA}


def test_the_file_is_bounded(tmp_path: Path) -> None:
    kept = Acknowledged(tmp_path, limit_bytes=2000)
    for number in range(200):
        kept.add(f"{number:012x}", ADA)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 4000
    assert f"{199:012x}" in kept.marks()


def test_what_cannot_be_read_counts_as_nothing_and_what_cannot_be_kept_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert Acknowledged(tmp_path).marks() == {}

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        Acknowledged(tmp_path / "other").add("0123456789ab", ADA)
