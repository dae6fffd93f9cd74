"""After a run its figures go into the fresh entry; from the snapshot of before the run they took it back (#15882)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from store.gateway.after_run import Form, RunResult, Usage, record, record_racy
from store.gateway.gateway import Gateway
from store.js import JsonObject
from tests.support.gateways import FULL, KEY, OTHER, entry_of, gateway, patches, store_of, void

RESULT = RunResult("openai", "gpt-5.2", 400_000, Usage(1200, 340, cache_read=800))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return store_of(tmp_path)


def changed(entry: JsonObject) -> set[str]:
    return {name for name in {**FULL, **entry} if FULL.get(name) != entry.get(name)} - {"updatedAt"}


def test_the_figures_of_the_run_are_all_that_changes(path: Path) -> None:
    record(gateway(path), KEY, RESULT)
    entry = entry_of(path)
    assert (entry["model"], entry["inputTokens"], entry["totalTokens"]) == ("gpt-5.2", 1200, 2000)
    assert changed(entry) == {
        *("model", "modelProvider", "contextTokens", "abortedLastRun", "inputTokens", "outputTokens", "totalTokens"),
        *("totalTokensFresh", "cacheRead", "cacheWrite"),
    }


def test_a_release_without_cache_figures_writes_none(path: Path) -> None:
    record(gateway(path, "2026.1.29"), KEY, RESULT)
    assert not {"cacheRead", "cacheWrite", "totalTokensFresh"} & entry_of(path).keys()


def test_what_is_set_changed_and_cleared_during_the_run_stands(path: Path) -> None:
    record(gateway(path), KEY, RESULT, patches(path, fastMode=True, label="new", verboseLevel=None))
    entry = entry_of(path)
    assert (entry["fastMode"], entry["label"]) == (True, "new")
    assert "verboseLevel" not in entry


@pytest.mark.parametrize(("form", "newly_set"), [("assigned", None), ("merged", True), ("store", None)])
def test_from_the_snapshot_it_all_goes_back(path: Path, form: Form, newly_set: bool | None) -> None:
    record_racy(gateway(path), KEY, RESULT, patches(path, fastMode=True, label="new", verboseLevel=None), form)
    entry = entry_of(path)
    assert (entry.get("fastMode"), entry["label"], entry["verboseLevel"]) == (newly_set, "standup notes", "on")


def test_the_memory_of_the_gateway_has_what_was_persisted(path: Path) -> None:
    caller = gateway(path, memory={KEY: {**FULL, "label": "old in memory"}})
    record(caller, KEY, RESULT, patches(path, label="new"))
    assert caller.memory[KEY] == entry_of(path)
    assert caller.memory[KEY]["label"] == "new"


def test_the_memory_never_lags_behind_the_store(path: Path) -> None:
    caller = gateway(path)
    runs = [RunResult("openai", f"m{number}", 1) for number in range(8)]
    threads = [threading.Thread(target=record, args=(caller, KEY, run)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caller.memory[KEY] == entry_of(path)


def test_a_turn_whose_session_was_replaced_writes_nothing(path: Path) -> None:
    caller = gateway(path)
    before = path.read_bytes()
    assert record(caller, KEY, RESULT, expected="another") is None
    assert path.read_bytes() == before
    assert record(caller, KEY, RESULT, expected=str(FULL["sessionId"])) is not None


def test_a_missing_entry_is_created(path: Path) -> None:
    record(gateway(path), "agent:main:new", RESULT)
    assert entry_of(path, "agent:main:new")["model"] == "gpt-5.2"


def three_agents(path: Path) -> dict[str, Gateway]:
    return {name: gateway(path) for name in ("main", "coder", "ops")}


def test_agents_that_share_a_store_do_not_touch_each_others_entries(path: Path) -> None:
    agents = three_agents(path)
    record(agents["main"], KEY, RESULT, lambda: void(record(agents["coder"], OTHER, RESULT)))
    assert entry_of(path)["inputTokens"] == entry_of(path, OTHER)["inputTokens"] == 1200


def test_agents_that_save_their_snapshot_of_all_contaminate_each_other(path: Path) -> None:
    agents = three_agents(path)
    record_racy(agents["main"], KEY, RESULT, lambda: void(record(agents["coder"], OTHER, RESULT)), "store")
    assert "inputTokens" not in entry_of(path, OTHER)
