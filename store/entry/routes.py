"""What a route is, written the way the gateway writes one, and read from text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from store.entry.fields import text
from store.errors import UsageError
from store.js import SAFE_INTEGER, Json, Value

INTERNAL: Final = frozenset({"webchat", "heartbeat", "cron", "webhook", "voice", "sessions_send"})
"""Channels that deliver to nobody outside."""

CHANNELS: Final = (
    *(
        "telegram",
        "whatsapp",
        "discord",
        "slack",
        "signal",
        "imessage",
        "googlechat",
        "msteams",
        "matrix",
        "mattermost",
    ),
    *("irc", "line", "feishu", "bluebubbles", "nextcloud-talk", "nostr", "qqbot", "synology-chat", "tlon", "twitch"),
    *("zalo", "zalouser", "sms", "clickclack", "webchat"),
)
"""Channels that OpenClaw or its own plugins have; other plugins add more."""

_ALIASES: Final = {"imsg": "imessage", "gchat": "googlechat", "google-chat": "googlechat", "teams": "msteams"}
_COLONS_IN_IDS: Final = frozenset({"matrix", "msteams", "bluebubbles", "imessage"})
_TARGET_KINDS: Final = frozenset({"user", "channel", "group", "chat", "room", "conversation", "dm", "direct"})
_ACCOUNT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_WHOLE_NUMBER: Final = re.compile("0|[1-9][0-9]{0,15}")
_THREAD_MARK: Final = re.compile(r"(.+):(?:thread|topic):([^:]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a reply goes; blank parts are not set. A thread keeps the type it has in the file."""

    channel: str = ""
    to: str = ""
    account: str = ""
    thread: str | int | None = None

    def __bool__(self) -> bool:
        return bool(self.channel or self.to or self.account) or self.thread is not None

    @property
    def external(self) -> bool:
        """Whether it leads to somebody outside the gateway."""
        return bool(self.channel and self.to) and self.channel not in INTERNAL

    def describe(self) -> str:
        """In words: channel, address, thread, account."""
        words = [self.channel, self.to]
        words += [] if self.thread is None else [f"#{self.thread}"]
        words += [f"account {self.account}"] if self.account else []
        return " ".join(word for word in words if word) or "nowhere"


def route_of(context: Json) -> Route:
    """The route of an object with `channel`, `to`, `accountId` and `threadId`, each of them optional."""
    if not isinstance(context, dict):
        return Route()
    return Route(
        channel_id(context.get("channel")),
        text(context, "to"),
        account_id(context.get("accountId")),
        thread_id(context.get("threadId")),
    )


def channel_id(name: Value) -> str:
    """A channel's id as the gateway writes it: lower case, aliases resolved."""
    plain = name.strip().lower() if isinstance(name, str) else ""
    return _ALIASES.get(plain, plain)


def account_id(name: Value) -> str:
    """An account's id as releases from 2026.3 write it: lower case, at most 64 of `a-z 0-9 _ -`."""
    plain = name.strip().lower() if isinstance(name, str) else ""
    if _ACCOUNT.fullmatch(plain):
        return plain
    return re.sub("[^a-z0-9_-]+", "-", plain).strip("-")[:64]


def thread_id(value: Value) -> str | int | None:
    """A thread as the gateway writes it: text trimmed, numbers whole, None where there is none."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return int(value)
    except (OverflowError, ValueError):
        return None


def parse_route(given: str, channels: Collection[str] = CHANNELS) -> Route:
    """The route of `channel[@account]:to[:thread]`; UsageError when it names no channel of these or no address.

    The address may contain colons (`channel:C1`, `!room:server`); where ids do, write the thread as `:thread:ID`.
    """
    head, _, target = given.strip().partition(":")
    name, _, account = head.partition("@")
    channel = channel_id(name)
    if channel not in channels:
        raise UsageError(
            f"no such channel: {name!r}; a route is channel:to[:thread], channels are {', '.join(channels)}"
        )
    to, thread = _split_thread(channel, target.strip())
    if not to and channel not in INTERNAL:
        raise UsageError(f"a route is channel:to[:thread]; {given!r} says no address")
    return Route(channel, to, account_id(account), thread)


def _split_thread(channel: str, target: str) -> tuple[str, str | int | None]:
    marked = _THREAD_MARK.fullmatch(target)
    if marked:
        return marked[1].strip(), _typed_thread(channel, marked[2])
    parts = target.split(":")
    prefixes = 0
    while prefixes < len(parts) - 1 and parts[prefixes].lower() in _TARGET_KINDS | {channel}:
        prefixes += 1
    if channel in _COLONS_IN_IDS or len(parts) <= prefixes + 1:
        return target, None
    if len(parts) > prefixes + 2:
        raise UsageError(f"cannot tell address and thread apart in {target!r}; write the thread as :thread:ID")
    return ":".join(parts[: prefixes + 1]).strip(), _typed_thread(channel, parts[-1])


def numbered_thread(given: str) -> str | int | None:
    """A thread that is typed: digits are a number up to JavaScript's largest exact one, anything else is text."""
    plain = given.strip()
    if _WHOLE_NUMBER.fullmatch(plain) and int(plain) <= SAFE_INTEGER:
        return int(plain)
    return plain or None


def _typed_thread(channel: str, given: str) -> str | int | None:
    """Telegram numbers its topics; the ids of other channels are text even where they are digits."""
    return numbered_thread(given) if channel == "telegram" else given.strip() or None
