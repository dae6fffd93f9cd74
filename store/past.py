"""What was before watching began: recordings and older copies of a store (`.bak`), told as the events they imply.

A copy is one version, of its file's mtime, by nobody knows whom; between two copies an unknown number of versions is
missing, and so it is between the last of them and the first version that was watched. Its number is at most 0: the
first version that was watched is 1.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from store.errors import StoreError, Unreadable, UsageError
from store.events import Broken, Changed, EntryChange, Event, FileId, Loaded, Missed, Recovered, Version, Watching
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.findings.own_edits import OwnEdit
from store.history import History
from store.js import same
from store.recording.file import check_header
from store.recording.recording import Recording
from store.summary import summarise
from store.text.document import decode
from store.text.read import open_store

Texts: TypeAlias = Mapping[str, bytes]
_SQLITE: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_NOT_OLD: Final = (".jsonl", ".lock", ".tmp")


@dataclass(frozen=True, slots=True)
class OldFile:
    """A recording, or an older copy of a store; `at` is when it begins, in wall-clock seconds."""

    path: Path
    at: float
    recording: bool = False


@dataclass(frozen=True, slots=True)
class StorePast:
    """What old files tell of one store up to its first watched version.

    `versions` counts those in the files, `changed` the entries that differ between any two of them.
    """

    store: Path
    history: History
    findings: tuple[Finding, ...]
    since: float
    versions: int
    files: int
    changed: int


def old_files(store: Path) -> list[OldFile]:
    """The recordings and older copies that lie beside a store, oldest first; what cannot be read is left out."""
    found = []
    try:
        names = os.listdir(store.parent)
    except OSError:
        return []
    for name in names:
        copy = name == f"{store.name}.bak" or name.startswith(f"{store.name}.bak.")
        if copy or (name != store.name and not name.endswith(_NOT_OLD)):
            path = store.parent / name
            if (at := _old_since(path, copy=copy)) is not None:
                found.append(OldFile(path, at, recording=not copy))
    return sorted(found, key=lambda file: file.at)


def _old_since(path: Path, *, copy: bool) -> float | None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or not status.st_size:
            return None
        if copy:
            return status.st_mtime
        with open(path, "rb") as file:
            check_header(path, file.read(_HEADER))
        return _begins(path)
    except (OSError, StoreError):
        return None


def belongs_to(path: Path, stores: Mapping[Path, Collection[str]]) -> Path:
    """Which of these stores (each with its keys) an old file is of: by its path, else by the most keys in common.

    Raises Unreadable for a file that is none, UsageError for one of another store.
    """
    if is_recording(path):
        recording = Recording(path)
        try:
            recorded = {os.path.realpath(one): one for one in recording.stores}
            same_path = [store for store in stores if os.path.realpath(store) in recorded]
            keys = set() if same_path else {key for one in _first_keys(recording).values() for key in one}
        finally:
            recording.close()
    else:
        same_path = [store for store in stores if path.parent == store.parent and path.name.startswith(store.name)]
        keys = set() if same_path else set(_copied(path, {})[1])
    if same_path:
        return same_path[0]
    shared, store = max((len(keys & set(own)), store) for store, own in stores.items())
    if not shared:
        raise UsageError(f"{path} has no session in common with a store that is open here.")
    return store


def is_recording(path: Path) -> bool:
    """Whether the file is an SQLite database; Unreadable when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None


@dataclass(frozen=True, slots=True)
class FirstTexts:
    """The entries of the first watched version that are other ones now; every other has its present text.

    Those in `absent` were not there yet, and of those in `unknown` that text is no longer in memory.
    """

    version: Version
    texts: Mapping[str, bytes]
    absent: frozenset[str]
    unknown: frozenset[str]

    def all_of(self, keys: Collection[str], raw: Callable[[str], bytes | None]) -> dict[str, bytes]:
        """Every entry of that version that is known; `keys` and `raw` give the present ones."""
        other = self.texts.keys() | self.absent | self.unknown
        present = {key: raw(key) for key in keys if key not in other}
        return {**self.texts, **{key: text for key, text in present.items() if text is not None}}


def first_texts(history: History, first: Version) -> FirstTexts:
    """What a history knows of the version that watching began with."""
    texts: dict[str, bytes] = {}
    absent, unknown = set(), set()
    for key in history.changed_since(first):
        copies = history.copies(key)
        held = next((one for one in copies if one.since.number <= first.number < one.until.number), None)
        writes = [write for write in history.writes(key) if write.version.number > first.number]
        if held is not None:
            texts[key] = held.raw
        elif writes and writes[-1].did == "added" and not history.forgot(key):
            absent.add(key)
        else:
            unknown.add(key)
    return FirstTexts(first, texts, frozenset(absent), frozenset(unknown))


