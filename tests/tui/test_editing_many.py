"""Marked rows are edited together: the form once, one line a row, one write, an outcome a row."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

import store.commit
from store.js import JsonObject
from store.openclaw.release import Discipline
from store.writing.exchange import Swap, commit_by_exchange
from tests.support.live_app import dashboard, frame, keys, see, shown, until
from tests.support.stores import entry, replace_store, write_store
from tui.app import ClobberwatchApp
from tui.screens.main import MainScreen
from tui.screens.many_preview import ManyPreviewScreen
from tui.screens.outcome import OutcomeScreen

GLM: JsonObject = {"providerOverride": "zai", "modelOverride": "glm-4.7", "modelOverrideSource": "auto"}
OPUS: JsonObject = {"providerOverride": "anthropic", "modelOverride": "claude-opus-4-6", "modelOverrideSource": "user"}
ROUTE: JsonObject = {"lastChannel": "telegram", "lastTo": "telegram:42"}
PINNED = [f"agent:main:telegram:direct:{at}" for at in range(9)]
FREE = "agent:main:main"
HOSTILE = {"": entry(**GLM), "agent:main:\x1b[2J\x1b]0;owned\x07": entry(**GLM), "\u202eevil": entry(**GLM)}


def entries(number: int = 9) -> dict[str, JsonObject]:
    pinned = {
        f"agent:main:telegram:direct:{at}": entry(**GLM, updatedAt=1_790_000_000_000 - at) for at in range(number)
    }
    return {FREE: entry(**OPUS), **pinned}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", entries())


@pytest.fixture
def renames(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The places that a new version was put in."""
    seen: list[str] = []

    def counted(temp: str, target: str, *rest: Any) -> Swap:
        seen.append(target)
        return commit_by_exchange(temp, target, *rest)

    monkeypatch.setattr(store.commit, "commit_by_exchange", counted)
    return seen


def on_disk(path: Path) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = json.loads(path.read_bytes())
    return found


def the_app(pilot: Pilot[None]) -> ClobberwatchApp:
    assert isinstance(pilot.app, ClobberwatchApp)
    return pilot.app


async def pressed(pilot: Pilot[None], *names: str) -> None:
    """Keys as a terminal names them, `*` among them."""
    for name in names:
        await (pilot.press("asterisk") if name == "*" else keys(pilot, name))


async def test_every_automatic_pin_is_cleared_with_five_keys_and_one_rename(path: Path, renames: list[str]) -> None:
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c")
        await see(pilot, "clear model   nothing is written yet")
        assert "9 entries, 9 to write" in frame(the_app(pilot))[1] and renames == []
        await pressed(pilot, "w")
        await see(pilot, "9 written")
        assert isinstance(the_app(pilot).screen, OutcomeScreen)
        text = shown(the_app(pilot))
        assert text.count("applied ") == 9 and "a glm-4.7" in text and "one locked write of this store" in text
        await pressed(pilot, "escape")
        assert isinstance(the_app(pilot).screen, MainScreen) and "marked" not in shown(the_app(pilot))
    assert len(renames) == 1
    assert [key for key, found in on_disk(path).items() if "modelOverride" in found] == [FREE]


