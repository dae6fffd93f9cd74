"""`python -m screenshots.make [NAME...]`: the pictures of the README, from fixed data and a fixed clock.

An SVG is the same bytes on every machine, so these are kept, and `--check` tells which differ from the program as it
is. `--png DIRECTORY` draws them there as PNG too, with rsvg-convert or cairosvg; those depend on the fonts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.terminal_theme import TerminalTheme

from screenshots import scenes, story
from screenshots.stage import Setting, Stage, demo_over, staged
from screenshots.svg import DARK, LIGHT, drawn
from store.openclaw.release import Discipline
from tests.support.fake_watch import FakeWatch
from tui.config.settings import Settings

HERE: Final = Path(__file__).parent
WIDE: Final = (160, 45)
PNG_ZOOM: Final = 1.5


@dataclass(frozen=True)
class Picture:
    """A screen to be drawn: how to get there, from which story, in which setting."""

    scene: Callable[[Stage], Awaitable[None]]
    setting: Setting = field(default_factory=Setting)
    story: Callable[[Path], FakeWatch] = story.watch
    theme: TerminalTheme = DARK


DATABASE: Final = "agents/main/agent/openclaw-agent.sqlite"
NEWEST: Final = Discipline("database", "2026.9.6", "the running gateway's own package", 48213)
INK, PAPER, PLAIN = Settings(theme="ink"), Settings(theme="paper"), Settings(glyphs="plain")
PICTURES: Final[dict[str, Picture]] = {
    "main": Picture(scenes.main),
    "main-wide": Picture(scenes.main, Setting(WIDE, INK)),
    "main-paper": Picture(scenes.main, Setting(settings=PAPER), theme=LIGHT),
    "main-no-color": Picture(scenes.main, Setting(environment={"NO_COLOR": "1"})),
    "main-plain": Picture(scenes.main, Setting(settings=PLAIN)),
    "filter": Picture(scenes.filtered),
    "lint": Picture(scenes.lint),
    "entry": Picture(scenes.entry),
    "cached": Picture(scenes.cached),
    "edit-model": Picture(scenes.edit_model),
    "edit-delivery": Picture(scenes.edit_delivery),
    "preview": Picture(scenes.preview),
    "conflict": Picture(scenes.conflict),
    "finding": Picture(scenes.finding),
    "findings": Picture(scenes.findings),
    "history": Picture(scenes.history),
    "time-line": Picture(scenes.time_line),
    "many-preview": Picture(scenes.rows),
    "many-outcome": Picture(scenes.outcome),
    "unreadable": Picture(scenes.unreadable),
    "lock": Picture(scenes.lock),
    "help": Picture(scenes.help_page),
    "demo": Picture(scenes.tour, Setting(app=demo_over), story.small),
    "database": Picture(scenes.gateway, Setting(store=DATABASE, discipline=NEWEST), story.in_database),
}


async def frame(picture: Picture) -> str:
    """The SVG of one screen as the program shows it now."""
    async with staged(picture.story, picture.setting) as stage:
        await picture.scene(stage)
        await stage.stands_still()
        return drawn(stage.strips, picture.setting.size[0], picture.theme, "clobberwatch")


def outdated(names: Sequence[str]) -> list[str]:
    """Which of these pictures are not what the program shows now."""
    return [name for name in names if not _is_current(name)]


def _is_current(name: str) -> bool:
    kept = HERE / f"{name}.svg"
    return kept.is_file() and kept.read_text(encoding="utf-8") == asyncio.run(frame(PICTURES[name]))


def make(names: Sequence[str]) -> None:
    """Draw these pictures anew."""
    for name in names:
        (HERE / f"{name}.svg").write_text(asyncio.run(frame(PICTURES[name])), encoding="utf-8")
        print(f"screenshots/{name}.svg")


def draw_png(names: Sequence[str], directory: Path) -> None:
    """These pictures as PNG; SystemExit where there is nothing to draw them with."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        source, target = HERE / f"{name}.svg", directory / f"{name}.png"
        if shutil.which("rsvg-convert"):
            subprocess.run(["rsvg-convert", f"--zoom={PNG_ZOOM}", source, "-o", target], check=True)
        elif shutil.which("cairosvg"):
            subprocess.run(["cairosvg", "-s", str(PNG_ZOOM), source, "-o", target], check=True)
        else:
            sys.exit("PNG needs rsvg-convert (librsvg2-bin) or cairosvg on PATH.")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m screenshots.make", description="The pictures of the README.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}; all without one")
    parser.add_argument("--check", action="store_true", help="draw nothing; tell which are not current")
    parser.add_argument("--png", type=Path, metavar="DIRECTORY", help="as PNG too, in there")
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("TEXTUAL") or name == "NO_COLOR"]:
        del os.environ[name]
    names = options.names or list(PICTURES)
    if options.check:
        stale = outdated(names)
        print(f"Not current: {', '.join(stale)}. Make them again: python -m screenshots.make" if stale else "Current.")
        return 1 if stale else 0
    make(names)
    if options.png is not None:
        draw_png(names, options.png)
    return 0


if __name__ == "__main__":
    sys.exit(main())
