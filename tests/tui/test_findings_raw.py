"""Nothing a store holds reaches the screens of findings as anything but text, and nothing is too wide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.events import Writer
from store.findings.acknowledged import Mark
from store.findings.finding import GRADES, Base, Finding, Kind, LostField, Witness
from store.js import ABSENT
from tests.support.fake_watch import FakeWatch, version
from tests.support.incident import NOW
from tests.support.story import STORE, Story
from tests.tui.test_nothing_raw import ENTRY, KEY, TEXT, VALUE, harmless
from tui.layout.columns import RowView, row_line
from tui.layout.entry_lines import next_reply_lines
from tui.layout.findings_list import Listed, items_of, list_lines
from tui.layout.findings_list import scope_line as list_scope
from tui.layout.loss import loss_words, worst_words
from tui.layout.strip import strip_lines
from tui.layout.widths import widths
from tui.layout.witness_lines import Case, scope_line, witness_lines
from tui.look.line import Line, rule
from tui.screens.row_findings import finding_json, finding_text
from tui.state import RowId

NAME = st.one_of(TEXT, st.sampled_from(["modelOverride", "lastTo", "deliveryContext", "thinkingLevel", "label"]))
MAYBE = st.one_of(st.just(ABSENT), VALUE)
HOW = st.sampled_from(["you", "lock", "temp", "gateway?", "no lock", "unknown"])
WRITER = st.builds(Writer, st.none() | st.integers(1, 99999), HOW)
FIELD = st.builds(LostField, NAME, MAYBE, MAYBE)
WITNESS = st.builds(
    Witness,
    st.sampled_from(["base", "lost", "write"]),
    st.integers(0, 9999),
    st.just(NOW - 60),
    WRITER,
    st.lists(st.tuples(NAME, MAYBE), max_size=3).map(tuple),
)
BASE: st.SearchStrategy[Base | None] = st.none() | st.builds(Base, st.just(version(2, NOW - 90)), st.just(NOW - 70))
FINDING = st.builds(
    Finding,
    st.sampled_from(get_args(Kind)),
    st.sampled_from(GRADES),
    st.just(STORE),
    KEY,
    st.integers(1, 9999),
    st.just(NOW - 60),
    st.lists(FIELD, max_size=4).map(tuple),
    st.lists(TEXT, max_size=3).map(tuple),
    st.lists(WITNESS, min_size=1, max_size=3).map(tuple),
    BASE,
    WRITER,
)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")


def seen_of(story: Story, finding: Finding, entry: object, cells: int, by: str) -> list[Line]:
    row, board = RowId(STORE, finding.key), story.dashboard
    drawn = [row_line(board, row, RowView(widths(cells), NOW), on_cursor=True), *strip_lines(board, cells, 6)]
    fields = entry if isinstance(entry, dict) else None
    texts = {witness.number: fields for witness in finding.witness[:2] if fields is not None}
    for every in (False, True):
        case = Case(finding, (1, 3, "possible"), texts, fields, fields, None, Mark(by, NOW), (finding.key,))
        lines, _, _ = witness_lines(case, cells, 21, NOW, every=every, top=0, at=0 if finding.fields else None)
        drawn += [scope_line(case, cells, NOW), *lines]
    items = items_of(board.findings, (), "find", NOW)
    listed = Listed(board.findings, items, NOW, NOW - 60, "ada")
    drawn += [*list_lines(listed, 0, 0, cells, 20)[0], list_scope(listed, cells)]
    foot = next_reply_lines({}, cells, NOW, loss_words(board, row, "modelOverride", 76))
    return [*drawn, rule(cells, "entry", worst_words(board, row)), *foot]


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(FINDING, ENTRY, TEXT, st.integers(60, 170), st.booleans())
def test_every_line_about_a_finding_is_printable_and_fits(
    finding: Finding, entry: object, by: str, cells: int, acknowledged: bool
) -> None:
    story = Story(FakeWatch(STORE, {finding.key: entry}, NOW - 90))
    story.dashboard.found([finding])
    if acknowledged:
        story.dashboard.findings.done_with([finding], Mark(by, NOW))
    harmless(seen_of(story, finding, entry, cells, by), cells)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(FINDING)
def test_what_is_copied_is_text_too(finding: Finding) -> None:
    assert not CONTROL.search(finding_text(finding))
    assert finding_json(finding).isascii()


def test_a_store_with_a_hostile_name(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\nb"
    write = Witness("write", 2, NOW, Writer(1, "lock"))
    finding = Finding("unlocked-write", "probable", path, "", 2, NOW, (), ("Why.",), (write,))
    assert not CONTROL.search(finding_text(finding))
    lines, _, _ = witness_lines(Case(finding, (1, 1, ""), {}, None, None), 80, 20, NOW, every=False, top=0, at=None)
    harmless(list(lines), 80)
