"""How often news may be painted: as often as a slow line to the terminal carries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

FRAME_S: Final = 0.1
"""At most this often: a frame takes the processor some 10 ms, and nobody reads twenty in a second."""
BYTES_S: Final = 8_000
"""What news may cost in bytes per second while they keep coming: half of what a slow mobile link carries."""
CREDIT_S: Final = 1.0
"""News that come after quiet may cost this many seconds' worth at once."""


class Pace:
    """When the next frame of news may be painted; what keys cost meanwhile counts too.

    `sent` gives the bytes sent to the terminal so far, `clock` seconds.
    """

    def __init__(self, sent: Callable[[], int], clock: Callable[[], float]) -> None:
        self._sent, self._clock = sent, clock
        self._began = self._paid_until = clock()
        self._counted = sent()

    def begin(self) -> None:
        """A frame is about to be painted."""
        self._began = self._clock()
        self._settle()

    def rest_s(self) -> float:
        """Seconds until the next one; none, or less, when it may come now."""
        self._settle()
        return max(self._began + FRAME_S, self._paid_until - CREDIT_S) - self._clock()

    def _settle(self) -> None:
        cost, self._counted = self._sent() - self._counted, self._sent()
        self._paid_until = max(self._paid_until, self._clock()) + cost / BYTES_S
