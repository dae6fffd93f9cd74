"""What old files tell of a store: its history before watching began, and what was found in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from store.errors import Unreadable, UsageError
from store.events import Changed, Event, Loaded, Missed, Version
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.history import History
from store.past.files import Texts
from store.past.teller import Teller
from store.summary import summarise


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


def judged(teller: Teller) -> Iterator[tuple[Event, tuple[Finding, ...]]]:
    """Every event that is told, with what was found in it. Raises what the teller does."""
    detector: Detector | None = None
    for event in teller.events():
        if isinstance(event, Loaded):
            detector = _detector(teller)
        yield event, detector.observe(event) if detector is not None else ()


def _detector(teller: Teller) -> Detector:
    detector = Detector(
        teller.store,
        lock_is_rule=lambda: teller.lock_is_rule,
        own_edits=[replace(edit, store=teller.store) for edit in teller.own_edits],
        raw=teller.texts.get,
    )
    for key, raw in teller.texts.items():
        detector.learn(summarise(key, raw))
    return detector


def readable(paths: Sequence[Path], store: Path, first: Version, texts: Texts) -> list[Path]:
    """The files among these that can be read to their end; for where one damaged copy must not hide the others."""
    found: list[Path] = []
    for path in paths:
        with suppress(Unreadable, OSError):
            for _event in Teller([path], store, first, texts).events():
                pass
            found.append(path)
    return found


def read_past(
    paths: Sequence[Path], store: Path, first: Version, texts: Texts, unknown: Collection[str] = ()
) -> StorePast:
    """Everything the files tell of the store before `first`, the first watched version, whose entries are `texts`.

    Nothing is said of how the entries in `unknown` came to be what they were in that version. Raises Unreadable for a
    file that is damaged or no such file, UsageError when none has anything from before.
    """
    teller = Teller(paths, store, first, texts, unknown)
    history, since = History(), first.at
    findings: list[Finding] = []
    changed: set[str] = set()
    for event, found in judged(teller):
        findings += found
        if isinstance(event, Changed):
            changed.update(change.key for change in event.changes)
            history.record(event, recent=event.version.number < first.number or teller.joined)
        elif isinstance(event, Loaded | Missed):
            since = event.version.at if isinstance(event, Loaded) else since
            history.record(event)
    if not teller.told:
        raise UsageError("Nothing loaded: the file has nothing from before watching began.")
    return StorePast(store, history, tuple(findings), since, teller.told, len(paths), len(changed))