async def test_a_write_under_way_says_how_far_it_is_answers_keys_and_is_not_left(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def held(*arguments: Any) -> Swap:
        assert free.wait(20)
        return commit_by_exchange(*arguments)

    monkeypatch.setattr(store.commit, "commit_by_exchange", held)
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c", "w")
        await see(pilot, "Writing: all 9 rows are compared; they are written together")
        await pressed(pilot, "j", "j")
        assert frame(the_app(pilot))[6].startswith("▌")
        await pressed(pilot, "escape")
        await see(pilot, "The write cannot be taken back now")
        free.set()
        await see(pilot, "9 written")


async def test_what_was_written_is_undone_as_one_write(path: Path, renames: list[str]) -> None:
    before = on_disk(path)
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c", "w")
        await see(pilot, "9 written")
        await pressed(pilot, "u")
        await see(pilot, "undo of clear model   nothing is written yet")
        await see(pilot, "9 entries, 9 to write")
        await pressed(pilot, "w")
        await see(pilot, "undo of clear model   9 entries")
    assert len(renames) == 2
    after = on_disk(path)
    assert all(after[key] == found | {"updatedAt": after[key]["updatedAt"]} for key, found in before.items())


async def test_a_row_that_somebody_changed_since_is_left_out_of_the_undo(path: Path) -> None:
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c", "w")
        await see(pilot, "9 written")
        replace_store(path, on_disk(path) | {PINNED[3]: entry(**OPUS)})
        await until(pilot, lambda: the_app(pilot).dashboard.rows[(path, PINNED[3])].override is not None)  # type: ignore[index]
        await pressed(pilot, "u")
        await see(pilot, "9 entries, 8 to write")
        assert "a user pin now" in shown(the_app(pilot))
        await pressed(pilot, "w")
        await see(pilot, "8 written")
    assert on_disk(path)[PINNED[3]] == entry(**OPUS)


async def test_a_row_that_moves_under_the_preview_is_left_out_and_can_be_taken_in_again(path: Path) -> None:
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c")
        await see(pilot, "9 to write")
        replace_store(path, entries() | {PINNED[0]: entry(**OPUS), PINNED[1]: entry(**GLM, status="running")})
        await see(pilot, "9 entries, 8 to write")
        line = next(line for line in frame(the_app(pilot)) if "moved" in line)
        assert "kept" in line and "a user pin now" in line
        await pressed(pilot, "n", "space")
        await see(pilot, "9 entries, 9 to write")
        assert "u claude-opus-4" in shown(the_app(pilot))
        await pressed(pilot, "space")
        await see(pilot, "left out")
        await pressed(pilot, "w")
        await see(pilot, "8 written")
        assert "rebased" in shown(the_app(pilot)) and "1 field moved" in shown(the_app(pilot))
        await pressed(pilot, "escape")
        await see(pilot, "1 marked")
    assert on_disk(path)[PINNED[0]] == entry(**OPUS)


async def test_a_conflict_that_nobody_saw_coming_is_listed_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [entries() | {PINNED[4]: entry(**OPUS)}]

    def slip_in(*arguments: Any) -> Swap:
        if turns:
            replace_store(path, turns.pop())
        return commit_by_exchange(*arguments)

    monkeypatch.setattr(store.commit, "commit_by_exchange", slip_in)
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c", "w")
        await see(pilot, "8 written, 1 conflict")
        lines = frame(the_app(pilot))
        assert lines[4].startswith("▌conflict") and "a user pin now" in lines[4] and "kept" in lines[4]
        assert "not zai/glm-4.7 as you saw it" in " ".join(" ".join(lines).split())
        await pressed(pilot, "j", "n")
        assert frame(the_app(pilot))[4].startswith("▌conflict")
        await pressed(pilot, "enter")
        await see(pilot, "claude-opus-4-6")
        await pressed(pilot, "escape", "escape")
        await see(pilot, "1 marked")
    assert on_disk(path)[PINNED[4]] == entry(**OPUS)


async def test_marks_are_set_one_by_one_shown_and_lifted(path: Path) -> None:
    async with dashboard(path) as pilot:
        app = the_app(pilot)
        await pressed(pilot, "3", "space", "j", "space")
        assert [line[:2] for line in frame(app)[3:5]] == [" +", "▌+"] and "2 marked" in frame(app)[1]
        await pressed(pilot, "space")
        assert "1 marked" in frame(app)[1] and frame(app)[4].startswith("▌ ")
        await pressed(pilot, "2", "/", "opus", "enter")
        assert "1 marked, 1 is not shown" in frame(app)[1]
        await pressed(pilot, "escape")
        assert "1 marked" in frame(app)[1]
        await pressed(pilot, "escape")
        assert "marked" not in frame(app)[1]


async def test_one_marked_row_is_edited_as_a_row_is(path: Path) -> None:
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "space", "j", "e", "c")
        await see(pilot, "1 entry, 3 fields")
        assert "direct:0" in shown(the_app(pilot))


async def test_a_model_is_typed_once_for_all_marked_rows(path: Path) -> None:
    async with dashboard(path) as pilot:
        await pressed(pilot, "*", "e", "m")
        await see(pilot, "10 marked rows")
        assert "zai/glm-4.7 in 9, anthropic/claude-opus-4-6 in 1" in shown(the_app(pilot))
        await keys(pilot, "anthropic/claude-opus-4-6", "enter")
        await see(pilot, "10 entries, 9 to write")
        assert "model is anthropic/claude" in frame(the_app(pilot))[1] and "already so" in shown(the_app(pilot))
        await pressed(pilot, "e")
        await see(pilot, "10 marked rows")
        await keys(pilot, "enter")
        await see(pilot, "9 to write")
        await pressed(pilot, "w")
        await see(pilot, "9 written, 1 unchanged")
    assert {found["modelOverride"] for found in on_disk(path).values()} == {"claude-opus-4-6"}


async def test_text_for_marked_rows_comes_back(path: Path) -> None:
    async with dashboard(path) as pilot:
        await pressed(pilot, "*", "e", "m")
        await keys(pilot, "zai/other", "escape")
        await pressed(pilot, "e", "m")
        await see(pilot, "zai/other")
        assert "Kept from marked rows before; typing replaces it." in shown(the_app(pilot))


