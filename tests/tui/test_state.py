from __future__ import annotations

from dataclasses import fields

from store.events import Broken, Loaded, LockHolder, LockState, Missed, Recovered
from store.summary import summarise
from tests.support import incident
from tests.support.fake_watch import version
from tests.support.story import STORE, Story
from tui.casebook import CaseBook
from tui.state import RowId


def test_an_update_names_what_changed_came_and_went() -> None:
    story = Story()
    new = "agent:main:telegram:direct:1"
    story.watch.change(incident.NOW, {"agent:main:main": None, new: {}, incident.PINNED: incident.entry(0)})
    update = story.catch_up()
    assert update.changed == {story.row(incident.PINNED)}
    assert update.added == (story.row(new),)
    assert update.removed == (story.row("agent:main:main"),)


def test_noise_changes_a_row_without_a_mark() -> None:
    story = Story()
    row = story.row("agent:main:main")
    present = dict(incident.at_first()["agent:main:main"], updatedAt=round(incident.NOW * 1000), outputTokens=7)
    story.watch.change(incident.NOW, {row.key: present})
    assert story.catch_up().changed == {row}
    assert story.dashboard.changed_at(row) is None


def test_an_entry_that_came_is_marked_as_changed() -> None:
    story = Story()
    story.watch.change(incident.NOW, {"agent:main:hook:1": {}})
    story.catch_up()
    assert story.dashboard.freshness(story.row("agent:main:hook:1"), "chg", incident.NOW) == "now"


def test_an_entry_that_comes_back_is_no_longer_removed() -> None:
    story = Story()
    row = story.row("agent:main:main")
    story.watch.change(incident.NOW, {row.key: None})
    story.watch.change(incident.NOW + 1, {row.key: {}})
    story.catch_up()
    assert row in story.dashboard.rows
    assert row not in story.dashboard.removed


def test_a_store_that_is_loaded_again_keeps_the_rows_that_are_still_there() -> None:
    story = Story()
    kept, came = "agent:main:main", "agent:main:hook:1"
    summaries = {key: summarise(key, b"{}") for key in (kept, came)}
    update = story.dashboard.apply(Loaded(STORE, version(99, incident.NOW), 2), summaries)
    assert set(story.dashboard.rows) == {story.row(kept), story.row(came)}
    assert update.added == (story.row(came),)
    assert len(update.removed) == 14


def test_missed_versions_add_up_until_one_gap_cannot_be_counted() -> None:
    story = Story()
    state = story.dashboard.stores[STORE]
    for count, total in ((3, 3), (14, 17), (None, None), (1, None)):
        story.dashboard.apply(Missed(STORE, incident.NOW, count), {})
        assert state.missed == total


def test_lock_and_breakage_come_and_go() -> None:
    story = Story()
    state = story.dashboard.stores[STORE]
    holder = LockHolder(48213, incident.NOW, True, "node")
    story.dashboard.apply(LockState(STORE, incident.NOW, holder), {})
    assert state.holder == holder
    story.dashboard.apply(LockState(STORE, incident.NOW, None), {})
    assert [state.holder] == [None]
    story.dashboard.apply(Broken(STORE, incident.NOW, "empty", "", None, 15, 0), {})
    assert state.broken is not None
    story.dashboard.apply(Recovered(STORE, incident.NOW), {})
    assert state.broken is None


def test_an_entry_is_decoded_when_asked_for() -> None:
    story = Story()
    entry = story.dashboard.entry(story.row(incident.PINNED))
    assert entry is not None and entry["modelOverride"] == "gpt-5.2"
    assert story.dashboard.entry(RowId(STORE, "nobody")) is None


def test_read_only_overrides_what_the_store_permits() -> None:
    story = Story()
    assert story.dashboard.permit(STORE).kind == "allowed"
    story.dashboard.read_only = True
    assert story.dashboard.permit(STORE).kind == "read-only"


def test_rows_of_a_version_that_never_was_one_go_with_it() -> None:
    story = Story()
    assert story.dashboard.rows
    update = story.dashboard.apply(Broken(STORE, incident.NOW, "unreadable", "no JSON", None, 0, None), {})
    assert not story.dashboard.rows and update.loaded and set(update.removed)
    assert story.dashboard.stores[STORE].entries == 0


def test_a_copy_stays_as_it_is_whatever_happens_to_the_other() -> None:
    story = Story()
    board, row = story.dashboard, story.row(incident.PINNED)
    copy = board.copied()
    before = (dict(copy.rows), copy.changes(row), copy.recent(9), copy.cell(row, "model"), copy.findings.everything())
    shared = [name for name in (field.name for field in fields(board)) if getattr(copy, name) is getattr(board, name)]
    assert not [name for name in shared if isinstance(getattr(board, name), (dict, list, set, CaseBook))]
    for at in range(3):
        story.watch.push(Missed(STORE, incident.NOW, 1))
        story.watch.change(incident.NOW + at, {row.key: {"modelOverride": f"m{at}"}, f"agent:main:hook:{at}": {}})
    story.catch_up()
    assert len(board.rows) > len(copy.rows) and len(board.changes(row)) > len(copy.changes(row))
    now = (dict(copy.rows), copy.changes(row), copy.recent(9), copy.cell(row, "model"), copy.findings.everything())
    assert now == before
    assert copy.stores[STORE].seen < board.stores[STORE].seen and not copy.stores[STORE].gaps
