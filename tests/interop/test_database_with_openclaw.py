"""Reading and editing beside the real code of releases that keep a database, and through real gateways."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest

from store.edit import EditResult, RowEdit, apply_edit, apply_edits
from store.entry.delivery import Route, SetDelivery, next_route
from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import ClearModel, SetModel
from store.events import Broken, Changed, Event, Loaded
from store.js import JsonObject
from store.openclaw.paths import StorePath, discover, user_state_dir
from store.openclaw.release import discipline, write_permit
from store.sqlite.document import read_database
from store.text.document import decode_object
from store.text.read import read_store
from store.watch import Watch
from store.writing.journal import Journal
from store.writing.own import own_writes
from tests.interop.openclaw import DATABASES, UNLOCKED, Release, release
from tests.interop.running_gateway import Installation, install
from tests.support.stores import write_store
from tui.__main__ import main

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

KEY = "agent:main:main"
OTHERS = ("agent:main:telegram:direct:1", "agent:main:telegram:direct:2")
DRIVER = Path(__file__).with_name("database_driver.mjs")
ROUNDS, TURNS = 20, 50
SLOWER_AT_MOST = 1.25
"""What two runs of the same kind differ by."""
BLOCKED_MS = 4000
"""Their writers give up after 5 s of waiting for a lock (`busy_timeout`)."""
PATIENCE_S = 120.0
SONNET = SetModel("anthropic", "claude-sonnet-4-6")
TELEGRAM = Route("telegram", "telegram:12345")


class Code:
    """The real code of a release on a database of its own."""

    def __init__(self, openclaw: Release, folder: Path) -> None:
        self.release, self.folder = openclaw, folder
        self.place = folder / "openclaw" / "agents" / "main" / "sessions" / "sessions.json"
        self.database = self.place.parents[1] / "agent" / "openclaw-agent.sqlite"

    def start(self, verb: str, *arguments: object) -> Any:
        return self.release.start(self.folder, verb, self.place, *arguments, driver=DRIVER)

    def call(self, verb: str, *arguments: object) -> Any:
        with self.start(verb, *arguments) as process:
            printed, _ = process.communicate(timeout=300)
        assert process.returncode == 0, printed
        last = printed.splitlines()[-1]
        return json.loads(last) if last.startswith("{") else last


@pytest.fixture(params=DATABASES)
def code(request: pytest.FixtureRequest, tmp_path: Path) -> Code:
    made = Code(release(request.param), tmp_path)
    made.call("seed", KEY, 20)
    return made


def edit(store: StorePath, *intents: Intent) -> EditResult:
    permit = write_permit(discipline(store))
    return apply_edit(store.path, KEY, intents, None, permit=permit, journal=Journal(user_state_dir()))


def test_a_thousand_commits_under_our_eyes(code: Code) -> None:
    """Every other round is watched, so that what slows the machine meanwhile slows both kinds alike.

    The quicker quarter of the watched ones is held against the middle of the others: waiting for a reader would delay
    every commit, while a busy machine, which gives the reader processor time that the writer wants, delays some.
    """
    alone: list[float] = []
    watched: list[float] = []
    with code.start("increment", KEY, "count", TURNS) as process:
        assert process.stdout.readline() == "ready\n"
        for _ in range(ROUNDS):
            alone += increments(process)
            with watching(code.database) as events:
                watched += increments(process)
            texts = [change.after for event in events if isinstance(event, Changed) for change in event.changes]
            counts = [json.loads(text or b"{}")["count"] for text in texts]
            assert counts == sorted(counts) and texts[-1] == read_database(code.database).raw(KEY)
            assert not any(isinstance(event, Broken) for event in events)
        process.communicate(timeout=PATIENCE_S)
    assert entry_of(code.database)["count"] == 2 * ROUNDS * TURNS
    sys.stdout.write(f"\n{code.release.version}, ms a commit: alone {latency(alone)}; watched {latency(watched)}\n")
    assert quantiles(watched)[0] <= SLOWER_AT_MOST * quantiles(alone)[1]
    assert max(watched) < BLOCKED_MS


def increments(process: subprocess.Popen[str]) -> list[float]:
    """How long each commit of a round took, in ms; none may fail."""
    assert process.stdin and process.stdout
    process.stdin.write("go\n")
    process.stdin.flush()
    done = json.loads(process.stdout.readline())
    assert done["failed"] == []
    times: list[float] = done["times"]
    return times


def latency(times: list[float]) -> str:
    """In words."""
    quarter, median, three_quarters = quantiles(times)
    return f"{median:.2f} ({quarter:.2f} to {three_quarters:.2f}), {max(times):.0f} the longest of {len(times):,}"


@contextmanager
def watching(database: Path) -> Iterator[list[Event]]:
    """What is seen while the block runs, to its last commit."""
    events: list[Event] = []
    stop, loaded = threading.Event(), threading.Event()
    thread = threading.Thread(target=follow, args=(database, stop, events, loaded))
    thread.start()
    try:
        assert loaded.wait(PATIENCE_S)
        yield events
        final, deadline = read_database(database).raw(KEY), time.monotonic() + PATIENCE_S
        while last_text(events) != final and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        stop.set()
        thread.join()


def follow(database: Path, stop: threading.Event, events: list[Event], loaded: threading.Event) -> None:
    for event in Watch([database]).events(stop):
        events.append(event)
        if isinstance(event, Loaded):
            loaded.set()


def last_text(events: list[Event]) -> bytes | None:
    changes = [change for event in events if isinstance(event, Changed) for change in event.changes]
    return changes[-1].after if changes else None


def test_an_offline_edit_is_accepted_by_the_real_code(code: Code) -> None:
    store = StorePath(code.database, "main", code.folder / "openclaw")
    assert discover({}, code.folder / "openclaw") == [store]
    before = code.call("read", KEY, "agent:main:s7")
    result = edit(store, SONNET, SetField("label", "offline"), SetDelivery(TELEGRAM))
    assert (result.outcome, result.reason) == ("applied", "")
    after = code.call("read", KEY, "agent:main:s7")
    assert after["agent:main:s7"] == before["agent:main:s7"]
    assert (after[KEY]["modelOverride"], after[KEY]["label"]) == ("claude-sonnet-4-6", "offline")
    code.call("patch", KEY, json.dumps({"thinkingLevel": "high"}))
    stands = entry_of(code.database)
    assert (stands["modelOverride"], stands["thinkingLevel"]) == ("claude-sonnet-4-6", "high")
    assert next_route(stands) == TELEGRAM
    assert edit(store, ClearModel()).outcome == "applied"
    assert "modelOverride" not in code.call("read", KEY)[KEY]


def entry_of(store: Path) -> JsonObject:
    return decode_object(read_store(store).raw(KEY)) or {}


@pytest.fixture(params=["2026.9.6"])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    return install(release(request.param), tmp_path)


@pytest.fixture
def on_path(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", installed.environment["PATH"])
    yield


@pytest.mark.usefixtures("on_path")
def test_a_real_gateway_is_watched_and_edited_live_and_offline(installed: Installation) -> None:
    with installed.running() as pid:
        installed.call("sessions.patch", key=KEY, label="one")
        (store,) = discover({}, installed.state)
        known = discipline(store)
        assert (known.kind, known.release, known.gateway_pid) == ("database", installed.release.version, pid)
        stop = threading.Event()
        events = Watch([store.path], ours=own_writes().wrote).events(stop)
        assert any(isinstance(event, Loaded) for event in events)
        installed.call("sessions.patch", key=KEY, label="two")
        theirs = next(event for event in events if isinstance(event, Changed))
        assert (decode_object(theirs.changes[0].after) or {})["label"] == "two"
        assert theirs.version.writer.how == "unknown"
        live = edit(store, SONNET)
        assert live.outcome == "applied" and not live.reason, live.reason
        ours = next(event for event in events if isinstance(event, Changed))
        assert (ours.version.writer.how, ours.version.file) == ("you", live.version)
        stop.set()
        list(events)
        (row,) = installed.call("sessions.list")["sessions"]
        assert (row["modelProvider"], row["model"]) == ("anthropic", "claude-sonnet-4-6")
        refused = edit(store, SetDelivery(TELEGRAM))
        assert refused.outcome == "refused" and "no call for delivery" in refused.reason
        installed.call("sessions.patchMany", targets=[{"key": key} for key in OTHERS], patch={"label": None})
        rows = [RowEdit(key, (SetField("thinkingLevel", "high"),)) for key in (KEY, *OTHERS)]
        results = apply_edits(store.path, rows, permit=write_permit(known))
        assert [(one.outcome, one.reason) for one in results] == [("applied", "")] * 3
        unknown = edit(store, SetModel("nix", "nada"))
        assert unknown.outcome == "refused" and "nix" in unknown.reason
    healthy = installed.doctor()
    assert not [line for line in healthy if "session" in line.lower()]
    stopped = edit(store, SetDelivery(TELEGRAM), SetField("label", "offline"))
    assert (stopped.outcome, stopped.reason) == ("applied", "")
    assert installed.doctor() == healthy
    with installed.running():
        row = next(row for row in installed.call("sessions.list")["sessions"] if row["key"] == KEY)
        assert (row["label"], row["model"]) == ("offline", "claude-sonnet-4-6")
        installed.call("sessions.patch", key=KEY, thinkingLevel="low")
    stands = entry_of(store.path)
    assert next_route(stands) == TELEGRAM and stands["thinkingLevel"] == "low"


@pytest.mark.parametrize("installed", [UNLOCKED], indirect=True)
@pytest.mark.usefixtures("on_path")
def test_a_release_without_a_lock_is_edited_through_it_beside_it_and_while_it_is_stopped(
    installed: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = installed.state / "agents" / "main" / "sessions"
    folder.mkdir(parents=True)
    now: JsonObject = {"updatedAt": int(time.time() * 1000), "lastChannel": "slack", "lastTo": "C1"}
    session: JsonObject = {"sessionId": "11111111-1111-4111-8111-111111111111"}
    path = write_store(folder / "sessions.json", {KEY: {**session, **now}})
    store = StorePath(path, "main", installed.state)
    with installed.running() as pid:
        known = discipline(store)
        assert (known.kind, known.gateway_pid) == ("unlocked", pid), known
        installed.call("sessions.patch", key=KEY, model="openai/gpt-5.2")  # the first model loads the catalog
        stop = threading.Event()
        events = Watch([path], ours=own_writes().wrote).events(stop)
        next(event for event in events if isinstance(event, Loaded))
        live = edit(store, SONNET)
        assert live.outcome == "applied" and not live.reason, live.reason
        versions = (event for event in events if isinstance(event, Changed))
        ours = next(event for event in versions if event.version.file == live.version)
        assert ours.version.writer.how == "you"
        stop.set()
        list(events)
        installed.call("sessions.patch", key=KEY, label="after")
        stands = entry_of(path)
        assert (stands["modelOverride"], stands["label"]) == ("claude-sonnet-4-6", "after")
        risky = ["set", KEY, "delivery=slack:C2", "--store", str(path)]
        assert main(risky) == 5
        code = main([*risky, "--unsafe", "--verify", "1"])
        told = capsys.readouterr().err
        assert "It may not hold: OpenClaw 2026.6.6" in told
        installed.call("sessions.patch", key=KEY, label="by the gateway")
        if code == 0:
            assert next_route(entry_of(path)) == Route("slack", "C2"), (
                "this gateway reads what is there before it writes"
            )
        else:
            assert code == 1 and "no longer stands: delivery" in told
    assert edit(store, SetDelivery(TELEGRAM)).outcome == "applied"
    with installed.running():
        installed.call("sessions.patch", key=KEY, label="again")
    stands = entry_of(path)
    assert next_route(stands) == TELEGRAM and stands["label"] == "again"
