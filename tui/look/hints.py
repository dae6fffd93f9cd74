"""The last line of the screens of an edit: their hints in the order of the commands, the help last where it fits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tui.commands import ScreenName, find, on_screen, shown_key
from tui.look.line import Line, Span, fit


def hint_line(screen: ScreenName, cells: int, *, without: str = "") -> Line:
    """As many hints as fit, three blanks apart; what the way out keeps goes first, then the help, then the others."""
    commands = [command for command in on_screen(screen) if command.hint and command.name != without]
    hints = [command.hint for command in commands if command.name not in ("help", "leave")]
    hints += [command.hint for command in commands if command.name == "help"]
    way_out = "".join(command.hint for command in commands if command.name == "leave")
    shorter = re.split(r",| \(", way_out)[0]
    while hints:
        for leave in (way_out, shorter):
            if len(text := " " + "   ".join(filter(None, [*hints, leave]))) <= cells:
                return (Span(fit(text, cells)),)
        hints.pop()
    return (Span(fit(f" {way_out}", cells)),)


def named_hints(screen: ScreenName, words: Mapping[str, str], cells: int) -> Line:
    """These commands of a screen with their keys and other words than usual; as many as fit."""
    hints = [f"{shown_key(find(name, screen).keys[0])} {said}" for name, said in words.items()]
    while len(text := " " + "   ".join(hints)) > cells and len(hints) > 1:
        hints.pop()
    return (Span(fit(text, cells)),)
