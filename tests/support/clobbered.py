"""The incident as the detectors see it: a run ends from a copy 41 s old, and another writer drops fields.

The findings come from the real detectors over these events; none is made by hand.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

from store.events import UNKNOWN_WRITER, Writer
from tests.support import incident
from tests.support.dashboard import Clock, app_over
from tests.support.fake_watch import GATEWAY, FakeWatch
from tests.support.incident import GPT, OPUS, PINNED, YOU, Entry, local, override, used
from tui.app import ClobberwatchApp

WHATSAPP = "agent:main:whatsapp:direct:+4915112345678"
DIRECT = "agent:main:telegram:direct:512388041"
VERSIONS = 9
"""How many versions the story has."""


def at_first() -> dict[str, Entry]:
    """The store as it was at 13:02."""
    entries = incident.at_first()
    entries[PINNED] |= {"authProfileOverride": "openai:default", "outputTokens": 1102, "inputTokens": 8034}
    entries[PINNED] |= {"sessionId": "5b0c71e2-42aa-4000-8000-000000000042", "status": "running"}
    entries[PINNED]["updatedAt"] = round(local("14:01:28") * 1000)
    entries[DIRECT]["thinkingLevel"] = "low"
    entries[WHATSAPP]["skillsSnapshot"] = {"prompt": "two skills", "version": 3}
    return entries


def clobber(held: Entry) -> Entry:
    """What the gateway writes at the end of a run, from the copy it held."""
    tokens = {"outputTokens": 2306, "inputTokens": 20113, "totalTokens": 22419, "contextTokens": 200_000}
    return {**held, **tokens, **used(*GPT), "status": "done", "endedAt": round(local("14:02:09") * 1000)}


def watch(path: Path) -> FakeWatch:
    """The story, from 13:02:11 to 14:02:58, as a stream of events."""
    entries = at_first()
    fake = FakeWatch(path, copy.deepcopy(entries), local("13:02:11"))

    def change(at: float, key: str, entry: Entry, writer: Writer = GATEWAY) -> None:
        entries[key] = entry
        fake.change(at, {key: copy.deepcopy(entry)}, writer)

    low = entries[DIRECT]
    change(local("13:38:10"), DIRECT, {**low, "thinkingLevel": "high"}, UNKNOWN_WRITER)
    change(local("13:44:10"), DIRECT, low, UNKNOWN_WRITER)
    lost = {"label", "sendPolicy", "skillsSnapshot"}
    change(local("13:58:40"), WHATSAPP, {name: value for name, value in entries[WHATSAPP].items() if name not in lost})
    held = {**entries[PINNED], "compactionCount": 3}
    change(local("14:01:28") + 0.2, PINNED, held)
    high = {**held, "thinkingLevel": "high", "updatedAt": round(local("14:01:51") * 1000)}
    change(local("14:01:51"), PINNED, high)
    pinned = {**high, **override(*OPUS, "user"), "updatedAt": round((local("14:02:07") + 0.4) * 1000)}
    del pinned["authProfileOverride"]
    change(local("14:02:07") + 0.4, PINNED, pinned, YOU)
    change(local("14:02:09"), PINNED, clobber(held))
    change(local("14:02:58"), incident.CODER, {**entries[incident.CODER], "thinkingLevel": "high"})
    return fake


def app(directory: Path, clock: Callable[[], float] | None = None) -> ClobberwatchApp:
    """The dashboard over the story, at 14:03:00."""
    return app_over(watch(directory / "sessions.json"), clock or Clock())
