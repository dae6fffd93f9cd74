"""The data of the pictures: the incident of the tests told in a store of 412 entries, with what went wrong before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from store.events import UNKNOWN_WRITER, Writer
from tests.support.clobbered import clobber
from tests.support.fake_watch import GATEWAY, FakeWatch
from tests.support.incident import (
    CODER,
    GLM,
    GPT,
    NO_LOCK,
    OPUS,
    PINNED,
    YOU,
    Entry,
    at_first,
    entry,
    local,
    override,
    route,
    used,
)

ENTRIES: Final = 412
_OLDER_ROUTE: Final = ("deliveryContext", "lastChannel", "lastTo", "lastAccountId", "lastThreadId")
STORE_BYTES: Final = 20_761_804
QWEN, GEMINI = ("ollama", "qwen3:32b"), ("google", "gemini-3-pro")
ACP: Final = "agent:coder:acp:claude:4c1d9f30-91d4-4b6e-a1f0-2c9b6f0e7a11"
WHATSAPP, STRAYED = "agent:main:whatsapp:direct:+4915112345678", "agent:main:whatsapp:direct:+12065550142"
DIRECT, OFFICE = "agent:coder:telegram:direct:733190562", "agent:main:discord:channel:118273645511229904"
HELD, PINNED_AT = local("14:01:28") + 0.2, local("14:02:07") + 0.412
"""When the copy was read that the gateway wrote back, and the write that was lost by that."""


def watch(path: Path) -> FakeWatch:
    """The store of 412 entries from 13:02:11 to 14:02:58, as a stream of 204 versions."""
    return _Telling(path, {**_drawn(), **_others()}).told()


def small(path: Path) -> FakeWatch:
    """The same story in a store of 38 entries, as the demo has."""
    return _Telling(path, dict([*_drawn().items(), *_others().items()][:38])).told()


def in_database(path: Path) -> FakeWatch:
    """The same story in a database, which keeps a route as one object."""
    return _Telling(path, {**_drawn(), **_others()}, _with_delivery).told()


def _as_it_is(fields: Entry) -> Entry:
    return fields


def _with_delivery(fields: Entry) -> Entry:
    kept = {name: value for name, value in fields.items() if name not in _OLDER_ROUTE}
    context = fields.get("deliveryContext")
    return {**kept, "delivery": {"kind": "external", "context": context}} if context else kept


class _Telling:
    """The watch, and the entries as they stand at this point of the story."""

    def __init__(self, path: Path, entries: dict[str, Entry], kept: Callable[[Entry], Entry] = _as_it_is) -> None:
        self.entries, self._kept = entries, kept
        first = {key: kept(fields) for key, fields in entries.items()}
        self.watch = FakeWatch(path, first, local("13:02:11"), size=STORE_BYTES)

    def told(self) -> FakeWatch:
        """Everything that happens, in order."""
        self._before_the_incident()
        self._runs(140 - self.watch.number, local("13:59:00"), HELD - 1)
        held = {**self.entries[PINNED], "status": "running", "compactionCount": 3, "updatedAt": round(HELD * 1000)}
        self._write(HELD, PINNED, held)
        self._runs(20, HELD + 1, local("14:01:50"))
        self._change("14:01:51", PINNED, thinkingLevel="high", updatedAt=round(local("14:01:51") * 1000))
        self._change("14:01:58", "agent:main:signal:direct:+436601234567", NO_LOCK, sendPolicy="deny")
        self._runs(186 - self.watch.number, local("14:01:59"), local("14:02:06"))
        pinned = {**self.entries[PINNED], **override(*OPUS, "user"), "updatedAt": round(PINNED_AT * 1000)}
        del pinned["authProfileOverride"]
        self._write(PINNED_AT, PINNED, pinned, YOU)
        self._runs(1, local("14:02:08"), local("14:02:08"))
        self._write(local("14:02:09") + 0.031, PINNED, clobber(held))
        self._runs(9, local("14:02:10"), local("14:02:30"))
        self._tokens(local("14:02:31"), CODER, 8810)
        self._runs(203 - self.watch.number, local("14:02:32"), local("14:02:56"))
        self._change("14:02:58", CODER, thinkingLevel="high", outputTokens=9244)
        return self.watch

    def _before_the_incident(self) -> None:
        self._change("13:18:44", STRAYED, **route("whatsapp", "+4915112345678"))
        office = self.entries[OFFICE]
        self._write(local("13:33:20"), OFFICE, {**office, **override(*GLM, "user")}, UNKNOWN_WRITER)
        self._change("13:35:02", OFFICE, modelOverride=GPT[1])
        self._change(
            "13:37:00", "agent:coder:acp:claude:4c1d9f30-91d4-4b6e-a1f0-2c9b6f0e7a11", **override(*GLM, "auto")
        )
        self._change("13:38:02", PINNED, **override(*QWEN, "user"))
        quick = self.entries[DIRECT]
        self._write(local("13:38:10"), DIRECT, {**quick, "thinkingLevel": "high"}, UNKNOWN_WRITER)
        self._change("13:40:55", PINNED, **override(*GPT, "user"))
        self._write(local("13:44:10"), DIRECT, quick, UNKNOWN_WRITER)
        self._change("13:45:00", "agent:main:telegram:direct:512388041", **override(*OPUS, "user"))
        self._tokens(local("13:58:02"), CODER, 7903)
        gone = ("label", "sendPolicy", "skillsSnapshot")
        kept = {name: value for name, value in self.entries[WHATSAPP].items() if name not in gone}
        self._write(local("13:58:40"), WHATSAPP, kept)
        self._change("14:00:59", "agent:ops:cron:daily-digest", **override(*GLM, "auto"))

    def _runs(self, writes: int, since: float, until: float) -> None:
        """So many writes, evenly, that move nothing but the figures of one session."""
        for at in range(writes):
            tokens = 1000 + 37 * self.watch.number
            self._tokens(since + (until - since) * at / writes, "agent:main:main", tokens)

    def _tokens(self, at: float, key: str, tokens: int) -> None:
        self._write(at, key, {**self.entries[key], "outputTokens": tokens, "totalTokens": 3 * tokens})

    def _change(self, clock: str, key: str, writer: Writer = GATEWAY, **fields: object) -> None:
        self._write(local(clock), key, {**self.entries[key], **fields}, writer)

    def _write(self, at: float, key: str, fields: Entry, writer: Writer = GATEWAY) -> None:
        self.entries[key] = fields
        self.watch.change(at, {key: self._kept(fields)}, writer)


def _drawn() -> dict[str, Entry]:
    """The entries at the top of the table."""
    entries = at_first()
    entries[PINNED] |= override(*GLM, "auto")
    entries[PINNED] |= {"authProfileOverride": "openai:default", "outputTokens": 1102, "inputTokens": 8034}
    entries[PINNED] |= {"sessionId": "5b0c71e2-42aa-4000-8000-000000000042", "groupActivation": "mention"}
    entries[PINNED] |= {"sessionStartedAt": round(local("09:12:00") * 1000)}
    entries[PINNED] |= {"systemPromptReport": {"chars": 52_100, "text": "tools and skills " * 3000}}
    entries[WHATSAPP]["skillsSnapshot"] = {"prompt": "two skills", "version": 3}
    entries[CODER] |= {"outputTokens": 7400, "totalTokens": 22_200}
    return entries | {
        STRAYED: entry(44 * 60, **override(*GPT, "user"), **used(*GPT), thinkingLevel="low")
        | route("whatsapp", "+12065550142"),
        "agent:main:slack:channel:c07f1e9d2b": entry(52 * 60, **used(*GPT), **route("slack", "channel:C07F1E9D2B")),
        DIRECT: entry(3700, **override(*OPUS, "default"), **used(*OPUS), thinkingLevel="low")
        | route("telegram", "733190562"),
        "agent:main:signal:direct:+4366055501": entry(3900, **used(*GPT), **route("signal", "+4366055501")),
        OFFICE: entry(4200, **override(*GPT, "user"), **used(*GPT)) | route("discord", "channel:118273645511229904"),
        "agent:ops:cron:disk-check": entry(4500, **override(*QWEN, "auto"), **used(*QWEN), thinkingLevel="off")
        | route("slack", "c0a1b2c3d4"),
        "agent:ops:cron:disk-check:run:e1b7c0d9-91d4-4b6e-a1f0-2c9b6f0e7a11": entry(4501, **used(*QWEN)),
        "agent:main:whatsapp:group:120363041987654321": entry(7300, **used(*GPT))
        | route("whatsapp", "120363041987654321"),
        "agent:coder:subagent:3de0a8f7-91d4-4b6e-a1f0-2c9b6f0e7a11": entry(
            8100, **override(*OPUS, "user"), **used(*OPUS), thinkingLevel="high"
        ),
        "agent:main:telegram:direct:840027719": entry(11_000, **used(*GPT), **route("telegram", "840027719")),
        "agent:main:slack:channel:c07f1e9d2b:thread:1771188021.771904": entry(12_000, **used(*GPT))
        | route("slack", "channel:C07F1E9D2B", "1771188021.771904"),
        "agent:ops:main": entry(18_000, **used(*GLM), thinkingLevel="low", **route("webchat")),
    }


def _others() -> dict[str, Entry]:
    """The rest, hours and days old: direct chats, groups, finished cron runs; a few of them pinned."""
    others: dict[str, Entry] = {}
    for at in range(ENTRIES - len(_drawn())):
        ago = 5.2 * 3600 + at * 1740
        model = (GPT, GLM, OPUS, QWEN)[at % 7 % 4]
        fields = used(*model)
        if at in (200, 300):
            fields |= override("anthropic", "claude-opus-4-5", "user")
        elif at % 8 == 3:
            fields |= override(*((GEMINI, OPUS)[at % 2] if at % 16 == 3 else model), "auto" if at % 64 == 3 else "user")
        kind, agent = at % 5, ("main", "coder", "ops", "main")[at % 4]
        if kind == 0:
            key, fields = f"agent:{agent}:telegram:direct:{512_400_771 + 7919 * at}", fields | _telegram(at)
        elif kind == 1:
            to = f"+4477009{10_000 + 613 * at % 90_000}"
            key, fields = f"agent:{agent}:whatsapp:direct:{to}", fields | route("whatsapp", to)
        elif kind == 2:
            to = f"c0{(0x7F1E9D2B + 104_729_321 * at) % 2**32:08x}"
            key, fields = f"agent:{agent}:slack:channel:{to}", fields | route("slack", f"channel:{to.upper()}")
        else:
            run = f"{(0x5D2E6C14 + 15_485_863 * at) % 2**32:08x}-91d4-4b6e-a1f0-2c9b6f0e7a11"
            key = f"agent:{agent}:cron:{('inbox', 'backup', 'digest')[at % 3]}:run:{run}"
        others[key] = entry(ago, **fields)
    return others


def _telegram(at: int) -> Entry:
    return route("telegram", str(512_400_771 + 7919 * at))