def read_past(
    paths: Sequence[Path], store: Path, first: Version, texts: Texts, unknown: Collection[str] = ()
) -> StorePast:
    """Everything the files tell of the store before `first`, the first watched version, whose entries are `texts`.

    Nothing is said of how the entries in `unknown` came to be what they were in that version. Raises Unreadable for a
    file that is damaged or no such file, UsageError when none has anything from before.
    """
    teller = _Teller(store, first, texts, frozenset(unknown))
    history, since = History(), first.at
    findings: list[Finding] = []
    changed: set[str] = set()
    for path in sorted(paths, key=_begins):
        teller.add(path)
    detector: Detector | None = None
    for event in teller.events():
        if isinstance(event, Loaded):
            since = event.version.at
            detector = Detector(
                store,
                lock_is_rule=lambda: teller.lock_is_rule,
                own_edits=[replace(edit, store=store) for edit in teller.own_edits],
                raw=teller.texts.get,
            )
            for key, raw in teller.texts.items():
                detector.learn(summarise(key, raw))
        if detector is not None:
            findings += detector.observe(event)
        if isinstance(event, Changed):
            changed.update(change.key for change in event.changes)
            history.record(event, recent=event.version.number < first.number or teller.joined)
        elif isinstance(event, Loaded | Missed):
            history.record(event)
    if detector is None:
        raise UsageError("Nothing loaded: the file has nothing from before watching began.")
    return StorePast(store, history, tuple(findings), since, teller.told, len(paths), len(changed))


def _begins(path: Path) -> float:
    """When the file's first version was the truth, in wall-clock seconds."""
    if not is_recording(path):
        return path.stat().st_mtime
    recording = Recording(path)
    try:
        loaded = (event.version.at for event in recording.events() if isinstance(event, Loaded))
        return next(loaded, recording.began)
    finally:
        recording.close()


class _Teller:
    """Tells the files of one store as one stream, in the order of time; `texts` are the entries as told so far."""

    def __init__(self, store: Path, first: Version, now: Texts, unknown: frozenset[str]) -> None:
        self.store, self.first = store, first
        self._now, self._unknown = now, unknown
        self.texts: dict[str, bytes] = {}
        self.told = 0
        self.lock_is_rule = False
        self.own_edits: list[OwnEdit] = []
        self._paths: list[Path] = []
        self._number = 0
        self._last: Version | None = None
        self.joined = False
        """Whether a recording goes on to the first watched version, so that nothing is missing before it."""

    def add(self, path: Path) -> None:
        """One more file, later than the ones before; numbers begin so low that the last version has 0 at most."""
        self._paths.append(path)
        self._number -= 1
        if is_recording(path):
            recording = Recording(path)
            self._number -= recording.versions
            recording.close()

    def events(self) -> Iterator[Event]:
        """The stream, which ends with the step to the first watched version."""
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
        file, texts = _copied(path, self._now)
        at = file.mtime_ns / 1e9
        if self._is_next(at):
            yield from self._state(Version(0, at, file), texts)

    def _recorded(self, path: Path) -> Iterator[Event]:
        recording = Recording(path)
        try:
            theirs = _their_store(recording, self.store, self._now)
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


def _copied(path: Path, known: Texts) -> tuple[FileId, dict[str, bytes]]:
    """The copy's file and its entries; a text that is `known` already is not in memory twice."""
    try:
        with open_store(path, check=True) as opened:
            raws = opened.document.raws()
            return opened.file, {key: known[key] if known.get(key) == raw else raw for key, raw in raws}
    except StoreError as error:
        raise Unreadable(f"{path} is neither a recording nor a whole session store: {error.reason}") from None


def _first_keys(recording: Recording) -> dict[Path, list[str]]:
    """The keys that each recorded store began with."""
    found: dict[Path, list[str]] = {}
    for event in recording.events():
        if isinstance(event, Loaded) and event.store not in found:
            found[event.store] = recording.keys(event.store)
            if len(found) == len(recording.stores):
                break
    return found


def _their_store(recording: Recording, store: Path, texts: Texts) -> Path:
    """The recorded store that is ours: of the same path, else the one with most keys in common with what is known."""
    for one in recording.stores:
        if os.path.realpath(one) == os.path.realpath(store):
            return one
    keys = _first_keys(recording)
    return max(recording.stores, key=lambda one: len(set(texts).intersection(keys.get(one, ()))))
