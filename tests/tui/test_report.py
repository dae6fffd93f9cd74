"""A report: what was found and what changed, for a ticket; redacted, it names nobody."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.events import Broken, Changed, Event, Loaded, Missed
from store.findings.detector import Detector
from store.findings.own_edits import edit_between
from store.js import Json, encode
from store.recording.recorder import Recorder
from tests.support.past import LOCK, MODEL, RUN, YOU, Life, text
from tests.support.recorded import Feed
from tests.support.stores import write_store
from tests.support.traffic import Traffic
from tui.__main__ import main
from tui.report.gather import Told, Wanted, alarming, gather
from tui.report.markdown import code, escaped, finding_markdown, report_markdown
from tui.report.redact import Redactor, redacted

STORE = Path("/home/alice/agents/main/sessions/sessions.json")
KEY = "agent:main:telegram:direct:1234567"


def everything(_key: str) -> bool:
    return True


def report(events: Sequence[Event], *, since: float | None = None, key: str = "") -> dict[str, Any]:
    detector = Detector(events[0].store)
    told = ((event, detector.observe(event)) for event in events)
    return gather("sessions.rec", told, Wanted(since, lambda name: key in name, key), recorded=True)


def clobbered() -> list[Event]:
    """Generated traffic with stale writers in it."""
    return [told.event for told in Traffic(100, stale=0.05).told(200)]


def test_a_report_has_what_watch_prints_and_how_much_was_seen() -> None:
    events = clobbered()
    made = report(events)
    (store,) = made["stores"]
    assert store["seen"] == sum(isinstance(event, (Loaded, Changed)) for event in events)
    assert store["missed"] == 0
    assert {finding["event"] for finding in made["findings"]} == {"finding"}
    assert {line["event"] for line in made["timeline"]} == {"snapshot", "changed"}
    assert alarming(made)
    json.dumps(made)


def test_only_what_was_asked_for_is_told_but_all_of_it_is_judged() -> None:
    events = clobbered()
    whole = report(events)
    finding = next(found for found in whole["findings"] if found["grade"] == "confirmed")
    part = report(events, since=finding["at"] / 1000 - 0.0005, key=finding["key"])
    assert part["findings"][0] == finding
    assert {line["key"] for line in part["timeline"]} == {finding["key"]}
    assert min(line["at"] for line in part["timeline"]) >= finding["at"]


def test_what_a_recorder_tells_again_after_a_restart_is_told_once() -> None:
    life = Life()
    life.wrote(MODEL, writer=YOU)
    store, key = life.detector.store, life.key
    edit = edit_between(store, key, life.version().file, life.texts[0], life.texts[1])
    lost = life.wrote(RUN, copy=0, writer=LOCK, after=1.6)
    restarted = Detector(store, own_edits=[edit] if edit else [], raw={key: text(life.texts[-1])}.get)
    again = Loaded(store, replace(life.version(), number=1, at=life.now + 30), 1)
    gone = restarted.observe(again)
    told: list[Told] = [(Missed(store, life.now, 1), lost), (again, gone)]
    made: dict[str, Any] = gather("r.cwr", told, Wanted(None, everything), recorded=True)
    assert [found["finding"] for found in made["findings"]] == ["lost-update"]
    assert [found.kind for found in gone] == ["edit-gone"]


def test_versions_that_went_by_unseen_are_told() -> None:
    events: list[Event] = clobbered()[:2]
    store = events[0].store
    events += [Missed(store, 1_771_000_000.0, 17), Broken(store, 1_771_000_001.0, "empty", "no bytes", None, 6, 0)]
    made = report(events)
    assert made["stores"][0]["missed"] == 17
    text = report_markdown(made)
    assert "17 versions came and went unseen" in text
    assert "store empty: no bytes" in text
    assert report([*events, Missed(store, 1_771_000_002.0, None)])["stores"][0]["missed"] is None


def test_nothing_found_is_said() -> None:
    made = report(clobbered()[:1])
    assert not alarming(made)
    assert "## No findings" in report_markdown(made)


def test_markdown_has_the_finding_its_reasons_and_its_witness() -> None:
    finding = next(found for found in report(clobbered())["findings"] if found["grade"] == "confirmed")
    text = "\n".join(finding_markdown(finding))
    assert text.startswith(f"### !! confirmed {finding['finding']}, 2")
    assert f"`{finding['key']}`" in text
    for field in finding["fields"]:
        assert f"| `{field['field']}` |" in text
    for witness in finding["witness"]:
        assert f"| v{witness['version']} |" in text


@given(st.text())
def test_nothing_from_a_file_ends_a_cell_a_span_or_a_line(text: str) -> None:
    for shown in (code(text), escaped(text)):
        assert "\n" not in shown
        assert "\x1b" not in shown
        assert not re.search(r"(?<!\\)\|", shown)
    assert code(text).count("`") in (0, 2)


def secrets(given: object) -> Iterator[str]:
    """Every text in a value that could name somebody."""
    if isinstance(given, dict):
        for value in given.values():
            yield from secrets(value)
    elif isinstance(given, list):
        for value in given:
            yield from secrets(value)
    elif isinstance(given, str):
        yield given


NAMES = {
    "label": "Mum and Dad, the house on Elm Street and everything in it",
    "lastTo": "+436601234567",
    "lastThreadId": 7654321,
    "sessionId": "5b0c71e2-3333-4333-8333-333333333333",
    "displayName": "Dr. Strange",
    "deliveryContext": {"channel": "telegram", "to": "+436601234567", "accountId": "alice@example.org"},
    "note`|x": "a field of somebody's own",
}


def told(value: object) -> str:
    """The same finding and the same change as in a report, with this value lost."""
    lost = {"label": value, **NAMES}
    made = report(clobbered())
    finding = made["findings"][0]
    finding["key"] = KEY
    finding["fields"] = [{"field": name, "lost": each, "now": None} for name, each in lost.items()]
    finding["witness"][0]["fields"] = dict(lost)
    finding["because"] = (
        f"label {str(value)[:39]}… went back; {KEY} and agent:main:signal:direct:+447700900123 share one."
    )
    made["timeline"].append(
        {
            "event": "changed",
            "at": 1,
            "store": str(STORE),
            "key": KEY,
            "writer": {"pid": 1, "how": "lock"},
            "changes": [{"field": name, "old": each, "new": None} for name, each in lost.items()],
        }
    )
    made["source"] = str(STORE)
    clean = redacted(made, Redactor())
    return json.dumps(clean) + report_markdown(clean)


@pytest.mark.parametrize("value", ["Mum and Dad, the house on Elm Street and everything in it", "Bob"])
def test_a_redacted_report_names_nobody(value: str) -> None:
    text = told(value)
    for secret in ("Mum", "Elm", "4366012", "7654321", "1234567", "Strange", "alice", "5b0c71e2", "somebody", "+4477"):
        assert secret not in text
    assert "Bob" not in text
    assert "agent:main:telegram:direct:x" in text
    assert '"telegram"' in text


def test_the_same_value_has_the_same_token_and_another_report_another_one() -> None:
    one = Redactor(b"1")
    assert one.key(KEY) == one.key(KEY) == f"agent:main:telegram:direct:{one.token('1234567')}"
    assert one.token("a") != one.token("b")
    assert one.token("a") != Redactor(b"2").token("a")


def test_what_a_lost_update_is_told_by_stays() -> None:
    redactor = Redactor()
    kept = {
        "providerOverride": "anthropic",
        "modelOverride": "claude-opus-4-6",
        "modelOverrideSource": "user",
        "thinkingLevel": "high",
        "sendPolicy": "deny",
        "outputTokens": 1102,
        "status": "done",
        "updatedAt": 1_771_000_000_000,
        "fastMode": True,
        "lastChannel": "telegram",
    }
    assert redactor.value("", kept) == kept


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of generated traffic with stale writers in it."""
    path, feed = tmp_path / "incident.rec", Feed(store=tmp_path / "sessions.json")
    first, *rest = (told.event for told in Traffic(100, stale=0.05).told(200))
    texts = {key: encode(entry.versions[0][2]).encode() for key, entry in Traffic(100).texts.items()}
    recorder = Recorder(path, [feed.store])
    assert isinstance(first, Loaded)
    recorder.take(feed.loaded(texts), feed)
    for event in rest:
        assert isinstance(event, Changed)
        recorder.take(feed.changed({change.key: change.after for change in event.changes}), feed)
    recorder.close()
    return path


