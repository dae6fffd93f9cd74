"""A finding with its witness, and the list of findings, line by line and key by key."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from store.events import Missed, Writer
from store.findings.acknowledged import Mark
from store.findings.finding import Finding, LostField, Witness
from store.js import ABSENT, JsonObject
from tests.support import clobbered, incident
from tests.support.dashboard import seen_all
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import frame, keys, see, shown, until
from tests.support.story import STORE, Story
from tui.app import ClobberwatchApp
from tui.casebook import CaseBook
from tui.layout.findings_list import Listed, items_of, list_lines
from tui.layout.history_lines import HistoryView, Told, history_lines
from tui.layout.witness_lines import Case, case_rows, scope_line, witness_lines
from tui.look.findings import at_length, in_short
from tui.look.line import plain
from tui.screens.findings import FindingsScreen
from tui.screens.witness import WitnessScreen
from tui.timeline import entry_moments

NOW = incident.NOW


@pytest.fixture(autouse=True)
def state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@asynccontextmanager
async def screen(tmp_path: Path, *pressed: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    app = clobbered.app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await seen_all(pilot, clobbered.VERSIONS)
        await see(pilot, "findings 2")
        for key in pressed:
            await keys(pilot, key)
            await pilot.pause()
        yield pilot


def lines(pilot: Pilot[None]) -> list[str]:
    return frame(cast("ClobberwatchApp", pilot.app))


def lost_update() -> Finding:
    return Story(clobbered.watch(STORE)).dashboard.findings.listed()[0]


def body(case: Case, cells: int = 80, rows: int = 21) -> list[str]:
    drawn, _, _ = witness_lines(case, cells, rows, NOW, every=False, top=0, at=None)
    assert len(drawn) <= rows
    return [plain(line).rstrip() for line in drawn]


def forgotten(finding: Finding) -> Case:
    """The finding when no text of its entry is in memory any more."""
    return Case(finding, (1, 1, ""), {}, None, None)


async def test_the_witness_is_the_one_that_was_drawn(tmp_path: Path) -> None:
    async with screen(tmp_path, "n", "f") as pilot:
        assert lines(pilot)[1:13] == [
            " finding 1 of 2   !! confirmed   lost-update                  14:02:09, 50s ago",
            "─ agent:main:telegram:group:-1001987654321:topic:42 ───────────── 5 more below ─",
            " Your model claude-opus-4-6 went back to gpt-5.2 after 1.6 s.",
            " Pid 48213 wrote this entry from a copy 41 s old: 4 fields went back.",
            "",
            "                           THE COPY IT HELD  YOUR WRITE        ITS WRITE",
            "                           v5 14:01:28.2     v7 14:02:07.4     v8 14:02:09.0",
            " lost  providerOverride    openai            anthropic         openai",
            " lost  modelOverride       gpt-5.2           claude-opus-4-6   gpt-5.2",
            " back  authProfileOverride openai:default    -                 openai:default",
            " lost  thinkingLevel       medium            high              medium",
            "  old  updatedAt           14:01:28.000      14:02:07.400      14:01:28.000",
        ]
        text = shown(cast("ClobberwatchApp", pilot.app))
        assert " because   v7 is in this tool's journal, and v8 undid it.\n" in text
        assert "…" not in text[text.index(" because ") : text.index(" writer ")]
        assert " writer    pid 48213, named in the lock file\n" in text
        assert " seen      all 4 versions from v5 to v8; 0 missed\n" in text


async def test_v_shows_the_other_fields_and_j_reaches_the_last(tmp_path: Path) -> None:
    async with screen(tmp_path, "n", "f") as pilot:
        await see(pilot, "other fields did not change with it. v shows them.")
        await keys(pilot, "v", *["j"] * 30)
        await see(pilot, "▌same  ")
        await keys(pilot, *["k"] * 40)
        await see(pilot, "▌lost  providerOverride")


async def test_a_wide_witness_has_a_column_for_what_is_on_disk_now(tmp_path: Path) -> None:
    async with screen(tmp_path, "n", "f", size=(120, 40)) as pilot:
        header = next(line for line in lines(pilot) if "THE COPY IT HELD" in line)
        assert header.split("  ")[-1].strip() == "NOW ON DISK"
        row = next(line for line in lines(pilot) if "modelOverride " in line)
        assert row.split()[1:] == ["modelOverride", "gpt-5.2", "claude-opus-4-6", "gpt-5.2", "gpt-5.2"]


def test_what_came_back_with_the_copy_comes_before_the_new_and_equal_values_are_not_new() -> None:
    finding = lost_update()
    fields: JsonObject = {"status": "running", "outputTokens": 7, "startedAt": 1}
    numbers = [witness.number for witness in finding.witness]
    texts = dict(
        zip(numbers, ({**fields, "a": 1}, {**fields, "a": 2, "b": 1}, {**fields, "a": 1, "b": 2}), strict=True)
    )
    case = Case(finding, (1, 1, ""), texts, {"a": 2, "b": 1, "status": "done", "startedAt": 2}, None)
    others = [(row.verdict, row.field) for row in case_rows(case, every=False)][len(finding.fields) :]
    assert others == [("old", "a"), ("new", "b")]


def test_on_a_low_screen_the_reasons_are_whole_and_the_grid_scrolls() -> None:
    finding = lost_update()
    numbers = [witness.number for witness in finding.witness]
    texts: dict[int, JsonObject] = {
        number: {f"field{n}": int(number == numbers[-1]) for n in range(9)} for number in numbers
    }
    told = body(Case(replace(finding, fields=finding.fields[:2]), (1, 1, ""), texts, {}, None), 70, 19)
    assert "more below" in told[0]
    reasons = told[next(at for at, line in enumerate(told) if line.startswith(" because")) :]
    assert len(reasons) > len(finding.reasons) and not any("…" in line for line in reasons)


def test_one_line_leaves_out_the_age_of_the_copy_before_it_is_cut() -> None:
    whole = in_short(lost_update(), NOW)
    assert whole.endswith("; copy 41 s old") and in_short(lost_update(), NOW, len(whole)) == whole
    assert in_short(lost_update(), NOW, len(whole) - 1) == whole.removesuffix("; copy 41 s old")


def test_without_the_texts_the_finding_tells_what_it_knows_itself() -> None:
    told = body(forgotten(lost_update()))
    assert " lost  modelOverride       gpt-5.2           claude-opus-4-6   gpt-5.2" in told
    assert not any("v shows" in line for line in told)


def test_two_copies_that_explain_a_write_are_both_named() -> None:
    story = Story(clobbered.watch(STORE))
    (finding,) = [one for one in story.dashboard.findings.listed() if one.kind == "lost-update"]
    assert finding.base
    rival = replace(finding.base, version=replace(finding.base.version, number=3, at=finding.at - 300))
    either = replace(finding, base=replace(finding.base, rival=rival))
    said = body(forgotten(either))
    assert " Pid 48213 wrote this entry from a copy 41 s or 5 min old: 4 fields went back." in said
    assert any("IT MAY HAVE HELD" in line for line in said)
    moments = entry_moments(story.dashboard.histories[STORE], finding.key, every=False)
    drawn, _ = history_lines(HistoryView(finding.key, "", moments, 0, 0, (), [either], NOW), Told(), 80, 21)
    text = [plain(line).rstrip() for line in drawn]
    assert "   base       v5, 14:01:28.200 (41 s old), by 4 matching fields" in text
    assert "   or         v3, 13:57:09.000 (5m old)" in text


def test_versions_that_were_missed_are_said() -> None:
    finding = lost_update()
    case = forgotten(finding)
    assert " seen      ! 2 versions between v5 and v8 were not seen" in body(replace(case, missed=2))
    unknown = body(replace(case, missed=None))
    assert " seen      ! an unknown number of versions between v5 and v8 were not seen" in unknown


def test_missed_versions_count_where_they_fell() -> None:
    story = Story(FakeWatch(STORE, incident.at_first(), NOW - 60))
    story.watch.push(Missed(STORE, NOW - 50, 3))
    story.watch.number += 3
    story.watch.change(NOW - 40, {"agent:main:main": {"thinkingLevel": "low"}})
    story.watch.push(Missed(STORE, NOW - 30, None))
    story.catch_up()
    state = story.dashboard.stores[STORE]
    assert state.missed_between(1, 5) == 3
    assert state.missed_between(5, 9) is None
    assert state.missed_between(2, 5) == 0


@pytest.mark.parametrize("rows", [8, 12, 21, 47])
@pytest.mark.parametrize("cells", [60, 80, 120, 160])
def test_a_finding_about_the_whole_store_has_no_grid(cells: int, rows: int) -> None:
    write = Witness("write", 8, NOW - 50, Writer(None, "no lock"))
    told = "The store was replaced without its lock, which every writer of this release takes."
    finding = Finding("unlocked-write", "probable", STORE, "", 8, NOW - 50, (), (told,), (write,), None, write.writer)
    said = body(forgotten(finding), cells, rows)
    assert said[0].startswith(f"─ the store {STORE}")
    assert "A writer without the lock wrote it." in " ".join(line.strip() for line in said)
    assert any(line.startswith(" seen      v8, as it came") for line in said)
    assert not any("ITS WRITE" in line for line in said)


def test_a_store_that_broke_has_neither_writer_nor_versions() -> None:
    finding = Finding("store-truncated", "confirmed", STORE, "", 0, NOW, (), ("the file is empty",), ())
    assert in_short(finding, NOW) == "the file is empty"
    assert body(forgotten(finding))[1:] == [
        " the file is empty",
        "",
        " writer    not known",
        " seen      the file itself",
    ]


def test_an_edit_from_before_the_start_has_no_version() -> None:
    lost = Witness("lost", 0, NOW - 300, Writer(None, "you"), (("thinkingLevel", "high"),))
    write = Witness("write", 1, NOW, Writer(None, "unknown"), (("thinkingLevel", "low"),))
    fields = (LostField("thinkingLevel", "high", "low"),)
    finding = Finding("edit-gone", "confirmed", STORE, "agent:main:main", 1, NOW, fields, ("Why.",), (lost, write))
    finding = replace(finding, yours=("thinkingLevel",))
    said = body(forgotten(finding))
    assert "YOUR WRITE" in said[3]
    assert said[4].split() == ["13:58:00.0", "v1", "14:03:00.0"]
    assert " seen      ! what was written before watching began was not seen" in said
    assert in_short(finding, NOW) == "your thinking high went back to low after 5 min"


def test_what_came_back_and_what_is_gone_are_told_in_their_own_words() -> None:
    finding = replace(lost_update(), kind="resurrected-field", fields=(LostField("modelOverride", ABSENT, "gpt-5.2"),))
    assert at_length(finding, NOW)[0] == "Your model gpt-5.2, which had been removed, came back after 1.6 s."
    gone = replace(
        finding, kind="lost-update", fields=(LostField("sendPolicy", "deny", ABSENT),), yours=("sendPolicy",)
    )
    assert at_length(gone, NOW)[0] == "Your send policy deny is gone after 1.6 s."
    route = (LostField("lastTo", "42", "77"), LostField("lastChannel", "telegram", "telegram"))
    moved = replace(finding, kind="lost-update", fields=route, yours=("lastTo",))
    assert at_length(moved, NOW)[0] == "Your reply telegram 42 went back to telegram 77 after 1.6 s."


async def test_u_restores_from_the_witness_and_from_the_list(tmp_path: Path) -> None:
    async with screen(tmp_path, "n", "f", "u") as pilot:
        await see(pilot, "uses anthropic/claude-opus-4-6, thinking high")
        await keys(pilot, "escape")
        await see(pilot, "finding 1 of 2 ")
        await keys(pilot, "f")
        await see(pilot, "2 open   1 possible   0 acknowledged")
        await keys(pilot, "j", "u")
        await see(pilot, "nothing is written yet   restores what was lost at ")
        assert re.search(r"\+ label +home", shown(cast("ClobberwatchApp", pilot.app)))


async def test_the_keys_of_a_witness_lead_on(tmp_path: Path) -> None:
    async with screen(tmp_path, "n", "f") as pilot:
        await keys(pilot, "n")
        await see(pilot, "finding 2 of 2   ! probable")
        await keys(pilot, "N", "h")
        await see(pilot, "history   authProfileOverride")
        await keys(pilot, "escape", "]")
        await see(pilot, "v7")
        await keys(pilot, "escape", "enter")
        await see(pilot, "!! a write of yours was lost here 50s ago: u puts it back, f shows the proof")


async def test_the_list_is_live_and_an_acknowledged_finding_moves_down(tmp_path: Path) -> None:
    async with screen(tmp_path, "f") as pilot:
        assert isinstance(pilot.app.screen, FindingsScreen)
        assert lines(pilot)[3].startswith("▌14:02:09 !! confirmed lost-update      main:tg:")
        await keys(pilot, "a")
        await see(pilot, "1 open   1 possible   1 acknowledged")
        assert any(line.endswith("by you 14:03") for line in lines(pilot))
        app = cast("ClobberwatchApp", pilot.app)
        watch = cast("FakeWatch", app.store_watch)
        held = json.loads(watch.texts["agent:main:main"])
        watch.change(NOW + 1, {"agent:main:main": {**held, "thinkingLevel": "high", "updatedAt": round(NOW * 1000)}})
        watch.change(NOW + 2, {"agent:main:main": held})
        await see(pilot, "2 open")
        assert lines(pilot)[3].startswith(" 14:03:02") or lines(pilot)[3].startswith("▌14:03:02")


async def test_a_filter_of_the_list(tmp_path: Path) -> None:
    async with screen(tmp_path, "f", "/", "dropped", "enter") as pilot:
        await see(pilot, "1 of 3   Esc clears")
        assert "lost-update" not in "\n".join(lines(pilot)[2:23])
        await keys(pilot, "/", "zzz", "enter")
        await see(pilot, "No finding has these words; Esc shows all.")
        await keys(pilot, "escape")
        await see(pilot, "2 open   1 possible")
        await keys(pilot, "escape")
        await see(pilot, "1:all 15")


async def test_f_without_findings_opens_an_empty_list(tmp_path: Path) -> None:
    from tests.support.dashboard import Clock, app_over

    app = app_over(FakeWatch(tmp_path / "sessions.json", incident.at_first(), NOW - 60), Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "1:all 15")
        await keys(pilot, "f")
        await see(pilot, "No findings. Watching since 14:02:00; what was lost before that cannot be seen.")
        await keys(pilot, "enter", "u", "a", "n", "y", "k")
        await see(pilot, "No finding to copy.")


async def test_what_is_copied_of_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []

    def take(sequence: str) -> None:
        found = re.search(r"52;c;([^\x07]*)\x07", sequence)
        assert found is not None
        texts.append(base64.b64decode(found[1]).decode())

    async with screen(tmp_path, "n", "f") as pilot:
        monkeypatch.setattr(pilot.app, "write_to_terminal", take)
        await keys(pilot, "y", "f", "y", "j", "y", "k")
        await until(pilot, lambda: len(texts) == 3)
    markdown, as_json, key = texts
    assert markdown.startswith("### !! confirmed lost-update, 2026-02-16 14:02:09.000")
    assert "(UTC" in markdown.splitlines()[-1]
    found = json.loads(as_json)
    assert (found["event"], found["finding"], found["grade"]) == ("finding", "lost-update", "confirmed")
    assert re.fullmatch(r"2026-02-16T14:02:09[+-]\d{4}", found["local"])
    assert key == incident.PINNED


def test_a_thousand_findings_are_drawn_where_in_sight_only() -> None:
    book, one = CaseBook(), lost_update()
    book.add(replace(one, at=NOW - number, key=f"agent:main:hook:{number}") for number in range(1000))
    items = items_of(book, (), "time", NOW)
    listed = Listed(book, items, NOW, NOW - 60, "ada")
    drawn, top, cursor = list_lines(listed, 999, 0, 80, 20)
    assert len(drawn) == 20
    assert (top, cursor) == (1980, 18)
    assert "hook:999" in plain(drawn[18])
    drawn, top, cursor = list_lines(listed, 990, top, 80, 20)
    assert (top, cursor) == (1980, 0)


def test_sections_sorts_and_marks() -> None:
    book = CaseBook()
    one, two = lost_update(), replace(lost_update(), at=NOW, grade="probable", key="agent:a:main")
    book.add([one, two])
    assert [item.finding for item in items_of(book, (), "time", NOW)] == [two, one]
    assert [item.finding for item in items_of(book, (), "find", NOW)] == [one, two]
    assert [item.finding for item in items_of(book, (), "key", NOW)] == [two, one]
    assert [item.finding for item in items_of(book, ("-confirmed",), "time", NOW)] == [two]
    book.done_with([one], Mark("bob", NOW))
    items = items_of(book, (), "time", NOW)
    drawn, _, _ = list_lines(Listed(book, items, NOW, 0.0, "ada"), 0, 0, 80, 20)
    assert plain(drawn[2]).startswith("─ acknowledged ─")
    assert plain(drawn[3]).endswith("by bob 14:03")


def test_the_scope_line_of_a_finding_fits() -> None:
    case = forgotten(replace(lost_update(), kind="resurrected-field", grade="unknown"))
    for cells in (60, 80, 160):
        assert len(plain(scope_line(case, cells, NOW))) <= cells
    assert isinstance(WitnessScreen(case.finding).finding, Finding)
