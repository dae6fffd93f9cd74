from __future__ import annotations

from pathlib import Path

import pytest

from store.events import Broken, LockHolder
from store.openclaw.paths import StorePath
from store.openclaw.release import Discipline
from store.writing.permit import Permit
from tests.support.dashboard import LOCKED
from tests.support.incident import NOW
from tui.layout.status import status_line
from tui.look.line import plain, width
from tui.state import Dashboard, StoreState


def store(name: str = "main", entries: int = 412, seen: int = 1204, discipline: Discipline = LOCKED) -> StoreState:
    state = StoreState(Path(f"/{name}/sessions.json"), name, discipline, Permit.allowed("locked writes"))
    state.entries, state.seen = entries, seen
    return state


def dashboard(*states: StoreState) -> Dashboard:
    return Dashboard.of(states, lambda _store, _key: None, lambda: NOW)


def shown(board: Dashboard, cells: int = 80, demo: bool = False) -> str:
    line = status_line(board, cells, demo)
    assert width(line) == cells
    return plain(line).rstrip()


def holder(ago: float = 12) -> LockHolder:
    return LockHolder(48213, NOW - ago, True, "node openclaw gateway")


def test_a_quiet_store() -> None:
    wanted = " main  412 entries   2026.4.23  locked writes     lock free   0 of 1,204 missed"
    assert shown(dashboard(store())) == wanted


def test_a_held_lock_has_its_pid_and_age() -> None:
    state = store()
    state.holder = holder()
    wanted = " main  412 entries   2026.4.23  locked writes  lock 48213 10s 0 of 1,204 missed"
    assert shown(dashboard(state)) == wanted


def test_missed_versions_start_with_an_exclamation_mark() -> None:
    state = store(seen=1187)
    state.missed = 17
    board = dashboard(state)
    board.read_only = True
    assert shown(board) == " main  412 entries   2026.4.23  READ-ONLY         lock free ! 17 of 1,204 missed"


def test_versions_lost_uncounted_are_never_called_none() -> None:
    state = store()
    state.missed = None
    assert shown(dashboard(state)).endswith("! 1,204 seen, some missed")


def test_a_broken_store_takes_no_writes() -> None:
    state = store(seen=1206)
    state.broken = Broken(state.path, NOW, "unreadable", "", None, 412, None)
    wanted = " main  412 entries   2026.4.23  NO WRITES         lock free   0 of 1,206 missed"
    assert shown(dashboard(state)) == wanted


def test_several_stores_show_the_lock_that_is_held() -> None:
    main, ops = store(), store("ops", 5599, 8172)
    coder = store("coder", 1, 1)
    ops.holder = holder(3)
    wanted = " 3 stores  6,012 entries        locked writes  ops: lock now  0 of 9,377 missed"
    assert shown(dashboard(main, coder, ops)) == wanted


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/backup/sessions.json", "backup"),
        ("/backup/old copy.json", "old copy.json"),
        ("/sessions.json", "sessions.json"),
        ("/the-folder-of-a-very-long-incident/sessions.json", "the-folder-o…"),
        ("/a\x1b[31m/sessions.json", "a␛[31m"),
    ],
)
def test_a_store_without_an_agent_is_named_by_where_it_lies(path: str, name: str) -> None:
    state = StoreState.unseen(StorePath(Path(path), "", None))
    state.entries, state.seen = 412, 1204
    assert shown(dashboard(state)).startswith(f" {name}  412 entries")


def test_what_is_not_known_is_not_claimed() -> None:
    state = StoreState.unseen(StorePath(Path("/main/sessions.json"), "main", None))
    state.entries, state.seen = 412, 1204
    assert shown(dashboard(state)) == " main  412 entries              not known yet     lock free   0 of 1,204 missed"
    state.discipline = Discipline("unknown", "", "nothing shows the release", None)
    assert shown(dashboard(state)) == " main  412 entries              release unknown   lock free   0 of 1,204 missed"


def test_the_demo_says_so() -> None:
    wanted = " DEMO  38 entries   simulated   locked writes     lock free     0 of 212 missed"
    assert shown(dashboard(store(entries=38, seen=212)), demo=True) == wanted


@pytest.mark.parametrize("cells", range(60, 201, 7))
def test_how_a_write_would_go_is_never_dropped(cells: int) -> None:
    state = store(entries=123_456, seen=9_876_543)
    state.holder = holder()
    assert ("writes under lock" if cells >= 150 else "locked writes") in shown(dashboard(state), cells)
