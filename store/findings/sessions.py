"""Sessions that should be one and are two, or the other way round."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from store.entry.keys import parse_key
from store.events import Version
from store.findings import settings, words
from store.findings.evidence import fall_ms
from store.findings.finding import Base, Finding, Grade, LostField, Witness
from store.findings.past import Step, Write
from store.findings.units import Trace, compared, number, unit_of, unit_weight
from store.js import ABSENT, JsonObject

_SHARERS_SEEN: Final = 50


class SharedIds:
    """Which entries have which sessionId, in the order they got it: the same in every process. Not thread-safe."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._keys: dict[str, dict[str, None]] = {}

    def update(self, key: str, session: str) -> None:
        """The entry has this sessionId from now on, or none."""
        old = self._of.pop(key, "")
        if old and old in self._keys:
            self._keys[old].pop(key, None)
            if not self._keys[old]:
                del self._keys[old]
        if session:
            self._of[key] = session
            self._keys.setdefault(session, {})[key] = None

    def others(self, key: str, session: str) -> list[str]:
        """Other entries that have it, not more than are worth a look."""
        return [other for other in islice(self._keys.get(session, ()), _SHARERS_SEEN) if other != key]


def session_of(entry: JsonObject | None) -> str:
    """Its sessionId, blank where it has none."""
    session = (entry or {}).get("sessionId")
    return session if isinstance(session, str) else ""


def forked_sessions(store: Path, write: Write) -> Iterator[Finding]:
    """A key that gets a second new sessionId from a writer that had not seen the first (#84575)."""
    version = write.step.version
    if not write.new_id or version.writer.compares or "sessionId" not in write.step.turns:
        return
    first = next((step for step in reversed(write.older) if "sessionId" in step.turns), write.created)
    if first is None or _is_late(first, write) or not 0 <= version.at - first.version.at <= settings.FORK_WINDOW_S:
        return
    grade, why = _fork_grade(write, first)
    lost, now = write.before.get("sessionId", ABSENT), write.after.get("sessionId", ABSENT)
    apart = words.age(version.at - first.version.at)
    yield Finding.of(
        version,
        "forked-session",
        grade,
        store,
        write.key,
        (f"Two new sessions within {apart}: {words.value(lost)}, then {words.value(now)}.", why),
        (
            Witness.of("base", first.since),
            Witness.of("lost", first.version, [("sessionId", lost)]),
            Witness.of("write", version, [("sessionId", now)]),
        ),
        fields=(LostField("sessionId", lost, now),),
        base=Base(first.since, first.until),
    )


def _is_late(first: Step, write: Write) -> bool:
    """Whether that write gave no new session, but an entry that was there its first one, or an entry none."""
    before, after = first.turns.get("sessionId", (None, None))
    return after is None if first is write.created else before is None


def _fork_grade(write: Write, first: Step) -> tuple[Grade, str]:
    if write.step.gap:
        return "unknown", "Versions in between were missed."
    if first in write.overtaken:
        return "confirmed", f"Its temp file was made before {words.version(first.version)} was in place."
    if fall_ms(write):
        return "confirmed", "The second one's updatedAt lies before the first one's."
    if _brought_back(write, first) >= settings.LARGE_NUMBER:
        return "probable", f"The second one was made from {words.version(first.since)}, before the first."
    stamp = number(write.after, "updatedAt")
    made_ms = first.version.file.mtime_ns // 1_000_000  # whole, as the stamp is: both may be of one millisecond
    if stamp is not None and settings.MILLISECONDS_FROM <= stamp < made_ms and "updatedAt" in write.step.turns:
        return "probable", "The second one's updatedAt lies before the first one was written."
    return "possible", "Somebody may have started a new session twice."


def _brought_back(write: Write, first: Step) -> int:
    """How surprising it is that what the first new session replaced is there again.

    Not what any older version had: each reset gives an entry the same few values, as the one long before did.
    """
    units: dict[str, list[Trace | None]] = {}
    for field, (replaced, _) in first.turns.items():
        _, now = write.step.turns.get(field, (None, None))
        if field != "sessionId" and compared(field) and replaced is not None and now == replaced:
            units.setdefault(unit_of(field), []).append(replaced)
    return sum(unit_weight(unit, iter(traces)) for unit, traces in units.items())


def cross_session(store: Path, key: str, session: str, others: Collection[str], version: Version) -> Iterator[Finding]:
    """A sessionId that this write gave to `key` while `others` have it too."""
    strangers = sorted(other for other in others if not related(key, other))
    if strangers:
        shown = words.listed(strangers[:2], max(0, len(strangers) - 2))
        why = f"It now has the sessionId {words.value(session)}, which {shown} has too: both write one transcript."
        witness = [Witness.of("write", version, [("sessionId", session)])]
        fields = (LostField("sessionId", ABSENT, session),)
        yield Finding.of(version, "cross-session", "probable", store, key, [why], witness, fields=fields)


def related(key: str, other: str) -> bool:
    """Whether two keys share a session by design: a cron job and its runs, two spellings of one key."""
    one, two = key.casefold(), other.casefold()
    if one == two or parse_key(one).rest == two or parse_key(two).rest == one:
        return True
    bases = [name.partition(":run:")[0] for name in (one, two)]
    return bases[0] == bases[1] and parse_key(bases[0]).kind == "cron"
