"""The help page of a screen, from the declarations of the commands."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from tui.commands import EVERYWHERE, Command, Group, ScreenName, on_screen, shown_key
from tui.look.line import Line, Span, fit, pad

_GROUPS: tuple[tuple[Group, str], ...] = (("move", "MOVE"), ("look", "LOOK"), ("act", "ACT"))
_MOST_KEYS: Final = 9
"""Cells; of the keys of a way and of the way back, the first ones are shown where all would take more."""
_MARKS = (
    "● changed now   • last 5 min   · since start (= clears)     ▌ cursor   + marked",
    "!! confirmed    ! probable    ~ wrong as it stands    deny  no reply is sent",
    "S  u user  a auto  d default  o old: no source     (model)  not set; last run",
    "≠  last run used another model than the one set; reply goes to another chat",
)
_CHOICES_SHOWN: Final = 2
"""More second keys than that are shown when the first one is pressed; those of `e` are worth knowing before."""
_THERE: Final[Mapping[str, str]] = {
    "down": "up",
    "page_down": "page_up",
    "half_down": "half_up",
    "first": "last",
    "next_page": "previous_page",
    "next_stop": "previous_stop",
    "next_finding": "previous_finding",
    "next_match": "previous_match",
    "next_trouble": "previous_trouble",
    "next_open": "previous_open",
    "newer_change": "older_change",
    "newer_copy": "older_copy",
}
"""A way, and the same way back: one line for both."""
_BOTH_WAYS: Final[Mapping[str, str]] = {
    "down": "line",
    "page_down": "page",
    "half_down": "half a page",
    "first": "first, last",
}


def help_lines(screen: ScreenName, cells: int, titles: Mapping[str, str] | None = None) -> list[Line]:
    """Columns of keys, side by side as far as they fit, and what the marks mean where there are marks.

    `titles` are those of commands, by name, that do something else than elsewhere.
    """
    commands = [replace(one, title=(titles or {}).get(one.name, one.title)) for one in _listed(screen)]
    lines: list[Line] = []
    beside: list[tuple[str, list[tuple[str, str]]]] = []
    for group, title in _GROUPS:
        rows = _column(commands, group)
        if beside and _wide(rows) + sum(_wide(others) for _, others in beside) > cells:
            lines += _side_by_side(beside, cells)
            beside = []
        beside.append((title, rows))
    lines += _side_by_side(beside, cells)
    if screen == "main":
        lines += [(Span(" MARKS", "strong"),)]
        lines += [(Span(f" {part}"),) for text in _MARKS for part in textwrap.wrap(text, cells - 1)]
    return [pad(line, cells) for line in lines]


def _listed(screen: ScreenName) -> list[Command]:
    return [one for one in on_screen(screen) if one.keys and one.name != "help" and one.screens != EVERYWHERE]


def _side_by_side(columns: Sequence[tuple[str, Sequence[tuple[str, str]]]], cells: int) -> Iterator[Line]:
    spare = (cells - sum(_wide(rows) for _, rows in columns)) // len(columns)
    blanks = [Span(" " * (_wide(rows) + spare)) for _, rows in columns]
    for row in zip_longest(*(_drawn(title, rows, spare) for title, rows in columns)):
        yield tuple(cell or blank for cell, blank in zip(row, blanks, strict=True))


def _column(commands: Sequence[Command], group: Group) -> list[tuple[str, str]]:
    """Keys and what they do."""
    rows = []
    back = {_THERE[one.name] for one in commands if one.name in _THERE}
    for command in commands:
        if command.group != group or command.name in back:
            continue
        way_back = next((one for one in commands if one.name == _THERE.get(command.name)), None)
        if command.group == "act" and (0 < len(command.choices) <= _CHOICES_SHOWN or command.name == "edit"):
            rows += [(f"{_keys(command)} {choice.key}", _said(command, choice.label)) for choice in command.choices]
        elif way_back is None:
            rows.append((_keys(command), command.title))
        else:
            rows.append((_both_ways(command, way_back), _BOTH_WAYS.get(command.name, command.title)))
    return rows


def _said(command: Command, label: str) -> str:
    return label if " " in label and not label.startswith("the ") else f"{command.name} {label}"


def _keys(command: Command) -> str:
    keys = [shown_key(key) for key in command.keys]
    return f"{keys[0]}-{keys[-1]}" if command.with_key and len(keys) > 2 else " ".join(keys)


def _both_ways(there: Command, back: Command) -> str:
    pairs = [f"{shown_key(one)} {shown_key(other)}" for one, other in zip(there.keys, back.keys, strict=False)]
    keys = " ".join(pairs)
    return keys if len(keys) <= _MOST_KEYS else pairs[0]


def _wide(rows: Sequence[tuple[str, str]]) -> int:
    """The cells of a column, with a blank before it and two behind the keys."""
    keys, titles = (max((len(row[at]) for row in rows), default=4) for at in (0, 1))
    return keys + titles + 3


def _drawn(title: str, rows: Sequence[tuple[str, str]], spare: int) -> list[Span]:
    wide, keys = _wide(rows) + spare, max((len(keys) for keys, _ in rows), default=4)
    return [Span(fit(f" {title}", wide), "strong"), *(Span(fit(f" {key:<{keys}}  {said}", wide)) for key, said in rows)]
