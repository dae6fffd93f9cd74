"""Things kept per entry, bounded by bytes: the oldest of all go first, and no entry may keep more than its share."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
_SPARE_PLACES: Final = 1024


class _Kept(NamedTuple, Generic[Item]):
    serial: int
    item: Item
    cost: int


class Shelf(Generic[Item]):
    """Items by key, each at a cost in bytes; not thread-safe."""

    def __init__(self, limit: int, per_key: int) -> None:
        self.limit, self.per_key = limit, per_key
        self.size = 0
        self._of: dict[str, tuple[_Kept[Item], ...]] = {}
        self._order: deque[tuple[int, str]] = deque()
        self._serial = self._count = 0
        self.lossy: set[str] = set()
        """The keys of which something had to go."""

    def copied(self) -> Shelf[Item]:
        """Another with the same items. What is kept of a key is never changed in place, so it is in memory once."""
        copy: Shelf[Item] = Shelf(self.limit, self.per_key)
        copy.size, copy._serial, copy._count = self.size, self._serial, self._count
        copy._of, copy._order, copy.lossy = dict(self._of), self._order.copy(), set(self.lossy)
        return copy

    def add(self, key: str, item: Item, cost: int) -> None:
        """Keep one more, and let go of what no longer fits."""
        self._serial += 1
        kept = self._of[key] = (*self._of.get(key, ()), _Kept(self._serial, item, cost))
        self._order.append((self._serial, key))
        self._count += 1
        self.size += cost
        if len(kept) > self.per_key:
            self._drop(key)
        while self.size > self.limit and self._order:
            serial, oldest = self._order.popleft()
            if self._is_first(serial, oldest):
                self._drop(oldest)
        if len(self._order) > 2 * self._count + _SPARE_PLACES:
            self._order = deque(place for place in self._order if self._is_kept(*place))

    def reprice(self, key: str, cost: int) -> None:
        """Another cost for the newest item of a key."""
        kept = self._of[key]
        newest = kept[-1]
        self.size += cost - newest.cost
        self._of[key] = (*kept[:-1], newest._replace(cost=cost))

    def newest(self, key: str) -> Item | None:
        """The newest item of a key."""
        kept = self._of.get(key)
        return kept[-1].item if kept else None

    def of(self, key: str) -> list[Item]:
        """The items of a key, newest first."""
        return [kept.item for kept in reversed(self._of.get(key, ()))]

    def items(self) -> Iterator[tuple[str, Item]]:
        """Every item with its key, entry by entry."""
        return ((key, one.item) for key, of_key in self._of.items() for one in of_key)

    def everything(self) -> Iterator[tuple[str, Item, int]]:
        """Every item with its key and cost, oldest first."""
        kept = [(one.serial, key, one) for key, of_key in self._of.items() for one in of_key]
        for _, key, one in sorted(kept, key=lambda place: place[0]):
            yield key, one.item, one.cost

    def _drop(self, key: str) -> None:
        kept = self._of[key]
        self.lossy.add(key)
        self.size -= kept[0].cost
        self._count -= 1
        if len(kept) > 1:
            self._of[key] = kept[1:]
        else:
            del self._of[key]

    def _is_first(self, serial: int, key: str) -> bool:
        kept = self._of.get(key)
        return bool(kept) and kept is not None and kept[0].serial == serial

    def _is_kept(self, serial: int, key: str) -> bool:
        kept = self._of.get(key)
        return bool(kept) and kept is not None and kept[0].serial <= serial
