"""`set` and `clear`: what is typed, what is refused, what is written, and what is said about it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from store.commit import update_store
from store.edit import EditResult, apply_edits
from store.errors import UsageError
from store.js import ABSENT, JsonObject, Value, encode
from store.writing.draft import StoreDraft
from store.writing.permit import Permit
from tests.support.stores import beside
from tui.__main__ import main
from tui.cli.assignments import clearing, expectations, setting

KEY = "agent:main:telegram:group:-1001:topic:42"
ENTRIES: JsonObject = {
    KEY: {"sessionId": "s", "updatedAt": 1, "providerOverride": "openai", "modelOverride": "gpt-5.2", "queueCap": 20},
    "agent:main:main": {"sessionId": "t", "updatedAt": 2, "label": "\ud83d odd"},
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "sessions.json"
    path.write_text(encode(ENTRIES))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return path


def entry(store: Path, key: str = KEY) -> dict[str, Value]:
    found = json.loads(store.read_text())[key]
    assert isinstance(found, dict)
    return found


def test_several_fields_are_one_edit(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["model=anthropic/claude-opus-4-6", "thinkingLevel=ultra", "queueCap:=5", "delivery=telegram:-1001:42"]
    assert main(["set", KEY, *arguments, "--store", str(store)]) == 0
    now = entry(store)
    assert (now["providerOverride"], now["modelOverride"], now["modelOverrideSource"]) == (
        "anthropic",
        "claude-opus-4-6",
        "user",
    )
    assert (now["thinkingLevel"], now["queueCap"], now["lastTo"], now["lastThreadId"]) == ("high", 5, "-1001", 42)
    assert entry(store, "agent:main:main") == ENTRIES["agent:main:main"]
    out = capsys.readouterr().out
    assert out.startswith("Written: model is anthropic/claude-opus-4-6; thinkingLevel is high;")
    assert "  modelOverride  gpt-5.2 -> claude-opus-4-6" in out.splitlines()


def test_the_outcome_as_json_has_the_promised_shape(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", KEY, "sendPolicy=deny", "--store", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "outcome": "applied",
        "key": KEY,
        "store": str(store),
        "changes": [{"field": "sendPolicy", "old": None, "new": "deny"}],
        "rebased": [],
        "reason": "",
    }


def test_clear_takes_units_and_fields(store: Path) -> None:
    assert main(["clear", KEY, "model", "queueCap", "--store", str(store)]) == 0
    assert not {"providerOverride", "modelOverride", "queueCap"} & entry(store).keys()


def test_what_holds_already_is_unchanged(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.stat()
    assert main(["set", KEY, "queueCap=20", "--store", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "unchanged"
    assert os.path.samestat(before, store.stat())


@pytest.mark.parametrize("option", [["--expect", "model=zai/glm-4.7"], ["--expect-absent", "model"]])
def test_an_expectation_that_fails_is_a_conflict(
    store: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    before = store.read_bytes()
    assert main(["set", KEY, "model=anthropic/x", *option, "--store", str(store), "--json"]) == 3
    out, err = capsys.readouterr()
    assert json.loads(out)["outcome"] == "conflict"
    assert len(err.splitlines()) == 1 and "gpt-5.2" in err
    assert store.read_bytes() == before


def test_expectations_that_hold_let_the_edit_through(store: Path) -> None:
    options = ["--expect", "model=openai/gpt-5.2", "--expect", "queueCap=20", "--expect-absent", "label"]
    assert main(["set", KEY, "label=new", *options, "--store", str(store)]) == 0
    assert entry(store)["label"] == "new"


def test_a_dry_run_says_what_it_would_write(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.read_bytes()
    assert main(["set", KEY, "label=new", "--dry-run", "--store", str(store)]) == 0
    assert capsys.readouterr().out.splitlines() == ["Would write: label is new.", "  label  - -> new"]
    assert main(["set", KEY, "label=new", "--dry-run", "--json", "--store", str(store)]) == 0
    assert json.loads(capsys.readouterr().out)["dryRun"] is True
    assert store.read_bytes() == before


def test_read_only_refuses(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clear", KEY, "model", "--read-only", "--store", str(store), "--json"]) == 5
    out, err = capsys.readouterr()
    assert json.loads(out)["outcome"] == "refused"
    assert err == "clobberwatch: Not written: this run is read-only (--read-only).\n"


def test_a_release_without_a_lock_is_written_while_no_gateway_runs(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store.parent / "openclaw.json").write_text('{"meta": {"lastTouchedVersion": "2026.6.6"}}')
    assert main(["set", KEY, "label=x", "--store", str(store)]) == 0
    assert "Written: label is x." in capsys.readouterr().out


def test_an_unknown_session_is_missing(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", "agent:main:nobody", "label=x", "--store", str(store), "--json"]) == 6
    out, err = capsys.readouterr()
    assert json.loads(out)["outcome"] == "unreadable"
    assert len(err.splitlines()) == 1


def test_a_part_of_a_key_is_not_enough_to_change_it(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", "topic:42", "label=x", "--store", str(store)]) == 2
    assert KEY in capsys.readouterr().err


def test_a_broken_store_is_unreadable(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.write_bytes(store.read_bytes()[:50])
    assert main(["set", KEY, "label=x", "--store", str(store), "--json"]) == 6
    assert json.loads(capsys.readouterr().out)["reason"]


def test_the_edit_is_journalled(store: Path) -> None:
    main(["set", KEY, "label=x", "--store", str(store)])
    journal = Path(os.environ["HOME"]) / ".local" / "state" / "clobberwatch" / "edits.jsonl"
    assert '"label"' in journal.read_text()


def test_an_edit_that_cannot_be_journalled_is_written_and_says_so(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.parent / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(store.parent / "file"))
    assert main(["set", KEY, "label=x", "--read-only", "--store", str(store)]) == 5
    assert "journalled" not in capsys.readouterr().err
    assert main(["set", KEY, "label=x", "--store", str(store)]) == 0
    assert capsys.readouterr().err.startswith("clobberwatch: Written, but not journalled (Not a directory).")
    assert entry(store)["label"] == "x"


@pytest.mark.parametrize(
    "assignments",
    [
        ["status=done"],
        ["nothingKnown=1"],
        ["providerOverride=openai"],
        ["lastTo=1"],
        ["model=gpt"],
        ["model:=1"],
        ["delivery=nowhere"],
        ["thinkingLevel=enormous"],
        ["queueCap=many"],
        ["queueCap:=[1"],
        ["label"],
        ["=x"],
        [":=1"],
        ["label=a", "label=b"],
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(assignments: list[str]) -> None:
    with pytest.raises(UsageError):
        setting(assignments)


def test_a_store_among_the_fields_is_told_where_it_belongs(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", KEY, "label=a", str(store)]) == 2
    assert f"a store is named with --store {store}" in capsys.readouterr().err


def test_text_may_hold_anything(store: Path) -> None:
    assert main(["set", KEY, "label=a=b:=c", "--store", str(store)]) == 0
    assert entry(store)["label"] == "a=b:=c"


@pytest.mark.parametrize("names", [["status"], ["updatedAt"], ["label", "label"], ["lastTo"]])
def test_only_what_is_editable_can_be_cleared(names: list[str]) -> None:
    with pytest.raises(UsageError):
        clearing(names)


def test_expectations_are_typed_by_the_catalogue() -> None:
    expected = expectations(["totalTokens=12", "status=done", "fastMode:=true"], ["model", "label"])
    assert expected == {
        "totalTokens": 12,
        "status": "done",
        "fastMode": True,
        "providerOverride": ABSENT,
        "modelOverride": ABSENT,
        "label": ABSENT,
    }


@pytest.mark.parametrize("assignment", ["delivery=telegram:1", "origin.threadId=4", "status"])
def test_an_expectation_names_a_field(assignment: str) -> None:
    with pytest.raises(UsageError):
        expectations([assignment], [])


def printed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_several_keys_are_one_write_and_an_outcome_each(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.stat()
    words = [KEY, "agent:main:main", "agent:main:nobody", "sendPolicy=deny", "queueCap=20"]
    assert main(["set", *words, "--store", str(store), "--json"]) == 6
    first, second, missing = printed(capsys)
    assert [one["outcome"] for one in (first, second, missing)] == ["applied", "applied", "unreadable"]
    assert [change["field"] for change in first["changes"]] == ["sendPolicy"] and missing["store"] is None
    assert entry(store)["sendPolicy"] == entry(store, "agent:main:main")["sendPolicy"] == "deny"
    assert not os.path.samestat(before, store.stat())


def test_several_keys_are_said_one_a_line(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [KEY, "agent:main:main", "queueCap=5", "--expect", "queueCap=20"]
    assert main(["set", *words, "--store", str(store)]) == 3
    out, err = capsys.readouterr()
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["Wanted:", "queueCap"],
        ["OUTCOME", "KEY"],
        ["applied", KEY],
        ["conflict", "agent:main:main"],
        ["2", "entries:"],
    ]
    assert "queueCap 20 -> 5" in out and "queueCap is now not set, not 20 as you expected" in out
    assert err == "clobberwatch: 1 of 2 entries not written; what keeps each stands in its line.\n"


def test_a_query_names_the_entries(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--where", "override:yes", "--store", str(store)]
    assert main(["clear", "model", *options, "--dry-run", "--json"]) == 0
    (would,) = printed(capsys)
    assert (would["key"], would["outcome"], would["dryRun"]) == (KEY, "applied", True) and "modelOverride" in entry(
        store
    )
    assert main(["clear", "model", *options]) == 0
    assert "1 entry: 1 applied." in capsys.readouterr().out and "modelOverride" not in entry(store)
    assert main(["clear", "model", *options]) == 0
    assert capsys.readouterr().out == "No entry matches override:yes\n"


@pytest.mark.parametrize("query", ["-foo:bar", "foo:bar", "-gpt:none", "-ops:cron:daily"])
def test_a_field_that_there_is_not_selects_nothing_to_write(
    store: Path, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    before = store.read_bytes()
    assert main(["clear", "--where", query, "model", "--store", str(store)]) == 2
    assert "no field" in capsys.readouterr().err and store.read_bytes() == before


def test_a_dry_run_of_many_says_of_none_that_it_was_written(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["clear", "--where", "-agent:ops", "queueCap", "--dry-run", "--store", str(store)]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "2 entries, nothing written: 1 would be written, 1 unchanged." in out and "applied" not in out


def test_what_a_query_found_is_only_written_as_it_saw_it(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_another(*given: Any, **more: Any) -> tuple[EditResult, ...]:
        update_store(store, lambda draft: draft[KEY].update(modelOverride="gpt-6"), permit=Permit.allowed("test"))
        return apply_edits(*given, **more)

    monkeypatch.setattr("tui.cli.edit.apply_edits", after_another)
    assert main(["clear", "model", "--where", "override:yes", "--store", str(store), "--json"]) == 3
    assert printed(capsys)[0]["outcome"] == "conflict" and entry(store)["modelOverride"] == "gpt-6"


@pytest.mark.parametrize(
    "words",
    [
        [KEY, "agent:main:main", "label=x"],
        [KEY, "agent:main:main", "delivery=telegram:1"],
        [KEY, "agent:main:main"],
        [KEY, KEY, "queueCap=5"],
        ["--where", "override:yes", KEY, "queueCap=5"],
        ["--where", "override:", "queueCap=5"],
        ["--where", "override:yes", "label=x"],
    ],
)
def test_what_cannot_be_meant_of_several_is_a_usage_error(store: Path, words: list[str]) -> None:
    before = store.read_bytes()
    assert main(["set", *words, "--store", str(store)]) == 2
    assert store.read_bytes() == before


def test_verify_reports_an_edit_that_stands(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", KEY, "label=x", "--verify", "0.2", "--store", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stands"] is True


def test_verify_reports_an_edit_that_is_overwritten(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import store.watch as watching

    started = threading.Event()

    class Announced(watching.Watch):
        def raw(self, store: Path, key: str) -> bytes | None:
            started.set()
            return super().raw(store, key)

    def stale(draft: StoreDraft) -> None:
        draft[KEY].pop("label", None)

    def overwrite() -> None:
        assert started.wait(10)
        update_store(store, stale, permit=Permit.allowed("test"))

    monkeypatch.setattr(watching, "Watch", Announced)
    rival = threading.Thread(target=overwrite)
    rival.start()
    assert main(["set", KEY, "label=x", "--verify", "30", "--store", str(store), "--json"]) == 1
    rival.join()
    out, err = capsys.readouterr()
    assert json.loads(out)["stands"] is False
    assert "no longer stands: label" in err


@pytest.mark.parametrize("then", ["removed", "emptied"])
def test_verify_does_not_say_it_stands_when_nothing_is_there(
    store: Path, then: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is dropped by the next write, or the whole store is broken by it."""

    def dropped(*given: Any, **more: Any) -> tuple[EditResult, ...]:
        results = apply_edits(*given, **more)
        store.write_text('{\n  "other": {}\n}' if then == "removed" else "")
        return results

    monkeypatch.setattr("tui.cli.edit.apply_edits", dropped)
    code = main(["set", KEY, "label=x", "--verify", "0.3", "--store", str(store), "--json"])
    out, err = capsys.readouterr()
    assert (code, json.loads(out)["stands"]) == ((1, False) if then == "removed" else (0, None))
    assert ("no longer stands: the session" if then == "removed" else "cannot be told") in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_edit_that_is_ended_leaves_nothing_beside_the_store(store: Path, number: signal.Signals) -> None:
    """The connection is lost while the new version is being written."""
    script = f"""
import os, signal, sys
signal.signal({int(number)}, signal.SIG_DFL)  # whoever runs the tests in the background may have it ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
os.fsync = lambda fd: signal.raise_signal({int(number)})
from tests.support.stores import beside
from tui.__main__ import main
sys.argv[1:] = {["set", KEY, "label=x", "--store", str(store)]}
sys.exit(main())
"""
    before = store.read_bytes()
    done = subprocess.run([sys.executable, "-c", script], check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 128 + number
    assert store.read_bytes() == before and beside(store) == []
