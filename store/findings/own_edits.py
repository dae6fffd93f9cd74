"""The edits this user made with this program: what they set, and whether that still stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from store.events import FileId
from store.js import Value


@dataclass(frozen=True, slots=True)
class OwnEdit:
    """One entry as an edit of ours changed it: by path (`field`, or `field.member` of an object) the old and new value.

    `at` is wall-clock seconds, `file` the version that was put in place.
    """

    store: Path
    key: str
    at: float
    file: FileId
    changes: Mapping[str, tuple[Value, Value]]
