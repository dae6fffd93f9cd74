"""What reads a store reads a database as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest

from store.checkup import check_up
from store.edit import apply_edit
from store.entry.levels import SetField
from store.entry.lint import UNCHECKED
from store.errors import Missing
from store.events import Changed, EntryChange, FileId, Loaded, Version, Watching
from store.findings.detector import Detector
from store.openclaw.paths import StorePath
from store.summary import summarise, with_flaw
from store.text.lookup import entry_text
from store.text.read import read_store
from store.writing.permit import Permit
from tests.support.databases import MAIN, entry, make_database, opened, text
from tui.__main__ import main

ALLOWED = Permit.allowed("the test says so", "database")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "agents" / "main" / "agent" / "openclaw-agent.sqlite"
    context = {"channel": "telegram", "to": "telegram:1"}
    delivery = {"kind": "external", "route": {}, "context": context, "origin": {}}
    return make_database(path, {MAIN: entry(label="one", delivery=delivery), "agent:main:cron:x": entry()})


def test_a_document_and_a_single_entry(database: Path) -> None:
    assert read_store(database).keys() == [MAIN, "agent:main:cron:x"]
    assert entry_text(database, "agent:main:cron:x") == text(entry()).encode()
    assert entry_text(database, "none") is None
    assert entry_text(database.with_name("none.sqlite"), "none") is None
    with pytest.raises(Missing):
        read_store(database.with_name("none.sqlite"))


def test_a_checkup_tells_of_rows_that_openclaw_refuses(database: Path) -> None:
    store = StorePath(database, "main", database.parents[3])
    assert (check_up(store).entries, check_up(store).problems) == (2, ())
    with opened(database) as editor:
        editor.execute("UPDATE session_nodes SET entry_json = ? WHERE session_key = ?", (text(entry(x=1)), MAIN))
    (problem,) = check_up(store).problems
    assert (problem.rule, problem.key) == ("refused-row", MAIN) and "openclaw doctor --fix" in problem.because
    assert apply_edit(database, MAIN, [SetField("label", "two")], None, permit=ALLOWED).outcome == "applied"
    (problem,) = check_up(store).problems
    assert (problem.rule, problem.key) == ("unchecked-row", MAIN), "harmless: OpenClaw checks it at its next start"


def test_a_verdict_on_a_database_is_graded_by_what_cannot_be_seen_of_it() -> None:
    assert grades("inotify") == ["confirmed"]
    assert grades("sqlite") == ["probable"]


def grades(how: Literal["inotify", "sqlite"]) -> list[str]:
    """Of a thinking level that goes back along with its `updatedAt`."""
    store, first = Path("a.sqlite"), 1_771_000_000
    old = text(entry(thinkingLevel="low", updatedAt=first * 1000)).encode()
    new = text(entry(thinkingLevel="high", updatedAt=(first + 5) * 1000)).encode()
    detector = Detector(store)
    detector.observe(Watching(store, how, ""))
    detector.observe(Loaded(store, version(1, first), 1))
    detector.observe(Changed(store, version(2, first + 5), (EntryChange(MAIN, old, new),), 1))
    found = detector.observe(Changed(store, version(3, first + 9), (EntryChange(MAIN, new, old),), 1))
    return [finding.grade for finding in found]


def version(number: int, at: float) -> Version:
    return Version(number, at, FileId(1, 1, number, int(at * 1e9)))


def test_the_headless_verbs_show_it(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = str(database.parents[3])
    assert run("list", "--json", "--state-dir", state) == 0
    (main_row, _) = sorted(json.loads(capsys.readouterr().out), key=lambda row: row["key"], reverse=True)
    assert main_row["key"] == MAIN and main_row["store"] == str(database)
    assert main_row["delivery"]["to"] == "telegram:1"
    assert run("show", MAIN, "--json", str(database)) == 0
    assert json.loads(capsys.readouterr().out)["entry"]["label"] == "one"


def test_list_show_and_doctor_tell_the_same_flaws(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "agent:main:cron:x"
    with opened(database) as editor:
        inert = text(entry(delivery={"kind": "none"}, lastTo="7", pendingTranscriptRepair=[{"id": "1"}]))
        editor.execute("UPDATE session_nodes SET entry_json = ? WHERE session_key = ?", (inert, key))
    rules = ["refused-row", "pending-repair", "inert-delivery"]
    assert run("list", "--where", "lint:refused-row", "--json", str(database)) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["key"], [remark["rule"] for remark in row["lint"]]) == (key, rules)
    assert run("show", key, "--json", str(database)) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["lint"] == row["lint"]
    assert shown["cached"] is None and "keeps no row beyond the next commit" in shown["cachedBecause"]
    assert run("doctor", "--json", str(database)) == 1
    (store,) = json.loads(capsys.readouterr().out)["stores"]
    told = [(problem["rule"], problem["because"]) for problem in store["problems"]]
    assert told == [(remark["rule"], remark["because"]) for remark in row["lint"]]
    assert run("list", str(database)) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if key in line] == ["~"]
    assert run("show", key, str(database)) == 0
    out = capsys.readouterr().out
    assert all(f"({rule})" in out for rule in rules)


def run(*arguments: str) -> int:
    try:
        return int(main(list(arguments)) or 0)
    except SystemExit as ended:
        return int(ended.code or 0)


def test_a_row_that_openclaw_would_stumble_over_is_marked_as_such() -> None:
    row = summarise(MAIN, text(entry(updatedAt=1_771_000_000)).encode())
    refused = with_flaw(row, "written past OpenClaw")
    assert [remark.rule for remark in refused.lint] == ["refused-row", "updated-at"]
    assert with_flaw(refused, "written past OpenClaw") is refused
    waiting = with_flaw(refused, UNCHECKED)
    assert [remark.rule for remark in waiting.lint] == ["updated-at", "unchecked-row"], "harmless: the least of all"
    assert with_flaw(waiting, "") == row
