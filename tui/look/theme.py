"""Every colour of the dashboard: the style roles as terminal styles, and the Textual theme below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast, get_args

from rich.style import Style
from textual.theme import BUILTIN_THEMES

from tui.look.glyphs import PLAIN
from tui.look.line import Role

TERMINAL = replace(
    BUILTIN_THEMES["ansi-dark"],
    name="terminal",
    primary="ansi_cyan",
    accent="ansi_cyan",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_default",
        "input-selection-foreground": "ansi_default",
    },
)
"""The terminal's own 16 colours; no background is ever set."""

_COLOURS: Mapping[Role, str] = {"accent": "cyan", "active": "cyan", "alarm": "red"}
_ATTRIBUTES: Mapping[Role, str] = {
    "strong": "bold",
    "faint": "dim",
    "cursor": "reverse",
    "active": "reverse",
    "now": "bold reverse",
}
_ON_CURSOR: Mapping[Role, str] = {"strong": "bold reverse", "now": "bold"}


@dataclass(frozen=True, slots=True)
class RoleStyles:
    """The style of each role, on an ordinary line and on the reversed line of the cursor, and what replaces glyphs."""

    ordinary: Mapping[Role, Style]
    on_cursor: Mapping[Role, Style]
    glyphs: Mapping[int, int]


def role_styles(colour: bool, plain: bool = False) -> RoleStyles:
    """The styles of the theme `terminal`; without colour only attributes are left."""
    ordinary: dict[Role, Style] = {}
    on_cursor: dict[Role, Style] = {}
    for role in cast("tuple[Role, ...]", get_args(Role)):
        tint = _COLOURS.get(role, "") if colour else ""
        ordinary[role] = Style.parse(f"{_ATTRIBUTES.get(role, '')} {tint}".strip() or "none")
        on_cursor[role] = Style.parse(f"{_ON_CURSOR.get(role, 'reverse')} {tint if role == 'alarm' else ''}".strip())
    return RoleStyles(ordinary, on_cursor, PLAIN if plain else {})


class Styled(Protocol):
    """An app whose widgets know the styles of the roles."""

    role_styles: RoleStyles
