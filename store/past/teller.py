"""Recordings and older copies of a store (`.bak`), told as the events they imply.

A copy is one version, of its file's mtime, by nobody knows whom; between two copies an unknown number of versions is
missing, and so it is between the last of them and the first version that was watched. Its number is at most 0: the
first version that was watched is 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from store.errors import StoreError
from store.events import Broken, Changed, EntryChange, Event, Loaded, Missed, Recovered, Version, Watching
from store.findings.own_edits import OwnEdit
from store.js import same
from store.past.files import Texts, begins, copied, is_recording, their_store
from store.recording.recording import Recording
from store.text.document import decode


class Teller:
    """Tells the files of one store as one stream, in the order of time; `texts` are the entries as told so far.

    The stream ends with the step to `first`, the first watched version, whose entries are `now`; nothing is said of
    how those in `unknown` came to be what they were in it.
    """

    def __init__(
        self, paths: Sequence[Path], store: Path, first: Version, now: Texts, unknown: Collection[str] = ()
    ) -> None:
        self.store, self.first = store, first
        self._now, self._unknown = now, unknown
        self.texts: dict[str, bytes] = {}
        self.told = 0
        self.lock_is_rule = False
        self.own_edits: list[OwnEdit] = []
        self._paths = sorted(paths, key=begins)
        self._number = -sum(_most_versions(path) for path in paths)
        self._last: Version | None = None
        self.joined = False
        """Whether a recording goes on to the first watched version, so that nothing is missing before it."""

    def events(self) -> Iterator[Event]:
        """The stream; raises Unreadable for a file that is damaged or no such file."""
        for path in self._paths:
            yield from self._recorded(path) if is_recording(path) else self._copy(path)
        if self._last is None:
            return
        known = {key: text for key, text in self.texts.items() if key not in self._unknown}
        changes = tuple(differing(known, self._now))
        if not self.joined and self._last.file != self.first.file:
            yield Missed(self.store, self.first.at, None)
        yield Changed(self.store, self.first, changes, len(self._now))

    def _copy(self, path: Path) -> Iterator[Event]:
        file, texts = copied(path, self._now)
        at = file.mtime_ns / 1e9
        if self._is_next(at):
            yield from self._state(Version(0, at, file), texts)

    def _recorded(self, path: Path) -> Iterator[Event]:
        recording = Recording(path)
        try:
            theirs = their_store(recording, self.store, self._now)
            in_step = False
            for event in recording.events(theirs):
                if isinstance(event, Loaded | Changed):
                    if self._is_over(event.version, in_step=in_step):
                        return
                    if not self._is_next(event.version.at):
                        in_step = False
                        continue
                    self.lock_is_rule, self.own_edits = recording.lock_is_rule(theirs), recording.own_edits(theirs)
                    yield from self._next(event, recording, theirs, in_step=in_step)
                    in_step = True
                elif in_step and isinstance(event, Missed | Watching | Broken | Recovered):
                    yield replace(event, store=self.store)
        finally:
            recording.close()

    def _next(self, event: Loaded | Changed, recording: Recording, theirs: Path, *, in_step: bool) -> Iterator[Event]:
        if isinstance(event, Loaded) or not in_step:
            raws = ((key, recording.raw(theirs, key)) for key in recording.keys(theirs))
            yield from self._state(event.version, {key: raw for key, raw in raws if raw is not None})
            return
        for change in event.changes:
            if change.after is None:
                self.texts.pop(change.key, None)
            else:
                self.texts[change.key] = change.after
        yield replace(event, store=self.store, version=self._numbered(event.version))

    def _is_over(self, version: Version, *, in_step: bool) -> bool:
        """Whether the recording has come to the first watched version; then it may know who wrote that."""
        if version.file == self.first.file and in_step:
            self.joined = True
            seen = replace(version, number=self.first.number, at=self.first.at)
            self.first = seen
        return version.at >= self.first.at or version.file == self.first.file

    def _is_next(self, at: float) -> bool:
        return at < self.first.at and (self._last is None or at > self._last.at)

    def _state(self, version: Version, texts: dict[str, bytes]) -> Iterator[Event]:
        """The whole store as it was at one time; what lies between the one before and this was not seen."""
        before, self.texts = self.texts, texts
        begins = self._last is None
        numbered = self._numbered(version)
        if begins:
            yield Loaded(self.store, numbered, len(texts))
            return
        yield Missed(self.store, version.at, None)
        yield Changed(self.store, numbered, tuple(differing(before, texts)), len(texts))

    def _numbered(self, version: Version) -> Version:
        self._number += 1
        self.told += 1
        self._last = replace(version, number=self._number)
        return self._last


def _most_versions(path: Path) -> int:
    if not is_recording(path):
        return 1
    recording = Recording(path)
    try:
        return recording.versions + 1
    finally:
        recording.close()


def differing(before: Texts, after: Texts) -> Iterator[EntryChange]:
    """The entries that differ in value, in the order of the later state; removed ones last."""
    for key, text in after.items():
        old = before.get(key)
        if old is None or (old != text and not _equal(old, text)):
            yield EntryChange(key, old, text)
    yield from (EntryChange(key, text, None) for key, text in before.items() if key not in after)


def _equal(one: bytes, other: bytes) -> bool:
    try:
        return same(decode(one), decode(other))
    except StoreError:
        return False
