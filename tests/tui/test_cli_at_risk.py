"""`--unsafe`: what it lifts, what it never lifts, and what it says."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

import pytest

from store.edit import apply_edits
from store.js import JsonObject, encode
from store.openclaw.release import Discipline
from tests.support.databases import MAIN, make_database
from tests.support.databases import entry as row
from tui.__main__ import main

KEY = "agent:main:telegram:direct:1"
ROUTE = "delivery=slack:C1"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "sessions.json"
    path.write_text(encode({KEY: {"sessionId": "s", "updatedAt": 1, "lastChannel": "telegram", "lastTo": "1"}}))
    monkeypatch.setattr("tui.cli.edit.discipline", lambda _: Discipline("unlocked", "2026.6.6", "test", 4711))
    return path


def test_a_delivery_beside_a_gateway_without_a_lock_is_refused_and_the_risk_named(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = store.read_bytes()
    assert main(["set", KEY, ROUTE, "--store", str(store)]) == 5
    assert capsys.readouterr().err == (
        "clobberwatch: Not written: OpenClaw 2026.6.6 (pid 4711) is running, takes no lock and has no call for "
        "delivery. Stop it, edit, and start it again. With --unsafe it is written beside it, and may not hold.\n"
    )
    assert store.read_bytes() == before


def test_taken_it_is_written_watched_and_said_to_be_one(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--store", str(store), "--unsafe", "--verify", "0.1"]
    assert main(["set", KEY, ROUTE, *options, "--dry-run"]) == 0
    assert main(["set", KEY, ROUTE, *options]) == 0
    out, err = capsys.readouterr()
    assert err.count("It may not hold: OpenClaw 2026.6.6 (pid 4711) is running and may write an older copy back.") == 2
    assert "Written: next reply goes to slack C1." in out and "It still stands after 0.1 s." in out
    assert json.loads(store.read_text())[KEY]["lastTo"] == "C1"
    assert main(["clear", KEY, "delivery", *options, "--json"]) == 0
    told: JsonObject = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["risked"], told["stands"]) == ("applied", True, True)


def test_what_has_another_way_goes_that_way(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["set", KEY, "label=x", "--unsafe", "--store", str(store)]) == 5
    assert "asked by the openclaw command" in capsys.readouterr().err


def test_it_lifts_nothing_else(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edit = ["set", KEY, ROUTE, "--unsafe", "--store", str(store)]
    assert main([*edit, "--read-only"]) == 5
    assert "read-only" in capsys.readouterr().err
    lock = tmp_path / "sessions.json.lock"
    lock.write_text(json.dumps({"pid": os.getppid(), "createdAt": "2026-11-21T10:00:00.000Z"}))
    monkeypatch.setattr("tui.cli.edit.apply_edits", functools.partial(apply_edits, timeout=0.1))
    assert main(edit) == 4
    lock.unlink()
    store.write_text(f"// by hand\n{store.read_text()}")
    assert main(edit) == 5
    link = tmp_path / "link.json"
    link.symlink_to(store)
    assert main([*edit[:-1], str(link)]) == 5


def test_with_a_database_there_is_no_risk_to_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = make_database(tmp_path / "openclaw-agent.sqlite", {MAIN: row(delivery={"kind": "none"})})
    monkeypatch.setattr("tui.cli.edit.discipline", lambda _: Discipline("database", "2026.9.6", "test", 4711))
    assert main(["set", MAIN, ROUTE, "--unsafe", "--store", str(database)]) == 5
    assert "No risk can be taken instead: beside a gateway with a database" in capsys.readouterr().err
