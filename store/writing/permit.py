"""The permission to write that every commit asks for first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from store.errors import NoSafeWrite, ReadOnly


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether this run may write a store; `how` says why it may, or why not and what to do instead."""

    kind: Literal["allowed", "read-only", "refused"]
    how: str

    @classmethod
    def allowed(cls, how: str) -> Permit:
        """Writing is safe: `how` names the discipline, such as "locked writes (OpenClaw 2026.3.2)"."""
        return cls("allowed", how)

    @classmethod
    def read_only(cls, reason: str) -> Permit:
        """The operator asked for a run that never writes."""
        return cls("read-only", reason)

    @classmethod
    def refused(cls, reason: str) -> Permit:
        """The release that owns the store leaves no safe way to write its file."""
        return cls("refused", reason)

    def check(self) -> None:
        """Raise ReadOnly or NoSafeWrite with the sentence for the operator, unless writing is allowed."""
        if self.kind == "read-only":
            raise ReadOnly(self.how)
        if self.kind == "refused":
            raise NoSafeWrite(self.how)
