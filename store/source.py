"""Where a dashboard's events and texts come from: a watch, or a recording that is played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from store.events import Event
from store.watch import StopEvent


class Source(Protocol):
    """What `Watch` and `Playback` have in common. `events` belongs to one thread, the rest may be called from any."""

    def events(self, stop: StopEvent) -> Iterator[Event]:
        """What happens, until told to stop. A recording may end it before, to be asked again: it starts over then."""

    def raw(self, store: Path, key: str) -> bytes | None:
        """The entry's JSON text in the store's last good version; None when it has none."""

    def keys(self, store: Path) -> list[str]:
        """The keys of that version."""

    def flaws(self, store: Path) -> Mapping[str, str]:
        """The entries that OpenClaw itself would stumble over, whatever their text, and why: rows of a database."""

    def save_good(self, store: Path, target: Path) -> int:
        """Write that version to a new file; the number of bytes."""

    def accept(self, store: Path) -> None:
        """Take a store that shrank as the truth."""

    def read_again(self, store: Path) -> None:
        """Read the store's file now."""

    def recheck(self, store: Path) -> None:
        """Judge the whole file: an entry cannot be decoded."""
