"""A finding: what was lost where, how sure that is, why, and the versions that prove it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from store.events import UNKNOWN_WRITER, Version, Writer
from store.findings.units import canonical
from store.js import ABSENT, Json, JsonObject, Value

Kind: TypeAlias = Literal[
    "lost-update",
    "stale-write-back",
    "dropped-field",
    "resurrected-field",
    "torn-pair",
    "forked-session",
    "cross-session",
    "edit-gone",
    "store-write-back",
    "unlocked-write",
    "store-truncated",
    "store-unreadable",
]
Grade: TypeAlias = Literal["confirmed", "probable", "possible", "unknown"]
Role: TypeAlias = Literal["base", "lost", "write"]

GRADES: Final[tuple[Grade, ...]] = ("confirmed", "probable", "unknown", "possible")
"""From the surest down; `unknown` would be one of the two before it, had no version been missed."""
ALARMS: Final = frozenset({"confirmed", "probable"})


@dataclass(frozen=True, slots=True)
class LostField:
    """One field of a finding: the value that was lost and the one that stands now; ABSENT where there is none."""

    field: str
    lost: Value
    now: Value


@dataclass(frozen=True, slots=True)
class Witness:
    """A version that proves a finding, with the values it had.

    `base` is the copy the writer held, `lost` the version that brought what was lost, `write` the one that lost it, or
    the first one seen without it. `number` is 0 for a version from before the first one seen.
    """

    role: Role
    number: int
    at: float
    writer: Writer
    fields: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, role: Role, version: Version, fields: Iterable[tuple[str, Value]] = ()) -> Witness:
        """A version in this role."""
        return cls(role, version.number, version.at, version.writer, tuple(fields))

    def to_json(self) -> JsonObject:
        """`at` in milliseconds since 1970; a field that is not set is null."""
        return {
            "role": self.role,
            "version": self.number,
            "at": _ms(self.at),
            "writer": self.writer.to_json(),
            "fields": {name: _plain(value) for name, value in self.fields},
        }


@dataclass(frozen=True, slots=True)
class Base:
    """The version whose text the writer is taken to have held; `until` is when the entry's text was replaced.

    `exact`: the write brought that very text back, times and all. `rival` is the other version it may have been
    instead, where the two explain the write equally well.
    """

    version: Version
    until: float
    exact: bool = False
    rival: Base | None = None

    @property
    def began(self) -> float:
        """When the oldest text it may have been became the truth."""
        return self.version.at if self.rival is None else min(self.version.at, self.rival.version.at)

    @property
    def ended(self) -> float:
        """When the newest text it may have been was replaced."""
        return self.until if self.rival is None else max(self.until, self.rival.until)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that went wrong in a store; `key` is blank when it concerns the whole of it.

    `version` and `at` are those of the write that did it. `base` is None where the kind knows none. `yours` names the
    fields whose lost value this user had set. `told_here` has the ids of findings that are not told beside this one.
    """

    kind: Kind
    grade: Grade
    store: Path
    key: str
    version: int
    at: float
    fields: tuple[LostField, ...]
    reasons: tuple[str, ...]
    witness: tuple[Witness, ...]
    base: Base | None = None
    writer: Writer = UNKNOWN_WRITER
    yours: tuple[str, ...] = ()
    told_here: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def of(
        cls,
        version: Version,
        kind: Kind,
        grade: Grade,
        store: Path,
        key: str,
        reasons: Iterable[str],
        witness: Iterable[Witness],
        *,
        fields: tuple[LostField, ...] = (),
        base: Base | None = None,
        yours: Iterable[str] = (),
    ) -> Finding:
        """What went wrong in the write that brought this version."""
        told, proof, at = tuple(reasons), tuple(witness), version.at
        return cls(kind, grade, store, key, version.number, at, fields, told, proof, base, version.writer, tuple(yours))

    @property
    def id(self) -> str:
        """12 hex digits, the same whenever the same is found in the same write: live, again later, or in a replay.

        For an edit of ours that is gone that is our own write: who undid it may have been seen or not.
        """
        digest = hashlib.blake2b(digest_size=6)
        at = self.witness[0].at if self.kind == "edit-gone" else self.at
        names = (self.kind, str(self.store), self.key, str(_ms(at)))
        parts = [name.encode("utf-8", "surrogatepass") for name in names]
        for lost in self.fields:
            parts += [lost.field.encode("utf-8", "surrogatepass"), canonical(_plain(lost.lost))]
        for part in parts:
            digest.update(b"%d:%b" % (len(part), part))
        return digest.hexdigest()

    @property
    def alarming(self) -> bool:
        """Whether it is shown by default and counts for an exit code."""
        return self.grade in ALARMS

    @property
    def listed(self) -> bool:
        """Whether it stands among the open ones: an alarm, or an edit of this user that is gone and nobody saw why."""
        return self.alarming or (bool(self.yours) and self.grade == "unknown")

    @property
    def told_unasked(self) -> bool:
        """Whether it is told at least once: all but the merely possible, and of these the end of this user's edits."""
        return self.grade != "possible" or bool(self.yours)

    @property
    def base_age_s(self) -> float | None:
        """Seconds since the copy the writer held had become the truth: its age is this at most."""
        return None if self.base is None else max(0.0, self.at - self.base.began)

    @property
    def stale_s(self) -> float | None:
        """Seconds since that copy was no longer the truth: its age is this at least."""
        return None if self.base is None else max(0.0, self.at - self.base.ended)

    def because(self) -> str:
        """What happened and how that is known, in sentences."""
        return " ".join(self.reasons)

    def to_json(self) -> dict[str, object]:
        """The part of a finding event that does not depend on where it is printed; ages in seconds."""
        return {
            "finding": self.kind,
            "id": self.id,
            "grade": self.grade,
            "key": self.key,
            "fields": [_lost_json(lost) for lost in self.fields],
            "yours": list(self.yours),
            "base_age_s": _rounded(self.base_age_s),
            "stale_s": _rounded(self.stale_s),
            "because": self.because(),
            "writer": self.writer.to_json(),
            "witness": [witness.to_json() for witness in self.witness],
        }


def values_lost(fields: Iterable[LostField]) -> Iterator[tuple[str, Value]]:
    """The values that were lost, for a witness that had them."""
    return ((lost.field, lost.lost) for lost in fields)


def values_now(fields: Iterable[LostField]) -> Iterator[tuple[str, Value]]:
    """The values that stand now, for a witness that has them."""
    return ((lost.field, lost.now) for lost in fields)


def worst(findings: Iterable[Finding]) -> Grade:
    """The surest grade among them; at least one is needed."""
    return min((finding.grade for finding in findings), key=GRADES.index)


def _lost_json(lost: LostField) -> JsonObject:
    return {"field": lost.field, "lost": _plain(lost.lost), "now": _plain(lost.now)}


def _ms(at: float) -> int:
    return int(at * 1000)


def _plain(value: Value) -> Json:
    return None if value is ABSENT else value


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
