"""`/`, `n` and `N` in the entry and in cached against fresh."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from tests.support import incident
from tests.support.dashboard import app_over, seen_all
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import frame, keys, see, shown, until
from tui.app import ClobberwatchApp
from tui.layout.text_page import TextPage, marked
from tui.look.line import line, plain
from tui.screens.entry import EntryScreen
from tui.screens.main import MainScreen


def the_app(pilot: Pilot[None]) -> ClobberwatchApp:
    assert isinstance(pilot.app, ClobberwatchApp)
    return pilot.app


def cursor_line(pilot: Pilot[None]) -> str:
    found = [text for text in frame(the_app(pilot)) if text.startswith("▌")]
    return found[0] if found else ""


@pytest.fixture
def fake(tmp_path: Path) -> FakeWatch:
    return incident.watch(tmp_path / "sessions.json")


async def test_a_field_is_found_by_its_name_or_value_on_any_page(fake: FakeWatch) -> None:
    async with app_over(fake, lambda: incident.NOW).run_test(size=(80, 24)) as pilot:
        await seen_all(pilot)
        await keys(pilot, "j", "j", "enter", "/", "lastacc")
        await see(pilot, "1 field")
        assert frame(the_app(pilot))[1].startswith(" / lastacc")
        await keys(pilot, "enter")
        assert cursor_line(pilot).startswith("▌  lastAccountId")
        assert frame(the_app(pilot))[2].endswith("/ lastacc ─")
        await keys(pilot, "escape")
        assert "/ lastacc" not in shown(the_app(pilot))
        await keys(pilot, "1", "/", "-100198", "enter")
        first = cursor_line(pilot)
        await keys(pilot, "n")
        second = cursor_line(pilot)
        await keys(pilot, "N")
        assert {first[3:20].split()[0], second[3:20].split()[0]} == {"deliveryContext", "lastTo"}
        assert cursor_line(pilot) == first


async def test_escape_goes_back_to_where_finding_began(fake: FakeWatch) -> None:
    async with app_over(fake, lambda: incident.NOW).run_test(size=(80, 24)) as pilot:
        await seen_all(pilot)
        await keys(pilot, "j", "j", "enter", "j")
        before = frame(the_app(pilot))
        await keys(pilot, "/", "lastto")
        assert cursor_line(pilot).startswith("▌  lastTo")
        await keys(pilot, "zz")
        await see(pilot, "no field")
        assert cursor_line(pilot).startswith("▌• modelOverride")
        await keys(pilot, "escape")
        assert frame(the_app(pilot)) == before


async def test_n_goes_through_the_fields_that_changed(fake: FakeWatch) -> None:
    async with app_over(fake, lambda: incident.NOW).run_test(size=(80, 24)) as pilot:
        await seen_all(pilot)
        await keys(pilot, "j", "j", "enter")
        met = [cursor_line(pilot)]
        for _ in range(4):
            await keys(pilot, "n")
            met.append(cursor_line(pilot))
        assert [text[3:].split()[0] for text in met] == [
            "providerOverride",
            "modelOverride",
            "thinkingLevel",
            "providerOverride",
            "modelOverride",
        ]
        await keys(pilot, "N", "N")
        assert "thinkingLevel" in cursor_line(pilot)


async def test_words_are_found_in_the_text_of_an_entry(tmp_path: Path) -> None:
    report = " ".join(f"word{number:04d}" for number in range(2000))
    fake = FakeWatch(
        tmp_path / "sessions.json", {"agent:main:main": {"sessionId": "s", "report": report}}, incident.NOW
    )
    async with app_over(fake, lambda: incident.NOW).run_test(size=(80, 24)) as pilot:
        app = the_app(pilot)
        await until(pilot, lambda: app.dashboard.rows)
        await keys(pilot, "enter", "6", "/", "word1234", "enter")
        await see(pilot, "word1234")
        await keys(pilot, "n")
        assert "word1234" in shown(app)
        await keys(pilot, "/", "nowhere", "enter")
        await see(pilot, '"nowhere" is not in this text.')
        await keys(pilot, "escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_nothing_to_find_is_said(tmp_path: Path) -> None:
    fake = FakeWatch(tmp_path / "sessions.json", {"agent:main:main": {"sessionId": "s"}}, incident.NOW)
    async with app_over(fake, lambda: incident.NOW).run_test(size=(80, 24)) as pilot:
        app = the_app(pilot)
        await until(pilot, lambda: app.dashboard.rows)
        await keys(pilot, "enter", "n")
        await see(pilot, "No field of this entry was seen to change.")
        await keys(pilot, "/", "fast", "enter")
        await see(pilot, '"fast" is in no field that is set; v shows all fields.')
        await keys(pilot, "v", "n")
        await until(pilot, lambda: "fastMode" in cursor_line(pilot))
        assert isinstance(app.screen, EntryScreen)


async def test_n_goes_through_the_differing_fields_of_a_copy(fake: FakeWatch) -> None:
    async with app_over(fake, lambda: incident.NOW).run_test(size=(80, 24)) as pilot:
        await seen_all(pilot)
        await keys(pilot, "j", "j", "d")
        await see(pilot, "cached against fresh")
        copies = cursor_line(pilot)
        assert copies.startswith("▌  14:02:07")
        await keys(pilot, "n")
        first = cursor_line(pilot)
        assert first.startswith("▌≠ ")
        await keys(pilot, "N", "n")
        assert cursor_line(pilot) == first
        await keys(pilot, "v", "v", "pagedown")
        assert cursor_line(pilot)[:3] == "▌  "
        await keys(pilot, "n")
        assert cursor_line(pilot) == first


@given(st.text("ab\n", max_size=60), st.text("ab", min_size=1, max_size=4), st.integers(8, 20))
def test_what_a_text_has_is_found_and_shown(text: str, wanted: str, cells: int) -> None:
    page = TextPage()
    page.show(text, [], cells, 5)
    found = page.find(wanted, 0)
    assert found or wanted not in text
    if found:
        shown_lines = [plain(one)[1:] for one in page.show(text, [], cells, 5, wanted)]
        assert wanted in "".join(shown_lines)


def test_every_occurrence_in_a_line_is_marked() -> None:
    spans = marked(line(" Model and model"), "model")
    assert [span.text for span in spans if span.role == "active"] == ["Model", "model"]
    assert plain(spans) == " Model and model"
