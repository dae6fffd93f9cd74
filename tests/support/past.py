"""An entry's life told as events, for the detectors: who wrote what, from which copy, when."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from store.events import UNKNOWN_WRITER, Changed, EntryChange, Event, FileId, Loaded, Missed, Version, Writer
from store.findings.detector import Detector
from store.findings.finding import Finding
from store.js import ABSENT, Edit, JsonObject, encode

STORE = Path("/s/sessions.json")
KEY = "agent:main:telegram:direct:1"
START = 1_790_000_000.0
YOU = Writer(7, "you")
LOCK = Writer(48213, "lock")

BASE: JsonObject = {
    "sessionId": "11111111-aaaa-4aaa-8aaa-111111111111",
    "updatedAt": int(START * 1000),
    "thinkingLevel": "low",
    "lastChannel": "telegram",
    "lastTo": "1",
    "inputTokens": 12034,
    "outputTokens": 511,
    "lastInteractionAt": int(START * 1000) - 100,
}
MODEL: Edit = {"providerOverride": "openai", "modelOverride": "gpt-5.2"}
NO_MODEL: Edit = {"providerOverride": ABSENT, "modelOverride": ABSENT}
RUN: Edit = {
    "inputTokens": 20111,
    "outputTokens": 777,
    "model": "opus",
    "modelProvider": "anthropic",
    "contextTokens": 200_000,
}


def text(entry: JsonObject | None) -> bytes | None:
    """The entry as a gateway writes it."""
    return None if entry is None else encode(entry).encode()


def with_edit(entry: JsonObject, edit: Edit) -> JsonObject:
    """A copy with these fields set, or removed where ABSENT."""
    merged = {**entry, **edit}
    return {name: value for name, value in merged.items() if value is not ABSENT}


@dataclass
class Life:
    """One entry and its versions; `wrote` takes the next write and gives the findings it brings."""

    entry: JsonObject = field(default_factory=lambda: dict(BASE))
    key: str = KEY
    detector: Detector = field(default_factory=lambda: Detector(STORE))
    now: float = START

    def __post_init__(self) -> None:
        self.texts: list[JsonObject] = [self.entry]
        self.number = 1
        self.detector.observe(Loaded(STORE, self.version(), 1))

    def version(self, writer: Writer = UNKNOWN_WRITER, overtaken: int = 0) -> Version:
        """The version of now."""
        file = FileId(1, self.number, 100, int(self.now * 1e9))
        return Version(self.number, self.now, file, writer, overtaken=overtaken)

    def wrote(
        self,
        edit: Edit,
        *,
        copy: int = -1,
        stamp: float | None = None,
        after: float = 1.0,
        writer: Writer = UNKNOWN_WRITER,
        overtaken: int = 0,
    ) -> tuple[Finding, ...]:
        """A write `after` seconds later, made from the copy with this index, its updatedAt `stamp` or the present."""
        self.now += after
        self.number += 1
        held = self.texts[copy]
        stamped: Edit = {"updatedAt": int((self.now if stamp is None else stamp) * 1000)}
        entry = with_edit(held, {**stamped, **edit})
        change = EntryChange(self.key, text(self.texts[-1]), text(entry))
        self.texts.append(entry)
        return self.tell(Changed(STORE, self.version(writer, overtaken), (change,), 1))

    def tell(self, event: Event) -> tuple[Finding, ...]:
        """Any other event."""
        return self.detector.observe(event)

    def missed(self, count: int | None = 1) -> None:
        """Versions that nobody saw."""
        self.number += count or 0
        self.tell(Missed(STORE, self.now, count))


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, set[str]]]:
    """Kind, grade and the fields of each."""
    return [(found.kind, found.grade, {field.field for field in found.fields}) for found in findings]
