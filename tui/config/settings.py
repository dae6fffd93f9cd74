"""The settings: their defaults, and how they are read from `config.toml` and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, cast, get_args

from store.errors import UsageError
from tui.commands import COMMANDS, SORT_CHOICES, Command
from tui.config.keymap import clashes, key_name, rebound, unknown
from tui.config.lines import Place, line_of, lines_of
from tui.look.theme import THEMES, ThemeName
from tui.query.language import Query, parse

if TYPE_CHECKING:
    from tui.layout.columns import SortColumn

_Name = TypeVar("_Name", bound=str)
Glyphs: TypeAlias = Literal["auto", "plain"]
GLYPHS: Final[tuple[Glyphs, ...]] = get_args(Glyphs)
OWN_VIEWS: Final = ("7", "8", "9")
SORTS: Final = cast("tuple[SortColumn, ...]", tuple(choice.name for choice in SORT_CHOICES))
LONGEST_NAME: Final = 16

EXAMPLE: Final = """\
theme = "ink"            # terminal (default: its own 16 colours), ink (true colour on dark), paper (on light)
glyphs = "plain"         # auto (default) or plain: ASCII in place of dots, arrows and lines
calm = true              # fewer repaints: clock times in place of ages, the entry part only on Enter

[keys]                   # command = key, or a list of keys; ? lists the commands of a screen
zoom = "Z"
next_finding = ["n", "ctrl+n"]

[keys.entry]             # on one screen only
old_values = "O"

[views.7]                # 7, 8 and 9 are free
name = "heartbeat"
where = "to:heartbeat -kind:run"
sort = "upd"

[guard]                  # off by default: run when a guarded field is lost, the finding as JSON on its stdin
hook = ["/usr/local/bin/page-me", "--topic", "openclaw"]
"""
"""Every setting there is, none of them with its default."""


@dataclass(frozen=True, slots=True)
class OwnView:
    """A view of the user's own."""

    name: str
    where: Query
    sort: SortColumn = "upd"


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set; without a file these defaults. `commands` have the keys they are to have; no hook is off."""

    theme: ThemeName = "terminal"
    glyphs: Glyphs = "auto"
    calm: bool = False
    commands: tuple[Command, ...] = COMMANDS
    views: Mapping[str, OwnView] = field(default_factory=dict)
    hook: tuple[str, ...] = ()


def load_settings(path: Path) -> Settings:
    """The settings of a file, the defaults where there is none; UsageError with the line of what cannot be meant."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None
    return read_settings(text, str(path))


