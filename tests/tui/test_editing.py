"""Edits from the first key to the bytes on disk, on a real store that others write at the same time."""

from __future__ import annotations

import base64
import functools
import json
import os
import shlex
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from store.edit import EditResult, apply_edit
from store.js import JsonObject
from store.openclaw.release import Discipline
from tests.support.live_app import dashboard, frame, keys, see, shown, until
from tests.support.stores import entry, replace_store, write_store
from tui.__main__ import main
from tui.app import ClobberwatchApp
from tui.screens import preview
from tui.screens.conflict import ConflictScreen
from tui.screens.edit import EditScreen
from tui.screens.main import MainScreen
from tui.screens.preview import PreviewScreen

KEY = "agent:main:telegram:group:-1001987654321:topic:42"
OTHER = "agent:main:main"
GPT: JsonObject = {"providerOverride": "openai", "modelOverride": "gpt-5.2", "modelOverrideSource": "user"}
GLM: JsonObject = {"providerOverride": "zai", "modelOverride": "glm-4.7", "modelOverrideSource": "auto"}
OPUS: JsonObject = {"providerOverride": "anthropic", "modelOverride": "claude-opus-4-6", "modelOverrideSource": "user"}


def entries(**changed: object) -> dict[str, JsonObject]:
    mine: JsonObject = {**entry(**GPT, thinkingLevel="medium", updatedAt=1_790_000_001_000), **changed}  # type: ignore[dict-item]
    return {KEY: mine, OTHER: entry(**OPUS)}


def on_disk(store: Path) -> JsonObject:
    found = json.loads(store.read_text())[KEY]
    assert isinstance(found, dict)
    return found


def model_on_disk(store: Path) -> tuple[object, object, object]:
    found = on_disk(store)
    return found.get("providerOverride"), found.get("modelOverride"), found.get("modelOverrideSource")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", entries())


def the_app(pilot: object) -> ClobberwatchApp:
    app = pilot.app  # type: ignore[attr-defined]
    assert isinstance(app, ClobberwatchApp)
    return app


def rival(store: Path, app: ClobberwatchApp, **changed: object) -> None:
    """Another process puts a version in place."""
    replace_store(store, entries(**changed))


async def into_the_conflict(pilot: Pilot[None], store: Path) -> None:
    """Type a model, let a rival change it on disk, and press Enter."""
    await keys(pilot, "e", "m", "anthropic/claude-opus-4-6")
    rival(store, the_app(pilot), **GLM)
    await see(pilot, "zai/glm-4.7. Enter shows both.")
    await keys(pilot, "enter")
    await see(pilot, "not written; your change is kept")


async def test_a_model_is_pinned_in_three_steps_and_only_w_writes(store: Path) -> None:
    before = store.read_bytes()
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "opus", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "enter", "enter", "enter", "j", "k")
        assert store.read_bytes() == before
        await keys(pilot, "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6 (was openai/gpt-5.2).")
        assert isinstance(the_app(pilot).screen, MainScreen)
    assert model_on_disk(store) == ("anthropic", "claude-opus-4-6", "user")
    assert json.loads(store.read_text())[OTHER] == entries()[OTHER]


