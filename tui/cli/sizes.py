"""Sizes of files as they are typed: `512MB`, `2GB`."""

from __future__ import annotations

import re
from typing import Final

from store.errors import UsageError

_UNITS: Final = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)([KMGT])i?B?", re.IGNORECASE)
SMALLEST: Final = 1 << 20


def octets(text: str) -> int:
    """Bytes: a number and KB, MB, GB or TB, one megabyte at least. Raises UsageError."""
    found = _SIZE.fullmatch(text.strip())
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if size < SMALLEST:
        raise UsageError(f"{text} is no size for a file: a number and MB or GB, such as 512MB; 1MB at least")
    return size
