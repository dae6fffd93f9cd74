"""How to get to each screen from the main one, and what happens to the store on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from screenshots.stage import Stage
from screenshots.story import STRAYED
from store.edit import EditResult, RowEdit
from store.events import Broken, LockHolder, LockState
from store.js import JsonObject
from store.judging import judge
from tests.support.fake_watch import version
from tests.support.incident import CODER, NOW, PINNED, local, override


async def main(stage: Stage) -> None:
    """The table, on the entry of the incident."""
    await stage.go_to(PINNED)


async def entry(stage: Stage) -> None:
    """The entry of the incident."""
    await main(stage)
    await stage.keys("enter")
    await stage.see("what the next reply uses")


async def cached(stage: Stage) -> None:
    """What a reader of 14:02:31 still holds, against the disk."""
    await stage.go_to(CODER)
    await stage.keys("d")
    await stage.see("cached against fresh")


async def edit_model(stage: Stage) -> None:
    """The form, half a model typed."""
    await main(stage)
    await stage.keys("e", "m", "anthropic/claude-op")


async def edit_delivery(stage: Stage) -> None:
    """A route that leads to another chat than the key names."""
    await stage.go_to(STRAYED)
    await stage.keys("e", "d")
    await stage.see("edit delivery")


async def preview(stage: Stage) -> None:
    """What would be written."""
    await edit_model(stage)
    await stage.keys("down", "enter", "enter")
    await stage.see("nothing is written yet")


async def conflict(stage: Stage) -> None:
    """Somebody else changed the model under the form."""
    await edit_model(stage)
    found = json.loads(stage.watch.texts[PINNED])
    theirs = {**found, **override("zai", "glm-4.7", "auto"), "authProfileOverride": "zai:default"}
    stage.watch.change(NOW + 17.204, {PINNED: theirs})
    await stage.see("changed on disk")
    await stage.keys("down", "enter", "enter")
    await stage.see("when you began")


async def finding(stage: Stage) -> None:
    """The proof that a write was lost."""
    await main(stage)
    await stage.keys("f")
    await stage.see("THE COPY IT HELD")


async def findings(stage: Stage) -> None:
    """What was found, one of it acknowledged."""
    await stage.keys("5")
    await stage.go_to("agent:main:discord:channel:118273645511229904")
    await stage.keys("a", "1")
    await stage.go_to(CODER)
    await stage.keys("f")
    await stage.see("acknowledged")


async def history(stage: Stage) -> None:
    """Every model the entry of the incident had."""
    await entry(stage)
    await stage.keys("j", "h")
    await stage.see("WRITTEN BY")


async def time_line(stage: Stage) -> None:
    """Every write of that entry that mattered."""
    await main(stage)
    await stage.keys("h")
    await stage.see("WRITTEN BY")


async def rows(stage: Stage) -> None:
    """The automatic pins, all to be cleared."""
    await stage.keys("3", "*", "e", "c")
    await stage.see("WILL BE")


async def outcome(stage: Stage) -> None:
    """What became of them; one row got another pin meanwhile, another one figures of a run."""
    await rows(stage)
    with mock.patch("tui.screens.many_preview.apply_edits", _written):
        await stage.keys("w")
        await stage.see("OUTCOME")


async def unreadable(stage: Stage) -> None:
    """The file was cut off."""
    await main(stage)
    found = "the file ends in the middle of an entry (byte 1,048,576)"
    good = version(stage.watch.number, local("14:02:58"))
    cut = Broken(stage.watch.path, NOW + 5, "unreadable", found, good, len(stage.watch.texts), None)
    await stage.happens(cut, "what to do")


async def lock(stage: Stage) -> None:
    """Who holds the lock."""
    await main(stage)
    holder = LockHolder(48213, NOW - 12, True, "node /usr/lib/openclaw/openclaw.mjs gateway")
    await stage.happens(LockState(stage.watch.path, NOW, holder), "lock 48213")
    await stage.keys("L")


async def gateway(stage: Stage) -> None:
    """A database beside its running gateway: what keeps writers apart there."""
    await main(stage)
    await stage.keys("L")
    await stage.see("─ lock ─")


async def tour(stage: Stage) -> None:
    """The second of the five steps."""
    await stage.keys("j", "j", "j", "j")
    await main(stage)
    await stage.see("demo 2 of 5")


async def help_page(stage: Stage) -> None:
    """The keys of the main screen."""
    await stage.keys("?")
    await stage.see("MARKS")


async def lint(stage: Stage) -> None:
    """What is wrong as it stands."""
    await stage.keys("6")


async def filtered(stage: Stage) -> None:
    """The language that asks for rows."""
    await stage.keys("/", "source:user -kind:run used:gpt", "enter")


def _written(store: Path, plans: Sequence[RowEdit], **_: Any) -> tuple[EditResult, ...]:
    """What a store could say that moved in two rows since the preview."""
    found = []
    for at, plan in enumerate(plans):
        disk: JsonObject = dict(plan.seen or {})
        if at == 1:
            disk |= override("google", "gemini-3-pro", "user")
        if at == 3:
            disk |= {"outputTokens": 1204, "totalTokens": 9730}
        found.append(replace(judge(plan, disk, store), lock_held_s=0.009))
    return tuple(found)
