"""The help page of a screen, from the declarations of the commands."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from tui.commands import EVERYWHERE, Command, Group, ScreenName, on_screen, shown_key
from tui.look.line import Line, Span, fit, pad, rule

_GROUPS: tuple[tuple[Group, str], ...] = (("move", "MOVE"), ("look", "LOOK"), ("act", "ACT"))
_KEY_CELLS = 7
_MARKS = (
    " ● changed now   • last 5 min   · since start (= clears)     ▌ cursor",
    " S  u user  a auto  d default  o old: no source     (model)  not set; last run",
    " ≠  last run used another model than the one set; reply goes to another chat",
    " ~  the route cannot be right     deny  the send policy forbids the reply",
)

_CHOICES_SHOWN: Final = 2
"""More second keys than that are shown when the first one is pressed."""


def help_lines(screen: ScreenName, cells: int, rows: int) -> list[Line]:
    """Three columns of keys, and what the marks mean where there are marks; at most `rows` lines."""
    commands = on_screen(screen)
    columns = [_column(commands, group, title) for group, title in _GROUPS]
    width = cells // 3 - 1
    lines: list[Line] = [rule(cells)]
    table = zip_longest(*columns, fillvalue=("", ""))
    lines += [pad(tuple(span for cell in row for span in _cell(cell, width)), cells) for row in table]
    if screen == "main":
        lines += [(Span(" MARKS", "strong"),), *((Span(text),) for text in _MARKS)]
    lines.append((Span(" Only w writes, in a preview. No key deletes.   ^Z suspend  ^L repaint  ^Q quit", "strong"),))
    return [pad(line, cells) for line in lines[:rows]]


def _column(commands: list[Command], group: Group, title: str) -> list[tuple[str, str]]:
    rows = [(title, "")]
    for command in commands:
        if command.group != group or not command.keys or command.screens == EVERYWHERE:
            continue
        keys = _keys(command)
        if command.group == "act" and 0 < len(command.choices) <= _CHOICES_SHOWN:
            rows += [(f"{keys} {choice.key}", _said(command, choice.label)) for choice in command.choices]
        else:
            rows.append((keys, command.title))
    return rows


def _said(command: Command, label: str) -> str:
    return label if " " in label and not label.startswith("the ") else f"{command.name} {label}"


def _keys(command: Command) -> str:
    keys = [shown_key(key) for key in command.keys]
    return f"{keys[0]}-{keys[-1]}" if command.with_key and len(keys) > 2 else " ".join(keys)


def _cell(cell: tuple[str, str], width: int) -> tuple[Span, Span]:
    keys, title = cell
    if not title:
        return Span(fit(f" {keys}", width + 1), "strong"), Span("")
    return Span(f" {fit(keys, _KEY_CELLS)}"), Span(fit(title, width - _KEY_CELLS))
