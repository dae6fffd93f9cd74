"""A frame of the terminal as an SVG: one element for each run of a style, each as wide as its cells whatever the font.

The same frame gives the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from rich.cells import cell_len
from rich.color import blend_rgb
from rich.color_triplet import ColorTriplet
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.strip import Strip

CELL, LINE, FONT_SIZE, MARGIN, TITLE = 8.4, 18, 14, 12, 28
BASELINE: Final = 13.5
FONTS: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
DIM: Final = 0.4
"""How far a dim text goes to the background, as terminals do it."""


def _theme(background: str, foreground: str, red: str, cyan: str) -> TerminalTheme:
    """Of the 16 colours the dashboard uses two; the others are never asked for."""
    sixteen = [_rgb(foreground)] * 8
    sixteen[1], sixteen[6] = _rgb(red), _rgb(cyan)
    return TerminalTheme(_rgb(background), _rgb(foreground), sixteen)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


DARK: Final = _theme("#16181c", "#d5d8dc", "#f0616d", "#4fc1d4")
LIGHT: Final = _theme("#ffffff", "#24292f", "#c02b35", "#00788c")


@dataclass(frozen=True)
class _Look:
    """How a run is painted: its two colours, as `#rrggbb`, and its weight and line."""

    colour: str
    ground: str
    bold: bool
    underlined: bool

    @property
    def css(self) -> str:
        bold, line = ";font-weight:bold" if self.bold else "", ";text-decoration:underline" if self.underlined else ""
        return f"fill:{self.colour}{bold}{line}"


def drawn(lines: Sequence[Strip], cells: int, theme: TerminalTheme, title: str) -> str:
    """The picture of a terminal of so many cells a line, with a window's frame around it."""
    width, height = cells * CELL + 2 * MARGIN, len(lines) * LINE + TITLE + MARGIN
    classes: dict[str, str] = {}
    grounds: list[str] = []
    texts: list[str] = []
    for row, strip in enumerate(lines):
        for at, text, look in _runs(strip, theme):
            x, y, wide = MARGIN + at * CELL, TITLE + row * LINE, cell_len(text) * CELL
            if look.ground != theme.background_color.hex:
                grounds.append(
                    f'<rect x="{x:g}" y="{y}" width="{wide:g}" height="{LINE}" fill="{look.ground}"'
                    ' shape-rendering="crispEdges"/>'
                )
            if text.strip():
                name = classes.setdefault(look.css, f"s{len(classes)}")
                texts.append(_text(text, x, y, name))
    ground, ink = theme.background_color.hex, theme.foreground_color.hex
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
            f' height="{height:g}" font-size="{FONT_SIZE}" font-family="{FONTS}">',
            f"<style>text{{white-space:pre}}{''.join(f'.{name}{{{css}}}' for css, name in classes.items())}</style>",
            f'<rect x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="6" fill="{ground}"'
            f' stroke="#808488" stroke-opacity="0.6"/>',
            f'<text x="{width / 2:g}" y="18" text-anchor="middle" font-size="12" fill="{ink}" fill-opacity="0.7">'
            f"{escape(title)}</text>",
            *grounds,
            *texts,
            "</svg>\n",
        )
    )


def _runs(strip: Strip, theme: TerminalTheme) -> Iterable[tuple[int, str, _Look]]:
    """Where each run of a style begins, its text and how it looks; blanks of no visible style are left out."""
    at = 0
    for text, style, _ in strip:
        look = _look(style or Style(), theme)
        if look.ground == theme.background_color.hex and not look.underlined:
            start = len(text) - len(text.lstrip(" "))
            yield at + start, text.strip(" "), look
        else:
            yield at, text, look
        at += cell_len(text)


def _look(style: Style, theme: TerminalTheme) -> _Look:
    colour, ground = (
        fallback if one is None or one.is_default else one.get_truecolor(theme)
        for one, fallback in ((style.color, theme.foreground_color), (style.bgcolor, theme.background_color))
    )
    if style.reverse:
        colour, ground = ground, colour
    if style.dim:
        colour = ColorTriplet(*blend_rgb(colour, ground, DIM))
    return _Look(colour.hex, ground.hex, bool(style.bold), bool(style.underline))


def _text(text: str, x: float, y: int, name: str) -> str:
    wide = cell_len(text) * CELL
    return (
        f'<text class="{name}" x="{x:g}" y="{y + BASELINE:g}" textLength="{wide:g}" xml:space="preserve">'
        f"{escape(text, quote=False)}</text>"
    )
