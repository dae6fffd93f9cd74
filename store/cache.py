"""The two reads of an entry: what a gateway may still hold, and what is on disk.

OpenClaw keeps a decoded copy of a JSON store per process. It serves the copy while it is no older than 45 s and the
file's mtime (and, from 2026.3.2 on, its size) is the one it was read with. Of a database it keeps decoded rows, of any
age, until somebody commits (`readSessionEntryCacheValidityToken` of 2026.9.6). That rule is judged here exactly as the
gateway judges it; what a copy taken earlier would undo if it were written back is a different question, answered by
`differences`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from store.entry.schema import is_noise, release_number
from store.events import FileId
from store.js import ABSENT, JsonObject, Value, same
from store.openclaw.databases import is_database

CacheRule: TypeAlias = Literal["mtime", "mtime and size", "commit"]
"""What a gateway asks of the store before it serves a copy; of a file, also the copy's age."""

TTL_S = 45.0
"""Default of OPENCLAW_SESSION_CACHE_TTL_MS in every JSON release."""
_SIZE_SINCE = (2026, 3, 2)


@dataclass(frozen=True, slots=True)
class CachedRead:
    """When a copy was read (wall-clock seconds), and from which state of the file."""

    at: float
    file: FileId


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether the gateway's own rule would still serve a copy; `why` is empty when it would."""

    valid: bool
    why: str


def rule_of_file(release: str) -> CacheRule:
    """The rule of a release of the JSON era; that of the first ones where the release is not known."""
    return "mtime and size" if release_number(release) >= _SIZE_SINCE else "mtime"


def rule_of_store(store: Path, release: str) -> CacheRule:
    """The rule of a release for this store."""
    return "commit" if is_database(store) else rule_of_file(release)


def validity(cached: CachedRead, now: float, on_disk: FileId, rule: CacheRule, *, ttl_s: float = TTL_S) -> Validity:
    """What the rule says of a copy read at `cached.at`."""
    if rule == "commit":
        return Validity(True, "") if cached.file == on_disk else Validity(False, "later commit")
    if ttl_s <= 0:
        return Validity(False, "the cache is off")
    if now - cached.at > ttl_s:
        return Validity(False, f"over {ttl_s:g} s")
    if _mtime_ms(cached.file) != _mtime_ms(on_disk):
        return Validity(False, "mtime moved")
    if rule == "mtime and size" and cached.file.size != on_disk.size:
        return Validity(False, "size moved")
    return Validity(True, "")


def _mtime_ms(file: FileId) -> float:
    """Node's `mtimeMs`: a double, so that less than a microsecond apart may be equal."""
    return file.mtime_ns / 1e6


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field whose cached value is not the fresh one."""

    field: str
    cached: Value
    fresh: Value
    noise: bool


def differences(cached: JsonObject, fresh: JsonObject) -> list[FieldDifference]:
    """The fields that differ, noise last; in each part in the order of the fresh entry."""
    found = [
        FieldDifference(field, was, now, is_noise(field))
        for field in {**fresh, **cached}
        if not same(was := cached.get(field, ABSENT), now := fresh.get(field, ABSENT))
    ]
    return sorted(found, key=lambda difference: difference.noise)


def would_undo(cached: JsonObject, fresh: JsonObject) -> list[FieldDifference]:
    """What goes back if a writer still holds this copy and writes it back whole: the differences that are no noise."""
    return [difference for difference in differences(cached, fresh) if not difference.noise]
