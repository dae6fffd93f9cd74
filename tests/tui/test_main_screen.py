from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from store.events import Broken, LockHolder, LockState, Recovered
from tests.support import incident
from tests.support.dashboard import Clock, app_over, incident_app, seen_all
from tests.support.fake_watch import FakeWatch, version
from tests.support.live_app import frame, keys, see, until
from tests.tui.test_columns import DRAWN
from tui.app import ClobberwatchApp
from tui.screens.main import MainScreen

SIGNAL = "agent:main:signal:direct:+436601234567"
DAY = incident.local


class Desk:
    """The dashboard over the incident, and hands on its keys."""

    def __init__(self, app: ClobberwatchApp, pilot: Pilot[None], clock: Clock) -> None:
        self.app, self.pilot, self.clock = app, pilot, clock
        self.watch = cast("FakeWatch", app.store_watch)

    @property
    def lines(self) -> list[str]:
        return frame(self.app)

    @property
    def main(self) -> MainScreen:
        return cast("MainScreen", self.app.screen)

    @property
    def cursor_key(self) -> str:
        row = self.main.row
        assert row is not None
        return row.key

    async def keys(self, *pressed: str) -> None:
        await keys(self.pilot, *pressed)
        await self.pilot.pause()

    async def change(self, at: float, entries: dict[str, object | None]) -> None:
        self.watch.change(at, entries)
        await until(self.pilot, lambda: self.app.dashboard.stores[self.watch.path].seen == self.watch.number)
        await self.pilot.pause()

    async def push(self, event: Broken | Recovered | LockState, shows: str) -> None:
        self.watch.push(event)
        await see(self.pilot, shows)


@asynccontextmanager
async def desk(tmp_path: Path, columns: int = 80, rows: int = 24, **options: bool) -> AsyncIterator[Desk]:
    clock = Clock()
    app = incident_app(tmp_path, clock, **options)
    async with app.run_test(size=(columns, rows)) as pilot:
        if columns >= 60 and rows >= 12:
            await seen_all(pilot)
        yield Desk(app, pilot, clock)


def broken(path: Path, kind: str = "unreadable") -> Broken:
    detail = "the file ends in the middle of an entry (byte 1,048,576)"
    return Broken(path, DAY("14:03:05"), kind, detail, version(10, DAY("14:02:58")), 412, 3)  # type: ignore[arg-type]


