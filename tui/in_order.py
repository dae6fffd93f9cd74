"""What is typed reaches the screens in its order, however fast it comes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from textual import events

from tui.core import Core
from tui.keyboard import ALT
from tui.screens.base import WatchScreen

STEP_S, STEPS = 0.002, 500
"""A key waits this long at most for the screen that the key before opened."""
LOOK_S, LOADING_S = 0.02, 1.0
"""Keys that are there before the first rows wait for them, but not longer than this."""


class InOrder(Core, inherit_bindings=False):
    """Keys and pastes are taken one after the other, each by the screen that the one before left on top."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._early: list[events.Key | events.Paste] | None = []
        self._early_until = 0.0

    async def on_event(self, event: events.Event) -> None:
        """A key finds the screen, prompt, choice or text that the last one left."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._early is None:
            await self._take(event)
        else:
            self._early.append(event)
            if len(self._early) == 1:
                self._early_until = time.monotonic() + LOADING_S
                await self._take_early()

    async def _take_early(self) -> None:
        """What was typed so far, once there are rows; nothing may wait here, as news of them are messages too."""
        if not self._anything_seen() and time.monotonic() < self._early_until:
            self.set_timer(LOOK_S, self._take_early)
            return
        self.show_pending()
        early, self._early = self._early, None
        for event in early or ():
            await self._take(event)

    def _anything_seen(self) -> bool:
        return any(state.first_at or state.broken is not None for state in self.dashboard.stores.values())

    async def _take(self, event: events.Key | events.Paste) -> None:
        await self._mounted()
        if (screen := self._top()) is None:
            await super().on_event(event)
        elif isinstance(event, events.Paste):
            screen.take_paste(event.text)
        elif event.key in ALT and not screen.types_text:
            await self._take(events.Key("escape", None))
            await self._take(events.Key(ALT[event.key], ALT[event.key]))
        elif not await screen.take_key(event) and (bound := screen.active_bindings.get(event.key)) is not None:
            await self.run_action(bound.binding.action, bound.node)

    async def _mounted(self) -> None:
        for _ in range(STEPS):
            top = self._top()
            if top is None or top.is_mounted:
                return
            await asyncio.sleep(STEP_S)

    def _top(self) -> WatchScreen | None:
        """The screen on top; none while the program is ending."""
        screens = self.screen_stack
        return screens[-1] if screens and isinstance(screens[-1], WatchScreen) else None
