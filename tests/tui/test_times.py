"""Times and spans as people type them."""

from __future__ import annotations

import time

import pytest

from store.errors import UsageError
from tui.cli.times import moment, span

NOW = time.mktime((2026, 3, 4, 14, 0, 0, 0, 0, -1))


def at(*parts: int) -> float:
    year, month, day, hour, minute, second = (*parts, *[0] * (6 - len(parts)))
    return time.mktime((year, month, day, hour, minute, second, 0, 0, -1))


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("1.5h", 5400), ("7d", 604_800), ("1w", 604_800)]
)
def test_a_span_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5x", "5 m m", "nan", "99999999999d", "1e9s"])
def test_what_is_no_span_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match="no span of time"):
        span(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", NOW - 1800),
        ("13:59", at(2026, 3, 4, 13, 59)),
        ("13:59:07", at(2026, 3, 4, 13, 59, 7)),
        ("13:59:07.25", at(2026, 3, 4, 13, 59, 7) + 0.25),
        ("14:01", at(2026, 3, 3, 14, 1)),
        ("2026-03-01", at(2026, 3, 1)),
        ("2026-03-01 08:30", at(2026, 3, 1, 8, 30)),
        ("2026-03-01T08:30:00+00:00", 1_772_353_800.0),
    ],
)
def test_a_moment_is_a_time_a_date_or_so_long_ago(text: str, expected: float) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "25:00", "12:61", "2026-13-01", "12", "12:00:99", "0000-00-00"])
def test_what_is_no_moment_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match="no time"):
        moment(text, NOW)
