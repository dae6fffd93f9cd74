"""What a user set, on the screen."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support import incident
from tests.support.dashboard import Clock, app_over, seen_all
from tests.support.live_app import frame, keys
from tui.__main__ import main
from tui.app import ClobberwatchApp
from tui.commands import COMMANDS, KEYMAP
from tui.config.settings import Settings, read_settings
from tui.look.theme import styles_of


@pytest.fixture(autouse=True)
def the_programs_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KEYMAP, "commands", COMMANDS)


@asynccontextmanager
async def desk(directory: Path, text: str) -> AsyncIterator[tuple[ClobberwatchApp, Pilot[None]]]:
    settings = read_settings(text)
    KEYMAP.commands = settings.commands
    watch = incident.watch(directory / "sessions.json")
    app = app_over(watch, Clock(), settings=settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot)
        yield app, pilot


async def test_other_keys_work_and_are_shown(tmp_path: Path) -> None:
    text = "[keys]\nfilter = 'ctrl+f'\nhelp = ['question_mark', 'F1']\nzoom = 'Z'"
    async with desk(tmp_path, text) as (app, pilot):
        assert "^F find" in frame(app)[-1] and "/ find" not in frame(app)[-1]
        await keys(pilot, "/")
        assert frame(app)[-1] == " / does nothing here; ? has the keys of this screen."
        await pilot.press("ctrl+f")
        await keys(pilot, "topic", "enter")
        assert frame(app)[1] == " / topic   2 of 15   Esc clears"
        await keys(pilot, "?")
        assert any(" Z " in line and "table only" in line for line in frame(app))


async def test_views_of_ones_own(tmp_path: Path) -> None:
    text = "[views.7]\nname = 'heartbeat'\nwhere = 'to:heartbeat'\n"
    text += "[views.9]\nname = 'x'\nwhere = 'think:high'\nsort = 'key'"
    async with desk(tmp_path, text) as (app, pilot):
        await keys(pilot, "7")
        assert frame(app)[1].startswith(" 7:heartbeat  1:all 15  2:over 7")
        assert "main:cron:morning-brief" in frame(app)[3] and not frame(app)[4].strip()
        await keys(pilot, "9")
        assert "coder:sl:…71204418.334519" in frame(app)[3] and "↑KEY" in frame(app)[2]
        await keys(pilot, "8")
        assert "8 is free for a view of your own" in frame(app)[-1]
        await keys(pilot, "1")
        assert "main:main" in "".join(frame(app)[3:7])


async def test_the_plain_set_and_the_theme(tmp_path: Path) -> None:
    text = "glyphs = 'plain'\ntheme = 'ink'"
    async with desk(tmp_path, text) as (app, _pilot):
        drawn = "\n".join(frame(app))
        assert drawn.isascii()
        assert app.role_styles == styles_of(read_settings(text), os.environ)


def test_no_color_and_the_terminal_go_before_what_was_set() -> None:
    ink = Settings(theme="ink")
    assert all(style.color is None for style in styles_of(ink, {"NO_COLOR": "1"}).ordinary.values())
    assert styles_of(ink, {"TERM": "linux"}).glyphs and not styles_of(ink, {"TERM": "xterm"}).glyphs
    assert styles_of(None, {}) == styles_of(Settings(), {})


def test_settings_that_cannot_be_meant_are_told_before_the_screen_opens(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_home / ".config" / "clobberwatch" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("\n[keys]\nundo = 'w'\n")
    (tmp_path / "sessions.json").write_text("{}")
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    assert main([str(tmp_path / "sessions.json")]) == 2
    assert f"{path}, line 3: w writes, in the preview" in capsys.readouterr().err
    assert KEYMAP.commands == COMMANDS
