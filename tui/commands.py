"""Every command, declared once: its keys, where they work, and what the key line and the help page say of it.

A screen gets its bindings from `bindings(screen)`; a key calls `action_NAME` there, with the name of the choice where
the command waits for a second key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from textual.binding import Binding

from tui.look.line import Line, Span, fit

ScreenName: TypeAlias = Literal[
    "main",
    "entry",
    "cached",
    "history",
    "versions",
    "finding",
    "findings",
    "form",
    "preview",
    "conflict",
    "rows",
    "outcome",
    "lock",
    "help",
    "log",
    "value",
]
Group: TypeAlias = Literal["move", "look", "act"]

GRIDS: tuple[ScreenName, ...] = ("cached", "versions")
CASES: tuple[ScreenName, ...] = ("finding", "findings")
MANY: tuple[ScreenName, ...] = ("rows", "outcome")
PAGES: tuple[ScreenName, ...] = ("help", "log", "lock", "value")
READING: tuple[ScreenName, ...] = (
    *("main", "entry", "cached", "history", "versions", *CASES),
    *("preview", "conflict", "rows", "outcome", *PAGES),
)
LOOKING: tuple[ScreenName, ...] = ("main", "entry", "history", *CASES, *GRIDS)
WRITING: tuple[ScreenName, ...] = ("preview", "conflict", *MANY)
EVERYWHERE: tuple[ScreenName, ...] = (*READING, "form")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a second key chooses."""

    key: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `keys` are Textual's names, `hint` its words in the key line (none: not shown there).

    `with_key` gives the pressed key to the action; `priority` lets it work inside a text field too.
    """

    name: str
    keys: tuple[str, ...]
    screens: tuple[ScreenName, ...]
    title: str
    group: Group
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    writes: bool = False
    priority: bool = False
    with_key: bool = False


EDIT_CHOICES = (
    Choice("m", "model", "model"),
    Choice("d", "delivery", "delivery"),
    Choice("l", "level", "level"),
    Choice("c", "clear", "clear model"),
    Choice("e", "last", "the last one"),
)
SORT_CHOICES = (
    Choice("a", "agent", "agent"),
    Choice("k", "key", "key"),
    Choice("m", "model", "model"),
    Choice("t", "think", "think"),
    Choice("r", "reply", "reply"),
    Choice("u", "upd", "upd"),
    Choice("c", "chg", "chg"),
    Choice("f", "find", "find"),
    Choice("z", "size", "size"),
)
GUARD_CHOICES = (
    Choice("m", "model", "model"),
    Choice("d", "delivery", "delivery"),
    Choice("x", "off", "all off"),
)
ALERT_CHOICES = (Choice("b", "bell", "bell"), Choice("h", "hook", "hook"), Choice("x", "off", "off"))
COPY_CHOICES = (
    Choice("k", "key", "key"),
    Choice("v", "value", "value"),
    Choice("e", "entry", "entry"),
    Choice("j", "json", "as JSON"),
    Choice("c", "command", "command"),
)
MOMENT_CHOICES = tuple(choice for choice in COPY_CHOICES if choice.name != "command")
ROW_COPY_CHOICES = (*COPY_CHOICES[:3], Choice("f", "finding", "finding"), *COPY_CHOICES[3:])
CASE_SORT_CHOICES = (Choice("t", "time", "time"), Choice("f", "find", "how sure"), Choice("k", "key", "key"))
CASE_COPY_CHOICES = (
    Choice("f", "finding", "the finding"),
    Choice("j", "json", "as JSON"),
    Choice("k", "key", "the key"),
)
OUTCOME_COPY_CHOICES = (Choice("j", "json", "all as JSON"), Choice("k", "key", "the key"))

COMMANDS: tuple[Command, ...] = (
    Command("up", ("up", "k"), READING, "line up", "move"),
    Command("down", ("down", "j"), READING, "line down", "move"),
    Command("page_up", ("pageup",), READING, "page up", "move"),
    Command("page_down", ("pagedown",), READING, "page down", "move"),
    Command("half_up", ("ctrl+u",), READING, "half a page up", "move"),
    Command("half_down", ("ctrl+d",), READING, "half a page down", "move"),
    Command("first", ("g", "home"), READING, "first", "move"),
    Command("last", ("G", "end"), READING, "last", "move"),
    Command("open", ("enter",), ("main",), "open the entry", "move", "Enter open"),
    Command("open", ("enter",), ("entry",), "whole value", "move"),
    Command("page", ("1", "2", "3", "4", "5", "6"), ("entry",), "group", "move", with_key=True),
    Command("next_page", ("tab",), ("entry",), "next group", "move"),
    Command("previous_page", ("shift+tab",), ("entry",), "group before", "move"),
    Command("older_copy", ("left_square_bracket",), ("cached",), "older copy", "move", "[ older copy"),
    Command("newer_copy", ("right_square_bracket",), ("cached",), "newer copy", "move", "] newer copy"),
    Command("older_copy", ("left_square_bracket",), ("versions",), "older version", "move", "[ older version"),
    Command("newer_copy", ("right_square_bracket",), ("versions",), "newer version", "move", "] newer version"),
    Command("open", ("enter",), ("findings",), "the proof", "move", "Enter proof"),
    Command("open", ("enter",), ("finding",), "the entry", "move"),
    Command("undo", ("u",), CASES, "restore", "act", "u restore"),
    Command("acknowledge", ("a",), CASES, "acknowledge", "act", "a acknowledge"),
    Command("history", ("h",), CASES, "history of field", "look", "h history"),
    Command("findings", ("f",), ("main",), "findings", "look", "f findings"),
    Command("findings", ("f",), ("entry", "history", *GRIDS), "findings", "look"),
    Command("findings", ("f",), ("finding",), "the list", "look"),
    Command("next_finding", ("n",), CASES, "next finding", "move", "n next"),
    Command("previous_finding", ("N",), CASES, "finding before", "move"),
    Command("older_copy", ("left_square_bracket",), ("finding",), "older versions", "move"),
    Command("newer_copy", ("right_square_bracket",), ("finding",), "newer versions", "move"),
    Command("fields", ("v",), ("finding",), "lost, all fields", "look"),
    Command("filter", ("slash",), ("findings",), "filter", "look", "/ filter"),
    Command("filter", ("slash",), ("history",), "filter", "look"),
    Command("filter", ("slash",), GRIDS, "find a field", "look"),
    Command("sort", ("s",), ("findings",), "sort by …", "look", "s sort", CASE_SORT_CHOICES),
    Command("copy", ("y",), CASES, "copy …", "act", "y copy", CASE_COPY_CHOICES),
    Command("open", ("enter",), ("history",), "before and after", "move", "Enter open"),
    Command("undo", ("u",), ("history",), "undo this version", "act", "u undo this version"),
    Command("mark", ("space",), ("main",), "mark the row", "act"),
    Command("mark_all", ("asterisk",), ("main",), "mark all shown", "act"),
    Command("mark", ("space",), ("history",), "mark a version", "look", "Space mark"),
    Command("compare", ("d",), ("history",), "compare", "look", "d compare"),
    Command("edit", ("e",), ("main", "entry"), "edit …", "act", "e edit", EDIT_CHOICES),
    Command("edit", ("e",), GRIDS, "edit …", "act", "", EDIT_CHOICES),
    Command("open", ("enter",), GRIDS, "whole values", "move"),
    Command("undo", ("u",), ("main",), "undo, restore", "act"),
    Command("undo", ("u",), ("entry",), "undo, restore", "act", "u undo"),
    Command("history", ("h",), ("main",), "history", "look", "h history"),
    Command("history", ("h",), ("entry", *GRIDS), "history of field", "look", "h history"),
    Command("history", ("h",), ("conflict",), "history of field", "look"),
    Command("cached", ("d",), ("main", "entry"), "cached/fresh", "look", "d cached/fresh"),
    Command("guard", ("exclamation_mark",), ("main",), "guard …", "act", choices=GUARD_CHOICES),
    Command("guard_with", (), ("main",), "bell, hook, off", "act", choices=ALERT_CHOICES),
    Command(
        "guard", ("exclamation_mark",), ("entry", "history", *CASES, *GRIDS), "guard …", "act", choices=ALERT_CHOICES
    ),
    Command("columns", ("v",), ("main",), "more columns, less", "look"),
    Command("fields", ("v",), ("entry",), "more, fewer fields", "look", "v all fields"),
    Command("fields", ("v",), GRIDS, "more, fewer fields", "look", "v all fields"),
    Command("fields", ("v",), ("history",), "real, all changes", "look", "v all changes"),
    Command("write", ("w",), ("preview", "rows"), "write", "act", "w write", writes=True),
    Command("leave_out", ("space",), ("rows",), "leave out, take in", "act", "Space leave out"),
    Command("number", tuple("0123456789"), ("rows",), "how many, over 50", "act", with_key=True),
    Command("open", ("enter",), ("outcome",), "the entry", "move", "Enter open the row"),
    Command("undo", ("u",), ("outcome",), "undo the written", "act", "u undo"),
    Command("next_trouble", ("n",), ("rows",), "next left out", "move"),
    Command("previous_trouble", ("N",), ("rows",), "left out before", "move"),
    Command("next_trouble", ("n",), ("outcome",), "next with trouble", "move", "n next trouble"),
    Command("previous_trouble", ("N",), ("outcome",), "trouble before", "move"),
    Command("mine", ("m",), ("conflict",), "keep mine", "act", "m keep mine"),
    Command("theirs", ("t",), ("conflict",), "take theirs", "act", "t take theirs"),
    Command("edit_again", ("e",), ("preview", "rows"), "back to the form", "act", "e back to the form"),
    Command("edit_again", ("e",), ("conflict",), "edit mine", "act", "e edit mine"),
    Command("next_open", ("n",), ("conflict",), "next undecided", "move"),
    Command("previous_open", ("N",), ("conflict",), "undecided before", "move"),
    Command("find", ("slash",), ("entry",), "find a field", "look", "/ find"),
    Command("next_match", ("n",), ("entry",), "next match, change", "move"),
    Command("previous_match", ("N",), ("entry",), "the one before", "move"),
    Command("next_match", ("n",), GRIDS, "next difference", "move"),
    Command("previous_match", ("N",), GRIDS, "difference before", "move"),
    Command("next_match", ("n",), ("history",), "next real change", "move"),
    Command("previous_match", ("N",), ("history",), "real change before", "move"),
    Command("newer_change", ("right_square_bracket",), ("history",), "newer version", "move"),
    Command("older_change", ("left_square_bracket",), ("history",), "older version", "move"),
    Command("submit", ("enter",), ("form",), "preview", "act", "Enter preview"),
    Command("next_stop", ("tab",), ("form",), "next field", "move", "Tab next"),
    Command("previous_stop", ("shift+tab",), ("form",), "field before", "move"),
    Command("option_up", ("up",), ("form",), "choose upwards", "move"),
    Command("option_down", ("down",), ("form",), "choose downwards", "move", "↑↓ choose"),
    Command("option_down", ("space",), ("form",), "other option", "move"),
    Command("filter", ("slash",), ("main",), "find and filter", "look", "/ find"),
    Command("view", tuple("123456789"), ("main",), "views", "look", with_key=True),
    Command("newer_change", ("right_square_bracket",), ("main", "entry"), "newer change", "move"),
    Command("older_change", ("left_square_bracket",), ("main",), "older change", "move", "[ last changes"),
    Command("older_change", ("left_square_bracket",), ("entry",), "older version", "move"),
    Command("next_finding", ("n",), ("main",), "next finding", "move", "n next finding"),
    Command("previous_finding", ("N",), ("main",), "finding before", "move"),
    Command("sort", ("s",), ("main",), "sort by …", "look", "s sort", SORT_CHOICES),
    Command("old_values", ("o",), ("main", "entry"), "old values", "look"),
    Command("zoom", ("z",), ("main",), "table only", "look"),
    Command("order_again", ("r",), ("main",), "order, read again", "look"),
    Command("order_again", ("r",), ("entry",), "read again", "look"),
    Command("order_again", ("r",), ("cached",), "read again", "look", "r read again"),
    Command("all_seen", ("equals_sign",), ("main",), "clear all marks", "look"),
    Command("pause", ("p",), ("main",), "pause the screen", "look"),
    Command("lock", ("L",), (*LOOKING, *WRITING, "lock"), "lock", "look"),
    Command("copy", ("y",), ("main", "entry"), "copy …", "act", "y copy", ROW_COPY_CHOICES),
    Command("copy", ("y",), ("cached",), "copy …", "act", "y copy", COPY_CHOICES),
    Command("copy", ("y",), ("history",), "copy …", "act", "y copy", MOMENT_CHOICES),
    Command("copy", ("y",), ("versions",), "copy …", "act", "y copy", MOMENT_CHOICES),
    Command("copy", ("y",), ("preview",), "copy …", "act", "y copy as a command", (Choice("c", "command", "command"),)),
    Command("copy", ("y",), ("rows",), "copy …", "act", "y copy", (Choice("c", "command", "commands"),)),
    Command("copy", ("y",), ("outcome",), "copy …", "act", "y copy", OUTCOME_COPY_CHOICES),
    Command("copy", ("y",), ("conflict",), "copy …", "act", "", (Choice("v", "value", "what you want"),)),
    Command("acknowledge", ("a",), ("main", "entry"), "acknowledge", "act"),
    Command("read_only", ("W",), LOOKING, "read-only on, off", "act"),
    Command("command_line", ("colon",), ("main",), "command line", "act", ": command"),
    Command("command_line", ("colon",), LOOKING[1:], "command line", "act"),
    Command("command_line", ("colon",), ("preview", "rows"), ":allow-risk", "act"),
    Command("write_again", (), LOOKING, "lift read-only", "act", choices=(Choice("y", "yes", "write again"),)),
    Command("back", ("escape",), ("main",), "one step back", "move"),
    Command("quit", ("q",), ("main",), "quit", "move"),
    Command(
        "leave",
        ("escape", "q"),
        ("history", "outcome", *CASES, *GRIDS, *PAGES),
        "one step back",
        "move",
        "Esc back",
    ),
    Command("leave", ("escape", "q"), ("entry",), "one step back", "move", "Esc"),
    Command("leave", ("escape", "q"), ("preview",), "close, text kept", "move", "Esc close, text is kept"),
    Command("leave", ("escape", "q"), ("rows",), "close, marks kept", "move", "Esc close"),
    Command("leave", ("escape", "q"), ("conflict",), "close, change kept", "move", "Esc close, your change is kept"),
    Command(
        "leave",
        ("escape",),
        ("form",),
        "close, text kept",
        "move",
        "Esc close (what you typed is kept)",
    ),
    Command("suspend", ("ctrl+z",), EVERYWHERE, "suspend", "act"),
    Command("repaint", ("ctrl+l",), EVERYWHERE, "repaint", "look"),
    Command("interrupt", ("ctrl+c",), EVERYWHERE, "quit (twice)", "act", priority=True),
    Command("quit_now", ("ctrl+q",), EVERYWHERE, "quit", "act", priority=True),
    Command("help", ("question_mark", "f1"), READING, "this help", "look", "? all keys"),
    Command("help", ("f1",), ("form",), "keys of a form", "look"),
)

_SHOWN = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "exclamation_mark": "!",
    "asterisk": "*",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "f1": "F1",
}

_FIRST_HINTS = ("open", "edit", "filter", "next_finding", "findings", "history")


@dataclass(slots=True)
class Keymap:
    """The commands with the keys that they have in this run; set once, before the first screen is made."""

    commands: tuple[Command, ...]


KEYMAP = Keymap(COMMANDS)


def on_screen(screen: ScreenName) -> list[Command]:
    """The commands that work on this screen, in the order of their declaration."""
    return [command for command in KEYMAP.commands if screen in command.screens]


def bindings(screen: ScreenName) -> list[Binding]:
    """The key bindings of a screen."""
    return [
        Binding(key, _action(command, key), command.title, show=False, priority=command.priority)
        for command in on_screen(screen)
        for key in command.keys
    ]


def _action(command: Command, key: str) -> str:
    if command.choices:
        return f"choose('{command.name}')"
    return f"{command.name}('{key}')" if command.with_key else command.name


def find(name: str, screen: ScreenName) -> Command:
    """The command of that name on that screen; KeyError when there is none."""
    for command in on_screen(screen):
        if command.name == name:
            return command
    raise KeyError(name)


def means_something(key: str) -> bool:
    """Whether this key does anything on some screen."""
    return any(key in command.keys for command in KEYMAP.commands)


def shown_key(key: str) -> str:
    """How a key is written on the screen."""
    if key.startswith("ctrl+"):
        return "^" + key[5:].upper()
    return _SHOWN.get(key, key)


def key_line(screen: ScreenName, cells: int) -> Line:
    """The last line of a screen: as many hints as fit, the help always."""
    commands = [command for command in on_screen(screen) if command.hint]
    commands.sort(key=lambda command: _FIRST_HINTS.index(command.name) if command.name in _FIRST_HINTS else 99)
    hints = [command.hint for command in commands]
    last = hints.pop() if hints else ""
    text = ""
    for hint in hints:
        if len(text) + len(hint) + len(last) + 5 <= cells:
            text += f" {hint} "
    return (Span(fit(text + f" {last}", cells), "text"),)


def choice_line(command: Command, cells: int) -> Line:
    """The choices of a command that waits for its second key."""
    name = f" {command.name.replace('_', ' ')}:  "
    options = [f"{choice.key} {choice.label}" for choice in command.choices]
    for gap, way_out in ((3, "Esc  "), (2, "Esc  "), (2, ""), (1, "")):
        text = name + (" " * gap).join(options)
        if len(text) <= cells - len(way_out):
            break
    return (Span(fit(text, cells - len(way_out)), "text"), Span(way_out, "faint"))
