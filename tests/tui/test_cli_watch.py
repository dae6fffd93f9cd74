"""`watch`: one line per change, flushed at once, until a signal ends it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from store.commit import update_store
from store.events import (
    Broken,
    Changed,
    EntryChange,
    Event,
    FileId,
    Missed,
    Recovered,
    Version,
    Writer,
)
from store.js import Json, JsonObject, encode
from store.openclaw.paths import StorePath, user_state_dir
from store.watch import Watch
from store.writing.draft import StoreDraft
from store.writing.journal import Journal
from store.writing.own import own_writes
from store.writing.permit import Permit
from tests.support.past import MODEL, Life
from tui.cli.find import is_of_agent
from tui.cli.findings import Findings, finding_line
from tui.cli.options import Options
from tui.cli.records import json_records
from tui.cli.watch import text_lines

ROOT = Path(__file__).parents[2]
STORE = Path("/s/sessions.json")
KEY = "agent:main:main"
VERSION = Version(2, 1_771_000_000.25, FileId(1, 2, 3, 4), Writer(48213, "lock"))


def changed(before: Json, after: Json, key: str = KEY) -> Changed:
    texts = [None if value is None else encode(value).encode() for value in (before, after)]
    return Changed(STORE, VERSION, (EntryChange(key, *texts),), 1)


def records(event: Event, **options: bool | str) -> list[dict[str, object]]:
    given = Options(**options)
    return list(json_records(event, partial(is_of_agent, options=given), with_noise=given.all))


def test_a_change_has_the_promised_shape() -> None:
    event = changed({"label": "a", "status": "done", "totalTokens": 1}, {"status": "done", "thinkingLevel": "high"})
    assert records(event) == [
        {
            "event": "changed",
            "at": 1_771_000_000_250,
            "store": str(STORE),
            "key": KEY,
            "writer": {"pid": 48213, "how": "lock"},
            "changes": [
                {"field": "label", "old": "a", "new": None},
                {"field": "thinkingLevel", "old": None, "new": "high"},
            ],
        }
    ]


def test_noise_is_left_out_unless_asked_for() -> None:
    event = changed({"updatedAt": 1}, {"updatedAt": 2})
    assert records(event) == []
    assert list(text_lines(event, Options())) == []
    assert records(event, all=True)[0]["changes"] == [{"field": "updatedAt", "old": 1, "new": 2}]


def test_values_are_whole_in_json_and_cut_in_text() -> None:
    event = changed({}, {"label": "x" * 5000})
    assert records(event)[0]["changes"] == [{"field": "label", "old": None, "new": "x" * 5000}]
    (line,) = text_lines(event, Options())
    assert len(line) < 200 and "(5,000 characters)" in line


@pytest.mark.parametrize(
    ("before", "after", "kind"), [(None, {"sessionId": "s"}, "added"), ({"sessionId": "s"}, None, "removed")]
)
def test_entries_come_and_go_whole(before: Json, after: Json, kind: str) -> None:
    (record,) = records(changed(before, after))
    assert (record["event"], record["entry"]) == (kind, {"sessionId": "s"})
    (line,) = text_lines(changed(before, after), Options())
    assert kind in line and "pid 48213, lock" in line


def test_an_entry_that_stops_being_an_object_is_said() -> None:
    (record,) = records(changed({"label": "a"}, 7))
    assert record["entry"] == 7
    assert any("no object" in line for line in text_lines(changed({"label": "a"}, 7), Options()))


def test_only_the_agent_asked_for() -> None:
    event = changed({"label": "a"}, {"label": "b"})
    assert records(event, agent="ops") == []
    assert list(text_lines(event, Options(agent="ops"))) == []
    assert len(records(event, agent="Main")) == 1


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (Missed(STORE, 1.0, 3), {"event": "missed", "at": 1000, "count": 3, "exact": True}),
        (Missed(STORE, 1.0, None), {"event": "missed", "at": 1000, "count": None, "exact": False}),
        (
            Broken(STORE, 1.0, "shrank", "412 entries to 3", None, 412, 3),
            {"event": "unreadable", "at": 1000, "kind": "shrank", "detail": "412 entries to 3"},
        ),
        (Recovered(STORE, 1.0), {"event": "recovered", "at": 1000}),
    ],
)
def test_trouble_is_told_too(event: Event, wanted: dict[str, object]) -> None:
    assert records(event) == [wanted | {"store": str(STORE)}]
    assert len(list(text_lines(event, Options()))) == 1


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.json"
    content: JsonObject = {KEY: {"sessionId": "s", "updatedAt": 1}}
    path.write_text(encode(content))
    return path


@pytest.fixture
def watching(store: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tui", "watch", str(store), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_change_shows_at_once_and_a_signal_ends_it_cleanly(
    store: Path, watching: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert watching.stdout and watching.stderr
    assert json.loads(watching.stdout.readline()) | {"at": 0} == {
        "event": "snapshot",
        "at": 0,
        "store": str(store),
        "entries": 1,
    }

    def pin(draft: StoreDraft) -> None:
        draft[KEY]["label"] = "new"

    update_store(store, pin, permit=Permit.allowed("test"))
    event = json.loads(watching.stdout.readline())
    assert (event["event"], event["changes"]) == ("changed", [{"field": "label", "old": None, "new": "new"}])
    watching.send_signal(number)
    assert watching.wait(10) == 0
    assert (watching.stdout.read(), watching.stderr.read()) == ("", "")


def _pin(draft: StoreDraft) -> None:
    draft[KEY] |= {"providerOverride": "openai", "modelOverride": "gpt-5.2", "updatedAt": 1_790_000_000_000}


def _run_from_an_old_copy(draft: StoreDraft) -> None:
    for name in ("providerOverride", "modelOverride"):
        del draft[KEY][name]
    draft[KEY] |= {"inputTokens": 20111, "outputTokens": 777, "updatedAt": 1_790_000_001_000}


def clobber(store: Path) -> None:
    """A model that is set, and a run that writes what it had read before."""
    for mutate in (_pin, _run_from_an_old_copy):
        update_store(store, mutate, permit=Permit.allowed("test"))


def test_a_finding_ends_the_watch_that_waits_for_one(store: Path) -> None:
    command = [sys.executable, "-m", "tui", "watch", str(store), "--json", "--until-finding"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout and json.loads(process.stdout.readline())["event"] == "snapshot"
        clobber(store)
        assert process.wait(20) == 1
        *_, finding = map(json.loads, process.stdout.read().splitlines())
    assert (finding["event"], finding["finding"], finding["grade"]) == ("finding", "lost-update", "probable")
    assert (finding["key"], finding["store"]) == (KEY, str(store))
    assert finding["fields"] == [
        {"field": "providerOverride", "lost": "openai", "now": None},
        {"field": "modelOverride", "lost": "gpt-5.2", "now": None},
    ]
    assert [witness["role"] for witness in finding["witness"]] == ["base", "lost", "write"]


def _older_copy(draft: StoreDraft) -> None:
    for name in ("providerOverride", "modelOverride"):
        del draft[KEY][name]
    draft[KEY] |= {"updatedAt": 1_789_999_999_000}


def test_an_edit_of_another_process_of_this_user_is_yours_and_its_loss_is_told(store: Path) -> None:
    command = [sys.executable, "-m", "tui", "watch", str(store), "--json", "--until-finding"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout and json.loads(process.stdout.readline())["event"] == "snapshot"
        update_store(store, _pin, permit=Permit.allowed("test"), journal=Journal(user_state_dir()))
        assert json.loads(process.stdout.readline())["writer"] == {"pid": os.getpid(), "how": "you"}
        update_store(store, _older_copy, permit=Permit.allowed("test"))
        assert process.wait(20) == 1
        records = [json.loads(line) for line in process.stdout.read().splitlines()]
    (lost,) = [record for record in records if record["event"] in ("finding", "edit-gone")]
    assert (lost["event"], lost["finding"], lost["grade"]) == ("finding", "lost-update", "confirmed")
    assert lost["yours"] == ["providerOverride", "modelOverride"]
    assert lost["because"].startswith("Your model gpt-5.2 is gone")


def test_an_edit_that_was_lost_while_nobody_watched_is_told_at_the_start(store: Path) -> None:
    for mutate, journal in ((_pin, Journal(user_state_dir())), (_older_copy, None)):
        update_store(store, mutate, permit=Permit.allowed("test"), journal=journal)
    command = [sys.executable, "-m", "tui", "watch", str(store), "--json", "--until-finding"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, timeout=20, check=False)
    snapshot, edit_gone = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, snapshot["event"]) == (1, "snapshot")
    assert (edit_gone["event"], edit_gone["grade"], edit_gone["key"]) == ("edit-gone", "confirmed", KEY)


def test_a_watch_that_waits_in_vain_ends_with_0(store: Path) -> None:
    command = [sys.executable, "-m", "tui", "watch", str(store), "--until-finding"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout and "watching" in process.stdout.readline()
        update_store(store, _pin, permit=Permit.allowed("test"))
        assert "providerOverride" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


MODEL_ENTRY: JsonObject = {"providerOverride": "openai", "modelOverride": "gpt-5.2"}


def test_a_finding_is_one_line() -> None:
    life = Life()
    life.wrote(MODEL)
    (finding,) = life.wrote({"label": "x"}, copy=0, stamp=life.now - 0.5)
    line = finding_line(finding)
    start, _, rest = line.partition("  ")
    assert re.fullmatch(r"\d\d:\d\d:\d\d", start)
    assert rest.startswith("!! confirmed lost-update  providerOverride, modelOverride  " + finding.key)
    assert rest.endswith(finding.because()) and "\n" not in line


def test_possible_findings_are_told_only_with_all() -> None:
    watch = Watch([STORE])
    for everything, wanted in ((False, []), (True, ["possible"])):
        findings = Findings([StorePath(STORE, "main", None)], watch, own_writes())
        steps = [changed({}, MODEL_ENTRY), changed(MODEL_ENTRY, {})]
        events = [replace(event, version=replace(VERSION, number=n)) for n, event in enumerate(steps, 2)]
        told = [found.grade for event in events for found in findings.of(event, Options(all=everything))]
        assert told == wanted


def test_the_end_of_an_edit_of_this_user_is_told_even_if_it_may_have_been_meant() -> None:
    findings = Findings([StorePath(STORE, "main", None)], Watch([STORE]), own_writes())
    steps = [changed({}, MODEL_ENTRY), changed(MODEL_ENTRY, {})]
    writers = (Writer(7, "you"), Writer(8, "lock"))
    versions = [replace(VERSION, number=n, writer=writer) for n, writer in enumerate(writers, 2)]
    events = [replace(event, version=version) for event, version in zip(steps, versions, strict=True)]
    (found,) = [found for event in events for found in findings.of(event, Options())]
    assert (found.grade, found.yours, found.alarming) == ("possible", ("providerOverride", "modelOverride"), False)
