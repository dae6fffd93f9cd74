"""The permission to write that every commit asks for first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from store.errors import NoSafeWrite, ReadOnly

Way: TypeAlias = Literal["file", "database", "gateway"]
_WITHOUT_RISK: Final = "Stop it, edit, and start it again."


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether this run may write a store; `how` says why it may, or why not (`reason` adds what to do instead).

    `way` is the only one that is safe now: a new file in the old one's place, a transaction, or through the gateway.
    `beside` names the running gateway without a lock that the file could be written beside, at a risk, where there is
    no such way; '' where that is not to be had. `risked`: the operator took that risk.
    """

    kind: Literal["allowed", "read-only", "refused"]
    how: str
    way: Way = "file"
    beside: str = ""
    risked: bool = False

    @classmethod
    def allowed(cls, how: str, way: Way = "file", beside: str = "") -> Permit:
        """Writing is safe: `how` names the discipline, such as "locked writes (OpenClaw 2026.3.2)"."""
        return cls("allowed", how, way, beside)

    @classmethod
    def read_only(cls, reason: str) -> Permit:
        """The operator asked for a run that never writes."""
        return cls("read-only", reason)

    @classmethod
    def refused(cls, reason: str, beside: str = "") -> Permit:
        """The release that owns the store leaves no safe way to write it; with `beside` a risk could be taken."""
        return cls("refused", reason, "file", beside)

    @property
    def may_be_risked(self) -> bool:
        """Whether the operator could have the file written all the same."""
        return self.kind == "refused" and bool(self.beside)

    @property
    def reason(self) -> str:
        """Why not, and what to do instead without a risk."""
        return f"{self.how} {_WITHOUT_RISK}" if self.may_be_risked else self.how

    def at_risk(self) -> Permit:
        """The same, where the operator takes the risk that can be taken; itself where there is none to take."""
        if not self.may_be_risked:
            return self
        return Permit("allowed", f"at a risk, beside {self.beside}", "file", self.beside, risked=True)

    @property
    def caveat(self) -> str:
        """What is to be said of whatever was written with this permission, '' for nothing."""
        if not self.risked:
            return ""
        return f"It may not hold: {self.beside} is running and may write an older copy back."

    def check(self, way: Way = "file") -> None:
        """Raise ReadOnly or NoSafeWrite with the sentence for the operator, unless writing this way is allowed."""
        if self.kind == "read-only":
            raise ReadOnly(self.how)
        if self.kind == "refused":
            raise NoSafeWrite(self.reason)
        if self.way != way:
            raise NoSafeWrite(f"Not written: this store is only written otherwise now: {self.how}.")
