"""What the first watched version was, from what is known of it later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from store.events import Version
from store.history import History


@dataclass(frozen=True, slots=True)
class FirstTexts:
    """The entries of the first watched version that are other ones now; every other has its present text.

    Those in `absent` were not there yet, and of those in `unknown` that text is no longer in memory.
    """

    version: Version
    texts: Mapping[str, bytes]
    absent: frozenset[str]
    unknown: frozenset[str]

    def all_of(self, keys: Collection[str], raw: Callable[[str], bytes | None]) -> dict[str, bytes]:
        """Every entry of that version that is known; `keys` and `raw` give the present ones."""
        other = self.texts.keys() | self.absent | self.unknown
        present = {key: raw(key) for key in keys if key not in other}
        return {**self.texts, **{key: text for key, text in present.items() if text is not None}}


def first_texts(history: History, first: Version) -> FirstTexts:
    """What a history knows of the version that watching began with."""
    texts: dict[str, bytes] = {}
    absent, unknown = set(), set()
    for key in history.changed_since(first):
        copies = history.copies(key)
        held = next((one for one in copies if one.since.number <= first.number < one.until.number), None)
        writes = [write for write in history.writes(key) if write.version.number > first.number]
        if held is not None:
            texts[key] = held.raw
        elif writes and writes[-1].did == "added" and not history.forgot(key):
            absent.add(key)
        else:
            unknown.add(key)
    return FirstTexts(first, texts, frozenset(absent), frozenset(unknown))
