"""Keys that come all at once, as a slow line brings them: each does what it would have done alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from textual import events

from store.entry.delivery import next_route
from store.events import Event
from store.js import JsonObject
from store.openclaw.paths import StorePath
from store.watch import StopEvent, Watch
from tests.support.incident import route
from tests.support.live_app import LOCKED, dashboard, keys, see
from tests.support.stores import entry, write_store
from tui.app import ClobberwatchApp
from tui.keyboard import KeyParser

KEY = "agent:main:telegram:direct:12345"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return write_store(tmp_path / "sessions.json", {KEY: entry(thinkingLevel="low", **route("telegram", "12345"))})


def on_disk(store: Path) -> JsonObject:
    found = json.loads(store.read_text())[KEY]
    assert isinstance(found, dict)
    return found


async def test_a_whole_edit_sent_at_once_is_written(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "l", "thinkingLevel", "tab", "high", "enter", "w")
        await see(pilot, "Written: thinkingLevel is high (was low).")
    assert on_disk(store)["thinkingLevel"] == "high"


async def test_what_follows_a_tab_goes_into_the_next_field(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "d", "ctrl+u", "slack", "tab", "ctrl+u", "C1", "tab", "work", "enter", "w")
        await see(pilot, "Written: ")
    found = next_route(on_disk(store))
    assert (found.channel, found.to, found.account) == ("slack", "C1", "work")


async def test_a_paste_is_there_when_enter_follows_it_at_once(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m")
        pilot.app.post_message(events.Paste("zai/glm-4.7\nand a second line"))
        await keys(pilot, "enter", "w")
        await see(pilot, "Written: model is zai/glm-4.7")
    assert on_disk(store)["modelOverride"] == "glm-4.7"


async def test_enter_twice_writes_nothing_and_types_nothing(store: Path) -> None:
    before = store.read_bytes()
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "m", "zai/glm-4.7", "enter", "enter", "enter")
        await see(pilot, "nothing is written yet")
        await keys(pilot, "e")
        await see(pilot, "set to     zai/glm-4.7  ")
    assert store.read_bytes() == before


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (["\x1bj"], ["escape", "j"]),
        (["\x1b", "j"], ["escape", "j"]),
        (["\x1b3/\x1b[B"], ["escape", "3", "slash", "down"]),
        (["\x1bh\x1b\x1bq"], ["escape", "h", "escape", "escape", "q"]),
        (["\x1bb", "\x1b", "f"], ["alt+b", "alt+f"]),
        (["\x1b", "[A\x1bOB"], ["up", "down"]),
        (["\x1b[200~a\x1b[201~j"], ["a", "j"]),
    ],
)
def test_esc_and_a_key_in_one_packet_are_esc_and_that_key(sent: Sequence[str], keys: Sequence[str]) -> None:
    parser = KeyParser()
    messages = [message for data in sent for message in parser.feed(data)]
    said = [message.key if isinstance(message, events.Key) else getattr(message, "text", "") for message in messages]
    assert said == keys


async def test_a_sentence_stays_while_keys_that_do_nothing_here_follow(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "u", "w", "w")
        await see(pilot, "Nothing to undo")
        await keys(pilot, "j")
        await see(pilot, "? all keys")


async def test_option_with_an_arrow_goes_by_words_in_a_text_and_is_esc_and_a_letter_elsewhere(store: Path) -> None:
    async with dashboard(store) as pilot:
        await keys(pilot, "e", "l", "label", "tab", "one two", "alt+b", "X", "enter", "w")
        await see(pilot, "Written: label is one Xtwo")
        await keys(pilot, "enter", "alt+f")
        await see(pilot, " findings   0 open")
        await keys(pilot, "q")
        await see(pilot, "1:all 1")


class LateWatch(Watch):
    """A store that takes its time."""

    def __init__(self, store: Path) -> None:
        super().__init__([store])
        self.read = threading.Event()

    def events(self, stop: StopEvent) -> Iterator[Event]:
        self.read.wait(20)
        return super().events(stop)


async def test_keys_that_come_before_the_first_rows_wait_for_them(store: Path) -> None:
    watch = LateWatch(store)
    app = ClobberwatchApp([StorePath(store, "main", None)], watch=watch, find_discipline=lambda _: LOCKED)
    async with app.run_test(size=(80, 24)) as pilot:
        await keys(pilot, "enter", "3")
        watch.read.set()
        await see(pilot, "thinkingLevel")
