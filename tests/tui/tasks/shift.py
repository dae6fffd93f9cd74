"""An operator's shift: the dashboard on a store on disk, a gateway that writes it, and what can be seen of it all."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.js import Json, JsonObject
from tests.support import incident
from tests.support.gateway_process import GatewayProcess
from tests.support.incident import GLM, GPT, Entry
from tests.support.live_app import dashboard, frame, see, shown
from tests.support.stores import write_store
from tui.app import ClobberwatchApp

CHAT = incident.PINNED
"""The chat the operator is asked about: the first row, where the cursor is."""
CLOBBERED = incident.CODER
"""Where somebody's pin is lost to a run that ends."""
MISDIRECTED, ADDRESS = "agent:main:whatsapp:direct:+12065550142", "+12065550142"
"""An entry whose replies come to go to another address than its own."""
FALLBACKS = (
    "agent:coder:acp:claude:4c1d9f30-91d4-4b6e-a1f0-2c9b6f0e7a11",
    "agent:ops:cron:daily-digest",
    "agent:main:discord:channel:118273645511229904",
)
"""Pinned by the gateway itself."""
_COPIED = re.compile(r"\x1b]52;c;([^\x07]*)\x07")


@dataclass
class Shift:
    """One store with one gateway and one dashboard; `sent` is what the terminal got besides the screen."""

    store: Path
    gateway: GatewayProcess
    pilot: Pilot[None]
    sent: list[str] = field(default_factory=list)
    versions: int = 1

    @property
    def app(self) -> ClobberwatchApp:
        """The dashboard."""
        assert isinstance(self.pilot.app, ClobberwatchApp)
        return self.pilot.app

    async def choose(self, key: str = CHAT, **patch: Json) -> None:
        """Somebody sets something by a command in a chat."""
        self.gateway.choose(self.store, key, **patch)
        await self._seen()

    async def choose_in_vain(self, key: str, **patch: Json) -> None:
        """The same during a run, which at its end writes back the copy that it began with."""
        self.gateway.choose_during_a_run(self.store, key, **patch)
        await self._seen()
        self.gateway.end_the_run()
        await self._seen()

    async def reply(self, key: str, channel: str, to: str) -> None:
        """A reply went there, and is noted as where the next one goes."""
        self.gateway.reply(self.store, key, channel, to)
        await self._seen()

    async def _seen(self) -> None:
        """The dashboard has taken in what was written."""
        self.versions += 1
        await see(self.pilot, f" 0 of {self.versions} missed")

    def shows(self, *texts: str) -> bool:
        """Whether all of these are on the screen, however many blanks stand between their words."""
        screen = " ".join(shown(self.app).split())
        return all(" ".join(text.split()) in screen for text in texts)

    def rows(self) -> list[str]:
        """The keys of the table's rows, from the top, as far as they are in sight."""
        lines = frame(self.app)
        end = next(at for at, line in enumerate(lines) if line.startswith("─"))
        return [short for line in lines[3:end] if (short := line[5:31].strip())]

    @property
    def clipboard(self) -> str:
        """What the terminal was last asked to copy."""
        asked = [found[1] for sequence in self.sent if (found := _COPIED.fullmatch(sequence))]
        return base64.b64decode(asked[-1]).decode() if asked else ""

    def entries(self) -> dict[str, JsonObject]:
        """The store as it is on disk."""
        found = json.loads(self.store.read_bytes())
        assert isinstance(found, dict)
        return found

    def entry(self, key: str = CHAT) -> JsonObject:
        """An entry as it is on disk."""
        return self.entries()[key]

    def model(self, key: str = CHAT) -> str:
        """The override on disk, as `PROVIDER/MODEL SOURCE`; blank where there is none."""
        entry = self.entry(key)
        if "modelOverride" not in entry:
            return ""
        return f"{entry['providerOverride']}/{entry['modelOverride']} {entry.get('modelOverrideSource')}"


@asynccontextmanager
async def shift(folder: Path, gateway: GatewayProcess, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shift]:
    """The dashboard at 80x24 on the incident's entries as they were at first, updated as long ago as it says there."""
    async with dashboard(write_store(folder / "sessions.json", _entries())) as pilot:
        begun = Shift(folder / "sessions.json", gateway, pilot)
        monkeypatch.setattr(begun.app, "write_to_terminal", begun.sent.append)
        yield begun


def _entries() -> dict[str, Entry]:
    entries = incident.at_first() | {
        FALLBACKS[2]: incident.entry(600, **incident.override(*GLM, "auto"), **incident.used(*GLM)),
        MISDIRECTED: incident.entry(700, **incident.used(*GPT), **incident.route("whatsapp", ADDRESS)),
    }
    later = round((time.time() - incident.NOW) * 1000)
    entries["agent:main:cron:morning-brief"] |= incident.route("telegram", "512388041")  # else it comes first in view 6
    for number, entry in enumerate(entries.values()):
        entry["updatedAt"] += later
        entry["sessionId"] = f"5b0c71e2-0000-4000-8000-{number:012d}"
    entries[CHAT]["updatedAt"] = round(time.time() * 1000)
    return entries
