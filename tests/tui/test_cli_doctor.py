from __future__ import annotations

import json
from pathlib import Path

import pytest

from store.js import Json
from tests.support.stores import entry, write_store
from tui.__main__ import main

POISONED = "agent:main:cron:morning-brief"
HEARTBEAT: dict[str, Json] = {"lastChannel": "telegram", "lastTo": "heartbeat"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    for agent in ("main", "ops"):
        folder = tmp_path / "agents" / agent / "sessions"
        folder.mkdir(parents=True)
        write_store(folder / "sessions.json", {f"agent:{agent}:main": entry()})
    (tmp_path / "openclaw.json").write_text('{"meta": {"lastTouchedVersion": "2026.4.23"}}')
    return tmp_path


def store_of(state: Path, agent: str) -> Path:
    return state / "agents" / agent / "sessions" / "sessions.json"


def test_with_nothing_wrong_it_says_what_stands(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--state-dir", str(state)]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert first.splitlines() == [
        str(store_of(state, "main")),
        f"  entries   1 entry, {store_of(state, 'main').stat().st_size} B",
        "  release   OpenClaw 2026.4.23 (lastTouchedVersion of openclaw.json)",
        "  writes    locked writes",
        "  lock      free",
        "  problems  none",
    ]
    assert second.splitlines()[0] == str(store_of(state, "ops"))


def test_what_is_wrong_is_told_by_rule_with_its_reason(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_store(store_of(state, "main"), {POISONED: entry(**HEARTBEAT), "agent:main:x\x1b:y": entry(sessionId="")})
    assert main(["doctor", str(store_of(state, "main"))]) == 1
    out = capsys.readouterr().out
    assert "  poisoned-route\n    agent:main:cron:morning-brief\n      replies reach nobody" in out
    assert "\x1b" not in out


def test_a_long_list_is_cut_in_text_only(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_store(store_of(state, "main"), {f"agent:main:cron:{n}": entry(**HEARTBEAT) for n in range(30)})
    assert main(["doctor", "--agent", "main", "--state-dir", str(state)]) == 1
    out = capsys.readouterr().out
    assert "  poisoned-route 30\n" in out and out.endswith("    and 10 more; --json has them all\n")
    main(["doctor", "--agent", "main", "--state-dir", str(state), "--json"])
    assert json.loads(capsys.readouterr().out)["problems"] == 30


def test_json(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_store(store_of(state, "main"), {POISONED: entry(**HEARTBEAT)})
    assert main(["doctor", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "stores": [
            {
                "store": str(path),
                "agent": "main",
                "entries": 1,
                "size": path.stat().st_size,
                "discipline": {
                    "kind": "locked",
                    "release": "2026.4.23",
                    "how": "lastTouchedVersion of openclaw.json",
                    "gatewayPid": None,
                },
                "writes": "locked writes",
                "lock": None,
                "problems": [
                    {
                        "rule": "poisoned-route",
                        "key": POISONED,
                        "because": 'replies reach nobody: to "heartbeat", which is no address',
                    }
                ],
            }
        ],
        "problems": 1,
    }


def test_an_unreadable_store_does_not_hide_the_others(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_of(state, "main").write_text("")
    assert main(["doctor", "--state-dir", str(state)]) == 6
    first, second = capsys.readouterr().out.split("\n\n" + str(store_of(state, "ops")))
    assert "unreadable" in first and "problems  none" in second


def test_what_is_wrong_with_an_entry_is_told_wherever_it_is_shown(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_store(store_of(state, "main"), {POISONED: entry(**HEARTBEAT), "agent:main:main": entry()})
    because = 'replies reach nobody: to "heartbeat", which is no address'
    main(["list", str(path), "--where", "lint:yes", "--json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert row["key"] == POISONED and row["lint"] == [{"rule": "poisoned-route", "because": because}]
    main(["show", "morning-brief", str(path)])
    assert f"\n  wrong    {because} (poisoned-route)\n" in capsys.readouterr().out
    main(["list", str(path), "--where", "lint:no", "--json"])
    assert "lint" not in json.loads(capsys.readouterr().out)[0]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("agent:main updated:<5x", "--where, column 21: 5x: a time is a number and s, m, h or d"),
        ("finding:any", "lint:yes, or clobberwatch watch"),
        ("changed:<5m", "updated:<5m, or clobberwatch watch"),
    ],
)
def test_a_list_says_what_is_wrong_with_its_query(
    state: Path, capsys: pytest.CaptureFixture[str], where: str, said: str
) -> None:
    assert main(["list", "--state-dir", str(state), "--where", where]) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.splitlines()) == 1
