"""A version that a gateway made of what it was asked for is known as ours, as soon as it can be seen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from store.events import EntryChange, FileId
from store.js import ABSENT, JsonObject, encode
from store.writing.journal import Journal
from store.writing.own import OwnWrites

STORE = Path("/s/agents/main/sessions/sessions.json")
KEY, OTHER = "agent:main:main", "agent:main:other"
BASE: JsonObject = {"sessionId": "s", "updatedAt": 1, "providerOverride": "openai", "modelOverride": "gpt-5.2"}
OPUS: dict[str, Any] = {"providerOverride": "anthropic", "modelOverride": "opus"}
FILE = FileId(1, 2, 3, 4)


class Story:
    """A journal that is told of requests, and whoever reads it and sees versions."""

    def __init__(self, folder: Path) -> None:
        self.journal, self.own = Journal(folder), OwnWrites(folder)

    def asks(self, **edits: Mapping[str, Any]) -> str:
        by_key = {KEY if name == "main" else OTHER: edit for name, edit in edits.items()}
        return self.journal.asked(str(STORE), by_key, dict.fromkeys(by_key, BASE))

    def sees(self, *changes: EntryChange, after_s: float = 0.0, store: Path = STORE) -> bool:
        return self.own.wrote(store, FILE, time.time() + after_s, changes)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def change(key: str = KEY, before: JsonObject = BASE, **fields: Any) -> EntryChange:
    after = {name: value for name, value in {**before, "updatedAt": 2, **fields}.items() if value is not ABSENT}
    return EntryChange(key, encode(before).encode(), encode(after).encode())


def test_what_was_asked_for_is_ours_before_it_is_answered_and_once(story: Story) -> None:
    assert not story.sees(change(**OPUS))
    story.asks(main=OPUS)
    follows: dict[str, Any] = {
        "modelOverrideSource": "user",
        "authProfileOverride": "x",
        "model": ABSENT,
        "totalTokens": 5,
    }
    assert story.sees(change(**OPUS, **follows))
    assert not story.sees(change(**OPUS))


def test_a_model_that_is_the_default_is_cleared_instead(story: Story) -> None:
    story.asks(main=OPUS)
    assert story.sees(change(providerOverride=ABSENT, modelOverride=ABSENT))


@pytest.mark.parametrize(
    "fields",
    [
        {"providerOverride": "zai", "modelOverride": "glm-4.7"},
        {**OPUS, "label": "by somebody else"},
        {**OPUS, "sessionId": "another"},
        {"modelOverride": "opus"},
        {"totalTokens": 5},
    ],
)
def test_what_was_not_asked_for_is_not_ours(story: Story, fields: dict[str, Any]) -> None:
    story.asks(main=OPUS)
    assert not story.sees(change(**fields))
    assert not story.sees(change(OTHER, **OPUS))
    assert not story.sees(change(**OPUS), store=Path("/another/sessions.json"))
    assert not story.sees(EntryChange(KEY, None, change(**OPUS).after))
    assert story.sees(change(**OPUS))


def test_a_version_with_more_than_was_asked_for_is_somebody_elses(story: Story) -> None:
    story.asks(main=OPUS, other=OPUS)
    assert not story.sees(change(**OPUS), change("agent:main:third", label="x"))
    assert story.sees(change(**OPUS), change(OTHER, **OPUS))


def test_two_requests_may_be_seen_as_one_version(story: Story) -> None:
    story.asks(main=OPUS)
    story.asks(main={"modelOverride": "sonnet"})
    story.asks(main={"thinkingLevel": "high"})
    assert story.sees(change(providerOverride="anthropic", modelOverride="sonnet", thinkingLevel="high"))


def test_two_edits_of_a_database_that_are_seen_as_one_are_ours(story: Story) -> None:
    database = Path("/s/agents/main/agent/openclaw-agent.sqlite")
    for edit in (OPUS, {"thinkingLevel": "high"}):
        number = story.journal.intent(str(database), FILE, FileId(9, 9, 9, 9), {KEY: edit}, {KEY: BASE})
        story.journal.outcome(number, "written")
    assert not story.sees(change(**OPUS, thinkingLevel="low"), store=database)
    assert story.sees(change(**OPUS, thinkingLevel="high"), store=database)


def test_it_is_waited_for_a_while_and_a_moment_after_the_answer(story: Story) -> None:
    number = story.asks(main=OPUS)
    assert not story.sees(change(**OPUS), after_s=91)
    story.journal.answered(number, str(STORE), FILE, {KEY: OPUS}, {KEY: BASE})
    assert not story.sees(change(**OPUS), after_s=3)
    assert story.sees(change(**OPUS), after_s=-3600), "a clock that was set back"


def test_nothing_comes_of_what_was_declined(story: Story) -> None:
    story.journal.outcome(story.asks(main=OPUS), "given up")
    assert not story.sees(change(**OPUS))


@pytest.mark.parametrize(
    "record",
    [
        b'{"kind": "asked"}',
        b'{"kind": "asked", "id": "x", "at": 1, "store": "s", "entries": 5}',
        b'{"kind": "asked", "id": "x", "at": 1, "store": "s", "entries": {"k": 5}}',
        b'{"kind": "answered", "id": "y", "temp": {}}',
    ],
)
def test_damaged_records_are_passed_over(story: Story, record: bytes) -> None:
    story.asks(main=OPUS)
    with story.journal.path.open("ab") as out:
        out.write(record + b"\n")
    assert story.sees(change(**OPUS))
