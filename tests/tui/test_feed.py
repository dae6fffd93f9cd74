from __future__ import annotations

import pytest

from tests.support import incident
from tests.support.fake_watch import FakeWatch
from tests.support.story import STORE, Story
from tui.layout.entry_part import entry_part
from tui.layout.feed import feed_lines
from tui.look.line import plain, width
from tui.state import Olds


def feed(story: Story, rows: int = 12) -> list[str]:
    lines = feed_lines(story.dashboard, 80, rows)
    assert {width(line) for line in lines} == {80}
    return [plain(line).rstrip() for line in lines]


def part(story: Story, key: str, rows: int = 2, cells: int = 80) -> list[str]:
    return [plain(line).rstrip() for line in entry_part(story.dashboard, story.row(key), cells, rows)]


def test_the_newest_changes_are_said_as_drawn() -> None:
    assert feed(Story())[:5] == [
        " 14:02:58 ● coder:subagent:7f3a01c2…   think low → high                pid 48213",
        " 14:02:09 • main:tg:…7654321:topic:42  think high → medium             pid 48213",
        " 14:02:09 • main:tg:…7654321:topic:42  model claude-opus-4-6 → gpt-5.2 pid 48213",
        " 14:02:07 • main:tg:…7654321:topic:42  model gpt-5.2 → claude-opus-4-6 you",
        " 14:01:58 • main:sg:+436601234567      send allow → deny               no lock",
    ]


def test_fields_lost_in_one_write_are_one_line() -> None:
    lost = next(line for line in feed(Story()) if line.startswith(" 13:58:40"))
    assert lost.endswith("2 fields gone: label, groupAct… pid 48213")


def test_a_route_that_moves_is_one_line() -> None:
    story = Story()
    moved = {**incident.at_first()["agent:main:main"], **incident.route("whatsapp", "+12065550142")}
    story.watch.change(incident.NOW, {"agent:main:main": moved})
    story.catch_up()
    assert [line for line in feed(story) if "main:main" in line] == [
        " 14:03:00 ● main:main                  reply - → +12065550142          pid 48213"
    ]


@pytest.mark.parametrize("field", ["deliveryContext", "route"])
def test_a_route_that_is_an_object_is_said_as_a_route(field: str) -> None:
    story = Story()
    before = incident.at_first()["agent:main:main"]
    target = {"channel": "whatsapp", "to": "+12065550142", "accountId": "default"}
    moved = {**before, field: target if field == "deliveryContext" else {**target, "target": {"to": target["to"]}}}
    story.watch.change(incident.NOW, {"agent:main:main": moved})
    story.catch_up()
    (said,) = [line for line in feed(story) if "main:main" in line]
    assert "5550142" in said and "{" not in said and "}" not in said and "account" not in said


def test_without_changes_it_says_since_when_it_looks() -> None:
    story = Story(FakeWatch(STORE, {"a": {}}, incident.local("14:02:31")))
    since = " No findings. Watching since 14:02:31; what was lost before that cannot be seen."
    assert feed(story) == [since, " :load FILE opens a recording or an old copy (.bak)."]
    story.dashboard.olds = Olds(3, incident.local("09:12:00"))
    assert feed(story) == [since, " 3 older copies found: :load shows what changed since 09:12:00."]


def test_entries_that_went_are_no_silence() -> None:
    story = Story(FakeWatch(STORE, {"a": {}, "b": {}}, incident.local("14:02:31")))
    story.watch.change(incident.NOW, {"b": None})
    story.catch_up()
    assert feed(story)[0] == " No field changed, but 1 entry went. Watching since 14:02:31."


def test_the_entry_part_answers_both_questions() -> None:
    assert part(Story(), incident.PINNED) == [
        "─ agent:main:telegram:group:-1001987654321:topic:42 ────────────────────────────",
        "  model     openai/gpt-5.2 · user · was anthropic/claude-opus-4-6 until 14:02:09",
        "  replies   telegram -1001987654321 · topic 42 · account default · allowed",
    ]


def test_the_entry_part_says_what_is_wrong_with_a_route() -> None:
    assert "~ cannot be right" in part(Story(), "agent:main:cron:morning-brief")[2]


def test_the_entry_part_of_a_removed_entry() -> None:
    story = Story()
    story.watch.change(incident.local("14:03:11"), {"agent:main:main": None})
    story.catch_up()
    assert part(story, "agent:main:main")[1] == "  entry     removed 14:03:11"


def test_more_room_tells_more() -> None:
    assert part(Story(), incident.PINNED, rows=4)[3:] == [
        "  thinking  medium · was high until 14:02:09",
        "  session   5b0c71e2… · done · updated 50s ago · 473 B",
    ]


def test_a_warning_about_the_route_is_never_what_is_cut() -> None:
    key = "agent:main:slack:channel:c07f1e9d2b"
    elsewhere = incident.route("slack", "4980787021") | {"lastThreadId": "76", "lastAccountId": "default"}
    said = part(Story(FakeWatch(STORE, {key: elsewhere}, incident.NOW)), key)[2]
    assert "≠ not the key's chat · slack 4980787021 · thread 76 · allowed" in said


def test_what_a_model_was_is_told_whole_at_80x24() -> None:
    key = "agent:main:main"
    qwen = {"providerOverride": "ollama", "modelOverride": "qwen3:32b", "modelOverrideSource": "user"}
    opus = {**qwen, "providerOverride": "anthropic", "modelOverride": "claude-opus-4-6"}
    story = Story(FakeWatch(STORE, {key: qwen}, incident.NOW - 5))
    story.watch.change(incident.NOW, {key: opus})
    story.catch_up()
    assert part(story, key)[1] == "  model     anthropic/claude-opus-4-6 · user · was qwen3:32b until 14:03:00"
    story.watch.change(incident.NOW, {key: {**opus, "modelOverrideSource": "auto"}})
    story.catch_up()
    assert part(story, key)[1] == "  model     anthropic/claude-opus-4-6 · auto · was user until 14:03:00"


def test_a_field_nobody_knows_that_never_rests_takes_one_line() -> None:
    story = Story()
    before = feed(story)
    for tick in range(30):
        changed = {**incident.at_first()["agent:main:main"], "pluginTicks": tick}
        story.watch.change(incident.NOW - 30 + tick, {"agent:main:main": changed})
        story.catch_up()
    after = feed(story)
    assert after[0].startswith(" 14:02:59 ● main:main                  pluginTicks 28 → 29")
    assert after[1:5] == before[:4]


def test_a_delivery_object_is_said_as_where_it_leads() -> None:
    story = Story(FakeWatch(STORE, {"agent:main:main": {"delivery": {"kind": "none"}}}, incident.NOW))
    context = {"channel": "telegram", "to": "42"}
    moved = {"delivery": {"kind": "external", "route": {}, "context": context, "origin": {}}}
    story.watch.change(incident.NOW, {"agent:main:main": moved})
    story.catch_up()
    assert [line for line in feed(story) if "main:main" in line] == [
        " 14:03:00 ● main:main                  reply not set → telegram 42     pid 48213"
    ]


def test_without_an_override_the_part_says_what_the_next_reply_will_use() -> None:
    model = part(Story(), "agent:main:signal:direct:+436601234567", rows=2)[1]
    assert model == "  model     the agent's default · last run used openai/gpt-5.2"
