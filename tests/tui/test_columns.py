from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import incident
from tests.support.fake_watch import FakeWatch
from tests.support.story import STORE, Story
from tui.layout.columns import RowView, header, row_line
from tui.layout.widths import AMOUNTS, Amount, widths
from tui.look.line import Role, plain, width
from tui.roster import Roster

DRAWN = """\
     KEY                        S MODEL            THINK REPLY TO      ↓UPD  CHG
     coder:subagent:7f3a01c2…   u claude-opus-4-6 ●high  -              now ●now
     main:main                   (claude-opus-4-6) -     wc             20s
▌    main:tg:…7654321:topic:42 •u gpt-5.2         •med   = key          50s  50s
     main:sg:+436601234567       (gpt-5.2)         -    •deny = key      1m   1m
     ops:cron:daily-digest     •a glm-4.7          low   sl c0a1b2c3d4   2m   2m
     coder:sl:…71204418.334519  u≠gemini-3-pro     high  = key           3m
     main:wa:+4915112345678      (gpt-5.2)         -     = key           4m • 4m
     main:dc:…8273645511228899  o gpt-5.2          -     = key           7m
   ~ main:cron:morning-brief     (glm-4.7)         low   ~ heartbeat     9m
     ops:cron:…p:run:5d2e6c14…   (glm-4.7)         -     -              12m
     main:tg:512388041         ·u claude-opus-4-6  med   = key          18m  18m
     main:tg:…87654321:topic:7   (gpt-5.2)         low   = key          21m
     coder:acp:…aude:4c1d9f30… ·a glm-4.7          off   -              26m  26m
     main:subagent:b90e44d1…     (qwen3:32b)       -     -              31m""".splitlines()


def table(story: Story, cells: int = 80, old: bool = False, cursor: str = incident.PINNED) -> list[str]:
    roster = Roster()
    roster.take(story.dashboard)
    view = RowView(widths(cells), story.clock(), old)
    lines = [header(view.widths, roster.sort, roster.descending)]
    lines += [row_line(story.dashboard, row, view, row.key == cursor) for row in roster.order]
    assert {width(line) for line in lines} == {cells}
    return [plain(line).rstrip() for line in lines]


def roles(story: Story, key: str) -> dict[str, Role]:
    line = row_line(story.dashboard, story.row(key), RowView(widths(80), story.clock()), on_cursor=False)
    return {span.text.strip(): span.role for span in line if span.text.strip()}


def cell(story: Story, key: str, start: int, end: int, old: bool = False) -> str:
    line = row_line(story.dashboard, story.row(key), RowView(widths(80), story.clock(), old), on_cursor=False)
    return plain(line)[start:end].rstrip()


def one(fields: dict[str, object], key: str = "agent:main:main") -> Story:
    return Story(FakeWatch(STORE, {key: fields}, incident.NOW))


def test_the_table_is_the_one_that_was_drawn() -> None:
    assert table(Story())[:15] == DRAWN


@pytest.mark.parametrize("cells", [100, 120, 160, 200])
def test_a_wider_table_has_the_columns_that_were_drawn(cells: int) -> None:
    drawn = Path(__file__).with_name("drawn") / f"table-{cells}.txt"
    assert table(Story(), cells)[:16] == drawn.read_text().splitlines()


@pytest.mark.parametrize("cells", range(60, 261, 7))
@pytest.mark.parametrize("wanted", ["usual", "more", "fewer"])
@pytest.mark.parametrize("clock", [False, True])
def test_the_columns_fill_every_width(cells: int, wanted: Amount, clock: bool) -> None:
    shape = widths(cells, wanted, clock=clock, stores=2)
    assert shape.taken == cells
    assert shape.key >= 12


def test_more_columns_are_asked_for_and_fewer() -> None:
    usual, more, fewer = (widths(160, wanted, stores=2) for wanted in AMOUNTS)
    assert (more.size, more.session, more.store) == (6, 9, 0)
    assert widths(200, "more", stores=2).store == 10
    assert widths(80, "more").size == 6
    assert (fewer.change, fewer.used, fewer.kind) == (0, 0, 0)
    assert fewer.key > 2 * usual.key
    assert widths(80, "fewer") == widths(80)


def test_a_removed_row_of_a_wide_table_keeps_its_agent_and_kind() -> None:
    story = Story()
    story.watch.change(incident.local("14:03:11"), {"agent:main:main": None})
    story.catch_up()
    line = row_line(story.dashboard, story.row("agent:main:main"), RowView(widths(160), story.clock()), False)
    assert plain(line)[5:70].split() == ["main", "main", "main", "removed", "14:03:11"]


def test_times_of_day_in_place_of_ages() -> None:
    story = Story()
    view = RowView(widths(80, clock=True), story.clock(), clock=True)
    shown = plain(row_line(story.dashboard, story.row(incident.PINNED), view, False))
    assert shown.endswith("= key          14:02  14:02")


