"""Recordings and older copies as the dashboard's past: `:load`, and what is offered at the start."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from store.recording.recorder import Recorder
from tests.support import clobbered, incident
from tests.support.dashboard import Clock, app_over
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import keys, see, shown, until
from tui.state import RowId

KEY, OTHER = "agent:main:main", "agent:main:cron:daily"
BEGAN = incident.local("14:02:31")


def copy_of(path: Path, clock: str, entries: Mapping[str, object]) -> Path:
    """A store's file as it was at that time of the day."""
    path.write_text(json.dumps(entries, indent=2))
    os.utime(path, (incident.local(clock), incident.local(clock)))
    return path


def watched(tmp_path: Path, label: str = "c") -> FakeWatch:
    entries = {KEY: {"label": label, "sessionId": "1"}, OTHER: {"label": "x"}}
    copy_of(tmp_path / "sessions.json", "14:02:31", entries)
    return FakeWatch(tmp_path / "sessions.json", entries, BEGAN)


async def test_older_copies_are_offered_and_loaded(tmp_path: Path) -> None:
    copy_of(
        tmp_path / "sessions.json.bak.1", "09:12:00", {KEY: {"label": "a", "sessionId": "1"}, OTHER: {"label": "x"}}
    )
    copy_of(tmp_path / "sessions.json.bak", "12:30:00", {KEY: {"label": "b", "sessionId": "1"}, OTHER: {"label": "x"}})
    watch = watched(tmp_path)
    app = app_over(watch, Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "2 older copies found: :load shows what changed since 09:12:00.")
        await keys(pilot, ":load", "enter")
        await see(pilot, "Loaded: 2 versions from 2 files, back to 09:12:00; 1 entry changed since")
        row = RowId(watch.path, KEY)
        assert [change.old for change in app.dashboard.changes(row)] == ["b", "a"]
        watch.change(incident.NOW, {KEY: {"label": "d", "sessionId": "1"}})
        await until(pilot, lambda: len(app.dashboard.changes(row)) == 3)
        while app.screen.row != row:  # type: ignore[attr-defined]
            await keys(pilot, "j")
        await keys(pilot, "h")
        await see(pilot, "writes that matter")
        assert "3 since 09:12:00, with older copies" in shown(app)
        await keys(pilot, "j")
        await see(pilot, "versions before it were not seen")


async def test_a_damaged_copy_does_not_hide_the_others(tmp_path: Path) -> None:
    copy_of(tmp_path / "sessions.json.bak", "12:30:00", {KEY: {"label": "b", "sessionId": "1"}, OTHER: {"label": "x"}})
    (tmp_path / "sessions.json.bak.1").write_text('{"agent:main:main": {"la')
    watch = watched(tmp_path)
    app = app_over(watch, Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "2 older copies found")
        await keys(pilot, ":load", "enter")
        await see(pilot, "Loaded: 1 version from 1 file (1 could not be read), back to 12:30:00")
        assert [change.old for change in app.dashboard.changes(RowId(watch.path, KEY))] == ["b"]
        (tmp_path / "sessions.json.bak").write_text("")
        await keys(pilot, "escape", ":load", "enter")
        await see(pilot, "Nothing loaded, nothing changed:")


async def test_the_past_can_be_loaded_file_by_file(tmp_path: Path) -> None:
    old = copy_of(tmp_path / "elsewhere.json", "11:00:00", {KEY: {"label": "b", "sessionId": "1"}})
    copy_of(tmp_path / "sessions.json.bak", "09:00:00", {KEY: {"label": "a", "sessionId": "1"}})
    watch = watched(tmp_path)
    app = app_over(watch, Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        row = RowId(watch.path, KEY)
        await until(pilot, lambda: row in app.dashboard.rows)
        watch.change(incident.NOW, {KEY: {"label": "d", "sessionId": "1"}})
        await until(pilot, lambda: app.dashboard.changes(row))
        await keys(pilot, f":load {old}", "enter")
        await see(pilot, "Loaded: 1 version from 1 file")
        assert [change.new for change in app.dashboard.changes(row)] == ["d", "c"]
        await keys(pilot, "escape", ":load sessions.json.bak", "enter")
        await see(pilot, "Loaded: 2 versions from 2 files, back to 09:00:00")
        assert [change.new for change in app.dashboard.changes(row)] == ["d", "c", "b"]


async def test_what_a_recording_proves_is_found_when_it_is_loaded(tmp_path: Path) -> None:
    recorded = clobbered.watch(tmp_path / "sessions.json")
    recorder, stop = Recorder(tmp_path / "night.rec", [recorded.path]), threading.Event()
    recorded.on_empty, recorded.wait_s = stop.set, 0
    for event in recorded.events(stop):
        recorder.take(event, recorded)
    recorder.close()
    entries = {key: json.loads(text) for key, text in recorded.texts.items()}
    watch = FakeWatch(recorded.path, entries, incident.NOW - 1)
    app = app_over(watch, Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "1 older copy found")
        await keys(pilot, ":load night.rec", "enter")
        await see(pilot, "Loaded: 9 versions from 1 file, back to 13:02:11")
        await keys(pilot, "escape")
        assert "lost-update" in {finding.kind for finding in app.dashboard.findings.listed()}
        await see(pilot, "!! confirmed lost-update")


async def test_a_damaged_or_foreign_file_changes_nothing(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_text('{"agent:main:main": {"label": ')
    foreign = copy_of(tmp_path / "package.json", "09:00:00", {"name": {}})
    watch = watched(tmp_path)
    app = app_over(watch, Clock())
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: RowId(watch.path, KEY) in app.dashboard.rows)
        history = app.dashboard.histories[watch.path]
        for name, why in (
            (damaged, "neither a recording nor a whole session store"),
            (foreign, "no session in common"),
            (tmp_path / "missing", "cannot be read"),
            ("", "no older copy (.bak) or recording lies beside"),
        ):
            await keys(pilot, "escape", f":load {name}", "enter")
            await until(pilot, lambda why=why: why in " ".join(shown(app).split()))  # type: ignore[misc]
        assert app.dashboard.histories[watch.path] is history
        assert app.dashboard.known_since(watch.path) == BEGAN
