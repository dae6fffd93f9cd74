"""What the releases do differently, as far as the gateway's write paths are concerned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from store.cache import CacheRule, rule_of_file
from store.entry.schema import release_number

DEFAULT_RELEASE: Final = "2026.4.23"
"""One that takes the store's lock and still has most of the racy paths."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one release of the JSON era.

    Where the release of a change is not known, it is the first one in which the change was seen.
    """

    release: str = DEFAULT_RELEASE

    @property
    def cache_rule(self) -> CacheRule:
        """Whether the cache compares the file's size besides its time."""
        return rule_of_file(self.release)

    @property
    def forgets_thread(self) -> bool:
        """A new address without a thread does not keep the old one."""
        return self._since(2026, 3, 2)

    @property
    def finds_thread(self) -> bool:
        """A thread missing from `last*` is looked for in `deliveryContext` and `origin`."""
        return self._since(2026, 1, 30)

    @property
    def keeps_channels_apart(self) -> bool:
        """An address is not completed from a route on another channel."""
        return self._since(2026, 3, 7)

    @property
    def stores_off(self) -> bool:
        """`thinkingLevel` and `reasoningLevel` keep the value "off" instead of being removed."""
        return self._since(2026, 3, 2)

    @property
    def fresh_totals(self) -> bool:
        """The end of a run writes cache usage, and whether its total is of this run."""
        return self._since(2026, 2, 22)

    @property
    def switches_live(self) -> bool:
        """A new model is announced to the run under way."""
        return self._since(2026, 4, 5)

    @property
    def has_sources(self) -> bool:
        """An override says who chose it."""
        return self._since(2026, 4, 10)

    @property
    def dates_sessions(self) -> bool:
        """`sessionStartedAt` and `lastInteractionAt` are kept."""
        return self._since(2026, 4, 26)

    @property
    def writes_route(self) -> bool:
        """`route` is written beside the older delivery fields."""
        return self._since(2026, 5, 22)

    @property
    def keeps_activity(self) -> bool:
        """A route that is noted does not count as activity: `updatedAt` stays."""
        return self._since(2026, 6, 6)

    def _since(self, *release: int) -> bool:
        return release_number(self.release) >= release
