"""A made-up store: 38 sessions of three agents, as a gateway of some weeks' age would have them."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

from store.js import JsonObject

MODELS: Final = {
    "opus": ("anthropic", "claude-opus-4-6"),
    "gpt": ("openai", "gpt-5.2"),
    "gemini": ("google", "gemini-3-pro"),
    "glm": ("zai", "glm-4.7"),
    "qwen": ("ollama", "qwen3:32b"),
}
_DEFAULTS: Final = {"main": "gpt", "coder": "opus", "ops": "glm"}

# Key without `agent:` | minutes since the last message | override and its source | thinking level, send policy | route
# where it is not the chat that the key names.
_SESSIONS: Final = """\
main:main                                               |    1 |              |            | webchat operator
main:telegram:group:-1001987654321:topic:42             |    2 | gpt user     | high allow |
main:telegram:group:-1001987654321:topic:7              |   21 |              | low        |
main:telegram:group:-1001987654321:topic:19             |  340 |              |            |
main:telegram:direct:512388041                          |   18 | opus user    | medium     |
main:telegram:direct:840027719                          |  190 |              |            |
main:whatsapp:direct:+4915112345678                     |    4 |              |            |
main:whatsapp:direct:+12065550142                       |   44 | gpt user     | low        | whatsapp +4915112345678
main:whatsapp:direct:+447700900123                      |  600 | glm auto     |            |
main:whatsapp:group:120363041987654321@g.us             |  130 |              |            |
main:signal:direct:+436601234567                        |    3 |              | deny       |
main:signal:direct:+4366055501                          |   70 |              |            |
main:discord:channel:118273645511228899                 |    7 | gpt old      |            |
main:discord:channel:118273645511229904                 |   66 | glm auto     |            |
main:slack:channel:c07f1e9d2b                           |   52 |              |            |
main:slack:channel:c07f1e9d2b:thread:1771188021.771904  |  185 |              |            |
main:cron:morning-brief                                 |    9 |              | low        | telegram heartbeat
main:cron:weekly-review                                 | 2900 |              |            | telegram 512388041
main:cron:morning-brief:run:UUID                        |    9 |              | low        |
main:subagent:UUID                                      |   31 | qwen auto    |            |
main:subagent:UUID                                      |  420 |              |            |
coder:main                                              |   12 |              | high       | webchat operator
coder:telegram:direct:733190562                         |   62 | opus default | high       |
coder:slack:channel:c0a1b2c3d4:thread:1771204418.334519 |    3 | gemini user  | high       |
coder:slack:channel:c0a1b2c3d4                          |  240 | glm auto     |            |
coder:subagent:UUID                                     |    0 | opus user    | high       |
coder:subagent:UUID                                     |  125 | opus user    | high       |
coder:acp:claude:UUID                                   |   26 | glm auto     | off        |
coder:acp:claude:UUID                                   | 1500 |              |            |
ops:main                                                |  310 |              | low        | webchat operator
ops:cron:daily-digest                                   |    2 | glm auto     | low        | slack channel:c0a1b2c3d4
ops:cron:disk-check                                     |   58 | qwen auto    | off        | slack channel:c0a1b2c3d4
ops:cron:nightly-backup                                 |  480 |              |            | slack channel:c0a1b2c3d4
ops:cron:nightly-backup:run:UUID                        |   12 |              |            |
ops:cron:disk-check:run:UUID                            |   58 |              |            |
ops:hook:UUID                                           |   38 |              |            |
ops:hook:UUID                                           |  900 | glm auto     |            |
ops:signal:direct:+4366077702                           |   95 |              | allow      |
"""


class _Session(NamedTuple):
    key: str
    minutes: int = 0
    override: str = ""
    levels: str = ""
    route: str = ""


def make_entries(random: Random, now_ms: int) -> dict[str, JsonObject]:
    """The store's content, session key -> entry; the same seed gives the same."""
    entries: dict[str, JsonObject] = {}
    for line in _SESSIONS.splitlines():
        key, minutes, override, levels, route = (cell.strip() for cell in line.split("|"))
        session = _Session(f"agent:{key}", int(minutes), override, levels, route)
        entries[session.key.replace("UUID", make_uuid(random))] = _entry(random, session, now_ms)
    return entries


def new_session(random: Random, now_ms: int) -> tuple[str, JsonObject]:
    """A session that has just begun: a subagent's, or a run of a cron job."""
    kind = random.choice(("main:subagent:", "coder:subagent:", "ops:cron:disk-check:run:"))
    session = _Session(f"agent:{kind}{make_uuid(random)}")
    entry = _entry(random, session, now_ms)
    entry["status"] = "running"
    return session.key, entry


def make_uuid(random: Random) -> str:
    """A uuid of version 4."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _entry(random: Random, session: _Session, now_ms: int) -> JsonObject:
    agent = session.key.split(":")[1]
    updated = now_ms - session.minutes * 60_000 - random.randrange(60_000) * bool(session.minutes)
    provider, model = MODELS[_DEFAULTS[agent]]
    used = random.randrange(4_000, 90_000)
    entry: JsonObject = {"sessionId": make_uuid(random), "updatedAt": updated, "systemSent": True}
    if session.override:
        alias, source = session.override.split()
        provider, model = MODELS[alias]
        entry |= {"providerOverride": provider, "modelOverride": model}
        entry |= {"modelOverrideSource": source} if source != "old" else {}
    for level in session.levels.split():
        entry["sendPolicy" if level in ("allow", "deny") else "thinkingLevel"] = level
    entry |= _delivery(session)
    if ":subagent:" in session.key:
        entry |= {"spawnedBy": f"agent:{agent}:main", "spawnDepth": 1}
    entry |= {"modelProvider": provider, "model": model, "status": "done", "startedAt": updated - 9_000}
    entry |= {"endedAt": updated, "runtimeMs": 9_000, "inputTokens": used, "outputTokens": used // 9}
    entry |= {"totalTokens": used + used // 9, "contextTokens": 200_000, "compactionCount": random.randrange(4)}
    return entry


def _delivery(session: _Session) -> JsonObject:
    """The fields that say where replies go, all in agreement."""
    parts = session.key.split(":")
    thread = ""
    if session.route:
        channel, _, to = session.route.partition(" ")
    elif len(parts) > 4 and parts[3] in ("direct", "group", "channel"):
        channel, to = parts[2], f"channel:{parts[4]}" if parts[3] == "channel" else parts[4]
        thread = parts[6] if len(parts) > 6 else ""
    else:
        return {}
    topic: JsonObject = {"threadId": int(thread) if thread.isdecimal() else thread} if thread else {}
    context: JsonObject = {"channel": channel, "to": to, "accountId": "default", **topic}
    last: JsonObject = {"lastChannel": channel, "lastTo": to, "lastAccountId": "default"}
    last |= {"lastThreadId": topic["threadId"]} if topic else {}
    kind = parts[3] if len(parts) > 3 and not session.route else "direct"
    origin: JsonObject = {"provider": channel, "surface": channel, "to": to, "accountId": "default", **topic}
    return {"chatType": kind, "channel": channel, "origin": origin, "deliveryContext": context, **last}
