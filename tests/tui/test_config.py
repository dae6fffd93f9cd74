from __future__ import annotations

import string
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import _character_to_key

from store.errors import UsageError
from tui.commands import COMMANDS, Command, ScreenName
from tui.config.keymap import key_name
from tui.config.lines import lines_of
from tui.config.place import config_path
from tui.config.settings import EXAMPLE, OwnView, Settings, load_settings, read_settings
from tui.query.language import parse

SCREENS: tuple[ScreenName, ...] = get_args(ScreenName)


def keys(settings: Settings, screen: ScreenName) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for command in settings.commands:
        if screen in command.screens:
            found[command.name] = found.get(command.name, ()) + command.keys
    return found


def complaint(text: str) -> str:
    with pytest.raises(UsageError) as error:
        read_settings(text)
    return error.value.reason


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "none" / "config.toml")
    assert settings == Settings() == read_settings("")
    assert settings.commands == COMMANDS and settings.hook == ()


def test_the_documented_example_sets_everything() -> None:
    settings, defaults = read_settings(EXAMPLE), Settings()
    assert settings.theme == "ink" and settings.glyphs == "plain" and settings.calm
    assert settings.views == {"7": OwnView("heartbeat", parse("to:heartbeat -kind:run"), "upd")}
    assert settings.hook == ("/usr/local/bin/page-me", "--topic", "openclaw")
    assert keys(settings, "main")["next_finding"] == ("n", "ctrl+n")
    assert keys(settings, "entry")["old_values"] == ("O",)
    assert keys(settings, "main")["old_values"] == keys(defaults, "main")["old_values"]
    for name in Settings.__dataclass_fields__:
        assert getattr(settings, name) != getattr(defaults, name), name


