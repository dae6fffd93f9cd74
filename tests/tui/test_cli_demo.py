"""`demo`: a believable store, traffic with losses in it, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from store.edit import apply_edit
from store.entry.delivery import agrees, torn_route
from store.entry.overrides import SetModel, model_override
from store.js import encode
from store.openclaw.paths import StorePath
from store.openclaw.release import discipline
from store.summary import EntrySummary, summarise
from store.text.read import read_store
from store.writing.permit import Permit
from tui.__main__ import main
from tui.cli import demo
from tui.cli.options import Options
from store.gateway.scenarios.sessions import make_entries
from tui.demo.gateway import DIRECTORY_PREFIX
from tui.demo.traffic import Traffic, Write

ROOT = Path(__file__).parents[2]
KEY = "agent:main:telegram:group:-1001987654321:topic:42"


class Simulation:
    """The demo's traffic on a clock of its own."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.store = demo.make_store(directory, seed).path
        self.now = time.time()
        self.traffic = Traffic(self.store, Random(seed), lambda: self.now)

    def run(self, seconds: float, done: Callable[[Write], bool] = lambda _: False) -> list[Write]:
        writes: list[Write] = []
        end = self.now + seconds
        while self.traffic.next_due() < end and not (writes and done(writes[-1])):
            self.now = max(self.now, self.traffic.next_due())
            writes.append(self.traffic.step())
        return writes

    def model(self, key: str) -> tuple[str, str] | None:
        entry = read_store(self.store).entry(key)
        assert isinstance(entry, dict)
        override = model_override(entry)
        return (override.provider, override.model) if override else None


def test_the_store_is_a_believable_one() -> None:
    rows = [summarise(key, encode(entry).encode()) for key, entry in make_entries(Random(1), 10**12).items()]
    assert len(rows) == 38
    assert {row.parts.agent for row in rows} == {"main", "coder", "ops"}
    assert {row.route.channel for row in rows} >= {"telegram", "whatsapp", "slack", "discord", "signal", "webchat"}
    assert {row.parts.kind for row in rows} >= {"main", "group", "direct", "channel", "thread", "subagent", "cron"}
    assert {row.override.source for row in rows if row.override} == {"user", "auto", "default", "old"}
    assert [row.key for row in rows if not _leads_where_the_key_says(row)] == [
        "agent:main:whatsapp:direct:+12065550142"
    ]
    assert not any(torn_route(entry) for entry in make_entries(Random(1), 10**12).values())


def _leads_where_the_key_says(row: EntrySummary) -> bool:
    return row.key_route is None or agrees(row.route, row.key_route)


def test_the_same_seed_gives_the_same_traffic(tmp_path: Path) -> None:
    runs = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        runs.append([(write.kind, write.key) for write in Simulation(tmp_path / name, 5).run(60)])
    assert runs[0] == runs[1]


def test_there_is_chatter_and_now_and_then_a_clobber(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path, 3)
    kinds = Counter(write.kind for write in simulation.run(300))
    assert kinds["run"] > 200
    assert min(kinds["session"], kinds["override"], kinds["clobber"]) >= 5
    assert kinds["clobber"] < kinds["override"]
    assert 38 < len(read_store(simulation.store)) <= 60


def test_a_clobber_undoes_what_was_set_while_the_handler_thought(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path, 3)
    undone = 0
    for _ in range(10):
        writes = simulation.run(60, lambda write: write.kind == "clobber")
        key = writes[-1].key
        set_meanwhile = [write for write in writes[:-1] if write.key == key and write.kind == "override"]
        undone += bool(set_meanwhile) and simulation.model(key) != _written(set_meanwhile[-1])
    assert undone == 10


def _written(write: Write) -> tuple[object, object]:
    return write.edit.get("providerOverride"), write.edit.get("modelOverride")


@pytest.mark.parametrize("seed", range(5))
def test_the_first_pin_of_the_user_is_gone_within_five_seconds(tmp_path: Path, seed: int) -> None:
    simulation = Simulation(tmp_path, seed)
    simulation.run(2.5)
    before = simulation.model(KEY)
    pin = SetModel("google", "gemini-3-pro")
    assert apply_edit(simulation.store, KEY, [pin], None, permit=Permit.allowed("test")).outcome == "applied"
    simulation.run(5)
    assert simulation.model(KEY) == before


def test_the_demos_store_is_under_a_release_that_locks(tmp_path: Path) -> None:
    found = discipline(demo.make_store(tmp_path, 1))
    assert (found.kind, found.release) == ("locked", demo.RELEASE)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def test_the_gateway_writes_within_two_seconds_and_ends_with_the_dashboard(tmp_path: Path) -> None:
    store = demo.make_store(tmp_path, 1).path
    before = store.stat().st_ino
    with demo.gateway(store, 1) as process:
        assert wait_until(lambda: store.stat().st_ino != before, 2.0)
    assert process.returncode == 0
    assert store.exists(), "a directory that is not the demo's own is left alone"


def test_the_gateway_survives_a_ctrl_c_that_is_not_for_it(tmp_path: Path) -> None:
    store = demo.make_store(tmp_path, 1).path
    with demo.gateway(store, 1) as process:
        before = store.stat().st_ino
        assert wait_until(lambda: store.stat().st_ino != before, 5.0)
        process.send_signal(signal.SIGINT)
        before = store.stat().st_ino
        assert wait_until(lambda: store.stat().st_ino != before, 5.0)


def test_the_gateway_dies_and_tidies_up_when_the_dashboard_is_killed(tmp_path: Path) -> None:
    code = (
        "import tempfile, time\nfrom pathlib import Path\nfrom tui.cli import demo\n"
        f"directory = Path(tempfile.mkdtemp(prefix={DIRECTORY_PREFIX!r}, dir={str(tmp_path)!r}))\n"
        "with demo.gateway(demo.make_store(directory, 1).path, 1) as process:\n"
        "    print(process.pid, directory, flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as dashboard:
        assert dashboard.stdout
        pid, directory = dashboard.stdout.readline().split()
        assert wait_until(lambda: b"tui.demo.gateway" in Path(f"/proc/{pid}/cmdline").read_bytes(), 5.0)
        dashboard.kill()
    assert wait_until(lambda: not Path(directory).exists(), 5.0)
    assert wait_until(lambda: _is_gone(int(pid)), 5.0)


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")
    except FileNotFoundError:
        return True


def test_demo_opens_the_dashboard_on_its_store_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(stores: Sequence[StorePath], *, demo: bool) -> int:
        seen.append(len(json.loads(stores[0].path.read_text())))
        assert demo
        return 0

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(demo, "open_dashboard", look)
    assert demo.run(Options(seed=4)) == 0
    assert seen == [38]
    assert os.listdir(tmp_path) == []


def test_demo_without_a_terminal_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 2
    assert "needs a terminal" in capsys.readouterr().err
