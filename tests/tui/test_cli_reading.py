"""`list` and `show`: what they print, how they find an entry, what they say about broken stores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.js import JsonObject, encode
from tests.support.strategies import STORES
from tui.__main__ import main

ROOT = Path(__file__).parents[2]
TOPIC = "agent:main:telegram:group:-1001:topic:42"
ENTRIES: JsonObject = {
    "agent:main:main": {
        "sessionId": "s1",
        "updatedAt": 1_771_000_000_000,
        "model": "gpt-5.2",
        "modelProvider": "openai",
    },
    TOPIC: {
        "sessionId": "s2",
        "updatedAt": 1_771_000_060_000,
        "providerOverride": "anthropic",
        "modelOverride": "claude-opus-4-6",
        "modelOverrideSource": "user",
        "lastChannel": "telegram",
        "lastTo": "-1001",
        "lastThreadId": 42,
        "sendPolicy": "deny",
        "futureField": {"kept": True},
    },
    "agent:coder:main": {"sessionId": "s3", "updatedAt": 1_770_000_000_000},
}
WriteStore = Callable[..., Path]


@pytest.fixture
def write_store(tmp_path: Path) -> WriteStore:
    def write(content: JsonObject | bytes, agent: str = "main") -> Path:
        path = tmp_path / "state" / "agents" / agent / "sessions" / "sessions.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else encode(content).encode())
        return path

    return write


@pytest.fixture
def store(write_store: WriteStore) -> Path:
    return write_store(ENTRIES)


def test_list_as_json_has_the_promised_shape(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", str(store), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0] == {
        "key": TOPIC,
        "agent": "main",
        "kind": "group",
        "store": str(store),
        "updatedAt": 1_771_000_060_000,
        "model": {"provider": "anthropic", "model": "claude-opus-4-6", "source": "user"},
        "delivery": {"channel": "telegram", "to": "-1001", "accountId": None, "threadId": 42},
        "sendPolicy": "deny",
        "findings": [],
    }
    assert [row["key"] for row in rows] == [TOPIC, "agent:main:main", "agent:coder:main"]
    assert (rows[1]["model"], rows[1]["delivery"], rows[1]["sendPolicy"]) == (None, None, None)


def test_list_as_text_has_one_line_an_entry(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--store", str(store)]) == 0
    header, first, second, _third = capsys.readouterr().out.splitlines()
    assert header.split() == ["~", "UPD", "S", "MODEL", "THINK", "SEND", "REPLIES", "TO", "KEY"]
    assert "u  anthropic/claude-opus-4-6" in first and "telegram -1001 #42" in first and first.endswith(TOPIC)
    assert "(openai/gpt-5.2)" in second


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("OPUS source:user", [TOPIC]),
        ("group send:deny", [TOPIC]),
        ("coder", ["agent:coder:main"]),
        ("opus coder", []),
        ("-agent:main", ["agent:coder:main"]),
        (" ", None),
    ],
)
def test_where_keeps_entries_that_have_every_word(
    store: Path, capsys: pytest.CaptureFixture[str], where: str, found: list[str] | None
) -> None:
    main(["list", str(store), "--where", where, "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 3 if found is None else [row["key"] for row in rows] == found


def test_an_agent_of_a_shared_store_is_told_by_the_key(
    tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = store.rename(tmp_path / "shared.json")
    assert main(["list", str(shared), "--agent", "coder", "--json"]) == 0
    assert [row["key"] for row in json.loads(capsys.readouterr().out)] == ["agent:coder:main"]


def test_show_as_json_has_the_whole_entry_and_no_cached_copy(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", TOPIC, str(store), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("cachedBecause").startswith("not compared: one read has no earlier copy")
    assert shown == {"key": TOPIC, "store": str(store), "entry": ENTRIES[TOPIC], "cached": None, "differs": []}


@pytest.mark.parametrize("text", ["main:tg:-1001:topic:42", "tg:-1001", "MAIN:TG"])
def test_the_short_form_that_the_dashboard_shows_finds_the_entry(
    store: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert main(["show", text, "--store", str(store)]) == 0
    assert capsys.readouterr().out.startswith(TOPIC)
    assert main(["list", "--store", str(store), "--where", text]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()[1:]] == [TOPIC]


def test_show_as_text_puts_the_fields_in_groups(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", TOPIC, str(store)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    order = [lines.index(wanted) for wanted in (["override"], ["modelOverride", "claude-opus-4-6"], ["delivery"])]
    order += [
        lines.index(wanted) for wanted in (["lastThreadId", "42"], ["other"], ["futureField", '{"kept":', "true}"])
    ]
    assert order == sorted(order)
    assert "cached" in {line[0] for line in lines if line}


@pytest.mark.parametrize("text", ["topic:42", "TELEGRAM", "-1001"])
def test_show_takes_a_part_that_only_one_key_has(store: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["show", text, str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["key"] == TOPIC


def test_an_ending_counts_before_a_middle(write_store: WriteStore, capsys: pytest.CaptureFixture[str]) -> None:
    store = write_store({"agent:main:cron:a": {}, "agent:main:cron:a:run:1": {}})
    assert main(["show", "cron:a", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["key"] == "agent:main:cron:a"


@pytest.mark.parametrize(
    ("text", "code", "said"), [("main", 2, "agent:coder:main, agent:main:main"), ("nothing", 6, "clobberwatch list")]
)
def test_show_says_what_could_be_meant(
    store: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, said: str
) -> None:
    assert main(["show", text, str(store)]) == code
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("clobberwatch: ") and said in err


def test_the_same_key_in_two_stores_must_be_told_apart(
    tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.json"
    copy.write_bytes(store.read_bytes())
    other = tmp_path / "other.json"
    other.write_bytes(store.read_bytes())
    assert main(["show", TOPIC, "--store", str(copy), "--store", str(other)]) == 2
    assert "--store" in capsys.readouterr().err


def test_the_store_of_the_keys_own_agent_is_taken_first(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    write_store({"agent:coder:main": {"sessionId": "stray"}})
    coder = write_store({"agent:coder:main": {"sessionId": "own"}}, agent="coder")
    assert main(["show", "agent:coder:main", "--json", "--state-dir", str(coder.parents[3])]) == 0
    assert json.loads(capsys.readouterr().out)["entry"] == {"sessionId": "own"}


def test_stores_are_discovered_and_a_broken_configuration_is_a_warning(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = store.parents[3]
    (state / "openclaw.json").write_text("{ broken")
    assert main(["list", "--json", "--state-dir", str(state)]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 3
    assert len(err.splitlines()) == 1 and "openclaw.json cannot be read" in err


def test_no_store_at_all_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 6
    assert capsys.readouterr().err == (
        "clobberwatch: No session store under ~/.openclaw (looked for agents/*/sessions/sessions.json). "
        "Name one: clobberwatch PATH. To try it: clobberwatch demo\n"
    )


BROKEN = {
    "empty": b"",
    "truncated": encode(ENTRIES).encode()[:150],
    "half of an entry": encode(ENTRIES).encode()[:-60],
    "zeros": b"\0" * 5000,
    "binary": bytes(range(256)) * 20,
    "an array": b"[1, 2]",
    "a string": b'"text"',
    "deeply nested": b'{"a":' * 100_000,
    "two objects": b"{}{}",
}


@pytest.mark.parametrize("verb", [["list"], ["list", "--json"], ["show", "agent:main:main"]])
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_store_is_one_sentence_and_exit_code_6(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str], verb: list[str], content: bytes
) -> None:
    assert main([*verb, "--store", str(write_store(content))]) == 6
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("clobberwatch: ")


def test_an_entry_broken_inside_makes_the_list_say_so(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    text = encode(ENTRIES).replace('"sessionId": "s2"', '"sessionId": s2')
    assert main(["list", "--store", str(write_store(text.encode()))]) == 6
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_entries_that_are_no_objects_are_listed_with_the_reason(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    store = write_store({"agent:main:a": 7, "agent:main:b": ["x"], "agent:main:c": {"updatedAt": "yesterday"}})
    assert main(["list", "--json", "--store", str(store)]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert "not an object" in rows["agent:main:a"]["invalid"]
    assert "invalid" not in rows["agent:main:c"]
    assert main(["show", "agent:main:b", str(store)]) == 0
    assert "not an object" in capsys.readouterr().out


def test_one_broken_store_does_not_hide_the_others(write_store: WriteStore, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = write_store(ENTRIES), write_store(b"{", agent="ops")
    assert main(["list", "--json", "--state-dir", str(good.parents[3])]) == 6
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 3
    assert str(bad) in err


def test_a_store_that_may_not_be_read_says_who_may(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert main(["list", str(store)]) == 6
    assert "owner" in capsys.readouterr().err


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STORES, st.sampled_from([["list"], ["list", "--json"]]))
def test_no_control_character_of_a_store_reaches_the_terminal(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str], content: JsonObject, verb: list[str]
) -> None:
    store = write_store(content)
    assert main([*verb, str(store)]) == 0
    lines = capsys.readouterr().out
    assert lines.replace("\n", "").isprintable() or not any(ord(letter) < 32 for letter in lines.replace("\n", ""))
    for key in list(content)[:3]:
        code = main(["show", key, str(store)])
        shown = "".join(capsys.readouterr())
        assert code in (0, 2)
        assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in shown.replace("\n", ""))


@pytest.mark.parametrize("depth", [200, 990, 1010, 5000])
def test_a_deeply_nested_entry_is_shown_or_refused_in_one_line(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str], depth: int
) -> None:
    nested = b'{\n  "agent:main:main": {\n    "origin": ' + b"[" * depth + b"]" * depth + b"\n  }\n}"
    store = write_store(nested)
    for verb in (["show", "main", str(store)], ["show", "main", str(store), "--json"], ["list", str(store)]):
        assert main(verb) in (0, 6)
        assert len(capsys.readouterr().err.splitlines()) <= 1


def test_a_number_beyond_javascript_is_null_as_javascript_would_write_it(
    write_store: WriteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    store = write_store(b'{\n  "agent:main:main": {\n    "a": [1e400],\n    "b": 1\n  }\n}')
    assert main(["show", "main", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entry"] == {"a": [None], "b": 1}


def test_times_are_shown_by_the_clock_too(write_store: WriteStore, capsys: pytest.CaptureFixture[str]) -> None:
    main(["show", TOPIC, str(write_store(ENTRIES))])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  updatedAt")]
    assert "1771000060000  (2026-02-1" in line


def test_json_is_ascii(write_store: WriteStore, capsys: pytest.CaptureFixture[str]) -> None:
    store = write_store({"agent:main:é\u202e\x1b": {"label": "\ud83d 会话"}})
    main(["list", "--json", str(store)])
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize(
    "arguments",
    [
        ["show"],
        ["list", "--nope"],
        ["set", "k"],
        ["list", "--where"],
        ["watch", "--verify", "1"],
        ["demo", "--seed", "x"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and f"clobberwatch {arguments[0]} --help" in err


def test_a_verb_that_does_not_come_first_is_no_store(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--read-only", "list"]) == 2
    assert "the verb comes first" in capsys.readouterr().err


def test_the_dashboard_needs_a_terminal(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(store)]) == 2
    assert "needs a terminal" in capsys.readouterr().err


def test_a_bug_is_one_line_and_exit_code_70(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("tui.cli.listing.summarise", fail)
    assert main(["list", str(store)]) == 70
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "KeyError" in err and "CLOBBERWATCH_DEBUG" in err


def test_a_reader_that_leaves_early_is_no_error(write_store: WriteStore) -> None:
    store = write_store({f"agent:main:cron:{number}": {"updatedAt": number} for number in range(20_000)})
    command = [sys.executable, "-m", "tui", "list", str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_the_version_can_be_asked_for() -> None:
    done = subprocess.run([sys.executable, "-m", "tui", "--help"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "clobberwatch watch" in done.stdout


@pytest.mark.parametrize("text", ["shwo", "lists", "watsch"])
def test_a_verb_that_is_misspelt_is_told(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main([text, "x"]) == 2
    meant = {"shwo": "show", "lists": "list", "watsch": "watch"}[text]
    assert f"perhaps clobberwatch {meant}" in capsys.readouterr().err


def test_a_store_that_is_empty_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "sessions.json"
    store.touch()
    for words in (["list"], ["show", "x"], ["set", "agent:main:main", "label=x"]):
        assert main([*words, "--store", str(store)]) == 6
        err = capsys.readouterr().err
        assert "The file is empty" in err and "put a good copy (.bak) back" in err and len(err.splitlines()) == 1
