"""A gateway that tells the truth about the one write it makes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from store.events import FileId
from store.gateway.gateway import Change, Copy, Entries, Gateway, Moment
from store.gateway.scenarios.ledger import Destroyed, Ledger, Truth
from store.js import ABSENT, JsonObject, same
from store.writing.draft import StoreDraft

T = TypeVar("T")
Tell = Callable[[Truth], None]


@dataclass(kw_only=True)
class Scribe(Gateway):
    """A gateway during one act: what it writes is compared with what the right form would have written.

    `intended` is the act's right form as a change, made for the moment the act took.
    """

    ledger: Ledger
    tell: Tell
    act: str
    key: str
    racy: bool
    intended: Callable[[Moment], Change]
    _moment: Moment | None = None
    _held: FileId | None = field(default=None)

    def moment(self) -> Moment:
        """The moment of the act."""
        self._moment = super().moment()
        return self._moment

    def write_back(self, copy: Copy, mutate: Callable[[Entries], T]) -> T:
        """A write from a copy, whose version is noted."""
        self._held = copy.file
        return super().write_back(copy, mutate)

    def update(self, mutate: Callable[[Entries], T]) -> T:
        """The write, in the turn that the ledger gives it."""
        assert self.path is not None
        changed: dict[str, tuple[JsonObject | None, JsonObject]] = {}

        def noted(draft: StoreDraft) -> T:
            value = mutate(draft)
            changed.clear()
            keys = {**draft.edits(), **draft.added()}
            before = draft.originals(keys)
            changed.update({key: (before.get(key), dict(draft[key])) for key in keys})
            return value

        with self.turn, self.ledger.turn() as page:
            commit = self.put(self.path, noted, permit=self.permit, timeout=self.timeout)
            self.cache.copy = None
            if commit.written:
                base = page.version_of(self._held)
                lost = tuple(self._destroyed(changed))
                at = (self._moment or super().moment()).now / 1000
                truth = Truth(page.write, at, self.act, self.racy, self.key, base, os.getpid(), commit.file, lost)
                page.note(truth)
        if commit.written:
            self.tell(truth)
        return commit.value

    def _destroyed(self, changed: dict[str, tuple[JsonObject | None, JsonObject]]) -> Iterator[Destroyed]:
        for key, (before, after) in changed.items():
            was = before or {}
            right = self._right(before) if key == self.key else was
            for name in {**was, **after}:
                old, now = was.get(name, ABSENT), after.get(name, ABSENT)
                if name != "updatedAt" and not same(old, now) and not same(right.get(name, ABSENT), now):
                    yield Destroyed(key, name, old, now)

    def _right(self, before: JsonObject | None) -> JsonObject:
        moment = self._moment or super().moment()
        right = self.intended(moment)(before)
        return right if right is not None else before or {}
