"""Realistic stores from 100 KB to 56 MB, in the exact bytes OpenClaw writes; the same for the same seed.

Sizes and shapes follow field reports: 40 to 60 fields, 3 KB an entry, and in the biggest ones a few hundred entries
whose `systemPromptReport` or `skillsSnapshot` takes 50 to 200 KB (openclaw issues #120521, #77932, #11950).
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from pathlib import Path

from store.js import Json, JsonObject, encode

NOW_MS = 1_771_000_000_000
_WORDS = ["session", "agent", "deploy", "check", "token", "thread", "über", "会话", "ошибка", "🔎", "queue", "prompt"]
_MODELS = [("anthropic", "claude-opus-4-6"), ("openai", "gpt-5.2"), ("google", "gemini-3-pro"), ("zai", "glm-4.7")]
_CHANNELS = ["telegram", "slack", "discord", "whatsapp", "signal"]


@dataclass(frozen=True, slots=True)
class Size:
    """One store of the benchmark; `fat` is how many entries carry a report of 50 to 200 KB."""

    name: str
    entries: int
    target: int
    fat: bool = False


SIZES = (
    Size("100 KB", 100, 100_000),
    Size("3 MB", 1_000, 3_000_000),
    Size("20 MB", 6_000, 20_000_000),
    Size("56 MB", 6_000, 56_000_000, fat=True),
)


def write_store(path: Path, size: Size, seed: int = 1) -> None:
    """Write a store of this size; entry by entry, so that it costs little memory."""
    chance = random.Random(seed)
    per_entry = 3_300 if size.fat else size.target // size.entries
    entries = [(_key(chance, number), _entry(chance, per_entry)) for number in range(size.entries)]
    texts = [f"{encode(key)}: {encode(entry, chr(10) + '  ')}" for key, entry in entries]
    total = sum(len(text.encode()) + 4 for text in texts)
    number = 0
    while size.fat and total < size.target:
        key, entry = entries[number * 7 % len(entries)]
        entry["systemPromptReport"] = _report(chance)
        text = f"{encode(key)}: {encode(entry, chr(10) + '  ')}"
        total += len(text.encode()) - len(texts[number * 7 % len(entries)].encode())
        texts[number * 7 % len(entries)] = text
        number += 1
    path.write_bytes(("{\n  " + ",\n  ".join(texts) + "\n}").encode())


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _words(chance: random.Random, length: int) -> str:
    text = ""
    while len(text) < length:
        text += chance.choice(_WORDS) + (' "quoted" ' if chance.random() < 0.05 else " ")
    return text[:length]


def _key(chance: random.Random, number: int) -> str:
    agent = chance.choice(["main", "main", "coder", "ops"])
    forms = [
        f"cron:{_uuid(chance)}",
        f"subagent:{_uuid(chance)}",
        f"telegram:group:-100{chance.randrange(10**9, 10**10)}:topic:{chance.randrange(400)}",
        f"slack:channel:c0{chance.getrandbits(36):09x}:thread:17{chance.randrange(10**8)}.{chance.randrange(10**5)}",
        f"whatsapp:direct:+1{chance.randrange(2 * 10**9, 10**10)}",
    ]
    return f"agent:{agent}:{forms[number % len(forms)]}"


def _entry(chance: random.Random, target: int) -> JsonObject:
    provider, model = chance.choice(_MODELS)
    channel, to = chance.choice(_CHANNELS), str(chance.randrange(10**8, 10**10))
    route: JsonObject = {"channel": channel, "to": to, "accountId": "default", "threadId": chance.randrange(400)}
    entry: JsonObject = {
        "sessionId": _uuid(chance),
        "updatedAt": NOW_MS + chance.randrange(10**9),
        "chatType": chance.choice(["direct", "group", "channel"]),
        "systemSent": True,
        "abortedLastRun": False,
        "inputTokens": chance.randrange(10**6),
        "outputTokens": chance.randrange(10**5),
        "estimatedCostUsd": chance.randrange(10**6) / 1e6,
        "modelProvider": provider,
        "model": model,
        "status": chance.choice(["running", "done"]),
        "startedAt": NOW_MS,
        "thinkingLevel": chance.choice(["low", "medium", "high"]),
    }
    if chance.random() < 0.3:
        entry |= {"providerOverride": provider, "modelOverride": model, "modelOverrideSource": "user"}
    entry |= {
        "deliveryContext": route,
        "lastChannel": channel,
        "lastTo": to,
        "lastAccountId": "default",
        "channel": channel,
    }
    entry["label"] = _words(chance, 24)
    checkpoints: list[Json] = []
    while (missing := target - len(encode(entry).encode()) - 40) > 0 and len(checkpoints) < 40:
        checkpoints.append({"checkpointId": _uuid(chance), "summary": _words(chance, min(300, missing // 2 + 1))})
        entry["compactionCheckpoints"] = checkpoints
    return entry


def _report(chance: random.Random) -> JsonObject:
    tools: list[Json] = [
        {
            "name": f"tool_{number}",
            "schemaChars": chance.randrange(5000),
            "schemaHash": f"{chance.getrandbits(64):016x}",
        }
        for number in range(chance.randrange(400, 1600))
    ]
    return {"source": "run", "generatedAt": NOW_MS, "tools": {"entries": tools}}
