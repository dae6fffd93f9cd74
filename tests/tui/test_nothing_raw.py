"""No text of a file reaches the terminal as anything but text."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.events import Broken, LockHolder, LockState, Writer
from tests.support import incident
from tests.support.dashboard import Clock, app_over
from tests.support.fake_watch import FakeWatch, version
from tests.support.live_app import frame, keys, until
from tests.support.pty_screen import PtyScreen
from tests.support.story import STORE, Story
from tui.layout.broken_lines import broken_lines
from tui.layout.columns import RowView, header, row_line
from tui.layout.entry_part import entry_part
from tui.layout.feed import feed_lines
from tui.layout.lock_lines import lock_lines
from tui.layout.scope import banner_line, filter_line, typed_line, views_line
from tui.layout.status import status_line
from tui.layout.widths import widths
from tui.look.line import Line, plain, width
from tui.look.theme import role_styles
from tui.roster import Roster, view_counts
from tui.widgets.strips import changed_cells, to_strip

TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "\x1b[31mred",
            "\x1b]0;title\x07",
            "[/foo] bar",
            "a\nb\tc",
            "\u202eevil",
            "長い名前",
            "\u200b",
            "\x9b2J",
            "e\u0301",
        ]
    ),
)
VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
FIELDS = [
    "providerOverride",
    "modelOverride",
    "modelOverrideSource",
    "modelProvider",
    "model",
    "thinkingLevel",
    "sendPolicy",
    "status",
    "updatedAt",
    "sessionId",
    "label",
    "lastChannel",
    "lastTo",
    "lastAccountId",
    "lastThreadId",
    "deliveryContext",
    "origin",
    "channel",
]
ENTRY = st.one_of(st.dictionaries(st.sampled_from(FIELDS), VALUE, max_size=8), VALUE)
KEY = st.one_of(TEXT, st.lists(TEXT, max_size=5).map(lambda parts: ":".join(["agent", *parts])))

SEQUENCE = re.compile(rb"\x1b(\[[0-9;?<>=$]*[ -/]*[@-~]|\][^\x1b\x07]*(\x07|\x1b\\)|[=>78])")
NASTY = {
    "agent:main:\x1b]0;owned\x07:\x1b[2J": {
        "modelOverride": "[/foo] \x1b[31m",
        "thinkingLevel": "\x9b31m",
        "label": "\r\n\x08",
    },
    "agent:main:telegram:direct:\u202e\u2066evil": {"lastChannel": "\x1bP", "lastTo": "\x07\x1b\\", "status": "\x00"},
    "[bold]markup[/bold]": {"providerOverride": ":smile:", "modelOverride": "\ud800"},
    "k" * 10_000: {"modelProvider": "\x7f", "model": "\x85\x9d"},
    "agent:main:main": "\x1b[31mnot an object",
}


def harmless(lines: list[Line], cells: int) -> None:
    for line in lines:
        assert plain(line).isprintable() or not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", plain(line))
        assert width(line) <= cells


def every_line(story: Story, cells: int, text: str) -> list[Line]:
    board, now = story.dashboard, story.clock()
    view = RowView(widths(cells), now, old=len(text) % 2 == 0)
    roster = Roster()
    roster.take(board)
    state = next(iter(board.stores.values()))
    lines = [
        status_line(board, cells),
        views_line(view_counts(board, now), "1", cells),
        header(view.widths, "key", False),
    ]
    for row in [*roster.order, *board.removed]:
        drawn = row_line(board, row, view, on_cursor=True)
        assert width(drawn) == cells
        lines += [drawn, *entry_part(board, row, cells, 4)]
    lines += feed_lines(board, cells, 9) + lock_lines(state, now, cells) + broken_lines(state, now, cells)
    return [
        *lines,
        banner_line(state, now, cells),
        filter_line(text, 1, 2, cells),
        typed_line("/", text, 0, "x", cells),
    ]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEY, ENTRY, max_size=4), st.dictionaries(KEY, ENTRY, max_size=4), TEXT, st.integers(60, 130))
def test_every_line_of_the_main_screen_is_printable_and_fits(
    before: dict[str, object], after: dict[str, object], text: str, cells: int
) -> None:
    story = Story(FakeWatch(STORE, before, incident.NOW - 5))
    gone: dict[str, object | None] = dict.fromkeys(before, None)
    story.watch.change(incident.NOW, {**gone, **after}, Writer(None, "unknown"))
    story.watch.push(LockState(STORE, incident.NOW, LockHolder(1, incident.NOW, True, text)))
    story.watch.push(Broken(STORE, incident.NOW, "unreadable", text, version(2, incident.NOW), 3, None))
    story.catch_up()
    harmless(every_line(story, cells, text), cells)


@given(st.lists(st.tuples(TEXT, st.sampled_from(["text", "strong", "now", "faint"])), max_size=6), st.integers(1, 90))
def test_a_strip_is_exactly_as_wide_as_its_line(parts: list[tuple[str, str]], cells: int) -> None:
    from tui.look.line import Span, line

    made = line(*(Span(text, role) for text, role in parts))  # type: ignore[arg-type]
    strip = to_strip(made, cells, role_styles(colour=True))
    assert sum(segment.cell_length for segment in strip) == cells
    assert changed_cells(made, made, cells) == (0, 0)


async def test_a_store_of_hostile_text_is_shown_in_pieces_of_text(tmp_path: Path) -> None:
    watch = FakeWatch(tmp_path / "sessions.json", NASTY, incident.NOW - 60)
    app = app_over(watch, Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "1:all 5" in frame(app)[1])
        for key in ("j", "j", "j", "j", "o", "L", "L", "y", "k", "/"):
            await keys(pilot, key)
            assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(frame(app)))
        await keys(pilot, "escape")
        watch.change(incident.NOW, {key: {"thinkingLevel": key} for key in NASTY})
        await until(pilot, lambda: "●" in "".join(frame(app)))
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(frame(app)))


def test_the_terminal_gets_no_sequence_but_ours(tmp_path: Path) -> None:
    store = tmp_path / "sessions.json"
    store.write_text(json.dumps(NASTY))
    script = (
        "import sys\nfrom pathlib import Path\nfrom store.openclaw.paths import StorePath\n"
        "from tui.app import ClobberwatchApp\n"
        "ClobberwatchApp([StorePath(Path(sys.argv[1]), 'main', None)]).run()\n"
    )
    root = Path(__file__).parent.parent.parent
    with PtyScreen([sys.executable, "-c", script, str(store)], env={**os.environ, "PYTHONPATH": str(root)}) as screen:
        screen.read_until(lambda lines: "5 entries" in lines[0] and "1:all 5" in lines[1], 30)
        for key in "jjjjkoo":
            screen.send(key)
            screen.read_until_quiet(0.2)
        left = SEQUENCE.sub(b"", bytes(screen.received)).replace(b"\r\n", b"")
        assert not re.search(rb"[\x00-\x1f\x7f]", left)
        assert b"owned" not in b"".join(match[0] for match in SEQUENCE.finditer(bytes(screen.received)))
        assert not re.search("[\x80-\x9f]", left.decode())


@pytest.mark.parametrize("colour", [True, False])
def test_without_colour_only_attributes_are_left(colour: bool) -> None:
    styles = role_styles(colour)
    tinted = {role for role, style in {**styles.ordinary}.items() if style.color is not None}
    assert tinted == ({"accent", "active", "alarm"} if colour else set())
    assert all(style.bgcolor is None for style in [*styles.ordinary.values(), *styles.on_cursor.values()])
