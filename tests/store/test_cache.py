"""The gateway's rule for its cached copy, and what a stale copy would undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from store.cache import CachedRead, FieldDifference, differences, rule_of_store, validity, would_undo
from store.events import FileId
from store.js import ABSENT, JsonObject, same
from tests.support.strategies import ENTRIES

FILE, DATABASE = Path("sessions.json"), Path("openclaw-agent.sqlite")
READ = CachedRead(100.0, FileId(1, 2, 500, 7_000_000_000))


@pytest.mark.parametrize(
    ("now", "on_disk", "store", "release", "why"),
    [
        (120.0, FileId(1, 2, 500, 7_000_000_000), FILE, "2026.3.2", ""),
        (145.0, FileId(1, 2, 500, 7_000_000_000), FILE, "2026.3.2", ""),
        (145.1, FileId(1, 2, 500, 7_000_000_000), FILE, "2026.3.2", "over 45 s"),
        (120.0, FileId(1, 2, 500, 7_001_000_000), FILE, "2026.3.2", "mtime moved"),
        (120.0, FileId(1, 9, 501, 7_000_000_000), FILE, "2026.3.2", "size moved"),
        (120.0, FileId(1, 9, 501, 7_000_000_000), FILE, "2026.1.29", ""),
        (9999.0, FileId(1, 2, 500, 7_000_000_000), DATABASE, "2026.9.6", ""),
        (100.1, FileId(1, 2, 500, 7_000_000_001), DATABASE, "2026.9.6", "later commit"),
    ],
)
def test_the_gateways_own_rule(now: float, on_disk: FileId, store: Path, release: str, why: str) -> None:
    judged = validity(READ, now, on_disk, rule_of_store(store, release))
    assert judged.why == why
    assert judged.valid == (not why)


def test_a_cache_that_is_off_serves_nothing() -> None:
    assert not validity(READ, 100.0, READ.file, "mtime", ttl_s=0).valid


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
