"""`clobberwatch simulate` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.stores import write_store
from tui.__main__ import main


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_write_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "made" / "sessions.json"
    arguments = ["simulate", "--store", str(store), "--scenario", "after-run-snapshot", "--rate", "5000"]
    assert main([*arguments, "--seed", "3", "--writes", "40", "--race", "0.8"]) == 0
    told = lines(capsys)
    assert [line["write"] for line in told] == list(range(1, len(told) + 1)) and len(told) >= 40
    assert {*told[0]} == {"write", "at", "path", "racy", "key", "base", "pid", "inode", "mtimeNs", "destroyed"}
    assert any(line["destroyed"] for line in told)
    assert store.is_file()


def test_it_goes_on_with_a_store_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["simulate", "--store", str(tmp_path / "s.json"), "--scenario", "clean", "--rate", "5000", "--writes"]
    main([*arguments, "5"])
    count = len(lines(capsys))
    main([*arguments, "5"])
    assert lines(capsys)[0]["write"] == count + 1


def test_a_store_of_anybody_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = write_store(tmp_path / "sessions.json", {})
    assert main(["simulate", "--store", str(store)]) == 2
    assert "was not made by the simulator" in capsys.readouterr().err
    assert store.read_text() == "{}"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--scenario", "nonsense"], "stale-agent-handler"),
        (["--race", "2"], "--race"),
        (["--rate", "0"], "--rate"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str) -> None:
    assert main(["simulate", "--store", str(tmp_path / "s.json"), *more]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_store_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate"]) == 2
    assert "--store" in capsys.readouterr().err
