"""Other keys for the commands: how keys are written, the commands with them, and what such a map may not do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, TypeAlias, get_args

from tui.commands import Command, ScreenName, shown_key

Wanted: TypeAlias = "Mapping[tuple[str, str], tuple[str, ...]]"
"""(screen or blank, command) -> keys, as Textual calls them."""

SCREENS: Final[tuple[ScreenName, ...]] = get_args(ScreenName)
_RENAMED: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_NAMED: Final = frozenset(
    {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab", "enter", "escape", "space"}
    | {"insert", "delete", "backspace", *(f"f{number}" for number in range(1, 13))}
    | {f"ctrl+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}
)
_SPELLINGS: Final = {"esc": "escape", "pgup": "pageup", "pgdn": "pagedown", "s-tab": "shift+tab", "return": "enter"}
_SAME_BYTE: Final = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace"}
_TYPED_ON: Final[tuple[ScreenName, ...]] = ("form",)
_NEVER_A_WRITE: Final = frozenset(
    {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab", "enter", "space", "escape"}
    | {"h", "j", "k", "l", "g", "G", "n", "N", "ctrl+d", "ctrl+u", "left_square_bracket", "right_square_bracket"}
)
"""What hands do by habit, here or in vim."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Why a map of keys cannot be; `screen` and `command` name the part of it to be changed."""

    screen: str
    command: str
    because: str


def key_name(text: str) -> str:
    """The key as Textual calls it, from how a person writes it: `U`, `?`, `ctrl+n`, `Esc`. Raises ValueError."""
    if len(text) == 1 and text.isprintable():
        return "space" if text == " " else _character_name(text)
    plain = text.strip().lower().replace("control+", "ctrl+")
    plain = f"ctrl+{plain[1:]}" if len(plain) == 2 and plain[0] == "^" else plain
    name = _SPELLINGS.get(plain, plain)
    if name in _SAME_BYTE:
        raise ValueError(f"{text} cannot be told from {shown_key(_SAME_BYTE[name])} by a program in a terminal")
    if name in _NAMED or (name == text and any(name == _character_name(sign) for sign in map(chr, range(33, 127)))):
        return name
    raise ValueError(f"{text} is no key: a character, ctrl+letter, f1 to f12, or a name such as Enter, Space, PgUp")


def _character_name(sign: str) -> str:
    if sign.isalnum():
        return sign
    name = unicodedata.name(sign, "").lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name) if sign.isascii() else sign


def rebound(commands: Sequence[Command], wanted: Wanted) -> tuple[Command, ...]:
    """The commands with these keys; those of one screen go before those of all. A command of several may be split."""
    return tuple(part for command in commands for part in _split(command, wanted))


def _split(command: Command, wanted: Wanted) -> Iterator[Command]:
    everywhere = wanted.get(("", command.name), command.keys)
    by_keys: dict[tuple[str, ...], list[ScreenName]] = {}
    for screen in command.screens:
        usual = everywhere
        if screen in _TYPED_ON:  # where letters are typed, the command has its other keys only, or those it had
            usual = tuple(key for key in everywhere if not _types(key)) or command.keys
        by_keys.setdefault(wanted.get((screen, command.name), usual), []).append(screen)
    if list(by_keys) == [command.keys]:
        yield command
        return
    for keys, screens in by_keys.items():
        yield replace(command, keys=keys, screens=tuple(screens), hint=_hint(command, keys))


def _hint(command: Command, keys: tuple[str, ...]) -> str:
    """The hint with the new key at its beginning."""
    old = next((shown for key in command.keys if command.hint.startswith(shown := shown_key(key) + " ")), "")
    return shown_key(keys[0]) + command.hint[len(old) - 1 :] if old and keys != command.keys else command.hint


def unknown(commands: Sequence[Command], screen: str, name: str) -> str:
    """Why there is no such command to give a key to, and what there is; blank where there is one."""
    if screen and screen not in SCREENS:
        return f"no screen {screen}{_perhaps(screen, SCREENS)}"
    here = {command.name: command for command in commands if not screen or screen in command.screens}
    if name not in here:
        return f"no command {name}{f' on the screen {screen}' if screen else ''}{_perhaps(name, here)}"
    command = here[name]
    if command.with_key:
        return f"{name} has the digits, which say which one: it keeps them"
    return "" if command.keys else f"{name} has no key of its own"


def clashes(commands: Sequence[Command], wanted: Wanted) -> Iterator[Clash]:
    """What is wrong with the map that these commands were given by `wanted`."""
    for screen in SCREENS:
        yield from _on_one_screen(screen, [command for command in commands if screen in command.screens], wanted)
    for writer in filter(lambda command: command.writes, commands):
        yield from _of_a_write(writer, commands, wanted)


def _of_a_write(writer: Command, commands: Sequence[Command], wanted: Wanted) -> Iterator[Clash]:
    """A key that writes is one that no hand finds by habit, and means nothing else on any screen."""
    screen = writer.screens[0]
    for key in sorted(_NEVER_A_WRITE.intersection(writer.keys)):
        yield _clash(writer, screen, wanted, f"{shown_key(key)} moves or confirms and never writes")
    for command in commands:
        for key in sorted(set(writer.keys).intersection(command.keys)) if command is not writer else ():
            if _is_wanted(command, command.screens[0], wanted):
                because = f"{shown_key(key)} writes, in the preview, and means nothing else elsewhere"
                yield _clash(command, command.screens[0], wanted, because)
            else:
                because = f"{shown_key(key)} is {command.name} elsewhere, and a key that writes means nothing else"
                yield _clash(writer, screen, wanted, because)


def _on_one_screen(screen: ScreenName, here: Sequence[Command], wanted: Wanted) -> Iterator[Clash]:
    taken: dict[str, Command] = {}
    for command in here:
        for key in command.keys:
            other = taken.setdefault(key, command)
            if other is not command:
                changed, kept = (command, other) if _is_wanted(command, screen, wanted) else (other, command)
                because = f"{shown_key(key)} is {kept.name} on the screen {screen} already"
                yield _clash(changed, screen, wanted, because)
            if screen in _TYPED_ON and _types(key):
                yield _clash(command, screen, wanted, f"{shown_key(key)} types on the screen {screen}")


def _types(key: str) -> bool:
    """Whether the key is a character; a blank chooses in a form."""
    return key not in _NAMED


def _is_wanted(command: Command, screen: str, wanted: Wanted) -> bool:
    return (screen, command.name) in wanted or ("", command.name) in wanted


def _clash(command: Command, screen: str, wanted: Wanted, because: str) -> Clash:
    return Clash(screen if (screen, command.name) in wanted else "", command.name, because)


def _perhaps(name: str, known: Sequence[str] | Mapping[str, Command]) -> str:
    near = get_close_matches(name, known, 1, 0.6)
    return f": perhaps {near[0]}" if near else f": there are {', '.join(sorted(known))}"
