"""Places in a recording to go on from, so that a jump need not begin at the start."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from store.recording.recording import Place

EVERY: Final = 128
"""Versions between two, to begin with: playing them again takes a tenth of a second."""
MOST: Final = 129
"""Of so many, an odd number, every second one goes. What one holds beyond its neighbours is what changed since."""
LONG: Final = 100_000
MOST_OF_LONG: Final = 17
"""In a recording of more than `LONG` versions each may hold a whole history that its neighbours do not have: 24 MB."""


class Checkpoint(NamedTuple):
    """So many versions had come, and nothing was later than `until` (wall-clock seconds)."""

    position: int
    until: float
    place: Place


def checkpoints_for(versions: int) -> Checkpoints:
    """Those of a recording of so many versions."""
    return Checkpoints(most=MOST if versions <= LONG else MOST_OF_LONG)


class Checkpoints:
    """Evenly spread over what was played so far, from the first version on.

    `mark` belongs to one thread, the rest may be called from any.
    """

    def __init__(self, every: int = EVERY, most: int = MOST) -> None:
        self._every, self._most = every, most
        self._all: tuple[Checkpoint, ...] = ()

    @property
    def positions(self) -> tuple[int, ...]:
        """Where they are, in order."""
        return tuple(point.position for point in self._all)

    def mark(self, position: int, until: float, place: Callable[[], Place]) -> bool:
        """Take one here if the last is far enough behind; whether it was."""
        if position < (self._all[-1].position + self._every if self._all else 1):
            return False
        points = (*self._all, Checkpoint(position, until, place()))
        if len(points) == self._most:
            self._every *= 2
            points = points[::2]  # the first and the newest stay: their number is odd
        self._all = points
        return True

    def before(self, position: int) -> Checkpoint | None:
        """The last one with fewer versions than that, so that the version itself comes; None for the start."""
        points = self._all
        return _last(points, bisect_left(points, position, key=lambda point: point.position))

    def until(self, at: float) -> Checkpoint | None:
        """The last one before which nothing was later than that."""
        points = self._all
        return _last(points, bisect_right(points, at, key=lambda point: point.until))


def _last(points: Sequence[Checkpoint], count: int) -> Checkpoint | None:
    return points[count - 1] if count else None
