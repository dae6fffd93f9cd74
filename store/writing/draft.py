"""The copy of a store that a mutator works on: entries decoded when asked for, changes found by comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from store.errors import Damaged, NotStrict, StoreError
from store.js import ABSENT, Edit, JsonObject, Value, encode, same
from store.text.document import Document, decode


class StoreDraft(Mapping[str, JsonObject]):
    """Session key -> a mutable copy of the entry. Entries can be changed, replaced and added, never removed."""

    def __init__(self, document: Document, trial: Callable[[str, bytes, Edit], object] | None = None) -> None:
        """`trial` makes the new text of one entry (key, old text, edit), to see whether it can be made."""
        self._document = document
        self._trial = trial
        self._entries: dict[str, JsonObject] = {}

    def __getitem__(self, key: str) -> JsonObject:
        """The entry to be changed in place. Raises KeyError, or Damaged when it is no JSON object."""
        if key not in self._entries:
            self._entries[key] = _object(key, self._document.raw(key))
        return self._entries[key]

    def __setitem__(self, key: str, entry: JsonObject) -> None:
        self._entries[key] = entry

    def __iter__(self) -> Iterator[str]:
        known = self._document.keys()
        return iter([*known, *(key for key in self._entries if key not in self._document)])

    def __len__(self) -> int:
        return len(self._document) + sum(key not in self._document for key in self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._document or key in self._entries

    def try_entry(self, key: str) -> None:
        """Raise what the write would raise because of this entry alone, as it is now."""
        if self._trial is not None and key in self._document and key in self._entries:
            raw = self._document.raw(key)
            if edit := difference(_object(key, raw), self._entries[key]):
                self._trial(key, raw, edit)

    def originals(self, keys: Mapping[str, object]) -> dict[str, JsonObject]:
        """These entries as they stand in the file; the new ones are not in it."""
        return {key: _object(key, self._document.raw(key)) for key in keys if key in self._document}

    def edits(self) -> dict[str, Edit]:
        """The fields in which entries differ from the file by now."""
        changed: dict[str, Edit] = {}
        for key, before in self.originals(self._entries).items():
            if edit := difference(before, self._entries[key]):
                changed[key] = edit
        return changed

    def added(self) -> dict[str, JsonObject]:
        """The entries that the file does not have. Raises NotStrict for one that would not read back."""
        new = {key: entry for key, entry in self._entries.items() if key not in self._document}
        for key, entry in new.items():
            if not same(decode(encode(entry).encode()), entry):
                raise NotStrict(f"Not written: the new entry {key} would read back with other values.")
        return new


def difference(before: JsonObject, after: JsonObject) -> dict[str, Value]:
    """The top-level fields to change, and their new values, to get from one entry to the other."""
    edit: dict[str, Value] = {
        field: value
        for field, value in after.items()
        if (old := before.get(field, ABSENT)) is not value and not same(old, value)
    }
    edit.update({field: ABSENT for field in before if field not in after})
    return edit


def _object(key: str, raw: bytes) -> JsonObject:
    try:
        entry = decode(raw)
    except StoreError as error:
        raise Damaged(f"The entry {key} cannot be decoded: {error}") from None
    if not isinstance(entry, dict):
        raise Damaged(f"The entry {key} is not an object.")
    return entry
