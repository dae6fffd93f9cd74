"""Every colour of the dashboard: the style roles as terminal styles, and the Textual theme below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol, TypeAlias, cast, get_args

from rich.style import Style
from textual.theme import BUILTIN_THEMES

from tui.look.glyphs import PLAIN, needs_plain
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
"""What Textual's own parts are drawn with under every theme: the terminal's colours; no background is ever set."""

ThemeName: TypeAlias = Literal["terminal", "ink", "paper"]
THEMES: Final[tuple[ThemeName, ...]] = get_args(ThemeName)

_COLOURS: Final[Mapping[ThemeName, Mapping[Role, str]]] = {
    "terminal": {"accent": "cyan", "active": "cyan", "alarm": "red"},
    "ink": {"accent": "#56B4E9", "active": "#56B4E9", "alarm": "#D55E00", "faint": "#9AA0A6"},
    "paper": {"accent": "#0072B2", "active": "#0072B2", "alarm": "#D55E00", "faint": "#5F6368"},
}
"""Sky blue and vermilion are told apart with every common colour blindness (Okabe and Ito); `ink` is for a dark
background, `paper` for a light one."""
_ATTRIBUTES: Mapping[Role, str] = {
    "strong": "bold",
    "faint": "dim",
    "cursor": "reverse",
    "active": "reverse",
    "alarm": "bold",
    "now": "bold reverse",
}
_ON_CURSOR: Mapping[Role, str] = {"strong": "bold reverse", "alarm": "bold reverse", "now": "bold"}


@dataclass(frozen=True, slots=True)
class RoleStyles:
    """The style of each role, on an ordinary line and on the reversed line of the cursor, and what replaces glyphs."""

    ordinary: Mapping[Role, Style]
    on_cursor: Mapping[Role, Style]
    glyphs: Mapping[int, int]


def role_styles(colour: bool, plain: bool = False, theme: ThemeName = "terminal") -> RoleStyles:
    """The styles of a theme; without colour only the attributes of `terminal` are left."""
    colours = _COLOURS[theme] if colour else {}
    ordinary: dict[Role, Style] = {}
    on_cursor: dict[Role, Style] = {}
    for role in cast("tuple[Role, ...]", get_args(Role)):
        tint = colours.get(role, "")
        attributes = _attributes(role, tinted=tint.startswith("#"))
        ordinary[role] = Style.parse(f"{attributes} {tint}".strip() or "none")
        on_cursor[role] = Style.parse(f"{_ON_CURSOR.get(role, 'reverse')} {tint if role == 'alarm' else ''}".strip())
    return RoleStyles(ordinary, on_cursor, PLAIN if plain else {})


class Look(Protocol):
    """What a user chose of how things look."""

    @property
    def theme(self) -> ThemeName:
        """By its name."""

    @property
    def glyphs(self) -> Literal["auto", "plain"]:
        """Whether ASCII takes the place of dots, arrows and lines."""


def styles_of(look: Look | None, environment: Mapping[str, str]) -> RoleStyles:
    """What a user chose, as far as the terminal can show it; NO_COLOR and one without the glyphs go before it."""
    plain = needs_plain(environment) or (look is not None and look.glyphs == "plain")
    return role_styles("NO_COLOR" not in environment, plain, look.theme if look is not None else "terminal")


def _attributes(role: Role, *, tinted: bool) -> str:
    """A grey takes the place of dimming, which terminals draw too weak."""
    return "" if tinted and role == "faint" else _ATTRIBUTES.get(role, "")


class Styled(Protocol):
    """An app whose widgets know the styles of the roles."""

    role_styles: RoleStyles