def read_settings(text: str, name: str = "config.toml") -> Settings:
    """The same of a text; `name` is what the file is called in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: no TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{name}: no TOML: nested too deeply") from None
    reader = _Reader()
    settings = reader.settings(table)
    if reader.mistakes:
        lines = lines_of(text)
        told = sorted(((line_of(lines, place), message) for place, message in reader.mistakes), key=itemgetter(0))
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        raise UsageError(f"{name}, line {told[0][0]}: {told[0][1]}{more}")
    return settings


class _Reader:
    """Reads every setting, so that all mistakes are known, and puts the default where there is one."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[Place, str]] = []

    def settings(self, table: dict[str, Any]) -> Settings:
        self.known((), table, ("theme", "glyphs", "calm", "keys", "views", "guard"))
        return Settings(
            theme=self.one_of(("theme",), table.get("theme", "terminal"), THEMES),
            glyphs=self.one_of(("glyphs",), table.get("glyphs", "auto"), GLYPHS),
            calm=self.flag(("calm",), table.get("calm", False)),
            commands=self.commands(self.table(("keys",), table.get("keys", {}))),
            views=self.views(self.table(("views",), table.get("views", {}))),
            hook=self.hook(self.table(("guard",), table.get("guard", {}))),
        )

    def mistake(self, place: Place, message: str) -> None:
        self.mistakes.append((place, message))

    def known(self, place: Place, table: dict[str, Any], names: tuple[str, ...]) -> None:
        for name in table.keys() - set(names):
            near = get_close_matches(name, names, 1, 0.6)
            known = f"perhaps {near[0]}" if near else f"there are {', '.join(names)}"
            self.mistake((*place, name), f"no setting {'.'.join((*place, name))}: {known}")

    def table(self, place: Place, value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.mistake(place, f"{'.'.join(place)} is a table: [{'.'.join(place)}]")
        return {}

    def one_of(self, place: Place, value: Any, names: tuple[_Name, ...]) -> _Name:
        for name in names:
            if value == name:
                return name
        self.mistake(place, f"{'.'.join(place)} is {', '.join(names[:-1])} or {names[-1]}, not {_shown(value)}")
        return names[0]

    def flag(self, place: Place, value: Any) -> bool:
        if not isinstance(value, bool):
            self.mistake(place, f"{'.'.join(place)} is true or false, not {_shown(value)}")
        return value is True

    def commands(self, table: dict[str, Any]) -> tuple[Command, ...]:
        wanted: dict[tuple[str, str], tuple[str, ...]] = {}
        for name, value in table.items():
            if isinstance(value, dict):
                wanted |= {(name, inner): self.keys(name, inner, keys) for inner, keys in value.items()}
            else:
                wanted["", name] = self.keys("", name, value)
        wanted = {place: keys for place, keys in wanted.items() if keys}
        commands = rebound(COMMANDS, wanted)
        for clash in clashes(commands, wanted):
            self.mistake(_key_place(clash.screen, clash.command), clash.because)
        return commands

    def keys(self, screen: str, name: str, value: Any) -> tuple[str, ...]:
        """The keys of a command, none where they cannot be."""
        place = _key_place(screen, name)
        wrong = unknown(COMMANDS, screen, name)
        texts = [value] if isinstance(value, str) else value
        if wrong:
            self.mistake(place, wrong)
        elif not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            self.mistake(place, f"{name} takes a key or a list of keys, not {_shown(value)}")
        else:
            try:
                return tuple(dict.fromkeys(map(key_name, texts)))
            except ValueError as error:
                self.mistake(place, str(error))
        return ()

    def views(self, table: dict[str, Any]) -> dict[str, OwnView]:
        views = {}
        for key, value in table.items():
            if key not in OWN_VIEWS:
                self.mistake(("views", key), f"{key} is no view of your own: {', '.join(OWN_VIEWS)} are")
            elif inner := self.table(("views", key), value):
                views[key] = self.view(("views", key), inner)
        return views

    def view(self, place: Place, table: dict[str, Any]) -> OwnView:
        self.known(place, table, ("name", "where", "sort"))
        name, where = (self.text((*place, part), table.get(part)) for part in ("name", "where"))
        if len(name) > LONGEST_NAME or not name.isprintable():
            self.mistake((*place, "name"), f"a view's name has at most {LONGEST_NAME} characters that can be seen")
        query = parse(where)
        for mistake in query.mistakes:
            self.mistake((*place, "where"), f"where, column {mistake.column + 1}: {mistake.message}")
        return OwnView(name, query, self.one_of((*place, "sort"), table.get("sort", "upd"), SORTS))

    def text(self, place: Place, value: Any) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.mistake(place, f"{'.'.join(place)} is missing" if value is None else f"{'.'.join(place)} is a text")
        return ""

    def hook(self, table: dict[str, Any]) -> tuple[str, ...]:
        self.known(("guard",), table, ("hook",))
        value = table.get("hook", [])
        if isinstance(value, list) and all(isinstance(word, str) and word and "\0" not in word for word in value):
            return tuple(value)
        self.mistake(
            ("guard", "hook"), 'guard.hook is a command and its arguments: ["page-me", "--now"]; no shell reads it'
        )
        return ()


def _key_place(screen: str, command: str) -> Place:
    return ("keys", screen, command) if screen else ("keys", command)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