def test_the_verb_prints_markdown_and_says_by_its_code_that_something_was_found(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(recording)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("# Session store report\n")
    assert "### !! confirmed" in printed


def test_the_verb_prints_json_and_0_where_nothing_was_found(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(recording), "--json", "--key", "no such key", "--since", "1s"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["findings"] == made["timeline"] == []
    assert made["key"] == "no such key"


def test_the_verb_redacts(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(recording), "--json", "--redact"]) == 1
    made = json.loads(capsys.readouterr().out)
    assert made["redacted"]
    assert made["source"] == "incident.rec"
    assert str(recording.parent) not in json.dumps(made)


def test_what_is_neither_a_recording_nor_a_store_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no recording")
    assert main(["report", str(tmp_path / "notes.txt")]) == 6
    assert "neither a recording nor a whole session store" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "gone")]) == 6


def test_of_a_store_the_copies_beside_it_tell_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = write_store(tmp_path / "sessions.json", {KEY: {"sessionId": "s", "thinkingLevel": "low"}})
    copy = write_store(tmp_path / "sessions.json.bak", {KEY: {"sessionId": "s", "thinkingLevel": "high"}})
    os.utime(copy, (1_771_000_000, 1_771_000_000))
    assert main(["report", str(store), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert not made["recorded"]
    assert [line["event"] for line in made["timeline"]] == ["snapshot", "missed", "changed"]
    assert made["timeline"][-1]["changes"] == [{"field": "thinkingLevel", "old": "high", "new": "low"}]
    assert main(["report", str(store)]) == 0
    printed = capsys.readouterr().out
    assert "clobberwatch record keeps it all" in printed and "| v-" not in printed


def test_of_a_store_without_copies_it_tells_whether_our_edits_still_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before: dict[str, Json] = {
        KEY: {"sessionId": "s", "updatedAt": int(time.time() * 1000) - 5000, "thinkingLevel": "low"}
    }
    store = write_store(tmp_path / "sessions.json", before)
    assert main(["set", KEY, "thinkingLevel=high", "--store", str(store)]) == 0
    assert main(["report", str(store), "--json"]) == 0
    write_store(store, before)
    capsys.readouterr()
    assert main(["report", str(store), "--json"]) == 1
    (gone,) = json.loads(capsys.readouterr().out)["findings"]
    assert (gone["event"], gone["grade"]) == ("edit-gone", "confirmed")


def test_a_writer_without_the_lock_is_called_so() -> None:
    finding: dict[str, Any] = {
        "grade": "probable",
        "finding": "unlocked-write",
        "at": 0,
        "key": "",
        "store": "/s",
        "because": "So.",
        "fields": [],
        "witness": [],
        "writer": {"pid": None, "how": "no lock"},
    }
    assert "written by a writer without the lock." in "\n".join(finding_markdown(finding))
