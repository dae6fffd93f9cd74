"""Times and spans as they are typed: `30m`, `2h`, `14:02`, `2026-11-21 14:02:09`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from store.errors import UsageError

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
LONGEST_S: Final = 100 * 365 * 86_400.0


def span(text: str) -> float:
    """Seconds: a number and s, m, h, d or w. Raises UsageError."""
    found = _SPAN.fullmatch(text.strip())
    seconds = float(found[1]) * _UNITS[found[2]] if found else LONGEST_S
    if seconds >= LONGEST_S:
        raise UsageError(f"{text} is no span of time: a number and s, m, h, d or w, such as 30m")
    return seconds


def moment(text: str, now: float) -> float:
    """Wall-clock seconds: a span before now, a time of the last 24 hours, or a date with or without a time, all local.

    Raises UsageError.
    """
    text = text.strip()
    if _SPAN.fullmatch(text):
        return now - span(text)
    try:
        if found := _TIME.fullmatch(text):
            return _time_of_day(int(found[1]), int(found[2]), float(found[3] or 0), now)
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{text} is no time: 14:02, 2026-11-21, 2026-11-21T14:02:09, or 30m for so long ago") from None


def _time_of_day(hour: int, minute: int, second: float, now: float) -> float:
    """The last time the clock showed this."""
    today = datetime.fromtimestamp(now).replace(hour=hour, minute=minute, second=int(second), microsecond=0)
    at = today.timestamp() + second % 1
    return at if at <= now else (today - timedelta(days=1)).timestamp() + second % 1
