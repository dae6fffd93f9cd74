"""Which entries to look at first, from their texts alone."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable

_UPDATED_AT = re.compile(rb'"updatedAt"\s*:\s*(\d{1,16})')


def newest(texts: Iterable[tuple[str, bytes]], count: int) -> set[str]:
    """The keys of the entries that say they were updated last; a guess that only decides what is shown first."""
    times = {key: int(found[1]) if (found := _UPDATED_AT.search(text)) else 0 for key, text in texts}
    return set(heapq.nlargest(count, times, key=times.__getitem__))