async def test_the_screen_is_the_one_that_was_drawn(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("j", "j")
        await until(d.pilot, lambda: "topic:42" in d.lines[17])
        assert d.lines[0] == " main  15 entries   2026.4.23   locked writes     lock free      0 of 10 missed"
        assert d.lines[1] == " 1:all 15  2:overridden 7  3:auto pins 2  4:changed 5  5:findings 0  6:lint 1"
        assert d.lines[2:17] == DRAWN
        assert d.lines[17:20] == [
            "─ agent:main:telegram:group:-1001987654321:topic:42 ────────────────────────────",
            "  model     openai/gpt-5.2 · user · was anthropic/claude-opus-4-6 until 14:02:09",
            "  replies   telegram -1001987654321 · topic 42 · account default · allowed",
        ]
        assert d.lines[20].startswith("─ last changes ─")
        assert d.lines[21].startswith(" 14:02:58 ● coder:subagent:7f3a01c2…   think low → high")
        assert d.lines[23].startswith(" Enter open  e edit")


async def test_the_cursor_stays_on_its_key_while_rows_come_and_go(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("j", "j", "j")
        assert d.cursor_key == SIGNAL
        await d.change(incident.NOW, {"agent:main:hook:1": incident.entry(0), "agent:main:main": None})
        assert d.cursor_key == SIGNAL
        assert d.lines[7].startswith("▌")
        assert "removed 14:03:00" in d.lines[5]
        await d.keys("r")
        assert d.cursor_key == SIGNAL
        assert "removed" not in "\n".join(d.lines)


async def test_rows_hold_still_and_a_change_shows_in_its_row(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        before = d.lines
        await d.change(incident.NOW, {SIGNAL: {**incident.at_first()[SIGNAL], "thinkingLevel": "max"}})
        assert [y for y in range(3, 17) if d.lines[y] != before[y]] == [6]
        assert "●max" in d.lines[6]
        assert "think - → max" in d.lines[21]


async def test_views_sort_and_order(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("3")
        assert [line.split()[0] for line in d.lines[3:5]] == ["▌", "coder:acp:…aude:4c1d9f30…"]
        await d.keys("1", "g", "j", "j", "j", "j", "j", "3")
        assert d.lines[3].startswith("▌"), "a row that is not in the view leaves the cursor on its first"
        await d.keys("1", "s", "k")
        assert d.lines[2].startswith("    ↑KEY")
        assert d.lines[3].split()[0] == "coder:acp:…aude:4c1d9f30…"
        await d.keys("s", "k")
        assert d.lines[2].startswith("    ↓KEY")


async def test_a_filter_works_as_it_is_typed_and_esc_lifts_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("/", "topic")
        assert d.lines[1].startswith(" / topic")
        assert d.lines[1].endswith("2 of 15")
        await d.keys("zzz")
        assert d.lines[3].strip() == "No entry has this; Esc lifts the filter."
        await d.keys("backspace", "backspace", "backspace")
        await d.keys("enter")
        assert d.lines[1] == " / topic   2 of 15   Esc clears"
        await d.keys("escape")
        assert d.lines[1].startswith(" 1:all 15")
        assert "main:main" in d.lines[4]


async def test_keys_in_a_burst_go_to_the_prompt_the_first_of_them_opened(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await keys(d.pilot, "/", "sq1")
        await see(d.pilot, " / sq1")


async def test_a_second_key_that_is_not_listed_is_swallowed(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("s")
        assert d.lines[23] == " sort:  a agent  k key  m model  t think  r reply  u upd  c chg  f find  z size"
        await d.keys("q")
        assert d.lines[23].startswith(" Enter open")
        assert d.app.is_running


async def test_a_message_stays_until_the_next_key(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("escape")
        assert d.lines[23] == " q quits."
        await d.keys("j")
        assert d.lines[23].startswith(" Enter open")
        await d.keys(":", "log", "enter")
        assert "14:03:00  q quits." in "\n".join(d.lines)


async def test_old_values_zoom_pause_and_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("j", "j", "o")
        assert "•u claude-opus-4-6 •high" in d.lines[5]
        await d.keys("escape", "z")
        await until(d.pilot, lambda: "ops:hook" in d.lines[17])
        assert "•u gpt-5.2" in d.lines[5]
        await d.keys("escape")
        await until(d.pilot, lambda: "topic:42" in d.lines[17])
        await d.keys("p")
        assert d.lines[1].endswith("paused at 14:03:00")
        before = d.lines
        await d.change(incident.NOW, {SIGNAL: {**incident.at_first()[SIGNAL], "thinkingLevel": "max"}})
        assert d.lines[1:] == before[1:], "only the counts of versions go on"
        await d.keys("p")
        assert "●max" in d.lines[6]


async def test_all_seen_clears_the_marks(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("=")
        assert not re.search("[●•·]", "\n".join(d.lines[3:17]))


async def test_the_changes_one_by_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        visited = []
        for key in ("[", "[", "[", "[", "[", "]"):
            await d.keys(key)
            visited.append(d.cursor_key)
        assert visited == [incident.CODER, incident.PINNED, incident.PINNED, incident.PINNED, SIGNAL, incident.PINNED]


async def test_the_lock_drawer(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        holder = LockHolder(48213, incident.NOW - 12, True, "node openclaw gateway")
        await d.push(LockState(d.watch.path, incident.NOW, holder), "lock 48213 10s")
        await d.keys("L")
        await see(d.pilot, "pid 48213, alive   node openclaw gateway")
        assert "held for 10s, since 14:02:48" in "\n".join(d.lines)
        await d.keys("escape")
        await see(d.pilot, "─ last changes ─")


async def test_a_store_that_cannot_be_read_keeps_its_last_good_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    async with desk(tmp_path) as d:
        d.app.tick = lambda: None  # type: ignore[method-assign]
        await d.push(broken(d.watch.path), "STORE UNREADABLE since 14:03:05")
        await see(d.pilot, "─ what to do ─")
        faint = d.app.role_styles.ordinary["faint"]
        assert {segment.style for segment in d.main.table.render_line(2) if segment.text.strip()} == {faint}
        assert "NO WRITES" in d.lines[0]
        assert d.lines[3] == DRAWN[1].replace("     coder", "▌    coder")
        assert d.lines[12].startswith("   14:03:05   the file ends in the middle of an entry (byte 1,048,576)")
        assert d.lines[17] == "   2  :save-good sessions.json.good   writes the last good version to a new file"
        await d.keys(":", "save-good", "enter")
        await d.keys(":", "save-good rp.json", "enter")
        assert d.watch.saved == [here / "sessions.json.good", here / "rp.json"]
        assert d.app.messages.log[-1][1].startswith(f"Saved to {here}/rp.json: the last good version of ")
        await d.keys(":", "save", "enter")
        assert "Not saved to" in "\n".join(d.lines)
        await d.push(Recovered(d.watch.path, incident.NOW), "1:all 15")


async def test_a_store_that_shrank_is_accepted_only_on_command(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys(":", "accept", "enter")
        assert "Nothing to accept" in d.lines[23]
        await d.push(broken(d.watch.path, "shrank"), "STORE SHRANK at 14:03:05 from 412 entries to 3.")
        await d.keys(":", "acc", "enter")
        assert d.watch.accepted == 1


async def test_read_only_is_lifted_only_after_y(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("W")
        assert "READ-ONLY" in d.lines[0]
        await d.keys("W", "n")
        assert "READ-ONLY" in d.lines[0]
        await d.keys("W", "y")
        assert "locked writes" in d.lines[0]


async def test_a_run_started_read_only_stays_so(tmp_path: Path) -> None:
    async with desk(tmp_path, read_only=True) as d:
        await d.keys("W", "y")
        assert "READ-ONLY" in d.lines[0]
        assert d.app.dashboard.permit(d.watch.path).kind == "read-only"


@pytest.mark.parametrize(
    ("second", "copied"),
    [
        ("k", incident.PINNED),
        ("v", "openai/gpt-5.2"),
        ("c", f"clobberwatch show {incident.PINNED} --store "),
        ("e", '{"sessionId"'),
        ("j", '{\n  "key"'),
    ],
)
async def test_copying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str, copied: str) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with desk(tmp_path) as d:
        sent: list[str] = []
        monkeypatch.setattr(d.app, "write_to_terminal", sent.append)
        await d.keys("j", "j", "y", second)
        (asked,) = sent
        assert base64.b64decode(asked[len("\x1b]52;c;") : -1]).decode().startswith(copied)
        assert "Copied" in d.lines[23]


async def test_help_has_the_keys_of_the_screen_it_was_called_from(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.keys("?")
        await see(d.pilot, "keys   main screen")
        assert d.lines[3].split() == ["MOVE", "LOOK", "ACT"]
        await d.keys("escape")
        await see(d.pilot, "1:all 15")


@pytest.mark.parametrize(("columns", "rows"), [(59, 24), (80, 11)])
async def test_too_small_a_terminal_asks_for_more_room(tmp_path: Path, columns: int, rows: int) -> None:
    async with desk(tmp_path, columns, rows) as d:
        await see(d.pilot, f"60x12 at least: the terminal has {columns}x{rows}.")
        await d.pilot.resize_terminal(80, 24)
        await see(d.pilot, "─ last changes ─")


@pytest.mark.parametrize(("columns", "rows"), [(60, 12), (60, 23), (79, 24), (100, 30), (140, 40), (200, 60)])
async def test_every_size_has_its_table_and_its_keys(tmp_path: Path, columns: int, rows: int) -> None:
    async with desk(tmp_path, columns, rows) as d:
        assert "KEY" in d.lines[2]
        assert d.lines[3].startswith("▌")
        assert "? all keys" in d.lines[rows - 1]
        assert ("─ last changes" in "\n".join(d.lines)) == (rows >= 24)


async def test_the_mouse_only_moves_the_cursor(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.pilot.click("#table", offset=(10, 4))
        assert d.cursor_key == SIGNAL


@pytest.mark.parametrize("pressed", [["q"], ["ctrl+q"], ["ctrl+c", "ctrl+c"], [":", "quit", "enter"]])
async def test_ways_out(tmp_path: Path, pressed: list[str]) -> None:
    async with desk(tmp_path) as d:
        for key in pressed:
            await d.pilot.press(*(list(key) if key == "quit" else [{":": "colon"}.get(key, key)]))
        await until(d.pilot, lambda: not d.app.is_running)


async def test_the_end_of_a_long_list(tmp_path: Path) -> None:
    entries = {f"agent:main:hook:{number:04}": incident.entry(number * 60) for number in range(500)}
    app = app_over(FakeWatch(tmp_path / "sessions.json", entries, incident.NOW), Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "1:all 500")
        await keys(pilot, "G")
        await until(pilot, lambda: "▌    main:hook:0499" in frame(app)[16])
        await pilot.press("pageup")
        await until(pilot, lambda: "▌    main:hook:0485" in "\n".join(frame(app)))
        await keys(pilot, "g")
        await until(pilot, lambda: "▌    main:hook:0000" in frame(app)[3])
