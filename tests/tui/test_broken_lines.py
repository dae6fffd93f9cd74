"""What is said below the banner of a broken store has room for all of it at 80x24."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from store.events import Broken
from store.openclaw.release import Discipline
from store.writing.permit import Permit
from tests.support.dashboard import LOCKED
from tests.support.incident import NOW
from tui.layout.broken_lines import BROKEN_ROWS, broken_lines, edits_are_off
from tui.look.line import plain, width
from tui.state import StoreState

KINDS = get_args(get_type_hints(Broken)["kind"])
DETAIL = "There is no store at /home/openclaw/.openclaw/agents/main/sessions/sessions.json. Name another one."


def state(
    kind: str, detail: str = DETAIL, discipline: Discipline = LOCKED, path: str = "/main/sessions.json"
) -> StoreState:
    made = StoreState(Path(path), "main", discipline, Permit.allowed("locked writes"))
    made.broken = Broken(made.path, NOW, kind, detail, None, 412, 3)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize("path", ["/main/sessions.json", "/main/agent/openclaw-agent.sqlite"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_cut_at_80x24(kind: str, path: str) -> None:
    lines = [plain(line).rstrip() for line in broken_lines(state(kind, path=path), NOW, 80)]
    assert len(lines) <= BROKEN_ROWS
    assert [line for line in lines if "…" in line] == []
    said = " ".join(line.strip() for line in lines)
    assert (DETAIL if kind != "vanished" else f"There is no store at {path}.") in said
    assert kind != "vanished" or "Name another" not in said


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_database_nothing_is_said_that_is_true_of_files_only(kind: str) -> None:
    told = broken_lines(state(kind, path="/main/agent/openclaw-agent.sqlite"), NOW, 80)
    said = " ".join(plain(line) for line in told)
    assert ":save-good sessions.json.good" in said
    assert "save" not in said.replace(":save-good", "") and "put it in place" not in said


def test_a_file_that_was_moved_into_a_database_is_no_danger() -> None:
    database = Path("/main/agent/openclaw-agent.sqlite")
    migrated = Discipline("sqlite", "", "sessions in the agent's database", None, database)
    said = " ".join(plain(line).strip() for line in broken_lines(state("vanished", discipline=migrated), NOW, 80))
    assert f"clobberwatch {database}" in said and "none: OpenClaw moves its sessions so" in said
    assert "empty" not in said
    said = " ".join(plain(line).strip() for line in broken_lines(state("unreadable", discipline=migrated), NOW, 80))
    assert "reads such a file as empty" in said


@pytest.mark.parametrize("kind", KINDS)
def test_why_edits_are_off_is_true_of_what_happened(kind: str) -> None:
    broken = state(kind).broken
    assert broken is not None
    said = edits_are_off(broken)
    assert (":accept" in said) == (kind == "shrank")
    assert ("cannot be read" in said) == (kind == "unreadable")
    assert len(textwrap.wrap(said, 78)) <= 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_detail_without_end_leaves_room_for_the_advice(kind: str) -> None:
    lines = broken_lines(state(kind, "words " * 400), NOW, 80)
    assert len(lines) <= BROKEN_ROWS
    assert max(width(line) for line in lines) <= 80