def test_what_changed_just_now_is_reversed_and_what_changed_lately_is_strong() -> None:
    story = Story()
    assert roles(story, incident.CODER)["●high"] == "now"
    assert roles(story, incident.CODER)["●now"] == "now"
    assert roles(story, incident.PINNED)["u gpt-5.2"] == "strong"
    assert roles(story, incident.PINNED)["•"] == "accent"
    assert roles(story, "agent:main:main")["(claude-opus-4-6)"] == "faint"


def test_marks_fade() -> None:
    story = Story()
    shown = []
    for seconds in (0, 9, 300):
        story.clock.now = incident.NOW + seconds
        shown.append(cell(story, incident.CODER, 50, 56))
    assert shown == ["●high", "•high", "·high"]


def test_all_seen_clears_the_marks_and_keeps_the_times() -> None:
    story = Story()
    story.dashboard.all_seen()
    assert all(mark not in "".join(table(story)) for mark in "●•·")
    assert cell(story, incident.PINNED, 77, 80) == "50s"


def test_old_values_stand_in_place_of_the_new_ones_with_their_marks() -> None:
    story = Story()
    assert cell(story, incident.PINNED, 31, 56, old=True) == "•u claude-opus-4-6 •high"
    assert cell(story, "agent:main:signal:direct:+436601234567", 56, 70, old=True) == "•= key"
    assert cell(story, "agent:main:main", 31, 56, old=True) == cell(story, "agent:main:main", 31, 56)


def test_a_removed_entry_says_so_where_the_model_stood() -> None:
    story = Story()
    story.watch.change(incident.local("14:03:11"), {"agent:main:main": None})
    story.catch_up()
    assert cell(story, "agent:main:main", 5, 60) == "main:main                    removed 14:03:11"


@pytest.mark.parametrize(
    ("fields", "model", "reply"),
    [
        ({}, "  -", "-"),
        ({"modelOverride": "gpt-5.2"}, "o gpt-5.2", "-"),
        (
            {"providerOverride": "openai", "modelOverride": "m" * 40, "modelOverrideSource": "default"},
            "d …" + 14 * "m",
            "-",
        ),
        (incident.used("openai", "a-model-with-a-long-name"), " (…th-a-long-name)", "-"),
        ({**incident.route("telegram", "77", 9), "sendPolicy": "deny"}, "  -", "deny tg 77 #9"),
        ({"sendPolicy": "deny"}, "  -", "deny -"),
        (incident.route("whatsapp", "+4915112345678", account="work"), "  -", "wa …45678 @wo…"),
    ],
)
def test_cells_in_their_narrow_forms(fields: dict[str, object], model: str, reply: str) -> None:
    story = one(fields)
    assert cell(story, "agent:main:main", 57, 72) == reply
    assert cell(story, "agent:main:main", 32, 50) == model


def test_a_reply_that_goes_elsewhere_differs_from_the_key() -> None:
    key = "agent:main:whatsapp:direct:+12065550142"
    assert cell(one(incident.route("whatsapp", "+4915112345678"), key), key, 57, 72) == "≠ wa …12345678"


def test_a_route_is_judged_as_the_gateway_would() -> None:
    key = "agent:main:whatsapp:direct:+12065550142"
    assert cell(one(incident.route("whatsapp", "12065550142@s.whatsapp.net"), key), key, 57, 72) == "= key"
    assert cell(one(incident.route("cron", "+12065550142"), key), key, 57, 72) == "~ +12065550142"
    assert cell(one(incident.route("webhook"), key), key, 57, 72) == "~ webhook"


def test_a_model_set_after_the_last_run_is_not_said_to_differ_from_it() -> None:
    story = Story()
    story.watch.change(
        incident.NOW,
        {
            "agent:main:main": incident.entry(
                0, **incident.override(*incident.GLM, "user"), **incident.used(*incident.OPUS)
            )
        },
    )
    story.catch_up()
    assert cell(story, "agent:main:main", 32, 50) == "u glm-4.7"
    ran = incident.entry(0, **incident.override(*incident.GLM, "user"), **incident.used(*incident.GPT))
    story.watch.change(incident.NOW + 5, {"agent:main:main": ran})
    story.catch_up()
    assert cell(story, "agent:main:main", 32, 50) == "u≠glm-4.7"


def test_an_entry_that_is_no_object_says_so() -> None:
    story = Story(FakeWatch(STORE, {"agent:main:main": [1, 2]}, incident.NOW))
    assert cell(story, "agent:main:main", 32, 50).startswith("! ")


@pytest.mark.parametrize("cells", range(60, 221, 5))
def test_every_width_is_filled_exactly(cells: int) -> None:
    table(Story(), cells)


@pytest.mark.parametrize("cells", [60, 70, 80, 120, 160, 200])
def test_a_row_that_only_stays_for_the_cursor_says_so_in_whole_words(cells: int) -> None:
    story = Story()
    view = RowView(widths(cells), incident.NOW)
    said = plain(row_line(story.dashboard, story.row(incident.CODER), view, True, False, stray=True))
    assert re.search(r"no longer matches |no match now |no match ", said)
