"""`python -m screenshots.make [NAME ...]`: the pictures of the README, from fixed data and a fixed clock."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ.update(TZ="UTC", TEXTUAL_ANIMATIONS="none", XDG_STATE_HOME=tempfile.mkdtemp())
time.tzset()

from textual.pilot import Pilot  # noqa: E402 - the time zone must be set before anything reads the clock

from tests.support import clobbered, incident  # noqa: E402
from tests.support.dashboard import VERSIONS, Clock, app_over, seen_all  # noqa: E402
from tests.support.fake_watch import FakeWatch  # noqa: E402
from tests.support.live_app import frame, keys, see  # noqa: E402

HERE = Path(__file__).parent
FALLBACK = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
PRESERVED = '<text xml:space="preserve" '
"""Without it renderers drop the blanks at the start of a line."""


async def main_screen(pilot: Pilot[None], _watch: FakeWatch) -> None:
    """The table, on the entry of the incident."""
    while not any("▌" in line and "topic:42" in line for line in frame(pilot.app)):  # type: ignore[arg-type]
        await keys(pilot, "j")


async def entry(pilot: Pilot[None], watch: FakeWatch) -> None:
    """The entry of the incident."""
    await main_screen(pilot, watch)
    await keys(pilot, "enter")
    await see(pilot, "what the next reply uses")


async def finding(pilot: Pilot[None], _watch: FakeWatch) -> None:
    """The proof that a write was lost."""
    await keys(pilot, "n", "f")
    await see(pilot, "THE COPY IT HELD")


async def history(pilot: Pilot[None], watch: FakeWatch) -> None:
    """The time line of the same entry."""
    await main_screen(pilot, watch)
    await keys(pilot, "h")
    await see(pilot, "WRITTEN BY")


async def cached(pilot: Pilot[None], watch: FakeWatch) -> None:
    """An older copy of it against the disk."""
    await main_screen(pilot, watch)
    await keys(pilot, "d")
    await see(pilot, "cached against fresh")


async def edit_model(pilot: Pilot[None], watch: FakeWatch) -> None:
    """The form, half a model typed."""
    await main_screen(pilot, watch)
    await keys(pilot, "e", "m")
    await see(pilot, "edit model")
    await keys(pilot, "anthropic/claude-opus-4-6")
    await see(pilot, "anthropic/claude-opus-4-6")


async def preview(pilot: Pilot[None], watch: FakeWatch) -> None:
    """What would be written."""
    await edit_model(pilot, watch)
    await keys(pilot, "enter")
    await see(pilot, "nothing is written yet")


async def conflict(pilot: Pilot[None], watch: FakeWatch) -> None:
    """Somebody else changed the model under the form."""
    await edit_model(pilot, watch)
    now = {**json.loads(watch.texts[incident.PINNED]), **incident.override("zai", "glm-4.7", "auto")}
    watch.change(incident.NOW + 17, {incident.PINNED: now})
    await see(pilot, "changed on disk")
    await keys(pilot, "enter")
    await see(pilot, "when you began")


PICTURES: dict[str, Callable[[Pilot[None], FakeWatch], Awaitable[None]]] = {
    "main": main_screen,
    "finding": finding,
    "history": history,
    "entry": entry,
    "cached": cached,
    "edit-model": edit_model,
    "preview": preview,
    "conflict": conflict,
}
CLOBBERED = {"main", "finding", "history", "entry"}
"""These show the story in which the detectors find something."""


async def picture(name: str) -> str:
    """The SVG of one screen."""
    with tempfile.TemporaryDirectory() as directory:
        story, versions = (clobbered, clobbered.VERSIONS) if name in CLOBBERED else (incident, VERSIONS)
        app = app_over(story.watch(Path(directory) / "sessions.json"), Clock())
        async with app.run_test(size=(80, 24)) as pilot:
            await seen_all(pilot, versions)
            watch = app.store_watch
            assert isinstance(watch, FakeWatch)
            await PICTURES[name](pilot, watch)
            await pilot.pause(0.2)
            svg = app.export_screenshot(title="clobberwatch", simplify=True)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"terminal-\d+-", "terminal-", svg).replace("Fira Code", FALLBACK).replace("<text ", PRESERVED)


def main(names: list[str]) -> None:
    """Make the pictures named, or all."""
    for name in names or PICTURES:
        (HERE / f"{name}.svg").write_text(asyncio.run(picture(name)))
        print(f"screenshots/{name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
