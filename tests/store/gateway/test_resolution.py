"""Whoever resolves a new session at the same time gets one id, and one of them a new session (#84575)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from store.gateway.after_run import RunResult, record
from store.gateway.resolution import Resolved, resolve, resolve_racy
from store.js import JsonObject
from store.writing.lock import hold
from tests.support.gateways import FULL, KEY, entry_of, gateway, store_of, void

NEW = "agent:main:telegram:direct:9"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return store_of(tmp_path)


def resolve_two(path: Path, key: str, *, racy: bool) -> list[Resolved]:
    """Two resolutions that both find nothing before either writes."""
    both = threading.Barrier(2)
    found: list[Resolved] = []

    def one() -> None:
        run = resolve_racy if racy else resolve
        found.append(run(gateway(path), key, think=lambda: void(both.wait())))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_at_once_share_one_id_and_one_is_new(path: Path) -> None:
    found = resolve_two(path, NEW, racy=False)
    assert len({resolved.session_id for resolved in found}) == 1
    assert sorted(resolved.is_new for resolved in found) == [False, True]
    assert entry_of(path, NEW)["sessionId"] == found[0].session_id


def test_without_the_reservation_both_mint(path: Path) -> None:
    found = resolve_two(path, NEW, racy=True)
    assert len({resolved.session_id for resolved in found}) == 2
    assert all(resolved.is_new for resolved in found)


def test_threads_of_one_gateway_agree_too(path: Path) -> None:
    one = gateway(path)
    found: list[Resolved] = []
    threads = [threading.Thread(target=lambda: found.append(resolve(one, NEW))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({resolved.session_id for resolved in found}) == 1
    assert sum(resolved.is_new for resolved in found) == 1


PROCESS = """
import json, sys
from pathlib import Path
from store.gateway.resolution import resolve
from tests.support.gateways import gateway

def both_found_nothing():
    print("found nothing", flush=True)
    sys.stdin.readline()

resolved = resolve(gateway(Path(sys.argv[1])), sys.argv[2], think=both_found_nothing)
print(json.dumps([resolved.session_id, resolved.is_new]), flush=True)
"""


def test_processes_agree_too(path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, path, NEW],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "found nothing\n"
    found = [json.loads(process.communicate("go\n", timeout=30)[0]) for process in processes]
    assert {session for session, _ in found} == {entry_of(path, NEW)["sessionId"]}
    assert sum(is_new for _, is_new in found) == 1


def test_the_next_message_reuses_it(path: Path) -> None:
    first = resolve(gateway(path), NEW)
    assert resolve(gateway(path), NEW) == Resolved(first.session_id, is_new=False)


def test_a_session_that_goes_on_takes_no_lock(path: Path) -> None:
    with hold(path):
        assert resolve(gateway(path), KEY) == Resolved(str(FULL["sessionId"]), is_new=False)


def test_it_is_in_the_store_before_it_is_returned(path: Path) -> None:
    seen: list[object] = []
    one = gateway(path)
    put = one.put

    def noticing(*args: object, **kwargs: object) -> object:
        commit = put(*args, **kwargs)  # type: ignore[arg-type, var-annotated]
        seen.append(entry_of(path, NEW)["sessionId"])
        return commit

    one.put = noticing  # type: ignore[assignment]
    assert seen == [] and resolve(one, NEW).session_id == seen[0]


def test_an_explicit_id_is_taken_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    assert resolve(gateway(path), NEW, session_id="mine") == Resolved("mine", is_new=False)
    assert resolve(gateway(path), KEY, session_id="mine") == Resolved("mine", is_new=False)
    assert path.read_bytes() == before


def test_an_internal_hand_off_leaves_no_row(path: Path) -> None:
    before = path.read_bytes()
    found = [resolve(gateway(path), NEW, internal=True) for _ in range(2)]
    assert found[0].session_id != found[1].session_id
    assert path.read_bytes() == before


def test_a_session_that_is_over_starts_anew_and_keeps_what_was_set_for_the_key(tmp_path: Path) -> None:
    path = store_of(tmp_path, **{NEW: {**FULL, "inputTokens": 7, "sessionFile": "x"}})

    def is_fresh(entry: JsonObject) -> bool:
        return entry["sessionId"] != FULL["sessionId"]

    found = resolve(gateway(path), NEW, is_fresh=is_fresh)
    entry = entry_of(path, NEW)
    assert found.is_new and entry["sessionId"] == found.session_id != FULL["sessionId"]
    assert entry["modelOverride"] == "gpt-5.2"
    assert not {"inputTokens", "sessionFile"} & entry.keys()
    assert not resolve(gateway(path), NEW, is_fresh=is_fresh).is_new


def test_later_writes_of_the_turn_belong_to_its_session_only(path: Path) -> None:
    turn = resolve(gateway(path), NEW)
    run = RunResult("openai", "gpt-5.2", 1)
    assert record(gateway(path), NEW, run, expected=turn.session_id) is not None
    resolve(gateway(path), NEW, is_fresh=lambda entry: entry["sessionId"] != turn.session_id)
    assert record(gateway(path), NEW, run, expected=turn.session_id) is None


def test_without_a_store_the_memory_has_the_session() -> None:
    alone = gateway(None)
    first = resolve(alone, NEW)
    assert first.is_new and resolve(alone, NEW) == Resolved(first.session_id, is_new=False)
