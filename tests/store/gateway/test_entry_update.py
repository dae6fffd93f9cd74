"""Updates of single fields read fresh inside the lock; from the cache they undid what it had not noticed (#10331)."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.gateway.entry_update import update_entry, update_entry_racy
from store.gateway.heartbeat import beat, beat_racy
from store.js import ABSENT
from tests.support.gateways import FULL, KEY, OTHER, entry_of, gateway, patches, store_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return store_of(tmp_path)


def test_only_the_named_fields_change(path: Path) -> None:
    update_entry(gateway(path), KEY, {"displayName": "Ann", "label": ABSENT})
    expected = {**FULL, "displayName": "Ann"}
    del expected["label"]
    assert {**entry_of(path), "updatedAt": 0} == {**expected, "updatedAt": 0}


def test_there_is_nothing_to_update_in_a_missing_entry(path: Path) -> None:
    before = path.read_bytes()
    assert update_entry(gateway(path), "agent:main:new", {"displayName": "Ann"}) is None
    assert update_entry_racy(gateway(path), "agent:main:new", {"displayName": "Ann"}) is None
    assert path.read_bytes() == before


def test_what_is_set_meanwhile_stands(path: Path) -> None:
    update_entry(gateway(path), KEY, {"displayName": "Ann"}, patches(path, label="new"))
    assert (entry_of(path)["label"], entry_of(path)["displayName"]) == ("new", "Ann")


@pytest.mark.parametrize("release", ["2026.1.29", "2026.3.2"])
def test_the_cache_undoes_what_was_written_while_it_was_filled(path: Path, release: str) -> None:
    update_entry_racy(gateway(path, release), KEY, {"displayName": "Ann"}, patches(path, label="new"))
    assert (entry_of(path)["label"], entry_of(path)["displayName"]) == ("standup notes", "Ann")


def test_a_cache_that_notices_the_write_undoes_nothing(path: Path) -> None:
    one = gateway(path)
    one.cached()
    patches(path, label="new")()
    update_entry_racy(one, KEY, {"displayName": "Ann"})
    assert entry_of(path)["label"] == "new"


def test_the_cache_is_served_until_the_file_moves_or_it_is_too_old(path: Path) -> None:
    now = [1000.0]
    one = gateway(path)
    one.clock = lambda: now[0]
    first = one.cached()
    assert one.cached() is first
    now[0] += 46
    assert one.cached() is not first
    second = one.cached()
    patches(path, label="new")()
    assert one.cached() is not second


def test_a_heartbeat_changes_one_entry(path: Path) -> None:
    beat(gateway(path), KEY, "all is well", patches(path, OTHER, label="new"))
    assert entry_of(path)["lastHeartbeatText"] == "all is well"
    assert entry_of(path, OTHER)["label"] == "new"


def test_a_heartbeat_that_saves_the_whole_store_takes_every_session_back(path: Path) -> None:
    beat_racy(gateway(path), KEY, "all is well", patches(path, OTHER, label="new"))
    assert entry_of(path)["lastHeartbeatText"] == "all is well"
    assert entry_of(path, OTHER)["label"] == "standup notes"


def test_no_heartbeat_without_a_session(path: Path) -> None:
    before = path.read_bytes()
    assert beat(gateway(path), "agent:main:new", "x") is None
    assert beat_racy(gateway(path), "agent:main:new", "x") is None
    assert path.read_bytes() == before
