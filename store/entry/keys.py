"""What a session key says: agent, kind, and for a chat its channel, peer and thread.

Forms by release: `openclaw-store` reference, section i. Peers may contain colons, so a key is split from the left only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "main", "direct", "group", "channel", "thread", "subagent", "cron", "cron run", "hook", "acp", "node", "other"
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_PEER_KINDS: Final[dict[str, Kind]] = {
    "direct": "direct",
    "dm": "direct",
    "group": "group",
    "channel": "channel",
    "room": "channel",
}
_OWN_KINDS: Final[dict[str, Kind]] = {
    "subagent": "subagent",
    "cron": "cron",
    "hook": "hook",
    "acp": "acp",
}
_THREAD_WORDS = ("topic", "thread")


@dataclass(frozen=True, slots=True)
class SessionKey:
    """The parts of a key; what it does not name is empty. `rest` is the key without `agent:ID:`."""

    agent: str
    kind: Kind
    rest: str
    channel: str = ""
    account: str = ""
    peer: str = ""
    thread: str = ""


def parse_key(key: str) -> SessionKey:
    """The parts of any session key; a key of no known form is of kind "other"."""
    agent, rest = "", key
    if key.startswith("agent:") and key.count(":") >= 2:
        _word, agent, rest = key.split(":", 2)
    return _own_kind(agent, rest) or _chat(agent, rest) or SessionKey(agent, _plain_kind(agent, rest), rest)


def _plain_kind(agent: str, rest: str) -> Kind:
    if agent and ":" not in rest:
        return "main"
    return "node" if not agent and rest.startswith("node-") else "other"


def _own_kind(agent: str, rest: str) -> SessionKey | None:
    word, colon, tail = rest.partition(":")
    kind = _OWN_KINDS.get(word)
    if kind is None or not colon:
        return None
    if kind == "cron" and ":run:" in tail:
        kind = "cron run"
    return SessionKey(agent, kind, rest)


def _chat(agent: str, rest: str) -> SessionKey | None:
    """`[CHANNEL[:ACCOUNT]:]direct:PEER` and `CHANNEL:group|channel|room:PEER[:topic|thread:ID]`."""
    words = rest.split(":", 3)
    for position in range(min(3, len(words) - 1)):
        kind = _PEER_KINDS.get(words[position])
        if kind is None or (position == 2 and kind != "direct"):
            continue
        peer = ":".join(words[position + 1 :])
        channel = words[0] if position else ""
        account = words[1] if position == 2 else ""
        peer, thread = _split_thread(peer)
        return SessionKey(
            agent, "thread" if thread and kind == "channel" else kind, rest, channel, account, peer, thread
        )
    return None


def _split_thread(peer: str) -> tuple[str, str]:
    for word in _THREAD_WORDS:
        head, mark, tail = peer.rpartition(f":{word}:")
        if mark:
            return head, tail
    return peer, ""
