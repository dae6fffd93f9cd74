"""From the stream of events of one store to its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from store.events import Broken, Changed, Event, Loaded, Missed, Recovered, Version, Watching
from store.findings import settings
from store.findings.drops import drops, unless_migrated
from store.findings.finding import Finding
from store.findings.gone import OwnEdits, told_once
from store.findings.own_edits import OwnEdit
from store.findings.pairs import Pair, model_pair, torn_pairs
from store.findings.past import Past, Sight, Write
from store.findings.reversals import reversals
from store.findings.sessions import SharedIds, cross_session, forked_sessions, session_of
from store.findings.strays import Addresses, stray_delivery
from store.findings.units import compared
from store.findings.whole import broken_store, store_write_back, unlocked_write, with_companions
from store.summary import EntrySummary
from store.text.document import decode_object

_PAIRS_KEPT = 2000


class Detector:
    """The findings of one store, as its versions come in. Never raises on any content. Not thread-safe.

    `lock_is_rule` says whether every writer of the store's release takes the lock; only then is a write without it
    a finding. `own_edits` are this user's edits from before the first version, oldest first; `raw` gives the texts of
    that version, which they are held against.
    """

    def __init__(
        self,
        store: Path,
        *,
        lock_is_rule: Callable[[], bool] = lambda: False,
        memory: int = settings.MEMORY_BYTES,
        own_edits: Sequence[OwnEdit] = (),
        raw: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self.store = store
        self.past = Past(memory)
        self._lock_is_rule = lock_is_rule
        self._own, self._raw = OwnEdits(store, own_edits), raw
        self._ids = SharedIds()
        self._addresses = Addresses()
        self._pairs: dict[Pair, None] = {}
        self._first: Version | None = None
        self._last = 0
        self._gap = False
        self._counted_from = 0
        self._exact = True
        self._unlocked_at: float | None = None

    def learn(self, summary: EntrySummary) -> None:
        """An entry of the first version, so that what it shares with others is known; optional."""
        self._ids.update(summary.key, summary.session_id)
        self._addresses.add(summary.key, summary.key_route)
        if summary.override is not None:
            self._remember_pair((summary.override.provider, summary.override.model))

    def observe(self, event: Event) -> tuple[Finding, ...]:
        """Take in the next event of the store; the findings it brings, the entries' before the whole store's."""
        if event.store != self.store:
            return ()
        match event:
            case Loaded():
                self._start(event.version)
                return tuple(self._own.first(event.version, self._raw)) if self._raw else ()
            case Changed():
                return self._changed(event)
            case Missed():
                self._gap = True
            case Watching():
                self._exact = event.how == "inotify"
            case Broken():
                self._gap = True
                return (broken_store(event),)
            case Recovered():
                self._gap = True
            case _:
                pass
        return ()

    def _start(self, version: Version) -> None:
        self.past = Past(self.past.limit)
        self._first, self._last, self._gap = version, version.number, False

    def _changed(self, event: Changed) -> tuple[Finding, ...]:
        version = event.version
        if self._first is None:
            self._start(version)
        if version.number <= self._last and self._first is not version:
            return ()
        gap = self._gap or version.number > self._last + 1
        self._last, self._gap = version.number, False
        found = with_companions(list(self._entries_findings(event, gap)))
        self.past.make_room()
        found += self._own.after(event, found)
        found += store_write_back(self.store, version, found)
        if version.writer.how == "no lock" and self._lock_is_rule() and self._is_news(version.at):
            found.append(unlocked_write(self.store, version))
        return tuple(told_once(found))

    def _entries_findings(self, event: Changed, gap: bool) -> Iterator[Finding]:
        if gap:
            self._counted_from = event.version.number
        sight = Sight(self._first or event.version, gap, self._exact, self._counted_from)
        found: list[Finding] = []
        writes: list[Write] = []
        sessions: dict[str, str] = {}
        for change in event.changes:
            write = self.past.take(change, event.version, sight)
            before, after = (write.before, write.after) if write else (None, decode_object(change.after))
            self._ids.update(change.key, session_of(after))
            self._addresses.update(change.key, present=after is not None)
            self._remember_pair(model_pair(before or {}))
            if session_of(after) != session_of(before):
                sessions[change.key] = session_of(after)
            if write is not None:
                writes.append(write)
                found += self._judged(write)
            self._remember_pair(model_pair(after or {}))
        yield from unless_migrated(found, writes)
        for key, session in sessions.items():  # once all are known: an entry may have got another key
            yield from cross_session(self.store, key, session, self._ids.others(key, session), event.version)
        for write in writes:
            yield from stray_delivery(self.store, write, self._addresses)

    def _judged(self, write: Write) -> Iterator[Finding]:
        if not any(compared(field) for field in write.step.turns):
            return
        lost: set[str] = set()
        for finding in reversals(self.store, write):
            lost |= {field.field for field in finding.fields} if finding.grade != "possible" else set()
            yield finding
        yield from drops(self.store, write, lost)
        yield from torn_pairs(self.store, write, self._pairs.keys())
        yield from forked_sessions(self.store, write)

    def _remember_pair(self, pair: Pair) -> None:
        if all(pair):
            self._pairs[pair] = None
            if len(self._pairs) > _PAIRS_KEPT:
                del self._pairs[next(iter(self._pairs))]

    def _is_news(self, at: float) -> bool:
        since, self._unlocked_at = self._unlocked_at, at
        return since is None or not 0 <= at - since < settings.UNLOCKED_QUIET_S
