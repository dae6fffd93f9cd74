"""What a filter may ask of a row beside its entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Fact: TypeAlias = Literal["", "store", "changed", "findings"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a row beside its entry.

    `changed_at` in wall-clock seconds, None where no change was seen; `findings` are name and grade of the open ones.
    """

    store: str = ""
    changed_at: float | None = None
    findings: tuple[tuple[str, str], ...] = ()


NOTHING_MORE: Final = Facts()
