"""Guards: what rings, once, and what does not; the hook gets its JSON and never stands in the way."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from store.js import JsonObject
from tests.support import clobbered, incident
from tests.support.dashboard import Clock, app_over, seen_all
from tests.support.fake_watch import FakeWatch
from tests.support.live_app import frame, keys, see, until
from tui.app import ClobberwatchApp
from tui.config.settings import Settings
from tui.hook import MOST, WAITING, Hook

MAIN = "agent:main:main"
PINNED = {**incident.override("openai", "gpt-5.2", "user"), **incident.route("telegram", "42"), "updatedAt": 1}
OTHER = {**PINNED, **incident.override("zai", "glm-4.7", "auto")}
BELL = "\a"


class Desk:
    """A dashboard over one entry, and what it sent to the terminal by itself."""

    def __init__(self, pilot: Pilot[None], watch: FakeWatch, rung: list[str]) -> None:
        self.pilot, self.watch, self.rung = pilot, watch, rung
        self.at = incident.NOW

    async def write(self, entry: JsonObject | None, writer: Any = None, after: float = 10.0) -> None:
        """The next version, so many seconds later, and wait until it is taken in."""
        self.at += after
        cast(Clock, self.app.dashboard.clock).now += after
        state = self.app.dashboard.stores[self.watch.path]
        seen = state.seen
        self.watch.change(self.at, {MAIN: entry}, *([writer] if writer is not None else []))
        await until(self.pilot, lambda: state.seen > seen)

    @property
    def app(self) -> ClobberwatchApp:
        assert isinstance(self.pilot.app, ClobberwatchApp)
        return self.pilot.app


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(ClobberwatchApp, "write_to_terminal", lambda _app, text: sent.append(text))
    return sent


def guarded(tmp_path: Path, settings: Settings | None = None) -> tuple[ClobberwatchApp, FakeWatch]:
    watch = FakeWatch(tmp_path / "sessions.json", {MAIN: dict(PINNED)}, incident.NOW)
    return app_over(watch, Clock(), settings=settings), watch


async def test_three_keys_guard_a_model_and_its_loss_rings_once(tmp_path: Path, rung: list[str]) -> None:
    app, watch = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        desk = Desk(pilot, watch, rung)
        await keys(pilot, "!")
        await see(pilot, " guard:  m model   d delivery")
        await keys(pilot, "mb")
        await see(pilot, "Guarded: model of main:main is openai/gpt-5.2.")
        await keys(pilot, "g")
        await see(pilot, "guarded: model ─")
        await desk.write({**PINNED, "totalTokens": 5})
        assert rung == []
        await desk.write(OTHER)
        await see(pilot, "Guarded model of main:main went from openai/gpt-5.2 to zai/glm-4.7")
        assert rung == [BELL]
        await desk.write({**OTHER, "modelOverride": "glm-5"})
        assert rung == [BELL]
        await desk.write(PINNED)
        assert rung == [BELL]
        await desk.write(OTHER)
        assert rung == [BELL, BELL]
        await desk.write(PINNED)
        await keys(pilot, "!mx")
        await see(pilot, "No longer guarded: model of main:main.")
        await desk.write(OTHER)
        assert rung == [BELL, BELL]


async def test_an_edit_of_ones_own_moves_the_guard(tmp_path: Path, rung: list[str]) -> None:
    app, watch = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        desk = Desk(pilot, watch, rung)
        await keys(pilot, "!mb")
        await desk.write(OTHER, incident.YOU)
        assert rung == []
        await desk.write(PINNED)
        assert rung == [BELL]


async def test_a_delivery_is_where_the_next_reply_goes(tmp_path: Path, rung: list[str]) -> None:
    app, watch = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        desk = Desk(pilot, watch, rung)
        await keys(pilot, "!db")
        await desk.write({**PINNED, "origin": {"label": "Alice", "provider": "telegram"}})
        assert rung == []
        await desk.write({**PINNED, **incident.route("whatsapp", "+1555")})
        assert rung == [BELL]


async def test_what_goes_at_once_is_told_together_and_a_bell_that_rang_just_now_is_silent(
    tmp_path: Path, rung: list[str]
) -> None:
    app, watch = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        desk = Desk(pilot, watch, rung)
        await keys(pilot, "!mb", "!db", "g")
        await desk.write({**OTHER, **incident.route("whatsapp", "+1555")})
        await see(pilot, "2 guarded units changed, :log has all. Guarded model of main:main")
        assert [sentence.split(" of ")[0] for _, sentence in app.messages.log][-2] == "Guarded delivery"
        await keys(pilot, "g")
        await see(pilot, "guarded: model lost, delivery lost ─")
        await desk.write(PINNED)
        await desk.write(OTHER, after=1)
        assert rung == [BELL, BELL]
        await desk.write(PINNED, after=1)
        await desk.write(OTHER, after=1)
        assert rung == [BELL, BELL]


async def test_an_entry_that_goes_takes_its_guarded_unit_with_it(tmp_path: Path, rung: list[str]) -> None:
    app, watch = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        desk = Desk(pilot, watch, rung)
        await keys(pilot, "!mb")
        await desk.write(None)
        await see(pilot, "to gone with its entry")
        assert rung == [BELL]


async def test_all_guards_of_a_row_are_lifted_by_the_two_keys_it_says(tmp_path: Path, rung: list[str]) -> None:
    app, _ = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        await keys(pilot, "!", "m", "b", "!", "d", "b")
        await see(pilot, "! x ends that")
        assert "guarded: model, delivery" in "".join(frame(app))
        await keys(pilot, "!", "x")
        await see(pilot, "No longer guarded: model, delivery of main:main.")
        assert "guarded:" not in "".join(frame(app)[:-1])


async def test_in_the_entry_the_unit_of_the_field_is_guarded(tmp_path: Path, rung: list[str]) -> None:
    app, _ = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        await keys(pilot, "enter")
        await see(pilot, "1:override")
        await keys(pilot, "!")
        await see(pilot, "b bell   h hook   x off")
        await keys(pilot, "b", "g")
        await until(pilot, lambda: "guarded: model" in frame(app)[2])
        assert rung == []


async def test_a_hook_gets_the_finding_as_json(tmp_path: Path, rung: list[str]) -> None:
    told = tmp_path / "told.json"
    program = f"import sys; open({str(tmp_path / 'part')!r}, 'w').write(sys.stdin.read())"
    program += f"; import os; os.rename({str(tmp_path / 'part')!r}, {str(told)!r})"
    app, watch = guarded(tmp_path, Settings(hook=(sys.executable, "-c", program)))
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        desk = Desk(pilot, watch, rung)
        await keys(pilot, "!mh")
        await see(pilot, "Guarded: model of main:main")
        await desk.write(OTHER)
        await until(pilot, told.exists)
    record = json.loads(told.read_text())
    assert record["key"] == MAIN
    assert record["guard"] == {"unit": "model", "wanted": "openai/gpt-5.2", "found": "zai/glm-4.7"}
    assert rung == []


async def test_a_finding_that_comes_with_the_loss_is_what_the_hook_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[dict[str, Any]] = []
    monkeypatch.setattr(Hook, "run", lambda _hook, text: ran.append(json.loads(text)))
    watch = clobbered.watch(tmp_path / "sessions.json")
    app = app_over(watch, Clock(), settings=Settings(hook=("page-me",)))
    held: list[str] = []
    take = app.take

    def guard_first(news: Any) -> None:
        take(news)
        if not held and getattr(getattr(news.event, "version", None), "writer", incident.NO_LOCK).how == "you":
            row = next(row for row in app.dashboard.rows if row.key == incident.PINNED)
            held.append(app.guarding.choose(row, "model", "hook"))

    monkeypatch.setattr(app, "take", guard_first)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: ran)
    assert [(record["event"], record.get("finding"), record["grade"]) for record in ran] == [
        ("finding", "lost-update", "confirmed")
    ]


async def test_without_a_hook_in_the_settings_none_can_be_chosen(tmp_path: Path, rung: list[str]) -> None:
    app, _ = guarded(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen_all(pilot, 1)
        await keys(pilot, "!mh")
        await see(pilot, "Nothing guarded: no hook is set.")
        assert app.guarding.words(next(iter(app.dashboard.rows))) == ""
        assert rung == []


def outcome(command: tuple[str, ...], limit_s: float = 20.0, text: str = "{}") -> str:
    """What a hook that fails has to say."""
    said, done = [], threading.Event()

    def tell(sentence: str) -> None:
        said.append(sentence)
        done.set()

    Hook(command, tell, limit_s).run(text)
    assert done.wait(20)
    return said[0]


def test_a_hook_that_fails_is_said() -> None:
    assert outcome(("/no/such/page-me",)) == "The hook page-me could not be run: No such file or directory."
    assert outcome(("page\0me",)).endswith("could not be run: embedded null byte.")
    exits = (sys.executable, "-c", "raise SystemExit(3)")
    assert outcome(exits, text="x" * 1_000_000).endswith("ended with exit code 3.")
    dies = (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert outcome(dies).endswith("was ended by signal 9.")


def test_a_hook_gets_more_than_a_pipe_holds_and_may_print_as_much() -> None:
    program = "import sys; read = len(sys.stdin.read()); print('x' * 5_000_000); raise SystemExit(read // 100_000)"
    assert outcome((sys.executable, "-c", program), text="x" * 1_000_000).endswith("ended with exit code 10.")


def test_a_hook_that_never_ends_is_ended() -> None:
    sleeps = (sys.executable, "-c", "import time; time.sleep(600)")
    assert outcome(sleeps, limit_s=0.3).endswith("was ended after 0.3 s.")


def test_only_a_few_hooks_run_at_a_time_and_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, ran = threading.Event(), threading.Semaphore(0)
    running: list[int] = []
    most: list[int] = []

    def run(_hook: Hook, _text: str) -> str:
        running.append(1)
        most.append(len(running))
        go_on.wait(20)
        running.pop()
        ran.release()
        return ""

    monkeypatch.setattr(Hook, "_ran", run)
    said: list[str] = []
    hook = Hook(("page-me",), said.append)
    for _ in range(MOST + WAITING + 1):
        hook.run("{}")
    go_on.set()
    assert all(ran.acquire(timeout=20) for _ in range(MOST + WAITING))
    assert said == [f"The hook page-me was not run: {WAITING} of it are waiting already."]
    assert max(most) <= MOST
