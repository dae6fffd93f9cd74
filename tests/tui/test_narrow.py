"""On small terminals, and with nothing to show, what an operator needs is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from store.entry.overrides import SetModel
from store.events import Broken
from store.findings.acknowledged import Mark
from store.writing.permit import Permit
from tests.support import clobbered
from tests.support.dashboard import LOCKED
from tests.support.fake_watch import FakeWatch
from tests.support.incident import NOW
from tests.support.pinned import BASE, KEY
from tests.support.story import STORE, Story
from tui.editing.proposal import Proposal
from tui.layout.broken_lines import broken_lines
from tui.layout.columns import header
from tui.layout.no_rows import no_rows_words
from tui.layout.preview_lines import PreviewFacts, preview_lines
from tui.layout.scope import views_line
from tui.layout.strip import strip_lines
from tui.layout.widths import widths
from tui.look.hints import hint_line
from tui.look.line import plain
from tui.state import StoreState


@pytest.mark.parametrize(("cells", "most"), [(60, 412), (80, 6012), (140, 6012)])
def test_every_view_has_its_count(cells: int, most: int) -> None:
    counts = {"1": most, "2": most // 7, "3": 19, "4": 17, "5": 13, "6": 14}
    said = plain(views_line(counts, "1", cells))  # type: ignore[arg-type]
    assert [word.partition(":")[0] for word in said.split() if ":" in word] == list(counts)
    assert all(f" {number:,}" in said for number in counts.values())


def test_the_keys_that_decide_are_named_before_the_way_out_is_explained() -> None:
    assert plain(hint_line("conflict", 60)).startswith(" m keep mine   t take theirs   e edit mine   Esc close")


def test_what_to_do_about_a_broken_store_comes_before_what_it_means() -> None:
    state = StoreState(Path("/main/sessions.json"), "main", LOCKED, Permit.allowed("locked writes"))
    state.broken = Broken(state.path, NOW, "unreadable", "the file ends in the middle of an entry", None, 412, None)
    said = [plain(line).strip() for line in broken_lines(state, NOW, 60, 6)]
    assert [line[:1] for line in said[3:]] == ["1", "2", "3"]
    assert "the file ends" in said[1]


def test_a_preview_shows_some_of_the_change_whatever_follows_from_it() -> None:
    proposal = Proposal(Path("/s"), KEY, BASE, (SetModel("anthropic", "claude-opus-4-6"),), NOW)
    facts = PreviewFacts(Permit.allowed("locked"), None, ("A caution of one line.",), "")
    lines, _ = preview_lines(proposal, facts, 60, 9, 0, NOW)
    assert sum(plain(line).strip()[:1] in "+-" for line in lines) >= 4
    assert any("only if" in plain(line) for line in lines)


def test_without_a_row_it_is_said_why_there_is_none() -> None:
    empty, full = Story(FakeWatch(STORE, {}, NOW)).dashboard, Story(clobbered.watch(STORE)).dashboard
    assert no_rows_words(empty, "1", filtered=False) == "The store has no entries."
    assert no_rows_words(full, "3", filtered=False) == "No entry is in this view; 1 shows all."
    book = full.findings
    of_store = replace(book.listed()[0], key="", kind="store-truncated")
    for finding in book.listed():
        book.done_with([finding], Mark("ada", NOW))
    assert no_rows_words(full, "5", filtered=False) == "No entry has an open finding; 1 shows all."
    full.found([of_store])
    assert no_rows_words(full, "5", filtered=False) == "1 finding of the store itself, none of an entry: f."
    assert plain(strip_lines(full, 80, 2)[0]).startswith("─ findings 1 in the store ─")


@pytest.mark.parametrize("cells", [60, 62, 70, 80])
def test_no_title_touches_the_next(cells: int) -> None:
    words = plain(header(widths(cells), "upd", descending=True)).split()
    assert {"KEY", "MODEL", "THINK", "↓UPD", "CHG"} < set(words)
