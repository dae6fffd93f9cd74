"""Which entries to look at first, from their texts alone."""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence

_UPDATED_AT = re.compile(rb'"updatedAt"\s*:\s*(\d{1,16})')

EntryText = tuple[str, bytes]


def newest_first(texts: Sequence[EntryText], count: int) -> tuple[list[EntryText], list[EntryText]]:
    """The entries that say they were updated last, and all others; a guess that only decides what is shown first."""
    if len(texts) <= count:
        return list(texts), []
    times = [int(found[1]) if (found := _UPDATED_AT.search(text)) else 0 for _, text in texts]
    chosen = set(heapq.nlargest(count, range(len(texts)), key=times.__getitem__))
    first = [pair for index, pair in enumerate(texts) if index in chosen]
    return first, [pair for index, pair in enumerate(texts) if index not in chosen]
