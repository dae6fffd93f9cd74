"""The findings of several stores, from the events of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from store.events import Event, Loaded, LockState, Watching
from store.summary import EntrySummary, summarise

if TYPE_CHECKING:
    from store.findings.finding import Finding


class Texts(Protocol):
    """Where the texts of a version that was loaded come from; a watch or a recording will do."""

    def keys(self, store: Path) -> list[str]:
        """The keys of the version, in file order."""

    def raw(self, store: Path, key: str) -> bytes | None:
        """The text of one."""


class Finder(Protocol):
    """What finds in one store; a `Detector` will do."""

    def observe(self, event: Event) -> tuple[Finding, ...]:
        """Take in the next event; the findings it brings."""

    def learn(self, summary: EntrySummary) -> None:
        """An entry of the first version."""


class Judge:
    """A finder for each store, made once there is something to judge.

    To be called with every event right when the source yields it, in the source's thread.
    """

    def __init__(self, texts: Texts, make: Callable[[Path], Finder]) -> None:
        self._texts, self._make = texts, make
        self._of: dict[Path, Finder] = {}
        self._early: list[Event] = []

    def __call__(self, event: Event) -> tuple[Finding, ...]:
        """The findings the event brings."""
        if isinstance(event, Loaded):
            return self.begin(event, self._summaries(event.store))
        if event.store not in self._of and isinstance(event, Watching | LockState):
            self._early.append(event)
            return ()
        return self._finder(event.store).observe(event)

    def begin(self, event: Loaded, summaries: Iterable[EntrySummary]) -> tuple[Finding, ...]:
        """The same for a whole store, by one who has the summaries of its entries already."""
        finder = self._finder(event.store)
        found = finder.observe(event)
        for summary in summaries:
            finder.learn(summary)
        return found

    def _summaries(self, store: Path) -> Iterator[EntrySummary]:
        for key in self._texts.keys(store):
            raw = self._texts.raw(store, key)
            if raw is not None:
                yield summarise(key, raw)

    def _finder(self, store: Path) -> Finder:
        if store not in self._of:
            finder = self._of[store] = self._make(store)
            for event in self._early:
                if event.store == store:
                    finder.observe(event)
        return self._of[store]
