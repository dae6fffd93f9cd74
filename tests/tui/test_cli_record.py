"""`clobberwatch record` as a process: it records, ends in order, survives being killed, and says what is wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from store.errors import UsageError
from store.events import Changed, Event, Loaded
from store.js import JsonObject
from store.recording.judge import recorded_judge
from store.recording.recording import Recording
from tests.support.stores import entry, replace_store, write_store
from tests.support.traffic import Traffic
from tui.__main__ import main
from tui.cli.options import parse_options
from tui.cli.sizes import octets

ROOT = Path(__file__).parents[2]
KEY = "agent:main:main"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    directory = tmp_path / "sessions"
    directory.mkdir()
    return write_store(directory / "sessions.json", {KEY: entry(n=0)})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "incident.rec"


@contextmanager
def recording(store: Path, file: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tui", "record", str(store), "-o", str(file), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr and "recording" in process.stderr.readline()
        wait_for(lambda: any(isinstance(event, Loaded) for event in newest_run(file)))
        yield process
        process.kill()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def newest_run(file: Path) -> list[Event]:
    """The events since recording began last."""
    opened = Recording(file)
    try:
        return [event for event in opened.events() if opened.run == opened.runs]
    finally:
        opened.close()


def seen(file: Path) -> list[object]:
    """The counter in each version that was recorded."""
    opened = Recording(file)
    try:
        return [
            json.loads(opened.raw(event.store, KEY) or b"{}").get("n")
            for event in opened.events()
            if isinstance(event, Loaded | Changed)
        ]
    finally:
        opened.close()


def replace_and_see(store: Path, file: Path, n: int) -> None:
    replace_store(store, {KEY: entry(n=n)})
    wait_for(lambda: seen(file)[-1:] == [n])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_everything_written(store: Path, file: Path, number: signal.Signals) -> None:
    with recording(store, file) as process:
        for n in range(1, 4):
            replace_and_see(store, file, n)
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout and process.stdout.read() == ""
        assert process.stderr
        said = re.fullmatch(r"clobberwatch: recorded 4 versions, 0 missed; ([\d.]+) KB\n", process.stderr.read())
        assert said and float(said[1]) == pytest.approx(file.stat().st_size / 1024, rel=0.03)
    assert seen(file) == list(range(4))
    assert sorted(os.listdir(file.parent)) == [file.name, "sessions"]


def test_a_second_run_goes_on_in_the_same_file(store: Path, file: Path) -> None:
    for n in (1, 2):
        with recording(store, file) as process:
            replace_and_see(store, file, n)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    assert seen(file) == [0, 1, 1, 2]


def test_a_second_recorder_is_refused(store: Path, file: Path) -> None:
    with recording(store, file):
        command = [sys.executable, "-m", "tui", "record", str(store), "-o", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 4
        assert done.stderr == (
            f"clobberwatch: Another clobberwatch is recording into {file}; stop it, or name another file.\n"
        )


@pytest.mark.heavy
def test_killed_at_any_moment_it_loses_the_last_second_at_most(store: Path, file: Path) -> None:
    """Twenty runs in one file, each killed under a writer of some 200 versions per second."""
    n = 0
    for round_ in range(20):
        written: list[tuple[float, int]] = []
        with recording(store, file) as process:
            end = time.monotonic() + 0.3 + 0.13 * round_
            while time.monotonic() < end:
                n += 1
                replace_store(store, {KEY: entry(n=n)})
                written.append((time.monotonic(), n))
                time.sleep(0.004)
            process.kill()
            killed = time.monotonic()
            process.wait()
        last = seen(file)[-1]
        assert isinstance(last, int)
        due = [number for at, number in written if at < killed - 1.0]
        assert last >= max(due, default=0)
    assert len(seen(file)) > 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "clobberwatch record -o FILE"),
        (["-o", "x", "--keep", "soon"], "no span of time"),
        (["-o", "x", "--max-size", "3"], "no size"),
    ],
)
def test_wrong_usage_is_said(store: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", str(store), *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_store_is_not_recorded_into(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.read_bytes()
    assert main(["record", str(store), "-o", str(store)]) == 2
    assert "store itself" in capsys.readouterr().err
    assert store.read_bytes() == before


def test_what_is_kept_is_an_age_and_a_size() -> None:
    options = parse_options(["record", "-o", "f", "--keep", "7d", "--max-size", "1.5GB"])
    assert (options.keep, options.max_size) == (7 * 86_400, 3 << 29)


@pytest.mark.parametrize(("text", "size"), [("1MB", 1 << 20), ("512M", 512 << 20), ("2gib", 2 << 30)])
def test_a_size_is_a_number_and_a_unit(text: str, size: int) -> None:
    assert octets(text) == size


@pytest.mark.parametrize("text", ["", "5", "MB", "-5MB", "5PB", "1KB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        octets(text)


ALIKE = ("finding", "grade", "key", "fields")
"""What does not depend on when a process noticed a version."""


@pytest.mark.heavy
def test_what_is_found_beside_it_is_found_in_it(store: Path, file: Path) -> None:
    made = Traffic(11, stale=0.15)
    entries: JsonObject = {key: texts.now for key, texts in made.texts.items()}
    replace_store(store, entries)
    command = [sys.executable, "-m", "tui", "watch", str(store), "--json", "--all"]
    with (
        recording(store, file) as recorder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as watcher,
    ):
        assert watcher.stdout and json.loads(watcher.stdout.readline())["event"] == "snapshot"
        for step in made.told(200):
            if isinstance(step.event, Changed):
                entries |= {change.key: json.loads(change.after or b"") for change in step.event.changes}
                replace_store(store, entries)
                time.sleep(0.02)
        replace_store(store, entries | {KEY: entry(n=-1)})
        printed = iter(watcher.stdout)
        live = list(takewhile(lambda record: record.get("key") != KEY, map(json.loads, printed)))
        wait_for(lambda: seen(file)[-1:] == [-1])
        for process in (watcher, recorder):
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    opened = Recording(file)
    judge = recorded_judge(opened)
    found = [finding.to_json() for event in opened.events() for finding in judge(event)]
    opened.close()
    told = [record for record in live if record["event"] in ("finding", "edit-gone")]
    assert len(found) > 10
    assert [[record[name] for name in ALIKE] for record in found] == [
        [record[name] for name in ALIKE] for record in told
    ]
