"""What a gateway made of a request, looked up in the store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel, model_override
from store.events import FileId
from store.js import ABSENT, JsonObject, same
from store.judging import RowEdit
from store.openclaw.databases import is_database
from store.text.document import decode_object
from store.text.read import file_id, read_store

SETTLE_S: Final = 2.0
"""A gateway that keeps a file may answer before the file is in place."""
LOOK_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """The entries that were asked about, as they are now; those that are gone are not there."""

    entries: dict[str, JsonObject]
    file: FileId


def look_up(store: Path, rows: Sequence[RowEdit]) -> Found:
    """Read the entries of these rows: at once when they are as wished, else after a while. Raises Unreadable."""
    deadline = time.monotonic() + SETTLE_S
    while True:
        found = _read(store, [row.key for row in rows])
        if all(row.key not in found.entries or not otherwise(row, found.entries[row.key]) for row in rows):
            return found
        if time.monotonic() > deadline:
            return found
        time.sleep(LOOK_S)


def otherwise(row: RowEdit, entry: JsonObject) -> str:
    """What the gateway made of the wishes instead, or blank when the entry is as wished."""
    return " ".join(told for intent in row.intents if (told := _otherwise(intent, entry)))


def _read(store: Path, keys: Sequence[str]) -> Found:
    document = read_store(store)
    texts = {key: document.raw(key) for key in keys if key in document}
    entries = {key: decode_object(text) or {} for key, text in texts.items()}
    status = store.stat()
    if not is_database(store):
        return Found(entries, file_id(status))
    from store.sqlite.live import row_version

    return Found(entries, row_version(status.st_dev, status.st_ino, texts.items()))


def _otherwise(intent: Intent, entry: JsonObject) -> str:
    match intent:
        case SetModel():
            found = model_override(entry)
            if found is None:
                return "The gateway cleared the model instead: it is the agent's default."
            whole = (found.provider, found.model) == (intent.provider, intent.model)
            return "" if whole else f"The gateway set {found.provider}/{found.model} instead."
        case ClearModel():
            return "" if model_override(entry) is None else "The gateway left a model set."
        case SetField():
            value = entry.get(intent.field, ABSENT)
            return "" if same(value, intent.value) else f"The gateway left {intent.field} otherwise than asked for."
    return ""
