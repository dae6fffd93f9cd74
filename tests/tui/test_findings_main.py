"""Findings on the main screen: the strip, the marks, the view, and the keys of a row."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from store.events import Broken
from store.findings.acknowledged import Mark
from tests.support import clobbered, incident
from tests.support.dashboard import Clock, app_over, seen_all
from tests.support.fake_watch import FakeWatch, version
from tests.support.live_app import frame, keys, see, shown, until
from tests.support.story import STORE, Story
from tui.app import ClobberwatchApp
from tui.layout.strip import strip_lines
from tui.look.line import plain
from tui.roster import Roster
from tui.screens.main import MainScreen


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@asynccontextmanager
async def screen(tmp_path: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    app = clobbered.app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await seen_all(pilot, clobbered.VERSIONS)
        await see(pilot, "findings 2")
        yield pilot


def the_app(pilot: Pilot[None]) -> ClobberwatchApp:
    return cast("ClobberwatchApp", pilot.app)


def cursor_key(pilot: Pilot[None]) -> str:
    row = cast("MainScreen", pilot.app.screen).row
    assert row is not None
    return row.key


def copied(pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []

    def take(sequence: str) -> None:
        found = re.search(r"52;c;([^\x07]*)\x07", sequence)
        assert found is not None
        texts.append(base64.b64decode(found[1]).decode())

    monkeypatch.setattr(the_app(pilot), "write_to_terminal", take)
    return texts


async def test_only_your_own_write_restores_what_was_lost(tmp_path: Path) -> None:
    fake = clobbered.watch(tmp_path / "sessions.json")
    async with app_over(fake, Clock()).run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, clobbered.VERSIONS)
        book, there = the_app(pilot).dashboard.findings, json.loads(fake.raw(fake.path, incident.PINNED) or b"")
        back = {**there, **incident.override(*incident.OPUS, "user"), "thinkingLevel": "high"}
        del back["authProfileOverride"]
        others = ((back, incident.NO_LOCK), ({**back, "label": "mine"}, incident.YOU), (there, incident.NO_LOCK))
        for number, (entry, writer) in enumerate(others, 1):
            fake.change(incident.NOW + number, {incident.PINNED: entry}, writer)
            await seen_all(pilot, clobbered.VERSIONS + number)
            assert (book.rows().keys() >= {(fake.path, incident.PINNED)}, book.restored()) == (True, ())
        fake.change(incident.NOW + 4, {incident.PINNED: back}, incident.YOU)
        await until(pilot, book.restored)
        assert incident.PINNED not in {key for _, key in book.rows()}


def strip(story: Story, cells: int = 80, rows: int = 2) -> list[str]:
    return [plain(line).rstrip() for line in strip_lines(story.dashboard, cells, rows)]


def test_the_strip_is_the_one_that_was_drawn() -> None:
    assert strip(Story(clobbered.watch(STORE))) == [
        "─ findings 2 ─────────────────────────────────────────── 1 possible not listed ─",
        " 14:02:09 !! confirmed lost-update      model + think  main:tg:…7654321:topic:42",
        " 13:58:40  ! probable  dropped-field    3 fields       main:wa:+4915112345678",
    ]


def test_a_wide_strip_says_what_happened_and_then_the_last_changes() -> None:
    lines = strip(Story(clobbered.watch(STORE)), cells=120, rows=8)
    assert lines[2] == "            your claude-opus-4-6 went back to gpt-5.2 after 1.6 s; copy 41 s old"
    assert lines[4] == "            label, sendPolicy, skillsSnapshot gone in one write, same session"
    assert lines[5].startswith("─ last changes ─")
    assert lines[6].startswith(" 14:02:58 ● coder:subagent:7f3a01c2…")
    assert len(lines) == 9


def test_a_finding_that_is_alone_leaves_a_line_to_the_changes() -> None:
    story = Story(clobbered.watch(STORE))
    book = story.dashboard.findings
    book.done_with([book.listed()[1]], incident_mark())
    title, finding, change = strip(story)
    assert title.startswith("─ findings 1 ─")
    assert "lost-update" in finding
    assert "think low → high" in change


def test_under_a_finding_it_is_not_said_that_there_are_none() -> None:
    story = Story(FakeWatch(STORE, incident.at_first(), incident.NOW))
    story.dashboard.found(Story(clobbered.watch(STORE)).dashboard.findings.listed()[:1])
    title, finding, since = strip(story)
    assert title.startswith("─ findings 1 ─")
    assert "lost-update" in finding
    assert since.startswith(" No changes. Watching since ") and "…" not in since


def incident_mark() -> Mark:
    return Mark("ada", incident.NOW)


def test_without_a_finding_the_changes_have_the_strip_and_possible_ones_are_counted() -> None:
    story = Story(clobbered.watch(STORE))
    for finding in story.dashboard.findings.listed():
        story.dashboard.findings.done_with([finding], incident_mark())
    assert strip(story)[0] == "─ last changes ───────────────────────────────────────── 1 possible not listed ─"


def test_the_view_of_findings_has_the_surest_first_and_is_live() -> None:
    story = Story(clobbered.watch(STORE))
    roster = Roster()
    roster.choose_view("5")
    roster.take(story.dashboard)
    assert [row.key for row in roster.order] == [incident.PINNED, clobbered.WHATSAPP]
    for finding in story.dashboard.findings.listed():
        story.dashboard.findings.done_with([finding], incident_mark())
    roster.take(story.dashboard)
    assert roster.order == []


async def test_rows_are_marked_and_n_goes_from_one_to_the_next(tmp_path: Path) -> None:
    async with screen(tmp_path) as pilot:
        lines = frame(the_app(pilot))
        assert "5:findings 2" in lines[1]
        assert next(line[:5] for line in lines if "topic:42" in line and "─" not in line) == "  !! "
        assert [line[:5] for line in lines[3:17] if "main:wa:" in line] == ["   ! "]
        await keys(pilot, "n")
        assert cursor_key(pilot) == incident.PINNED
        await keys(pilot, "n")
        assert cursor_key(pilot) == clobbered.WHATSAPP
        await keys(pilot, "n")
        assert cursor_key(pilot) == incident.PINNED
        await keys(pilot, "N")
        assert cursor_key(pilot) == clobbered.WHATSAPP


async def test_findings_outside_the_filter_are_said_and_5_shows_them(tmp_path: Path) -> None:
    async with screen(tmp_path) as pilot:
        await keys(pilot, "/", "webchat", "enter", "n")
        await see(pilot, "2 findings are outside this filter; 5 shows them.")
        await keys(pilot, "5")
        await see(pilot, "The filter is lifted")
        assert [line[2:4] for line in frame(the_app(pilot))[3:5]] == ["!!", " !"]


async def test_a_clobbered_override_is_restored_in_three_keys(tmp_path: Path) -> None:
    async with screen(tmp_path) as pilot:
        await keys(pilot, "n", "u")
        await see(pilot, "nothing is written yet")
        text = shown(the_app(pilot))
        assert re.search(r"\+ modelOverride +claude-opus-4-6", text)
        assert "uses anthropic/claude-opus-4-6, thinking high" in text
        assert re.search(r"- authProfileOverride +openai:default", text)


async def test_an_acknowledged_finding_is_gone_from_row_view_and_strip_and_stays_so(tmp_path: Path) -> None:
    async with screen(tmp_path) as pilot:
        await keys(pilot, "n", "a")
        await see(pilot, "Acknowledged: lost-update. Back only if such a field is lost again.")
        await keys(pilot, "k")
        await see(pilot, "findings 1")
        assert "!!" not in shown(the_app(pilot))
        await until(pilot, lambda: list((tmp_path / "state").rglob("acknowledged.jsonl")))
        await keys(pilot, "a")
        await see(pilot, "Nothing to acknowledge: this entry has no open finding.")
    app = clobbered.app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, clobbered.VERSIONS)
        await see(pilot, "findings 1")
        assert len(app.dashboard.findings.acknowledged()) == 1


async def test_a_mark_that_cannot_be_kept_counts_for_this_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.writing.lines import RecordFile

    def full(self: RecordFile, record: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RecordFile, "append", full)
    async with screen(tmp_path) as pilot:
        await keys(pilot, "n", "a")
        await see(pilot, "Acknowledged for this run only: it could not be kept (No space left on")
        assert len(the_app(pilot).dashboard.findings.listed()) == 1


async def test_the_evidence_is_copied_with_date_and_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with screen(tmp_path) as pilot:
        texts = copied(pilot, monkeypatch)
        await keys(pilot, "n", "y", "f")
        assert "!! confirmed lost-update, 2026-02-16 14:02:09.000" in texts[0]
        assert incident.PINNED in texts[0]
        assert "(UTC" in texts[0]
        await keys(pilot, "k", "y", "f")
        await see(pilot, "Nothing to copy: this entry has no open finding.")


async def test_what_is_copied_as_json_is_the_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with screen(tmp_path) as pilot:
        texts = copied(pilot, monkeypatch)
        await keys(pilot, "n", "y", "j")
        assert json.loads(texts[0])["key"] == incident.PINNED


async def test_a_store_that_cannot_be_read_from_the_start_is_a_finding(tmp_path: Path) -> None:
    watch = FakeWatch(tmp_path / "sessions.json", incident.at_first(), incident.NOW)
    app = app_over(watch, Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "1:all 15")
        watch.push(Broken(watch.path, incident.NOW, "unreadable", "it ends early", version(1, incident.NOW), 15, None))
        await see(pilot, "STORE UNREADABLE")
        (finding,) = app.dashboard.findings.listed()
        assert (finding.kind, finding.key) == ("store-unreadable", "")
