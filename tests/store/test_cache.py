"""The gateway's rule for its cached copy, and what a stale copy would undo."""

from __future__ import annotations

import pytest
from hypothesis import given

from store.cache import CachedRead, FieldDifference, differences, validity, would_undo
from store.events import FileId
from store.js import ABSENT, JsonObject, same
from tests.support.strategies import ENTRIES

READ = CachedRead(100.0, FileId(1, 2, 500, 7_000_000_000))


@pytest.mark.parametrize(
    ("now", "on_disk", "compares_size", "why"),
    [
        (120.0, FileId(1, 2, 500, 7_000_000_000), True, ""),
        (145.0, FileId(1, 2, 500, 7_000_000_000), True, ""),
        (145.1, FileId(1, 2, 500, 7_000_000_000), True, "over 45 s"),
        (120.0, FileId(1, 2, 500, 7_001_000_000), True, "mtime moved"),
        (120.0, FileId(1, 9, 501, 7_000_000_000), True, "size moved"),
        (120.0, FileId(1, 9, 501, 7_000_000_000), False, ""),
    ],
)
def test_the_gateways_own_rule(now: float, on_disk: FileId, compares_size: bool, why: str) -> None:
    judged = validity(READ, now, on_disk, compares_size=compares_size)
    assert judged.why == why
    assert judged.valid == (not why)


def test_a_cache_that_is_off_serves_nothing() -> None:
    assert not validity(READ, 100.0, READ.file, compares_size=True, ttl_s=0).valid


def test_noise_is_listed_last_and_never_counted_as_harm() -> None:
    cached: JsonObject = {"updatedAt": 1, "outputTokens": 5, "thinkingLevel": "low", "label": "x"}
    fresh: JsonObject = {"updatedAt": 2, "outputTokens": 9, "thinkingLevel": "high", "label": "x"}
    assert [difference.field for difference in differences(cached, fresh)] == [
        "thinkingLevel",
        "updatedAt",
        "outputTokens",
    ]
    assert would_undo(cached, fresh) == [FieldDifference("thinkingLevel", "low", "high", False)]


@given(ENTRIES, ENTRIES)
def test_writing_the_differences_into_the_fresh_entry_gives_the_cached_one(
    cached: JsonObject, fresh: JsonObject
) -> None:
    entry = dict(fresh)
    for difference in differences(cached, fresh):
        if difference.cached is ABSENT:
            del entry[difference.field]
        else:
            entry[difference.field] = difference.cached
    assert same(entry, cached)
