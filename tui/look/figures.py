"""How times, ages, sizes and counts are written."""

from __future__ import annotations

import time

MINUTE, HOUR, DAY = 60, 3600, 86400
AHEAD_S = 60.0
"""A time this far in the future is another clock's, not an age."""
MILLISECONDS_FROM = 1e11
"""`updatedAt` below this is in seconds, or nonsense (in milliseconds it would be before 1973)."""


def age(seconds: float) -> str:
    """An age in steps and at most three cells: now, 10 s steps, minutes, hours, days."""
    if seconds < 10:
        return "now"
    if seconds < MINUTE:
        return f"{int(seconds) // 10 * 10}s"
    if seconds < HOUR:
        return f"{int(seconds) // MINUTE}m"
    if seconds < DAY:
        return f"{int(seconds) // HOUR}h"
    days = int(seconds) // DAY
    return f"{days}d" if days <= 99 else "99+"


def updated_age(updated_at: float | None, now: float) -> str:
    """The age of an entry's `updatedAt` (milliseconds); `?` when missing, in seconds, or in the future."""
    if updated_at is None or updated_at < MILLISECONDS_FROM:
        return "?"
    seconds = now - updated_at / 1000
    return "?" if seconds < -AHEAD_S else age(seconds)


def ago(shown_age: str) -> str:
    """An age of a column as words: `now`, `50s ago`, `99+d ago`."""
    if shown_age in ("now", "?"):
        return shown_age
    return f"{shown_age}d ago" if shown_age == "99+" else f"{shown_age} ago"


def when(at: float, now: float, *, clock: bool) -> str:
    """`50s ago`, or for people who want a calm screen `at 14:02:10`."""
    return f"at {clock_time(at, now)}" if clock else ago(age(now - at))


def updated_words(updated_at: float | None, now: float, *, clock: bool) -> str:
    """The same of an entry's `updatedAt` in milliseconds: `updated 50s ago`."""
    if updated_at is None or updated_age(updated_at, now) == "?":
        return "updated at an impossible time"
    return f"updated {when(updated_at / 1000, now, clock=clock)}"


def clock_time(at: float, now: float) -> str:
    """Local time of day; with the date when it is not today."""
    then, today = time.localtime(at), time.localtime(now)
    return time.strftime("%H:%M:%S" if then[:3] == today[:3] else "%Y-%m-%d %H:%M:%S", then)


def short_clock(at: float, now: float) -> str:
    """The same in five cells: `14:02`; month and day when it is not today, the year alone when it is not this one."""
    then, today = time.localtime(at), time.localtime(now)
    form = "%H:%M" if then[:3] == today[:3] else "%m-%d" if then[0] == today[0] else "%Y"
    return time.strftime(form, then)


def count(number: int) -> str:
    """1,204."""
    return f"{number:,}"


def counted(number: int, one: str, many: str) -> str:
    """`1 entry`, `412 entries`."""
    return f"{count(number)} {one if number == 1 else many}"


def size(octets: int) -> str:
    """58.2 KB."""
    value, unit = _scaled(octets)
    return f"{value} {unit}B" if unit else f"{octets} B"


def short_size(octets: int) -> str:
    """58.2K, in at most six cells."""
    value, unit = _scaled(octets)
    return f"{value}{unit}" if unit else f"{octets}"


def _scaled(octets: int) -> tuple[str, str]:
    value, unit = float(octets), ""
    for bigger in "KMG":
        if value < 1000:
            break
        value, unit = value / 1024, bigger
    return f"{value:.1f}", unit


def duration(seconds: float) -> str:
    """1.6 s, 41 s, 2m 52s, 3h 5m."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return _two(int(seconds), MINUTE, "m", 1, "s")
    return _two(int(seconds), HOUR, "h", MINUTE, "m")


def stood(seconds: float) -> str:
    """How long a value held, for a column of seven cells: 1.6s, 41s, 2m 52s, 21m, 3h 5m, 12d."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    if seconds < MINUTE:
        return f"{seconds:.0f}s"
    minutes, hours = int(seconds) // MINUTE, int(seconds) // HOUR
    if minutes < 10:
        return _two(int(seconds), MINUTE, "m", 1, "s")
    if minutes < 60:
        return f"{minutes}m"
    return _two(int(seconds), HOUR, "h", MINUTE, "m") if hours < 24 else f"{int(seconds) // DAY}d"


def _two(seconds: int, large: int, its_name: str, small: int, name: str) -> str:
    """`2m 52s`; the smaller one only where there is some of it."""
    rest = seconds % large // small
    return f"{seconds // large}{its_name} {rest}{name}" if rest else f"{seconds // large}{its_name}"
