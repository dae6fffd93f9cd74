"""When the temp files were made that become versions, in the order of the events.

A writer that serialises its entries and then makes a temp file cannot have seen a version put in place after that.
OpenClaw does (`<store>.<...>.tmp`). Of any other file only what it holds when it was last written to is that old: a
shell makes `jq`'s output file before `jq` reads. This program's own temp files prove nothing, since an exchange puts
other writers' versions under their names.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from store.watching import inotify
from store.watching.inotify import NameEvent
from store.writing.names import parse_name

MOST_OVERTAKEN: Final = 64
"""How many arrivals a post remembers."""
_MOST_DRAFTS: Final = 512
_WRITTEN = inotify.MODIFY | inotify.CLOSE_WRITE
_GONE = inotify.DELETE | inotify.MOVED_FROM


@dataclass(frozen=True, slots=True)
class Draft:
    """When a version's temp file was made, wall-clock seconds, and how many versions came before it was in place."""

    created: float | None = None
    overtaken: int = 0


UNSEEN: Final = Draft()


@dataclass(slots=True)
class _Temp:
    created: float
    sealed: int
    """The place in the order of events after which its writer cannot have read anything."""


class Drafts:
    """The files made in the watched directories; each event is to be shown to `heed`, in order."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._order = 0
        self._temps: dict[tuple[int, bytes], _Temp] = {}
        self._moved: tuple[int, bytes, _Temp | None] = (0, b"", None)

    def heed(self, event: NameEvent) -> None:
        """Note what an event tells about a file that may become a version."""
        self._order += 1
        key = (event.watch, event.name)
        if event.mask & inotify.CREATE:
            self._temps.pop(key, None)
            self._temps[key] = _Temp(self._clock(), self._order)
            if len(self._temps) > _MOST_DRAFTS:
                del self._temps[next(iter(self._temps))]
        elif event.mask & _WRITTEN and key in self._temps:
            if not _made_when_serialised(event.name):
                self._temps[key].sealed = self._order
        elif event.mask & _GONE:
            temp = self._temps.pop(key, None)
            if event.mask & inotify.MOVED_FROM:
                self._moved = (event.cookie, event.name, temp)

    def renamed(self, cookie: int, arrivals: deque[int]) -> Draft:
        """What is known of the file that was just renamed onto the store; `arrivals` are the places of such renames."""
        arrivals.append(self._order)
        moved, name, temp = self._moved
        if moved != cookie or temp is None or parse_name(os.fsdecode(name)) is not None:
            return UNSEEN
        return Draft(temp.created, sum(temp.sealed < place < self._order for place in arrivals))

    def clear(self) -> None:
        """Events were lost: nothing is known of any file."""
        self._temps.clear()
        self._moved = (0, b"", None)


def _made_when_serialised(name: bytes) -> bool:
    return re.fullmatch(rb".+\.json\.[0-9a-fA-F.-]+\.tmp", name, re.DOTALL) is not None
