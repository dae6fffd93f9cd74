"""What became of each entry: its older texts, the writes that changed it, and who is to blame for a field."""

from __future__ import annotations

from store.history.changes import Blame, EntryVersion, FieldChange, WriteEvent, field_changes
from store.history.digest import Written, written
from store.history.history import DEFAULT_LIMIT, History

__all__ = [
    "DEFAULT_LIMIT",
    "Blame",
    "EntryVersion",
    "FieldChange",
    "History",
    "WriteEvent",
    "Written",
    "field_changes",
    "written",
]
