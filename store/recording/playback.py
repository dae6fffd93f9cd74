"""A recording as a source of events that come at their time: it can be paused, stepped, sped up and moved in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeAlias

from store.errors import Unreadable, UsageError
from store.events import Changed, Event, Loaded
from store.js import encode_string
from store.newfile import write_new
from store.recording.checkpoints import Checkpoint, Checkpoints, checkpoints_for
from store.recording.recording import Recording
from store.watch import StopEvent

Doing: TypeAlias = Literal["playing", "paused", "moving", "over"]

LONG_GAP_S: Final = 5.0
"""A longer silence is cut down to `SHORT_GAP_S`, in seconds of the one who watches."""
SHORT_GAP_S: Final = 2.0
_LOOK_S: Final = 0.05
"""How often a waiting stream looks whether it should stop."""
_BATCH, _REST_S = 32, 0.005
"""While moving, so many events come at once, then the screen's thread gets its turn."""
SPEEDS: Final = (0.1, 1000.0)


FindStart: TypeAlias = "Callable[[], Checkpoint | None]"
"""From where to begin, asked right before; None for the start."""


def _the_start() -> None:
    return None


class Playback:
    """Plays one recording, from its start. `events` belongs to one thread, everything else may be called from any.

    Times are wall-clock seconds of the recording. Without `real_time` long silences are shortened.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        real_time: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self.recording = recording
        self.speed = 1.0
        self.position = 0
        """How many versions have come."""
        self.trouble: Unreadable | None = None
        """Why it ends before its end."""
        self._real_time, self._monotonic = real_time, monotonic
        self._changed = threading.Condition()
        self._paused = self._over = self._start_over = self._found = False
        self._find_start: FindStart = _the_start
        self._checkpoints = checkpoints or checkpoints_for(recording.versions)
        self.on_begin: Callable[[int], object] = lambda _position: None
        """Called when the stream begins, with how many versions had come before; in the stream's thread."""
        self.on_mark: Callable[[tuple[int, ...]], object] = lambda _positions: None
        """Called when what came so far is a place to begin from later, with all positions there are."""
        self._goal: Callable[[float], bool] | None = None
        self._stay = False
        self._arrive_at: float | None = None
        self._target: int | None = None
        self._at, self._since = recording.began, monotonic()
        self._next_at = recording.began

    # What is shown

    @property
    def doing(self) -> Doing:
        """What it is doing now."""
        if self._goal is not None:
            return "moving"
        return "over" if self._over else "paused" if self._paused else "playing"

    def clock(self) -> float:
        """The time it is in the recording."""
        with self._changed:
            return self._now()

    # What to do

    def pause(self) -> None:
        """Stand still, or go on; a move that is under way ends where it is."""
        with self._changed:
            self._hold()
            self._paused = self._goal is not None or self._over or not self._paused
            if not self._start_over:
                self._goal = self._target = None
            self._changed.notify()

    def set_speed(self, speed: float) -> None:
        """So many times as fast as it was; UsageError beyond what makes sense."""
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise UsageError(f"A speed is between {SPEEDS[0]:g} and {SPEEDS[1]:g}: :speed 10")
        with self._changed:
            self._hold()
            self.speed = speed
            self._changed.notify()

    def step(self, versions: int) -> int:
        """So many versions on, or back, and stand still there; from where a step that is under way leads.

        Returns which version that is, counted from 1.
        """
        target = max(1, (self._target or self.position) + versions)
        goal = partial(self._has_come, target)
        self._go(goal, partial(self._checkpoints.before, target), back=target < self.position, stay=True)
        self._target = target
        return target

    def _has_come(self, target: int, _at: float) -> bool:
        return self.position >= target

    def seek(self, at: float) -> None:
        """To the last version before this time, in the recording or at its nearest end."""
        at = max(at, self.recording.began)
        find_start, back = partial(self._checkpoints.until, at), at < self.clock()
        self._go(lambda next_at: next_at > at, find_start, back=back, stay=False, arrive_at=at)

    def to_next_finding(self) -> None:
        """On to the next version in which something is found that is more than possible, and stand still there."""
        self._found = False
        self._go(lambda _at: self._found, _the_start, back=False, stay=True)

    def _go(
        self,
        goal: Callable[[float], bool],
        find_start: FindStart,
        *,
        back: bool,
        stay: bool,
        arrive_at: float | None = None,
    ) -> None:
        """Play on until the goal; where that is behind, or a checkpoint on the way to it, from there."""
        start = find_start()
        with self._changed:
            self._hold()
            self._goal, self._stay, self._arrive_at, self._target = goal, stay, arrive_at, None
            self._start_over = back or (start is not None and start.position > self.position)
            self._find_start = find_start
            self._changed.notify()

    # As a source

    def events(self, stop: StopEvent) -> Iterator[Event]:
        """The recording, each event at its time. Ends early to begin elsewhere; call it again then."""
        with self._changed:
            self._start_over = self._over = self._found = False
            start, self._find_start = self._find_start(), _the_start
            self.position = start.position if start is not None else 0
            self._at = start.until if start is not None else self.recording.began
            self._since = self._monotonic()
        self.on_begin(self.position)
        try:
            yield from self._played(start, stop)
        except Unreadable as error:
            self.trouble = error
        self._wait_at_the_end(stop)

    def _played(self, start: Checkpoint | None, stop: StopEvent) -> Iterator[Event]:
        moved, latest = 0, self._at
        for at, take in self.recording.steps(start.place if start is not None else None):
            if not self._wait_until(at, stop):
                return
            event, latest = take(), max(latest, at)
            if event is None:
                continue
            if isinstance(event, Loaded | Changed):
                self.position += 1
            yield event
            if self._checkpoints.mark(self.position, latest, self.recording.place):
                self.on_mark(self._checkpoints.positions)
            moved = moved + 1 if self._goal is not None else 0
            if moved % _BATCH == _BATCH - 1:
                time.sleep(_REST_S)
        with self._changed:
            self._at = self.recording.ended

    def raw(self, store: Path, key: str) -> bytes | None:
        """The entry's JSON text as it was."""
        return self.recording.raw(store, key)

    def keys(self, store: Path) -> list[str]:
        """The keys there were."""
        return self.recording.keys(store)

    def flaws(self, store: Path) -> Mapping[str, str]:  # noqa: ARG002
        """None are recorded."""
        return {}

    def found(self) -> None:
        """Something that is more than possible was found in the event that was yielded last."""
        self._found = True

    def save_good(self, store: Path, target: Path) -> int:
        """Write the entries as they stand at this moment to a new file, as a store; the number of bytes.

        Raises UsageError when the target exists, WriteFailed.
        """
        texts = ((key, self.raw(store, key)) for key in self.keys(store))
        members = [encode_string(key).encode() + b": " + raw for key, raw in texts if raw is not None]
        content = b"{\n  " + b",\n  ".join(members) + b"\n}" if members else b"{}"
        write_new(target, content)
        return len(content)

    def accept(self, store: Path) -> None:
        """Nothing to decide: what happened has happened."""

    def read_again(self, store: Path) -> None:
        """Nothing to read but the recording."""

    def recheck(self, store: Path) -> None:
        """The watch that was recorded has judged it."""

    # Time

    def _now(self) -> float:
        if self._paused or self._over or self._goal is not None:
            return self._at
        return min(max(self._at, self._next_at), self._at + (self._monotonic() - self._since) * self.speed)

    def _hold(self) -> None:
        """Count from now on anew."""
        self._at, self._since = self._now(), self._monotonic()

    def _wait_until(self, at: float, stop: StopEvent) -> bool:
        """Whether it is time for what came at `at`; not when the stream is to end."""
        with self._changed:
            self._next_at = at
            while not stop.is_set() and not self._start_over:
                if self._goal is not None and self._goal(at):
                    self._arrive()
                wait = 0.0 if self._goal is not None else _LOOK_S if self._paused else self._seconds_to(at)
                if wait <= 0:
                    self._at, self._since = at, self._monotonic()
                    return True
                self._changed.wait(min(wait, _LOOK_S))
        return False

    def _seconds_to(self, at: float) -> float:
        wait = (at - self._now()) / self.speed
        if wait > LONG_GAP_S and not self._real_time:
            self._at, self._since = at - SHORT_GAP_S * self.speed, self._monotonic()
            return SHORT_GAP_S
        return wait

    def _arrive(self) -> None:
        self._goal = self._target = None
        if self._arrive_at is not None:
            self._at = max(self._at, min(self._arrive_at, self._next_at))
        self._since = self._monotonic()
        self._paused = self._paused or self._stay

    def _wait_at_the_end(self, stop: StopEvent) -> None:
        with self._changed:
            while not stop.is_set() and not self._start_over:
                self._over = self._paused = True
                self._goal = self._target = None
                self._changed.wait(_LOOK_S)