def test_the_file_is_where_configuration_belongs(tmp_path: Path) -> None:
    assert config_path({"HOME": "/home/me"}) == Path("/home/me/.config/clobberwatch/config.toml")
    assert config_path({"HOME": "/home/me", "XDG_CONFIG_HOME": "/etc/x"}) == Path("/etc/x/clobberwatch/config.toml")
    assert config_path({"HOME": "/home/me", "XDG_CONFIG_HOME": "x"}) == Path(
        "/home/me/.config/clobberwatch/config.toml"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = = 2", "config.toml: no TOML: Invalid value (at line 2, column 5)"),
        ('\ntheme = "solarized"', "line 2: theme is terminal, ink or paper, not 'solarized'"),
        ("theme = 3", "line 1: theme is terminal, ink or paper, not 3"),
        ("\n\ntheem = 'ink'", "line 3: no setting theem: perhaps theme"),
        ("zzz = 1", "no setting zzz: there are theme, glyphs, calm, keys, views, guard"),
        ('glyphs = "fancy"', "line 1: glyphs is auto or plain, not 'fancy'"),
        ("calm = 1", "line 1: calm is true or false, not 1"),
        ("keys = 3", "line 1: keys is a table: [keys]"),
        ("[keys]\n\nundoo = 'U'", "line 3: no command undoo: perhaps undo"),
        ("[keys.entrie]\nundo = 'U'", "line 2: no screen entrie: perhaps entry"),
        ("[keys.help]\nundo = 'U'", "line 2: no command undo on the screen help: there are down"),
        ("[keys]\nundo = 5", "line 2: undo takes a key or a list of keys, not 5"),
        ("[keys]\nundo = []", "line 2: undo takes a key or a list of keys, not []"),
        ("[keys]\nundo = 'ctrl+alt+u'", "line 2: ctrl+alt+u is no key"),
        ("[keys]\nundo = 'ctrl+m'", "line 2: ctrl+m cannot be told from Enter"),
        ("[keys]\nview = 'V'", "line 2: view has the digits"),
        ("[keys]\nundo = 'e'", "line 2: e is edit on the screen main already"),
        ("[keys]\nzoom = 'u'\nedit = 'z'", "line 2: u is undo on the screen main already"),
        ("[keys]\nundo = 'w'", "line 2: w writes, in the preview"),
        ("[keys]\nwrite = 'enter'", "line 2: Enter moves or confirms and never writes"),
        ("[keys]\nwrite = 'j'", "line 2: j "),
        ("[keys.form]\nleave = 'Q'", "line 2: Q types on the screen form"),
        ("[views.6]\nname = 'x'", "line 1: 6 is no view of your own: 7, 8, 9 are"),
        ("[views.7]\nname = 'x'", "line 1: views.7.where is missing"),
        ("[views.7]\nname = 'x'\nwhere = 'size:5q'", "line 3: where, column 6: say < or >: size:>50k"),
        ("[views.7]\nname = 'x'\nwhere = 'a'\nsort = 'colour'", "line 4: views.7.sort is agent, key,"),
        ("[views.7]\nname = 'a name that is far too long'\nwhere = 'a'", "line 2: a view's name has at most 16"),
        ("[guard]\nhook = 'rm -rf /'", "line 2: guard.hook is a command and its arguments"),
        ("[guard]\nhok = []", "line 2: no setting guard.hok: perhaps hook"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(text: str, said: str) -> None:
    assert said in complaint(text)


def test_the_first_mistake_is_told_and_how_many_more() -> None:
    text = "calm = 'yes'\ntheme = 'x'\n[keys]\nundo = 1"
    assert complaint(text).startswith("config.toml, line 1: calm") and complaint(text).endswith("(and 2 more)")


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_settings(path)
    with pytest.raises(UsageError, match="Is a directory"):
        load_settings(tmp_path)


def test_two_commands_can_change_places() -> None:
    settings = read_settings("[keys]\nzoom = 'p'\npause = 'z'")
    assert keys(settings, "main")["zoom"] == ("p",) and keys(settings, "main")["pause"] == ("z",)


def test_a_key_for_one_screen_goes_before_one_for_all() -> None:
    settings = read_settings("[keys]\nundo = 'U'\n[keys.history]\nundo = 'Z'")
    assert keys(settings, "history")["undo"] == ("Z",)
    assert keys(settings, "entry")["undo"] == keys(settings, "main")["undo"] == ("U",)


def test_where_letters_are_typed_a_command_keeps_keys_that_do_not() -> None:
    settings = read_settings("[keys]\nhelp = ['H', 'F2']\nleave = 'Q'")
    assert keys(settings, "entry")["help"] == ("H", "f2") and keys(settings, "form")["help"] == ("f2",)
    assert keys(settings, "entry")["leave"] == ("Q",) and keys(settings, "form")["leave"] == ("escape",)


def test_a_hint_begins_with_the_new_key() -> None:
    settings = read_settings("[keys]\nundo = 'U'\nfilter = 'ctrl+f'")
    hints = {command.hint for command in settings.commands if command.name in ("undo", "filter")} - {""}
    assert "U undo" in hints and "^F find and filter" not in hints and "^F find" in hints
    assert not any(hint.startswith(("u ", "/ ")) for hint in hints)


@pytest.mark.parametrize("sign", [*string.punctuation, " ", "a", "Z", "5", "é"])
def test_characters_are_the_keys_that_the_terminal_library_names(sign: str) -> None:
    assert key_name(sign) == _character_to_key(sign)


@pytest.mark.parametrize(
    ("text", "key"),
    [("Esc", "escape"), ("^N", "ctrl+n"), ("PgUp", "pageup"), ("F1", "f1"), ("slash", "slash"), ("Ctrl+Z", "ctrl+z")],
)
def test_other_keys_are_written_as_the_screen_shows_them(text: str, key: str) -> None:
    assert key_name(text) == key


MOVABLE = sorted({command.name for command in COMMANDS if command.keys and not command.with_key})
KEYS = st.sampled_from(["U", "n", "w", "e", "Enter", "j", "ctrl+n", "?", "F5", "Z", "[", "space", "x"])


@given(st.dictionaries(st.sampled_from(MOVABLE), KEYS, max_size=4), st.sampled_from(["", *SCREENS]))
def test_a_map_that_is_taken_has_no_conflict_and_no_write_on_a_motion(wanted: dict[str, str], screen: str) -> None:
    table = f"[keys.{screen}]" if screen else "[keys]"
    text = "\n".join([table, *(f"{name} = {key!r}" for name, key in wanted.items())])
    try:
        commands = read_settings(text).commands
    except UsageError as error:
        assert ", line " in error.reason
        return
    assert_sound(commands)
    assert {command.name for command in commands} == {command.name for command in COMMANDS}


def assert_sound(commands: tuple[Command, ...]) -> None:
    for screen in SCREENS:
        bound = [key for command in commands if screen in command.screens for key in command.keys]
        assert sorted(bound) == sorted(set(bound)), screen
    motions = {key for command in commands if command.group == "move" for key in command.keys}
    for command in commands:
        if command.writes:
            assert set(command.screens) <= {"preview", "rows"}
            assert not motions.union({"enter", "space", "up", "down", "j", "k", "n"}).intersection(command.keys)


def test_the_map_of_the_program_is_sound() -> None:
    assert_sound(COMMANDS)
    assert read_settings("[keys]\nzoom = 'z'").commands == COMMANDS


@given(st.text("[]ab.=\"'\n #3{}", max_size=60))
def test_whatever_the_file_holds_is_settings_or_a_sentence(text: str) -> None:
    lines_of(text)
    try:
        read_settings(text)
    except UsageError as error:
        assert "\n" not in error.reason
