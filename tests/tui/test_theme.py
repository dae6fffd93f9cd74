from __future__ import annotations

import ast
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest
from rich.cells import cell_len
from rich.style import Style

from tui.look.glyphs import PLAIN
from tui.look.line import Role
from tui.look.theme import THEMES, ThemeName, role_styles

ROLES: tuple[Role, ...] = get_args(Role)
UI = Path(__file__).parents[2] / "tui"
BACKGROUNDS: dict[ThemeName, tuple[int, int, int]] = {"ink": (0, 0, 0), "paper": (255, 255, 255)}
NOT_ON_A_SCREEN = {"¦", *"\ufe00\ufe0f\u20e3\U0001f3fb\U0001f3ff"}
"""The last ones begin or end a range of what is never shown."""


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_no_theme_sets_a_background(theme: ThemeName) -> None:
    styles = role_styles(colour=True, theme=theme)
    for style in (*styles.ordinary.values(), *styles.on_cursor.values()):
        assert style.bgcolor is None


@pytest.mark.parametrize("theme", THEMES)
def test_without_colour_every_theme_is_the_same_and_has_none(theme: ThemeName) -> None:
    styles = role_styles(colour=False, theme=theme)
    assert styles == role_styles(colour=False)
    assert all(style.color is None for style in styles.ordinary.values())


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("theme", THEMES)
def test_what_must_be_told_apart_differs(theme: ThemeName, colour: bool) -> None:
    styles = role_styles(colour=colour, theme=theme).ordinary
    told: tuple[Role, ...] = ("text", "strong", "faint", "cursor", *(("accent", "alarm") if colour else ()))
    for one, other in combinations(told, 2):
        assert styles[one] != styles[other]


@pytest.mark.parametrize("theme", sorted(BACKGROUNDS))
def test_true_colours_can_be_read_on_their_background(theme: ThemeName) -> None:
    for role, style in role_styles(colour=True, theme=theme).ordinary.items():
        if style.color is None or style.color.triplet is None:
            continue
        enough = 3.0 if style.bold else 4.5
        assert contrast(tuple(style.color.triplet), BACKGROUNDS[theme]) >= enough, role  # type: ignore[arg-type]


def test_the_terminal_theme_has_none_but_the_terminals_own_colours() -> None:
    for style in role_styles(colour=True).ordinary.values():
        assert style.color is None or (style.color.number is not None and style.color.number < 16)
    assert role_styles(colour=True).ordinary["text"] == Style.parse("none")


def glyphs_of(path: Path) -> set[str]:
    """The characters beyond ASCII in a module's strings, its docstrings aside."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]
    return {character for text in texts for character in text if not character.isascii() and character.isprintable()}


def test_every_glyph_of_the_screens_has_a_plain_one_of_the_same_width() -> None:
    used = set().union(*map(glyphs_of, UI.rglob("*.py"))) - NOT_ON_A_SCREEN
    assert used - set(map(chr, PLAIN)) == set()
    assert all(cell_len(chr(glyph)) == 1 for glyph in PLAIN)
    assert all(len(chr(stand_in)) == 1 and chr(stand_in).isascii() for stand_in in PLAIN.values())
