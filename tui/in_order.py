"""What is typed reaches the screens in its order, however fast it comes."""

from __future__ import annotations

import asyncio

from textual import events

from tui.core import Core
from tui.screens.base import WatchScreen

MOUNT_STEP_S, MOUNT_STEPS = 0.002, 500
"""A key waits this long at most for the screen that the key before opened."""


class InOrder(Core, inherit_bindings=False):
    """Keys and pastes are taken one after the other, each by the screen that the one before left on top."""

    async def on_event(self, event: events.Event) -> None:
        """A key finds the screen, prompt, choice or text that the last one left."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        await self._mounted()
        if (screen := self._top()) is None:
            await super().on_event(event)
        elif isinstance(event, events.Paste):
            screen.take_paste(event.text)
        elif not await screen.take_key(event) and (bound := screen.active_bindings.get(event.key)) is not None:
            await self.run_action(bound.binding.action, bound.node)

    async def _mounted(self) -> None:
        for _ in range(MOUNT_STEPS):
            top = self._top()
            if top is None or top.is_mounted:
                return
            await asyncio.sleep(MOUNT_STEP_S)

    def _top(self) -> WatchScreen | None:
        """The screen on top; none while the program is ending."""
        screens = self.screen_stack
        return screens[-1] if screens and isinstance(screens[-1], WatchScreen) else None
