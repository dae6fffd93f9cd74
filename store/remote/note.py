"""What the journal is told of a request to a gateway: before it is made, and once it was answered.

Which version the gateway will make of it cannot be known before; that it is ours shows in what it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from store.events import FileId
from store.js import Edit, JsonObject
from store.writing.journal import Journal


class Note:
    """One request's record; `trouble` is the sentence for a journal that could not be written."""

    def __init__(self, journal: Journal | None, store: Path) -> None:
        self.trouble = ""
        self._journal, self._store, self._number = journal, str(store), ""

    def asked(self, wishes: Mapping[str, Edit], before: Mapping[str, JsonObject]) -> None:
        """These fields are about to be asked for."""
        if self._journal is not None:
            try:
                self._number = self._journal.asked(self._store, wishes, before)
            except OSError as error:
                self.trouble = f"Written, but not journalled ({error.strerror})."

    def answered(self, file: FileId, edits: Mapping[str, Edit], before: Mapping[str, JsonObject]) -> None:
        """The gateway changed these fields; without any it is known that nothing comes of the request."""
        if self._journal is not None and self._number:
            with suppress(OSError):
                self._journal.answered(self._number, self._store, file, edits, before)

    def given_up(self) -> None:
        """Nothing comes of the request."""
        if self._journal is not None and self._number:
            with suppress(OSError):
                self._journal.outcome(self._number, "given up")
