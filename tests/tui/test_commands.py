from __future__ import annotations

import re
from typing import get_args

import pytest

from tui import commands
from tui.commands import COMMANDS, ScreenName, key_line, on_screen
from tui.layout.help_lines import help_lines
from tui.look.line import plain, width
from tui.screens.base import WatchScreen
from tui.screens.cached import CachedScreen
from tui.screens.conflict import ConflictScreen
from tui.screens.edit import EditScreen
from tui.screens.entry import EntryScreen
from tui.screens.findings import FindingsScreen
from tui.screens.help import HelpScreen, LogScreen
from tui.screens.history import HistoryScreen
from tui.screens.lock import LockScreen
from tui.screens.main import MainScreen
from tui.screens.many_preview import ManyPreviewScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.preview import PreviewScreen
from tui.screens.value import ValueScreen
from tui.screens.versions import VersionsScreen
from tui.screens.witness import WitnessScreen

SCREENS: tuple[ScreenName, ...] = get_args(ScreenName)
CLASSES: list[type[WatchScreen]] = [
    MainScreen,
    EntryScreen,
    CachedScreen,
    EditScreen,
    PreviewScreen,
    ConflictScreen,
    HistoryScreen,
    VersionsScreen,
    HelpScreen,
    LogScreen,
    FindingsScreen,
    WitnessScreen,
    ManyPreviewScreen,
    OutcomeScreen,
    LockScreen,
    ValueScreen,
]
MOTIONS = {"up", "down", "left", "right", "j", "k", "g", "G", "n", "N", "enter", "space", "tab", "home", "end"}
NEVER_BOUND = {"x", "D", "delete", "backspace", "ctrl+k", "ctrl+s", "ctrl+r"}


@pytest.mark.parametrize("screen", SCREENS)
def test_no_key_means_two_things_on_one_screen(screen: ScreenName) -> None:
    keys = [key for command in on_screen(screen) for key in command.keys]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("screen", SCREENS)
def test_second_keys_differ(screen: ScreenName) -> None:
    for command in on_screen(screen):
        keys = [choice.key for choice in command.choices]
        assert sorted(keys) == sorted(set(keys))


def test_only_w_writes_and_only_in_the_preview() -> None:
    writers = [(command.keys, command.screens) for command in COMMANDS if command.writes]
    assert writers == [(("w",), ("preview", "rows"))]
    assert [command for command in COMMANDS if "w" in command.keys and not command.writes] == []


def test_no_motion_writes_and_no_key_deletes() -> None:
    for command in COMMANDS:
        assert not (command.writes and MOTIONS & set(command.keys))
        assert not NEVER_BOUND & set(command.keys)


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_every_declared_key_does_something(of: type[WatchScreen]) -> None:
    missing = [command.name for command in on_screen(of.NAME) if not hasattr(of, f"action_{command.name}")]
    assert missing == []


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_a_screen_has_exactly_the_declared_keys(of: type[WatchScreen]) -> None:
    declared = {key for command in on_screen(of.NAME) for key in command.keys}
    bound = {binding.key for binding in commands.bindings(of.NAME)}
    assert bound == declared
    assert {getattr(binding, "key", "") for binding in of.BINDINGS} == declared


@pytest.mark.parametrize("screen", SCREENS)
def test_the_key_line_fits(screen: ScreenName) -> None:
    for cells in range(60, 161, 10):
        assert width(key_line(screen, cells)) == cells


@pytest.mark.parametrize("screen", SCREENS)
def test_every_key_of_a_screen_is_on_its_help_page(screen: ScreenName) -> None:
    lines = help_lines(screen, 80)
    assert len(lines) <= 20, "with the rule above it more than 80x24 has room for"
    text = "\n".join(map(plain, lines))
    for command in on_screen(screen):
        if command.screens != commands.EVERYWHERE and command.keys and not command.with_key and command.name != "help":
            assert commands.shown_key(command.keys[0]) in text
    assert {width(line) for line in lines} == {80}
    assert not re.search(r"\w…", text), "a title is cut"
