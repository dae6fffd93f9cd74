"""What is remembered of the entries' earlier versions: the changed fields of each write, bounded by bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

from store.events import EntryChange, Version
from store.findings import settings
from store.findings.units import Trace, trace
from store.js import ABSENT, JsonObject, Value, same
from store.text.document import decode_object

Turn: TypeAlias = "tuple[Trace | None, Trace | None]"
"""One field before and after a write; None where it was not set."""

_STEP_BYTES: Final = 700
_TURN_BYTES: Final = 350
_IDS_KEPT: Final = 64
_SPARE_PLACES: Final = 1024
_NEW_KEPT: Final = 100
_NEW_LOOKED_AT: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One write of an entry: from the text that `since` had brought to the one that `version` brought.

    `gap`: versions were missed directly before it.
    """

    since: Version
    version: Version
    turns: Mapping[str, Turn]
    gap: bool = False

    @property
    def until(self) -> float:
        """When the older text stopped being the truth; nobody can have read it later."""
        return self.version.at

    @property
    def size(self) -> int:
        """Bytes of memory, roughly."""
        return _STEP_BYTES + _TURN_BYTES * len(self.turns)


@dataclass(frozen=True, slots=True)
class Write:
    """One write of an entry to be judged, with all that is known of its past.

    `older` are the writes before it, oldest first; `ids` the sessionIds seen before the present one. `created` is the
    write that brought the entry, if that was a moment ago. `exact`: the watching counts every version; since
    `counted_from` their numbers are without a doubt.
    """

    key: str
    step: Step
    before: JsonObject
    after: JsonObject
    older: tuple[Step, ...] = ()
    ids: frozenset[str] = frozenset()
    exact: bool = True
    counted_from: int = 0
    created: Step | None = None

    @property
    def new_id(self) -> bool:
        """Whether it starts a session that was never seen."""
        now = self.after.get("sessionId")
        seen = isinstance(now, str) and now in self.ids
        return not seen and not same(now, self.before.get("sessionId"))

    @property
    def overtaken(self) -> tuple[Step, ...]:
        """The writes of this entry that its own temp file had not seen: it was made before they were in place."""
        first = max(self.step.version.number - self.step.version.overtaken, self.counted_from)
        known = self.older if self.created is None else (self.created, *self.older)
        return tuple(step for step in known if first <= step.version.number < self.step.version.number)


def turns(before: JsonObject, after: JsonObject) -> dict[str, Turn]:
    """The fields that differ between two versions of an entry."""
    found: dict[str, Turn] = {}
    for field in {**before, **after}:
        was: Value = before.get(field, ABSENT)
        now: Value = after.get(field, ABSENT)
        if was is not now and not same(was, now):
            found[field] = (trace(field, was), trace(field, now))
    return found


class Sight(NamedTuple):
    """How well a version was seen: the first of all, whether some just before it are missing; rest as in `Write`."""

    first: Version
    gap: bool
    exact: bool
    counted_from: int


class Past:
    """The remembered writes of one store's entries; the oldest go first when it is full. Not thread-safe.

    Room is made between versions, not while one is taken in: a version that changes more entries than fit would else
    push out of memory the past of each entry right before it is asked for.
    """

    def __init__(self, limit: int = settings.MEMORY_BYTES) -> None:
        self.limit = limit
        """Bytes to keep, roughly."""
        self.size = 0
        self._steps: dict[str, deque[Step]] = {}
        self._since: dict[str, Version] = {}
        self._ids: dict[str, deque[str]] = {}
        self._created: dict[str, Step] = {}
        self._oldest: deque[tuple[str, Step]] = deque()
        self._kept = 0

    def take(self, change: EntryChange, version: Version, sight: Sight) -> Write | None:
        """Remember one write; None where there is nothing to compare: the entry came, went, or is no object.

        The same content in another text is no write.
        """
        key, before, after = change.key, decode_object(change.before), decode_object(change.after)
        since = self._since.get(key, sight.first)
        if before is None or after is None:
            self._since[key] = version
            self._forget(key, removed=change.after is None)
            if change.before is None and after is not None:
                self._remember_new(key, Step(since, version, turns({}, after)))
            return None
        older = self._steps.get(key, ())
        step = Step(since, version, turns(before, after), sight.gap)
        ids = frozenset(self._ids.get(key, ()))
        created = self._created.get(key)
        write = Write(key, step, before, after, tuple(older), ids, sight.exact, sight.counted_from, created)
        if step.turns or step.gap:
            self._since[key] = version
            self._remember(key, step)
            self._remember_id(key, before)
        return write

    def _remember(self, key: str, step: Step) -> None:
        older = self._steps.setdefault(key, deque())
        older.append(step)
        self._oldest.append((key, step))
        self._kept += 1
        self.size += step.size
        if len(older) > settings.STEPS_PER_ENTRY:
            self._lose_first(key)

    def make_room(self) -> None:
        """Forget the oldest writes until what is kept fits; to be called after the changes of a version were taken."""
        while self._oldest and self.size > self.limit:
            key, step = self._oldest.popleft()
            if self._is_kept(key, step):
                self._lose_first(key)
        if len(self._oldest) > 2 * self._kept + _SPARE_PLACES:
            self._oldest = deque(item for item in self._oldest if self._is_kept(*item, first=False))

    def _is_kept(self, key: str, step: Step, *, first: bool = True) -> bool:
        steps = self._steps.get(key)
        if not steps:
            return False
        return steps[0] is step if first else steps[0].version.number <= step.version.number

    def _lose_first(self, key: str) -> None:
        steps = self._steps[key]
        self.size -= steps.popleft().size
        self._kept -= 1
        if not steps:
            del self._steps[key]

    def _remember_new(self, key: str, step: Step) -> None:
        self._created[key] = step
        for old, known in list(islice(self._created.items(), _NEW_LOOKED_AT)):
            if len(self._created) > _NEW_KEPT or step.version.at - known.version.at > settings.FORK_WINDOW_S:
                del self._created[old]

    def _remember_id(self, key: str, before: JsonObject) -> None:
        session = before.get("sessionId")
        known = self._ids.setdefault(key, deque(maxlen=_IDS_KEPT))
        if isinstance(session, str) and session not in known:
            known.append(session)

    def _forget(self, key: str, *, removed: bool) -> None:
        for step in self._steps.pop(key, ()):
            self.size -= step.size
            self._kept -= 1
        if removed:
            self._ids.pop(key, None)
            self._since.pop(key, None)
            self._created.pop(key, None)


def newest_first(steps: tuple[Step, ...], now: float) -> Iterator[tuple[int, Step]]:
    """The writes whose older text somebody may still hold, with their places."""
    for place in range(len(steps) - 1, -1, -1):
        if now - steps[place].until > settings.BASE_WINDOW_S:
            return
        yield place, steps[place]
