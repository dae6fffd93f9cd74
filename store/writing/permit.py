"""The permission to write that every commit asks for first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from store.errors import NoSafeWrite, ReadOnly

Way: TypeAlias = Literal["file", "database", "gateway"]


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether this run may write a store; `how` says why it may, or why not and what to do instead.

    `way` is the only one that is safe now: a new file in the old one's place, a transaction, or through the gateway.
    """

    kind: Literal["allowed", "read-only", "refused"]
    how: str
    way: Way = "file"

    @classmethod
    def allowed(cls, how: str, way: Way = "file") -> Permit:
        """Writing is safe: `how` names the discipline, such as "locked writes (OpenClaw 2026.3.2)"."""
        return cls("allowed", how, way)

    @classmethod
    def read_only(cls, reason: str) -> Permit:
        """The operator asked for a run that never writes."""
        return cls("read-only", reason)

    @classmethod
    def refused(cls, reason: str) -> Permit:
        """The release that owns the store leaves no safe way to write its file."""
        return cls("refused", reason)

    def check(self, way: Way = "file") -> None:
        """Raise ReadOnly or NoSafeWrite with the sentence for the operator, unless writing this way is allowed."""
        if self.kind == "read-only":
            raise ReadOnly(self.how)
        if self.kind == "refused":
            raise NoSafeWrite(self.how)
        if self.way != way:
            raise NoSafeWrite(f"Not written: this store is only written otherwise now: {self.how}.")