async def test_the_same_unit_changed_under_the_form_leads_to_the_conflict(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await into_the_conflict(pilot, store)
        assert isinstance(app.screen, ConflictScreen)
        text = shown(app)
        assert "The model changed on disk under you" in text
        assert "a fallback of the gateway, from gpt-5.2 to glm-4.7" in text
        assert model_on_disk(store) == ("zai", "glm-4.7", "auto")
        await keys(pilot, "m")
        await see(pilot, "nothing is written yet")
        assert model_on_disk(store) == ("zai", "glm-4.7", "auto")
        await keys(pilot, "w")
        await see(pilot, "Written: model is anthropic/claude-opus-4-6 (was zai/glm-4.7).")
    assert model_on_disk(store) == ("anthropic", "claude-opus-4-6", "user")


async def test_taking_theirs_writes_nothing_and_drops_the_draft(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await into_the_conflict(pilot, store)
        after_rival = store.read_bytes()
        await keys(pilot, "t")
        await see(pilot, "Nothing was written: what is on disk stays.")
        assert app.desk.drafts.all() == []
    assert store.read_bytes() == after_rival


async def test_editing_mine_goes_back_to_the_form_based_on_the_disk(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await into_the_conflict(pilot, store)
        await keys(pilot, "e")
        await until(pilot, lambda: isinstance(app.screen, EditScreen))
        await see(pilot, "on disk    zai/glm-4.7 · auto")
        assert "anthropic/claude-opus-4-6" in shown(app)
        await keys(pilot, "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "(was zai/glm-4.7)")
    assert model_on_disk(store) == ("anthropic", "claude-opus-4-6", "user")


async def test_a_change_between_preview_and_w_is_a_conflict_too(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6", "enter")
        await see(pilot, "nothing is written yet")
        rival(store, app, **GLM)
        await see(pilot, "changed on disk under this preview")
        await keys(pilot, "w")
        await see(pilot, "1 unit to decide")
    assert model_on_disk(store) == ("zai", "glm-4.7", "auto")


async def test_a_conflict_that_only_the_write_finds_shows_what_it_found(store: Path) -> None:
    """The rival writes after the dashboard last looked: the comparison under the lock is the one that counts."""
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6", "enter")
        await see(pilot, "nothing is written yet")
        screen = app.screen
        assert isinstance(screen, PreviewScreen)
        rival(store, app, **GLM)
        screen.action_write()
        await see(pilot, "1 unit to decide")
        assert "zai" in shown(app)
    assert model_on_disk(store) == ("zai", "glm-4.7", "auto")


async def test_another_field_that_moved_is_kept_and_said(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6")
        rival(store, app, outputTokens=9, sendPolicy="deny")
        await see(pilot, "2 changes since ")
        await keys(pilot, "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written on a newer version: model is anthropic/claude-opus-4-6.")
        assert "2 other fields had moved since you looked" in " ".join(shown(app).split())
    found = on_disk(store)
    assert (found["outputTokens"], found["sendPolicy"], found["modelOverride"]) == (9, "deny", "claude-opus-4-6")


async def test_a_draft_survives_escape_and_a_new_run(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "anthropic/cl", "tab", "down", "escape")
        await until(pilot, lambda: isinstance(the_app(pilot).screen, MainScreen))
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m")
        await see(pilot, "; typing replaces it.")
        assert "anthropic/cl" in shown(app)
        assert "› auto" in shown(app)
        modes = [path.stat().st_mode & 0o777 for path in app.desk.drafts.directory.iterdir()]
        assert modes == [0o600]
        await keys(pilot, "anthropic/claude-opus-4-6", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written:")
        assert app.desk.drafts.all() == []
    assert model_on_disk(store) == ("anthropic", "claude-opus-4-6", "auto")


async def test_a_read_only_run_says_so_in_the_form_and_never_writes(store: Path) -> None:
    before = store.read_bytes()
    async with dashboard(store, read_only=True) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m")
        await see(pilot, "no write from here:")
        await keys(pilot, "anthropic/claude-opus-4-6", "enter")
        await see(pilot, "nothing can be written")
        await keys(pilot, "w")
        await see(pilot, "! Not written: this run is read-only (--read-only). Your change is kept: y c")
        assert isinstance(app.screen, PreviewScreen)
    assert store.read_bytes() == before


async def test_what_no_gateway_can_be_asked_for_is_said_before_typing(
    store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "without-openclaw"))
    before = store.read_bytes()
    unlocked = Discipline("unlocked", "2026.6.6", "said by the test", 48213)
    async with dashboard(store, discipline=unlocked) as pilot:
        await keys(pilot, "e", "d")
        await see(pilot, "no safe write from here: the gateway has no lock and no call for this")
        await keys(pilot, "escape")
        await until(pilot, lambda: isinstance(the_app(pilot).screen, MainScreen))
        await keys(pilot, "e", "m", "opus", "enter")
        await see(pilot, "asked of the gateway: fresh read, compare, patch, look again")
        await keys(pilot, "w")
        await see(pilot, "! Not written: the gateway is asked by the openclaw command, which is not")
        assert "Your change is kept" in " ".join(shown(the_app(pilot)).split())
    assert store.read_bytes() == before


async def test_a_lock_that_is_held_keeps_preview_and_text_and_w_tries_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "apply_edit", functools.partial(apply_edit, timeout=0.2))
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m", "opus", "enter")
        await see(pilot, "nothing is written yet")
        lock = store.with_name("sessions.json.lock")
        lock.write_text(json.dumps({"pid": os.getppid(), "createdAt": "2026-11-21T10:00:00.000Z"}))
        await keys(pilot, "w")
        await see(pilot, "w tries again.")
        assert isinstance(app.screen, PreviewScreen)
        assert f"pid {os.getppid()}" in shown(app)
        assert model_on_disk(store) == ("openai", "gpt-5.2", "user")
        lock.unlink()
        await keys(pilot, "w")
        await see(pilot, "Written:")
    assert model_on_disk(store) == ("anthropic", "claude-opus-4-6", "user")


async def test_every_key_gets_an_answer_while_a_write_waits_for_the_lock(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()

    def told(*args: Any, **more: Any) -> EditResult:
        began.set()
        return apply_edit(*args, **more)

    monkeypatch.setattr(preview, "apply_edit", told)
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "opus", "enter")
        await see(pilot, "nothing is written yet")
        lock = store.with_name("sessions.json.lock")
        lock.write_text(json.dumps({"pid": os.getppid(), "createdAt": "2026-11-21T10:00:00.000Z"}))
        await keys(pilot, "w")
        await until(pilot, began.is_set)
        await until(pilot, lambda: frame(the_app(pilot))[-1].startswith(" Writing:"))
        await see(pilot, f"waiting for the store lock (pid {os.getppid()} ")
        await keys(pilot, "w")
        await see(pilot, "under way already")
        await keys(pilot, "q")
        await see(pilot, "cannot be taken back")
        await keys(pilot, "j")
        assert frame(the_app(pilot))[-1].startswith(" Writing:")
        await keys(pilot, "escape")
        await see(pilot, "cannot be taken back")
        lock.unlink()
        await see(pilot, "Written:")
        assert isinstance(the_app(pilot).screen, MainScreen)
    assert model_on_disk(store) == ("anthropic", "claude-opus-4-6", "user")


async def test_a_write_that_breaks_off_is_said_and_can_be_tried_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> EditResult:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(preview, "apply_edit", broken)
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "opus", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "The write broke off (RuntimeError: a bug of ours).")
        monkeypatch.setattr(preview, "apply_edit", apply_edit)
        await keys(pilot, "w")
        await see(pilot, "Written:")


async def test_leaving_a_conflict_keeps_what_was_typed(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6")
        rival(store, app, **GLM)
        await see(pilot, "Enter shows both.")
        await keys(pilot, "enter")
        await see(pilot, "m keep mine")
        await keys(pilot, "escape")
        await see(pilot, "What you typed is kept")
        await keys(pilot, "e", "m")
        await see(pilot, "On disk it was openai/gpt-5.2 then;")
        assert "anthropic/claude-opus-4-6" in shown(app)


async def test_undo_puts_the_last_change_of_the_row_back(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        rival(store, app, **GLM, thinkingLevel="off")
        await until(pilot, lambda: app.dashboard.changes(next(row for row in app.dashboard.rows if row.key == KEY)))
        await keys(pilot, "u")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written:")
    assert model_on_disk(store) == ("openai", "gpt-5.2", "user")
    assert on_disk(store)["thinkingLevel"] == "medium"


async def test_an_edit_that_is_undone_by_others_is_said(store: Path) -> None:
    async with dashboard(store) as pilot:
        app = the_app(pilot)
        await keys(pilot, "e", "m", "opus", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written:")
        rival(store, app, outputTokens=7)
        await until(pilot, lambda: any("no longer stands" in sentence for _, sentence in app.messages.log))
        assert app.desk.standing.edits == []


async def test_the_level_form_sets_and_clears_one_field(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "l", "think", "down", "enter", "hi", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written: thinkingLevel is high (was medium).")
        assert on_disk(store)["thinkingLevel"] == "high"
        await keys(pilot, "e", "l", "think", "tab", "tab", "space", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "w")
        await see(pilot, "Written: thinkingLevel is not set")
    assert "thinkingLevel" not in on_disk(store)


async def test_delivery_proposes_the_chat_of_the_key_and_writes_the_whole_unit(tmp_path: Path) -> None:
    astray: JsonObject = {
        "deliveryContext": {"channel": "telegram", "to": "-100555", "threadId": 7},
        "lastChannel": "telegram",
        "lastTo": "-100555",
        "lastThreadId": 7,
    }
    store = write_store(tmp_path / "sessions.json", entries(**astray))
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "d")
        await see(pilot, "proposed: the chat that the key itself names")
        await keys(pilot, "enter")
        await see(pilot, "deliveryContext.to")
        await keys(pilot, "w")
        await see(pilot, "Written:")
    found = on_disk(store)
    assert found["deliveryContext"] == {"channel": "telegram", "to": "-1001987654321", "threadId": 42}
    assert (found["lastTo"], found["lastThreadId"]) == ("-1001987654321", 42)


async def test_the_copied_command_makes_the_edit_of_the_preview(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.delenv("TMUX", raising=False)
    async with dashboard(store) as pilot:
        monkeypatch.setattr(the_app(pilot), "write_to_terminal", sent.append)
        await keys(pilot, "e", "m", "anthropic/claude-opus-4-6", "tab", "down", "enter")
        await see(pilot, "nothing is written yet")
        assert "+ modelOverrideSource        auto" in shown(the_app(pilot))
        await keys(pilot, "y", "c")
        await see(pilot, "Copied the command")
    command = base64.b64decode(sent[-1].removeprefix("\x1b]52;c;").removesuffix("\a")).decode()
    assert main(shlex.split(command)[1:]) == 0
    assert model_on_disk(store) == ("anthropic", "claude-opus-4-6", "auto")


@pytest.mark.parametrize(("unit", "last_option"), [("m", "clear"), ("d", "key says"), ("l", "do       › set    clear")])
async def test_the_smallest_terminal_shows_a_form_to_its_last_option_and_its_keys(
    store: Path, unit: str, last_option: str
) -> None:
    async with dashboard(store, size=(60, 12)) as pilot:
        await keys(pilot, "e", unit)
        await see(pilot, last_option)
        assert "Esc close" in frame(the_app(pilot))[-1]
