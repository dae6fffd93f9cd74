"""Recording made-up events, and reading them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from store.events import Changed, EntryChange, Event, FileId, Loaded, Version
from store.js import Json, encode
from store.recording.recorder import Recorder
from store.recording.recording import Recording
from tests.support.past import START, STORE


@dataclass
class Feed:
    """A store's versions as events; the texts of the present one, as a watch has them."""

    store: Path = STORE
    texts: dict[str, bytes] = field(default_factory=dict)
    number: int = 0
    now: float = START

    def keys(self, _store: Path) -> list[str]:
        """The keys of the present version."""
        return list(self.texts)

    def raw(self, _store: Path, key: str) -> bytes | None:
        """The text of one entry."""
        return self.texts.get(key)

    def loaded(self, texts: Mapping[str, bytes]) -> Loaded:
        """The first version."""
        self.texts = dict(texts)
        return Loaded(self.store, self.version(), len(texts))

    def changed(self, texts: Mapping[str, bytes | None]) -> Changed:
        """The next version: these entries have these texts now, None is gone."""
        changes = tuple(EntryChange(key, self.texts.get(key), after) for key, after in texts.items())
        for key, after in texts.items():
            if after is None:
                self.texts.pop(key, None)
            else:
                self.texts[key] = after
        return Changed(self.store, self.version(), changes, len(self.texts))

    def version(self) -> Version:
        """The next one."""
        self.number += 1
        self.now += 1.0
        return Version(self.number, self.now, FileId(1, self.number, 100, int(self.now * 1e9)))


def text(value: Json) -> bytes:
    """An entry as it stands in a store that JavaScript wrote."""
    return encode(value, "\n  ").encode()


def record(path: Path, events: Iterable[Event], texts: Feed | None = None) -> None:
    """Record these events of one store."""
    feed = texts or Feed()
    recorder = Recorder(path, [feed.store])
    for event in events:
        recorder.take(event, feed)
    recorder.close()


def replayed(path: Path) -> list[Event]:
    """Every event of a recording."""
    recording = Recording(path)
    try:
        return list(recording.events())
    finally:
        recording.close()