async def test_a_label_is_not_given_to_many_and_a_route_is_only_cleared(path: Path) -> None:
    write_store(path, {key: found | ROUTE for key, found in entries().items()})
    async with dashboard(path) as pilot:
        await pressed(pilot, "*", "e", "l")
        await keys(pilot, "label", "enter", "same", "enter")
        await see(pilot, "A label names one session")
        await pressed(pilot, "escape", "e", "d")
        await see(pilot, "clear delivery   nothing is written yet")
        await pressed(pilot, "e")
        await see(pilot, "A route belongs to one chat")
        await pressed(pilot, "w")
        await see(pilot, "10 written")
    assert not any("lastTo" in found for found in on_disk(path).values())


async def test_more_than_fifty_rows_ask_for_their_number(path: Path, renames: list[str]) -> None:
    write_store(path, entries(63))
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c")
        await see(pilot, "63 rows: type their number, then w writes.")
        await pressed(pilot, "w")
        await see(pilot, "63 rows would be written. If that is what you mean, type 63, then w.")
        await pressed(pilot, "6", "2", "w")
        await see(pilot, "type 63, then w.")
        await pressed(pilot, "space", "6", "3", "w")
        await see(pilot, "type 62, then w.")
        assert renames == []
        await pressed(pilot, "6", "2", "w")
        await see(pilot, "62 written")
    assert len(renames) == 1


async def test_what_stops_the_whole_write_stays_in_the_preview(path: Path) -> None:
    before = path.read_bytes()
    async with dashboard(path, read_only=True) as pilot:
        await pressed(pilot, "3", "*", "e", "c")
        await see(pilot, "nothing can be written")
        await pressed(pilot, "w")
        await see(pilot, "Not written:")
        assert isinstance(the_app(pilot).screen, ManyPreviewScreen)
        await pressed(pilot, "escape")
        await see(pilot, "9 marked")
    assert path.read_bytes() == before


async def test_only_w_writes(path: Path) -> None:
    before = path.read_bytes()
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c")
        await see(pilot, "9 to write")
        await pressed(pilot, "enter", "j", "k", "g", "G", "n", "N", "1", "space", "space", "pagedown", "f1", "escape")
        await pressed(pilot, "y", "c", "escape")
        await see(pilot, "The rows are still marked.")
    assert path.read_bytes() == before


async def test_outcomes_and_commands_are_copied(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    for module in ("many_preview", "outcome"):
        monkeypatch.setattr(f"tui.screens.{module}.copy_text", lambda _screen, _what, text: copied.append(text))
    async with dashboard(path) as pilot:
        await pressed(pilot, "3", "*", "e", "c", "y", "c", "w")
        await see(pilot, "9 written")
        await pressed(pilot, "y", "j", "y", "k")
    commands, outcomes, key = copied
    assert commands.splitlines()[0] == f"clobberwatch clear --store {path} {PINNED[0]} model"
    assert [one["outcome"] for one in json.loads(outcomes)] == ["applied"] * 9 and key == PINNED[0]


async def test_hostile_keys_and_entries_that_are_none(path: Path) -> None:
    path.write_text(json.dumps({**HOSTILE, "agent:main:text": "\x1b[31mtext", FREE: entry(**GLM)}))
    async with dashboard(path) as pilot:
        await pressed(pilot, "*", "e", "c")
        await see(pilot, "5 entries, 4 to write")
        assert "not an object" in shown(the_app(pilot))
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", "".join(frame(the_app(pilot))))
        await pressed(pilot, "w")
        await see(pilot, "4 written")
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", "".join(frame(the_app(pilot))))
    after = json.loads(path.read_bytes())
    assert after.keys() == {*HOSTILE, "agent:main:text", FREE} and after["agent:main:text"] == "\x1b[31mtext"
    assert not any("modelOverride" in found for found in after.values() if isinstance(found, dict))


@pytest.mark.parametrize("size", [(60, 12), (80, 24), (160, 50)])
async def test_the_screens_fit(path: Path, size: tuple[int, int]) -> None:
    async with dashboard(path, discipline=Discipline("locked", "2026.3.2", "a test", None), size=size) as pilot:
        await pressed(pilot, "3", "*", "e", "c")
        await see(pilot, "9 to write")
        assert len(frame(the_app(pilot))) == size[1] and "Esc" in frame(the_app(pilot))[-1]
        await pressed(pilot, "G", "w")
        await see(pilot, "9 written")
        assert "applied" in shown(the_app(pilot)) and "Esc back" in frame(the_app(pilot))[-1]
